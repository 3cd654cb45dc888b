"""Planning, entering and cancelling a session."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from communities.calendar import NoSuchTime, wall_time
from communities.models import Person, Session
from cop_portal.design.forms import Radios

NOBODY = ("", "Nobody in particular")


class PastSessionForm(forms.Form):
    """When and where, in the local time of the people who meet. `leaders` are membership ids and names."""

    kind = forms.ChoiceField(choices=Session.Kind.choices, widget=Radios(is_small=True), label="Kind of session")
    day = forms.DateField(label="Date", widget=forms.DateInput())
    starts = forms.TimeField(label="Start time", widget=forms.TimeInput())
    ends = forms.TimeField(label="End time", widget=forms.TimeInput())
    place = forms.CharField(max_length=200, required=False, label="Place", help_text="A room, or “online”.")
    led_by = forms.ChoiceField(required=False, label="Who leads")

    def __init__(
        self,
        *args: Any,
        leaders: Sequence[tuple[str, str]] = (),
        people: Mapping[str, Person] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people or {}
        self.fields["led_by"].choices = [NOBODY, *leaders]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for box, moment in (("starts", "starts_at"), ("ends", "ends_at")):
            if data.get("day") and data.get(box):
                try:
                    data[moment] = wall_time(data["day"], data[box])
                except NoSuchTime as refusal:
                    self.add_error(box, refusal)
        return data

    @property
    def facts(self) -> dict[str, Any]:
        """What the services ask for, once the form is valid."""
        asked = {name: self.cleaned_data[name] for name in ("kind", "starts_at", "ends_at", "place")}
        return asked | {"led_by": self.people.get(self.cleaned_data["led_by"])}


class PlanSessionForm(PastSessionForm):
    """The same, and how to join from elsewhere."""

    joining_link = forms.URLField(
        required=False, assume_scheme="https", label="Link to join online", help_text="Members see it, sponsors do not."
    )
    field_order = ("kind", "day", "starts", "ends", "place", "joining_link", "led_by")

    @property
    def facts(self) -> dict[str, Any]:
        return super().facts | {"joining_link": self.cleaned_data["joining_link"]}


class CancelSessionForm(forms.Form):
    because = forms.CharField(max_length=300, label="Why is it cancelled?", help_text="Members see this.")
