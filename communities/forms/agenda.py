"""Proposing something to talk about, and saying what becomes of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from communities.forms.fields import NO_PATIENT_DATA
from communities.models import Session
from cop_portal.design.forms import LongTextField, Radios

NAMED, UNNAMED = "named", "unnamed"
UP, DOWN = "up", "down"
PUT_ON, DEFER, DECLINE, COVER = "put_on", "defer", "decline", "cover"


class ProposeAgendaItemForm(forms.Form):
    """With or without one's name: a choice without a default."""

    text = forms.CharField(
        max_length=200, label="What would you like to talk about?", help_text=f"One line. {NO_PATIENT_DATA}"
    )
    detail = LongTextField(max_length=1000, required=False, label="Why, or what would help")
    naming = forms.ChoiceField(
        choices=[(NAMED, "With my name"), (UNNAMED, "Without my name")],
        widget=Radios(
            hints={
                NAMED: "Members and facilitators see who proposed it, and you can take it back.",
                UNNAMED: "Who it was is not kept, so it cannot be taken back. Your words may still show who you are.",
            }
        ),
        label="With your name?",
    )

    @property
    def proposal(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"text": said["text"], "detail": said["detail"], "is_named": said["naming"] == NAMED}


class MoveAgendaItemForm(forms.Form):
    """One place up or down: the two buttons beside an item."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    direction = forms.ChoiceField(choices=[(UP, "Move up"), (DOWN, "Move down")], widget=forms.HiddenInput())


class ArrangeAgendaItemForm(forms.Form):
    """What becomes of an item: a choice without a default. `sessions` are those ahead; `was_on_agenda`: it can have
    been covered."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    what = forms.ChoiceField(label="What becomes of it?")
    session = forms.ChoiceField(required=False, label="On the agenda of")
    because = forms.CharField(
        max_length=300,
        required=False,
        label="Why not",
        help_text="Whoever proposed it reads this, and so do the members.",
    )

    def __init__(self, *args: Any, sessions: Sequence[Session], was_on_agenda: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = {str(session.pk): session for session in sessions}
        choices = [
            *([(PUT_ON, "Put it on the agenda of a session")] if sessions else []),
            *([(COVER, "We have talked about it")] if was_on_agenda else []),
            (DEFER, "Leave it for later"),
            (DECLINE, "Do not take it up"),
        ]
        self.fields["what"] = forms.ChoiceField(choices=choices, widget=Radios(), label="What becomes of it?")
        if sessions:
            self.fields["session"] = forms.ChoiceField(
                choices=[
                    ("", "Choose from the list"),
                    *((pk, _named(session)) for pk, session in self.sessions.items()),
                ],
                required=False,
                label="On the agenda of",
            )
        else:
            del self.fields["session"]
        self.order_fields(["version", "what", "session", "because"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("what") == PUT_ON and not data.get("session") and "session" not in self.errors:
            self.add_error("session", "Choose the session from the list")
        return data

    @property
    def chosen_session(self) -> Session:
        return self.sessions[self.cleaned_data["session"]]


def _named(session: Session) -> str:
    return date_format(timezone.localtime(session.starts_at), "l j F Y, H:i")
