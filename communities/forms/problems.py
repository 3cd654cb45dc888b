"""Raising a problem, saying where it lies, moving it on, and saying what came of it."""

from typing import Any

from django import forms

from communities.forms.fields import NO_PATIENT_DATA
from communities.models import Problem
from cop_portal.design.forms import LongTextField, Radios


class RaiseProblemForm(forms.Form):
    title = forms.CharField(max_length=200, label="What is in the way?", help_text=NO_PATIENT_DATA)
    detail = LongTextField(max_length=2000, required=False, label="More about it")
    since_on = forms.DateField(label="Since when?", widget=forms.DateInput(), help_text="Roughly is fine.")


class LocateProblemForm(forms.Form):
    """Where the knowledge is and who holds the lever: on these two it depends how far a community gets."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    knowledge = forms.ChoiceField(
        choices=Problem.Knowledge.choices,
        widget=Radios(is_small=True),
        label="Where is the knowledge that it needs?",
    )
    lever = forms.ChoiceField(choices=Problem.Lever.choices, widget=Radios(is_small=True), label="Who holds the lever?")


class MoveProblemForm(forms.Form):
    """The community works on it, or finds that it is beyond its reach. Only what is possible now is offered."""

    state = forms.ChoiceField(widget=Radios(), label="What happens with it now?")
    note = LongTextField(max_length=2000, required=False, label="Note for the trail", help_text=NO_PATIENT_DATA)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Problem.State.BEING_WORKED_ON: "We work on it",
            Problem.State.BEYOND_REACH: "It is beyond our reach: others hold the knowledge or the lever",
        }
        choices = [(state.value, label) for state, label in words.items() if problem.may_become(state)]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class SettleProblemForm(forms.Form):
    state = forms.ChoiceField(widget=Radios(), label="How did it end?")
    came_of_it = LongTextField(
        max_length=2000,
        label="What came of it?",
        help_text=f"A sentence or two that members will read. {NO_PATIENT_DATA}",
    )

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(state.value, state.label) for state in Problem.SETTLED if problem.may_become(state)]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]
