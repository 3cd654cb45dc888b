"""Uploading a questionnaire as a file."""

from __future__ import annotations

from typing import Any

from django import forms

from communities.imports.tables import too_large
from evaluations.models import EvaluationQuestion, ValueCycle


class InstrumentFileForm(forms.Form):
    """A file, and what its questions are for where it does not say."""

    file = forms.FileField(
        label="File",
        help_text=(
            "A questionnaire as this portal writes it (JSON, at most 1 MB), or a REDCap data dictionary (CSV, at most "
            "2 MB). Nothing is made of it before you have looked at it."
        ),
    )
    serves = forms.ModelChoiceField(
        EvaluationQuestion.objects.none(),
        label="Evaluation question",
        to_field_name="code",
        required=False,
        empty_label="The file says it itself",
        help_text="Only for a REDCap file that does not say what its questions are for. You can change it later.",
    )
    value_cycle = forms.ChoiceField(
        choices=[("", "The file says it itself"), *ValueCycle.choices],
        required=False,
        label="Value cycle",
        help_text="For the same questions.",
    )

    def __init__(self, *args: Any, was_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large
        field = self.fields["serves"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = EvaluationQuestion.objects.filter(parent__isnull=False).in_order()
        self.fields["file"].widget.attrs["accept"] = ".json,.csv"
        if was_too_large:
            self.fields["file"].error_messages["required"] = too_large().messages[0]
