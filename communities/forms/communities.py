"""Setting up and changing a community; pausing, closing and opening it again."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from communities.models.community_facts import CommunityFacts, ProgrammeFact
from communities.models.rhythm import MOST_WEEKS, Nth, PlannedRhythm, Weekday
from communities.services.communities import MOST_PROGRAMMES
from cop_portal.design.forms import LongTextField, Radios, leave_unchosen

NO_RHYTHM, BY_WEEK, BY_MONTH = "none", "weeks", "month"
CHOOSE = ("", "Choose from the list")


class CommunityForm(forms.Form):
    """All that is said of a community."""

    name = forms.CharField(max_length=100, label="Name")
    purpose = LongTextField(
        max_length=1000,
        required=False,
        label="Purpose",
        help_text="What it wants to be better at, in a sentence or two. People who may ask to join read this too.",
    )
    domain = forms.CharField(
        max_length=200,
        required=False,
        label="What it is about",
        help_text="The field it works in, like “acutely ill adults in hospital”.",
    )
    host = forms.CharField(max_length=200, required=False, label="Host", help_text="The organisation that hosts it.")
    launched_on = forms.DateField(required=False, label="Launch date", widget=forms.DateInput())
    rhythm = forms.ChoiceField(
        label="How often does it plan to meet?",
        choices=[
            (NO_RHYTHM, "No fixed rhythm"),
            (BY_WEEK, "Every few weeks"),
            (BY_MONTH, "On a certain weekday of each month"),
        ],
        widget=Radios(shows={BY_WEEK: ["rhythm_weeks"], BY_MONTH: ["rhythm_nth", "rhythm_weekday"]}),
    )
    rhythm_weeks = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_WEEKS,
        label="Weeks from one session to the next",
    )
    rhythm_nth = forms.ChoiceField(
        required=False,
        choices=[CHOOSE, *((str(nth.value), nth.label.capitalize()) for nth in Nth)],
        label="Which one of the month",
    )
    rhythm_weekday = forms.ChoiceField(
        required=False,
        choices=[CHOOSE, *((str(day.value), day.label) for day in Weekday)],
        label="Weekday",
    )
    is_open_to_ask = forms.BooleanField(
        required=False,
        label="People in the network may ask to join: they see its name and purpose, and facilitators decide",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, self._rows() + 1):
            self.fields[f"programme_{number}"] = forms.CharField(
                max_length=150, required=False, label=f"Programme {number}: name"
            )
            self.fields[f"programme_{number}_url"] = forms.URLField(
                max_length=200, required=False, assume_scheme="https", label=f"Programme {number}: web address"
            )

    def _rows(self) -> int:
        """One more than are filled in, as far as there may be."""
        given = self.data if self.is_bound else self.initial
        filled = [number for number in range(1, MOST_PROGRAMMES + 1) if f"programme_{number}" in given]
        return min(MOST_PROGRAMMES, max(filled, default=0) + (0 if self.is_bound else 1)) or 1

    @property
    def fact_fields(self) -> list[BoundField]:
        """All but the programmes, which stand in a group of their own."""
        return [field for field in self if not field.name.startswith("programme_") and not field.is_hidden]

    @property
    def programme_fields(self) -> list[BoundField]:
        return [field for field in self if field.name.startswith("programme_")]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        leave_unchosen(self, "rhythm")
        needed = {BY_WEEK: ["rhythm_weeks"], BY_MONTH: ["rhythm_nth", "rhythm_weekday"]}.get(data.get("rhythm", ""), [])
        words = {
            "rhythm_weeks": "Enter the number of weeks from one session to the next",
            "rhythm_nth": "Choose which one of the month",
            "rhythm_weekday": "Choose the weekday",
        }
        for name in needed:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words[name])
        for number in range(1, self._rows() + 1):
            if data.get(f"programme_{number}_url") and not data.get(f"programme_{number}"):
                self.add_error(f"programme_{number}", f"Programme {number}: enter its name, or leave out its address")
        return data

    @property
    def facts(self) -> CommunityFacts:
        """What the service asks for, once the form is valid."""
        said = self.cleaned_data
        programmes = [
            ProgrammeFact(name, said.get(f"programme_{number}_url", ""))
            for number in range(1, self._rows() + 1)
            if (name := said.get(f"programme_{number}", ""))
        ]
        return CommunityFacts(
            **{name: said[name] for name in ("name", "purpose", "domain", "host", "launched_on", "is_open_to_ask")},
            rhythm=self._rhythm(),
            programmes=tuple(programmes),
        )

    def _rhythm(self) -> PlannedRhythm:
        said = self.cleaned_data
        if said["rhythm"] == BY_WEEK:
            return PlannedRhythm(weeks=said["rhythm_weeks"])
        if said["rhythm"] == BY_MONTH:
            return PlannedRhythm(nth=int(said["rhythm_nth"]), weekday=int(said["rhythm_weekday"]))
        return PlannedRhythm()


class EditCommunityForm(CommunityForm):
    """The same, sent from a page that showed a certain version."""

    version = forms.IntegerField(widget=forms.HiddenInput(), min_value=1, max_value=2**31 - 1)


def as_initial(facts: CommunityFacts) -> dict[str, Any]:
    """The facts as the form shows them."""
    rhythm = facts.rhythm
    shown = {
        "rhythm": BY_WEEK if rhythm.weeks else BY_MONTH if rhythm else NO_RHYTHM,
        "rhythm_weeks": rhythm.weeks,
        "rhythm_nth": rhythm.nth,
        "rhythm_weekday": rhythm.weekday,
    }
    for number, programme in enumerate(facts.programmes, start=1):
        shown |= {f"programme_{number}": programme.name, f"programme_{number}_url": programme.url}
    names = ("name", "purpose", "domain", "host", "launched_on", "is_open_to_ask")
    return shown | {name: getattr(facts, name) for name in names}


class PauseCommunityForm(forms.Form):
    because = forms.CharField(max_length=300, label="Why does it pause?", help_text="Members see this.")
    look_again_on = forms.DateField(
        label="When should HIN staff look at it again?",
        widget=forms.DateInput(),
        help_text="From that day it stands on the home page of HIN staff, until it goes on or the day is moved.",
    )


class CloseCommunityForm(forms.Form):
    closing_note = LongTextField(
        max_length=2000,
        label="Closing note",
        help_text="Why it closes and what it leaves behind. Members see this.",
    )


class ReopenCommunityForm(forms.Form):
    because = forms.CharField(
        max_length=300, label="Why is it opened again?", help_text="This stays in its history, which members see."
    )


class NothingToSayForm(forms.Form):
    """A page that asks whether, and nothing else."""
