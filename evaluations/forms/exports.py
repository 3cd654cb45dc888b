"""Asking for a closed survey as files."""

from typing import Any

from django import forms

from cop_portal.design.forms import LongTextField, Radios
from evaluations.models import PrivacyMode, SurveyExport

What = SurveyExport.What
HINTS = {
    What.FIGURES: "The figures, bands and texts that the results page shows, and nothing finer.",
    What.ROWS: "Each row is one person’s answers.",
}
ROWS_HINTS = {
    PrivacyMode.CONFIDENTIAL: "Each row is one person’s answers, without name, pseudonym, community and texts; numbers "
    "and dates in groups.",
    PrivacyMode.NAMED: "Each row is one person’s answers, texts included, with their name.",
}
LONGEST_REASON = 500


class ExportSurveyForm(forms.Form):
    """What to take away, and why where that is asked. `offered` is what this person may have of this survey."""

    what = forms.ChoiceField(
        label="What to take away",
        widget=Radios(),
        error_messages={"required": "Choose what to take away"},
    )
    reason = LongTextField(
        label="What do you need the answers for?",
        help_text="Needed for rows of answers. It is kept with your name, for whoever asks later who has had them. Do "
        "not write about patients.",
        max_length=LONGEST_REASON,
        required=False,
    )

    def __init__(self, *args: Any, mode: str, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ROWS_HINTS.get(PrivacyMode(mode), HINTS[What.ROWS])
        self.fields["what"].choices = [(one, What(one).label) for one in offered]  # type: ignore[attr-defined]
        self.fields["what"].widget.hints = {What.FIGURES: HINTS[What.FIGURES], What.ROWS: rows}
        if offered == [What.FIGURES]:
            # Nothing to choose.
            self.fields["what"].widget = forms.HiddenInput()
            self.fields["what"].initial = What.FIGURES
        if What.ROWS not in offered or mode != PrivacyMode.CONFIDENTIAL:
            del self.fields["reason"]
