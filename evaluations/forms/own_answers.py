"""Correcting one's own answer, and holding a key."""

from typing import Any

from django import forms

from evaluations.forms.answering import StepForm
from evaluations.questionnaire import Answers, AskedQuestion


class CorrectionForm(StepForm):
    """One question again, with what was answered. `version` is that of the answers it was made from."""

    def __init__(self, question: AskedQuestion, saved: Answers, *, version: int, data: Any = None) -> None:
        super().__init__([question], saved, data)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version, min_value=0)


class HoldKeyForm(forms.Form):
    """Why a key must not end on its day."""

    because = forms.CharField(
        label="Why must the key not be destroyed?",
        help_text="The people asked under it can read this, and get it by mail if the day passes.",
        max_length=300,
        error_messages={"required": "Say why the key must not be destroyed"},
    )
