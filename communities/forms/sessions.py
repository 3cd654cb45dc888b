"""Planning, entering, moving, editing and cancelling a session."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from communities.calendar import NoSuchTime, wall_time
from communities.models import Person, Session
from cop_portal.design.forms import Radios

NOBODY = ("", "Nobody in particular")
ONE, REST = "one", "rest"


def add_moments(form: forms.Form, data: dict[str, Any]) -> dict[str, Any]:
    """`starts_at` and `ends_at`, from the day and the times on the wall in London."""
    for box, moment in (("starts", "starts_at"), ("ends", "ends_at")):
        if data.get("day") and data.get(box):
            try:
                data[moment] = wall_time(data["day"], data[box])
            except NoSuchTime as refusal:
                form.add_error(box, refusal)
    return data


class LedByForm(forms.Form):
    """A form that names who leads. `leaders` are membership ids and names."""

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

    @property
    def leader(self) -> Person | None:
        return self.people.get(self.cleaned_data["led_by"])


class PastSessionForm(LedByForm):
    """When and where, in the local time of the people who meet."""

    kind = forms.ChoiceField(choices=Session.Kind.choices, widget=Radios(is_small=True), label="Kind of session")
    day = forms.DateField(label="Date", widget=forms.DateInput())
    starts = forms.TimeField(label="Start time", widget=forms.TimeInput())
    ends = forms.TimeField(label="End time", widget=forms.TimeInput())
    place = forms.CharField(max_length=200, required=False, label="Place", help_text="A room, or “online”.")
    led_by = forms.ChoiceField(required=False, label="Who leads")

    def clean(self) -> dict[str, Any]:
        return add_moments(self, super().clean() or {})

    @property
    def facts(self) -> dict[str, Any]:
        """What the services ask for, once the form is valid."""
        asked = {name: self.cleaned_data[name] for name in ("kind", "starts_at", "ends_at", "place")}
        return asked | {"led_by": self.leader}


def joining_link_field() -> forms.URLField:
    return forms.URLField(
        required=False, assume_scheme="https", label="Link to join online", help_text="Members see it, sponsors do not."
    )


def tells_members_field() -> forms.BooleanField:
    return forms.BooleanField(
        required=False, initial=True, label="Write to the members, with an entry for their calendar"
    )


class PlanSessionForm(PastSessionForm):
    """The same, and how to join from elsewhere."""

    joining_link = joining_link_field()
    tells_members = tells_members_field()
    field_order = ("kind", "day", "starts", "ends", "place", "joining_link", "led_by", "tells_members")

    @property
    def facts(self) -> dict[str, Any]:
        return super().facts | {name: self.cleaned_data[name] for name in ("joining_link", "tells_members")}


class OfSeriesForm(forms.Form):
    """A change to one session, or to it and the `rest` of its series: a choice without a default, where there is one.

    `version` is that of the plan as it was read.
    """

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    scope = forms.ChoiceField(label="Which sessions?")

    def __init__(self, *args: Any, rest: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rest:
            del self.fields["scope"]
            return
        later = "the one after it" if rest == 1 else f"the {rest} after it"
        self.fields["scope"] = forms.ChoiceField(
            choices=[(ONE, "Only this session"), (REST, f"This session and {later} in its series")],
            widget=Radios(),
            label="Which sessions?",
        )

    @property
    def and_rest(self) -> bool:
        return self.cleaned_data.get("scope") == REST


class MoveSessionForm(OfSeriesForm):
    """Another day, another time. `looked_at` says which move of a whole series has been looked at before it is made."""

    day = forms.DateField(label="New date", widget=forms.DateInput())
    starts = forms.TimeField(label="Start time", widget=forms.TimeInput())
    ends = forms.TimeField(label="End time", widget=forms.TimeInput())
    looked_at = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput())
    field_order = ("version", "scope", "day", "starts", "ends")

    def clean(self) -> dict[str, Any]:
        return add_moments(self, super().clean() or {})

    @property
    def move(self) -> str:
        """What `looked_at` must be for this very move."""
        return "|".join(str(self.cleaned_data[name]) for name in ("day", "starts", "ends"))

    @property
    def is_to_be_looked_at(self) -> bool:
        return self.and_rest and self.cleaned_data["looked_at"] != self.move


class EditSessionForm(OfSeriesForm, LedByForm):
    """What kind, where, how to join, who leads."""

    kind = forms.ChoiceField(choices=Session.Kind.choices, widget=Radios(is_small=True), label="Kind of session")
    place = forms.CharField(max_length=200, required=False, label="Place", help_text="A room, or “online”.")
    joining_link = joining_link_field()
    led_by = forms.ChoiceField(required=False, label="Who leads")
    field_order = ("version", "scope", "kind", "place", "joining_link", "led_by")

    @property
    def details(self) -> dict[str, Any]:
        named = {name: self.cleaned_data[name] for name in ("kind", "place", "joining_link")}
        return named | {"led_by": self.leader}


class CancelSessionForm(OfSeriesForm):
    because = forms.CharField(max_length=300, label="Why is it cancelled?", help_text="Members see this.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A session is called off as it stands: whatever has changed about it meanwhile, it is off.
        del self.fields["version"]
