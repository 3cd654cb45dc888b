"""Planning a series: how often, from when, until when; and then its days, looked at one by one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format

from communities.forms.sessions import LedByForm, joining_link_field, tells_members_field
from communities.models import Session
from communities.models.rhythm import MOST_WEEKS, Nth, PlannedRhythm, Weekday
from communities.services.sessions.series import PlannedDay, SeriesPlan
from cop_portal.design.forms import Checkboxes, Radios, leave_unchosen

WEEKLY, MONTHLY = "weeks", "month"
LARGEST = 10**9


class PlanSeriesForm(LedByForm):
    """The plan. With `preview` it also shows the plan's days; those that nothing speaks against are ticked."""

    how_often = forms.ChoiceField(
        choices=[(WEEKLY, "Every few weeks"), (MONTHLY, "On a certain weekday of each month")],
        widget=Radios(shows={WEEKLY: ["weeks"], MONTHLY: ["nth", "weekday"]}),
        label="How often?",
    )
    weeks = forms.IntegerField(required=False, min_value=1, max_value=MOST_WEEKS, label="Weeks between sessions")
    nth = forms.TypedChoiceField(
        choices=[("", "Choose from the list"), *Nth.choices],
        coerce=int,
        empty_value=None,
        required=False,
        label="Which of the month",
    )
    weekday = forms.TypedChoiceField(
        choices=[("", "Choose from the list"), *Weekday.choices],
        coerce=int,
        empty_value=None,
        required=False,
        label="Weekday",
    )
    first_on = forms.DateField(label="First day", widget=forms.DateInput())
    count = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST,
        label="How many sessions",
        help_text="Or give the last day instead.",
    )
    until = forms.DateField(required=False, label="Last day", widget=forms.DateInput())
    starts = forms.TimeField(label="Start time", widget=forms.TimeInput())
    ends = forms.TimeField(label="End time", widget=forms.TimeInput())
    kind = forms.ChoiceField(choices=Session.Kind.choices, widget=Radios(is_small=True), label="Kind of session")
    place = forms.CharField(max_length=200, required=False, label="Place", help_text="A room, or “online”.")
    joining_link = joining_link_field()
    led_by = forms.ChoiceField(required=False, label="Who leads")
    tells_members = tells_members_field()
    looked_at = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput())

    def __init__(self, data: QueryDict | None = None, *, preview: Sequence[PlannedDay] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if preview:
            self.fields["days"] = forms.MultipleChoiceField(
                choices=[(day.day.isoformat(), date_format(day.day, "l j F Y")) for day in preview],
                widget=Checkboxes(hints={day.day.isoformat(): day.concern for day in preview if day.concern}),
                label="The days of this series",
                help_text="Untick a day on which you do not meet.",
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        how_often = data.get("how_often")
        leave_unchosen(self, "how_often")
        if how_often == WEEKLY and not data.get("weeks") and "weeks" not in self.errors:
            self.add_error("weeks", "Enter the weeks between sessions")
        if how_often == MONTHLY:
            for name, words in (("nth", "Choose which of the month"), ("weekday", "Choose the weekday")):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, words)
        return data

    @property
    def plan(self) -> SeriesPlan:
        said = self.cleaned_data
        is_weekly = said["how_often"] == WEEKLY
        rhythm = (
            PlannedRhythm(weeks=said["weeks"]) if is_weekly else PlannedRhythm(nth=said["nth"], weekday=said["weekday"])
        )
        return SeriesPlan(
            rhythm=rhythm,
            first_on=said["first_on"],
            starts=said["starts"],
            ends=said["ends"],
            until=said["until"],
            count=said["count"],
        )

    @property
    def details(self) -> dict[str, Any]:
        names = ("kind", "place", "joining_link", "tells_members")
        return {name: self.cleaned_data[name] for name in names} | {"led_by": self.leader}

    @property
    def days_named(self) -> str:
        """What `looked_at` must be for the days of this very plan."""
        plan = self.plan
        return f"{plan.rhythm.words}|{plan.first_on}|{plan.until}|{plan.count}|{plan.starts}|{plan.ends}"

    @property
    def is_looked_at(self) -> bool:
        return bool(self.cleaned_data["looked_at"] == self.days_named)

    def leave_out(self, days: Sequence[date]) -> list[date]:
        """Those of the plan's days that are not ticked."""
        ticked = set(self.data.getlist("days")) if isinstance(self.data, QueryDict) else set()
        return [day for day in days if day.isoformat() not in ticked]
