"""Noting a decision between two sessions, correcting it, and saying whether it held."""

from django import forms

from communities.forms.fields import NO_PATIENT_DATA, PRIVATE_MEANS
from communities.models import Commitment, Decision
from cop_portal.design.forms import LongTextField, Radios

VERDICT_HINTS = {
    Decision.Verdict.HELD: "We still do as we decided.",
    Decision.Verdict.CHANGED: "We do something else by now. Say what.",
    Decision.Verdict.REVERSED: "We went back to how it was. That is worth knowing, too.",
}
ANSWER_HINTS = {
    Commitment.State.KEPT: "However it went.",
    Commitment.State.NOT_KEPT: "That happens. Saying so helps the others.",
    Commitment.State.DROPPED: "It made no sense any more.",
}


class EditDecisionForm(forms.Form):
    text = LongTextField(max_length=500, label="What was decided?", help_text=NO_PATIENT_DATA)
    review_on = forms.DateField(
        required=False,
        label="Look at it again on",
        widget=forms.DateInput(),
        help_text="From that day on it stands on top of the list, and of the next session’s record.",
    )
    is_private = forms.BooleanField(
        required=False,
        label="Private",
        help_text=PRIVATE_MEANS,
    )
    version = forms.IntegerField(widget=forms.HiddenInput())


class NoteDecisionForm(EditDecisionForm):
    decided_on = forms.DateField(label="Decided on", widget=forms.DateInput())
    version = None  # type: ignore[assignment]
    field_order = ("text", "decided_on", "review_on", "is_private")


class JudgeDecisionForm(forms.Form):
    """A choice without a default."""

    verdict = forms.ChoiceField(
        choices=Decision.Verdict.choices,
        widget=Radios(hints={str(verdict): words for verdict, words in VERDICT_HINTS.items()}),
        label="Did it hold?",
    )
    note = LongTextField(max_length=500, required=False, label="In a sentence", help_text=NO_PATIENT_DATA)


class AnswerCommitmentForm(forms.Form):
    """A choice without a default."""

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in Commitment.ANSWERS],
        widget=Radios(hints={str(state): words for state, words in ANSWER_HINTS.items()}),
        label="How did it go?",
    )
    said = LongTextField(
        max_length=500, required=False, label="In a sentence", help_text=f"Members read this. {NO_PATIENT_DATA}"
    )
