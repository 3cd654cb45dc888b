"""Raising a problem, saying where it lies, moving it on, and saying what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format

from communities.forms.fields import NO_PATIENT_DATA
from communities.models import Action, Problem, Session, TestOfChange
from cop_portal.design.forms import Checkboxes, LongTextField, Radios

PRIVATE = (
    "Keep this private: only those who run the community see it. It may still have to be disclosed under the Freedom "
    "of Information Act, or to a person who asks for their own data."
)


class RaiseProblemForm(forms.Form):
    title = forms.CharField(max_length=200, label="What is in the way?", help_text=NO_PATIENT_DATA)
    detail = LongTextField(max_length=2000, required=False, label="More about it")
    since_on = forms.DateField(label="Since when?", widget=forms.DateInput(), help_text="Roughly is fine.")
    is_private = forms.BooleanField(required=False, label=PRIVATE)


class EditProblemForm(RaiseProblemForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class LocateProblemForm(forms.Form):
    """Where the knowledge is and who holds the lever: on these two it depends how far a community gets."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    knowledge = forms.ChoiceField(
        choices=Problem.Knowledge.choices,
        widget=Radios(is_small=True),
        label="Where is the knowledge that it needs?",
    )
    lever = forms.ChoiceField(choices=Problem.Lever.choices, widget=Radios(is_small=True), label="Who holds the lever?")


class LinkProblemForm(forms.Form):
    """What has been said, done and tried about a problem. What is private is offered, for it is marked as such."""

    marks_optional = False
    SESSIONS, ACTIONS, TESTS = 30, 50, 50

    version = forms.IntegerField(widget=forms.HiddenInput)
    sessions = forms.ModelMultipleChoiceField(
        queryset=Session.objects.none(),
        required=False,
        widget=Checkboxes(is_small=True),
        label="Sessions where we spoke of it",
    )
    actions = forms.ModelMultipleChoiceField(
        queryset=Action.objects.none(), required=False, widget=Checkboxes(is_small=True), label="Actions about it"
    )
    tests_of_change = forms.ModelMultipleChoiceField(
        queryset=TestOfChange.objects.none(),
        required=False,
        widget=Checkboxes(is_small=True),
        label="Tests of change about it",
    )

    def __init__(self, *args: Any, problem: Problem, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = {"community": problem.community_id}
        begun = Session.objects.filter(**here, starts_at__lte=now).exclude(state=Session.State.CANCELLED)
        self._offer("sessions", begun.order_by("-starts_at"), self.SESSIONS, problem, _session_words)
        self._offer("actions", Action.objects.filter(**here).order_by("-agreed_on", "-pk"), self.ACTIONS, problem, str)
        tests = TestOfChange.objects.filter(**here).order_by("-started_on", "-pk")
        self._offer("tests_of_change", tests, self.TESTS, problem, str)

    def _offer(self, name: str, found: Any, latest: int, problem: Problem, words: Callable[[Any], str]) -> None:
        """The latest, and whatever is linked already however old it is."""
        wanted = [*found.values_list("pk", flat=True)[:latest], *getattr(problem, name).values_list("pk", flat=True)]
        field: Any = self.fields[name]
        field.queryset = found.filter(pk__in=wanted)
        field.label_from_instance = words
        if not wanted:
            del self.fields[name]


def _session_words(session: Session) -> str:
    return f"{date_format(session.day)}{f': {session.focus}' if session.focus else ''}"


class MoveProblemForm(forms.Form):
    """The community works on it, or finds that it is beyond its reach. Only what is possible now is offered."""

    state = forms.ChoiceField(widget=Radios(), label="What happens with it now?")
    note = LongTextField(max_length=2000, required=False, label="Note for the trail", help_text=NO_PATIENT_DATA)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Problem.State.BEING_WORKED_ON: "We take it up again" if problem.is_settled else "We work on it",
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
