"""From a service's refusal to the words on a form: the one way, so that pages and API say the same."""

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from cop_portal.refusals import Refusal


def add_refusal(form: forms.BaseForm, refusal: Refusal, *, field: str | None = None) -> None:
    """Put a refusal into the form's errors: at `field` if the form has it, otherwise at the top.

    A refusal may name fields itself (from a model's full_clean); those that the form lacks move to the top too, where
    form.add_error would raise.
    """
    by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {field or NON_FIELD_ERRORS: refusal.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)
