"""Saying how an action went."""

from django import forms

from communities.models import Action
from cop_portal.design.forms import Radios

HINTS = {
    Action.State.DONE: "It has been done.",
    Action.State.DROPPED: "It will not be done, and that is all right.",
    Action.State.HANDED_OVER: "Someone else has taken it on.",
}


class AnswerActionForm(forms.Form):
    """A choice without a default."""

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in Action.ANSWERS],
        widget=Radios(hints={state.value: words for state, words in HINTS.items()}),
        label="How did it go?",
    )
