"""Asking those who were at a session, by mail and in the room, over the API. The rules and the words are those of the
pages."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import LARGEST_ID
from communities.api.records import OfOneSession
from communities.api.views import reader
from cop_portal.installation import clock
from evaluations.api.serializers import SurveyOutput
from evaluations.links import room_address
from evaluations.models import PulseRoom
from evaluations.models.pulse import MOST_HEADS
from evaluations.permissions import Permission
from evaluations.services.pulses.by_mail import check_sending, closes_for, preview_pulse, pulse_of, room_of, send_pulse
from evaluations.services.pulses.rooms import close_room, on_screen, start_room_pulse


class PulseAskedOutput(serializers.Serializer[Any]):
    person = serializers.IntegerField(source="person.pk")
    name = serializers.CharField(source="person.name")
    first_mail_at = serializers.DateTimeField()


class PulseNotAskedOutput(serializers.Serializer[Any]):
    person = serializers.IntegerField(source="person.pk")
    name = serializers.CharField(source="person.name")
    why = serializers.CharField()


class PulsePreviewOutput(serializers.Serializer[Any]):
    """Who of those present would be asked by mail and when, and who would not and why."""

    closes_at = serializers.DateTimeField()
    asked = PulseAskedOutput(many=True)
    not_asked = PulseNotAskedOutput(many=True)


class StartRoomPulseInput(serializers.Serializer[Any]):
    heads = serializers.IntegerField(
        min_value=1, max_value=min(MOST_HEADS, LARGEST_ID), help_text="How many are in the room. It can only grow."
    )


class RoomPulseOutput(serializers.Serializer[Any]):
    """What is on the screen this minute. How many have taken a place is told nowhere."""

    survey = serializers.IntegerField(source="room.survey_id")
    heads = serializers.IntegerField(source="room.heads")
    code = serializers.CharField(source="screen.code")
    address = serializers.CharField(help_text="What the QR code leads to.")
    changes_in = serializers.IntegerField(source="screen.changes_in", help_text="Seconds until the next code.")
    ends_at = serializers.DateTimeField(source="room.ends_at")


class SendPulse(OfOneSession):
    """Asks those recorded as present, by mail: those online only, where the room was asked in the room."""

    permission: ClassVar[str] = Permission.SEND_PULSE
    serializer_class: Any = SurveyOutput

    @extend_schema(responses=PulsePreviewOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Whom a pulse by mail would ask now. Stores nothing. Refuses what could not be sent, as sending it does."""
        now = clock.now()
        check_sending(session=self.session, now=now)
        preview = preview_pulse(session=self.session, now=now)
        body = {
            "closes_at": closes_for(self.session, now),
            "asked": preview.asked,
            "not_asked": preview.not_asked,
        }
        return Response(PulsePreviewOutput(body).data)

    @extend_schema(request=None, responses={201: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Asks by mail, at the next times that mail may go. One reminder follows after two working days."""
        pulse = send_pulse(session=self.session, by=reader(request), now=clock.now())
        return Response(SurveyOutput(pulse, context={"request": request}).data, status=status.HTTP_201_CREATED)


class RoomPulse(OfOneSession):
    """A code on the screen, by which each phone in the room takes one place."""

    permission: ClassVar[str] = Permission.START_ROOM_PULSE
    serializer_class: Any = RoomPulseOutput

    @extend_schema(responses=RoomPulseOutput)
    def get(self, request: Request, pk: int) -> Response:
        """The code of this minute, with which a room answers. 404 while the room is not open."""
        room = room_of(pulse_of(self.session))
        if room is None or not room.is_open(clock.now()):
            raise Http404
        return self.shown(room)

    @extend_schema(request=StartRoomPulseInput, responses={201: RoomPulseOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Opens a pulse in the room, with so many places or more than there were; again, if it had been closed."""
        asked = StartRoomPulseInput(data=request.data)
        asked.is_valid(raise_exception=True)
        start_room_pulse(session=self.session, heads=asked.validated_data["heads"], by=reader(request), now=clock.now())
        room = room_of(pulse_of(self.session))
        assert room is not None  # noqa: S101 - it has just been started
        return self.shown(room, status.HTTP_201_CREATED)

    def shown(self, room: PulseRoom, status_code: int = status.HTTP_200_OK) -> Response:
        screen = on_screen(room, clock.now())
        body = {"room": room, "screen": screen, "address": room_address(screen.code)}
        return Response(RoomPulseOutput(body).data, status=status_code, headers={"Cache-Control": "no-store"})


class CloseRoom(OfOneSession):
    """Takes the code off the screen before its time. Whoever has a place can go on answering."""

    permission: ClassVar[str] = Permission.CLOSE_ROOM

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Closes the pulse in the room. 404 where the session has no room, 409 where it is closed."""
        room = room_of(pulse_of(self.session))
        if room is None:
            raise Http404
        close_room(room=room, by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
