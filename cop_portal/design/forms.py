"""Forms in the NHS design: every plain forms.Field gets its component; and the few fields that Django lacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from cop_portal.design.dates import DateField, DateWidget

__all__ = ["Checkboxes", "DateField", "DateWidget", "LongTextField", "NHSFormRenderer", "Radios", "leave_unchosen"]


class NHSFormRenderer(TemplatesSetting):
    """Set as FORM_RENDERER. Errors of a whole form stand in the error summary of the page, not in the form."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class _Choices:
    """Ways to show choices: hints by value, side by side, small."""

    def __init__(
        self,
        *args: Any,
        hints: Mapping[str, str] | None = None,
        is_inline: bool = False,
        is_small: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}
        self.is_inline = is_inline
        self.is_small = is_small


class Radios(_Choices, forms.RadioSelect):
    """Radio buttons with a hint under a choice, side by side, or small.

    `shows` names, by value, the fields of the form that belong to one choice only. They stand below it as a group of
    their own, wherever the form is rendered; a script hides the groups of the choices that are not made.
    """

    def __init__(self, *args: Any, shows: Mapping[str, Sequence[str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shows = shows or {}


def leave_unchosen(form: forms.Form, name: str) -> None:
    """For `clean`: what was typed for a choice not made counts for nothing, and is no error that nobody sees."""
    shows: Mapping[str, Sequence[str]] = getattr(form.fields[name].widget, "shows", {})
    for choice, names in shows.items():
        if form.cleaned_data.get(name) == choice:
            continue
        for each in names:
            form.errors.pop(each, None)
            form.cleaned_data[each] = None


class Checkboxes(_Choices, forms.CheckboxSelectMultiple):
    """Tick boxes with a hint under a choice, side by side, or small."""


class LongTextField(forms.CharField):
    """Text of several lines. A line break counts as one character, as in the browser's count, not as two."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text
