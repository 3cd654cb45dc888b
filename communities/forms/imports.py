"""Uploading a file, saying what its columns hold, and deciding about rows."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from communities.imports.tables import too_large
from communities.models import ImportBatch, ProfessionalGroup
from communities.services.imports.fields import Field, fields_of
from communities.services.imports.questions import Question

NOT_IN_FILE = "Not in this file"
LATER = "Decide later"
FEW_ANSWERS = 5


class UploadForm(forms.Form):
    """One file. What it holds is looked at only by reading it."""

    file = forms.FileField(label="File")

    def __init__(self, *args: Any, was_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large
        megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        self.fields["file"].help_text = (
            f"CSV or an Excel workbook (.xlsx), at most {megabytes} MB and {settings.IMPORT_MAX_ROWS:,} rows. "
            "Nothing is added before you have looked at every row."
        )
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,.xlsx"
        if was_too_large:
            self.fields["file"].error_messages["required"] = too_large().messages[0]


class VersionForm(forms.Form):
    """A step that needs nothing typed: it says only what was looked at."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ColumnsForm(VersionForm):
    """Which column holds what, and what stands in where a row says nothing."""

    has_headings = forms.BooleanField(required=False, label="The first row holds headings, not a person")
    professional_group = forms.ModelChoiceField(
        ProfessionalGroup.objects.none(),
        required=False,
        label="Professional group of those whose row names none",
        empty_label="None: leave such rows out",
    )
    starts_on = forms.DateField(
        required=False,
        label="Member since, for those whose row has no date",
        widget=forms.DateInput(),
        help_text="Today, unless you choose an earlier date.",
    )
    marks_optional = False

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = _columns(batch)
        for wanted in fields_of(batch):
            self.fields[f"column_{wanted.code}"] = _column_field(wanted, columns)
        if batch.kind == ImportBatch.Kind.ORGANISATIONS:
            self.fields["has_headings"].label = "The first row holds headings, not an organisation"
            del self.fields["professional_group"], self.fields["starts_on"]
        else:
            groups = ProfessionalGroup.objects.order_by("position", "name")
            self.fields["professional_group"].queryset = groups  # type: ignore[attr-defined]
            # What stands in for a column comes after the columns.
            self.order_fields([*(name for name in self.fields if name not in DEFAULTS), *DEFAULTS])

    @property
    def mapping(self) -> dict[str, int]:
        """By field, the position of its column."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name.startswith("column_")}
        return {name.removeprefix("column_"): int(value) for name, value in chosen.items() if value}


DEFAULTS = ("professional_group", "starts_on")


def initial_columns(batch: ImportBatch) -> dict[str, Any]:
    """The columns as they were guessed or chosen last."""
    return {
        "version": batch.version,
        "has_headings": batch.has_headings,
        **{name: batch.defaults.get(name) for name in DEFAULTS},
        **{f"column_{code}": str(at) for code, at in batch.mapping.items()},
    }


def _columns(batch: ImportBatch) -> list[tuple[str, str]]:
    """The columns by heading, each with the first thing that stands in it."""
    body = [cells for _, cells in batch.body[:20]]
    columns = []
    for at, heading in enumerate(batch.headings):
        example = next((cells[at] for cells in body if at < len(cells) and cells[at]), "")
        columns.append((str(at), f"{heading[:40]} (“{example[:30]}” …)" if example else heading[:60]))
    return [("", NOT_IN_FILE), *columns]


def _column_field(wanted: Field, columns: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=columns, required=False, label=wanted.label, help_text=wanted.hint)


class DecisionsForm(VersionForm):
    """One choice for each question, none of them made in advance; those left for later stay open."""

    marks_optional = False

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for at, question in enumerate(questions):
            waits = f"{question.rows} rows say this, the first is row {question.number}."
            is_short = len(question.answers) <= FEW_ANSWERS
            self.fields[f"question_{at}"] = forms.ChoiceField(
                choices=question.answers if is_short else [("", LATER), *question.answers],
                widget=forms.RadioSelect() if is_short else forms.Select(),
                required=False,
                label=question.text,
                help_text=waits if question.rows > 1 else f"Row {question.number}.",
            )

    @property
    def decisions(self) -> dict[str, str]:
        """By question, the answer, where one was given."""
        answers = {
            question.key: self.cleaned_data.get(f"question_{at}", "") for at, question in enumerate(self.questions)
        }
        return {key: answer for key, answer in answers.items() if answer}
