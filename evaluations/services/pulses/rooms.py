"""A pulse in the room: heads are stated, a code is on the screen, and each phone takes one place and answers once.

Nobody says who they are, and nothing here counts aloud: a place that is taken points to no person and no moment.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities import links as community_links
from communities.models import Community, Session
from communities.services.communities import locked
from communities.services.joining.join_links import ALPHABET, as_meant
from communities.services.sessions.check_ins import ALSO_BEFORE, CODE_LENGTH, MINUTE, CodeNotKnown, OnScreen, minute_of
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations import keys, links
from evaluations.models import PulseRoom, RoomPlace, Survey
from evaluations.models.pulse import CLOSES_AFTER, MOST_HEADS, OPENS_BEFORE, is_about_now
from evaluations.services.keys.fresh_keys import fresh_keys
from evaluations.services.pulses.by_mail import (
    PulseAlreadySent,
    PulseOver,
    check_questions,
    new_pulse,
    pulse_of,
    room_of,
    store_new,
    was_sent,
)

PURPOSE = "room-pulse"
PLACE = "place"
# From scanning the code to pressing the button.
LASTS = timedelta(minutes=10)


class RoomNotNow(Refusal):
    """A room is asked while people are together in it."""


class HeadsNotPossible(Refusal):
    """A room has someone in it, and no more than a room holds."""


class FewerHeads(Refusal):
    """Taking places back would show how many have been taken."""


class RoomClosed(Conflict):
    """The code on a screen opens nothing once the room is closed."""


class RoomPassOver(Refusal):
    """What a scanned code opens lasts ten minutes, and no longer than the room."""


class NoPlaceLeft(Conflict):
    """There are as many places as heads were stated."""


@dataclass(frozen=True)
class RoomPass:
    """What a phone got for the code: which room, a number of its own, and until when. Sent twice it is one place."""

    room: int
    number: str
    until: datetime

    def written(self) -> str:
        """To travel with a page: signed, and of no use to make a link with."""
        what = {"room": self.room, "number": self.number, "until": self.until.timestamp()}
        return signing.Signer(salt=PURPOSE).sign_object(what)

    @classmethod
    def read(cls, written: str) -> RoomPass:
        try:
            what = signing.Signer(salt=PURPOSE).unsign_object(written)
        except (signing.BadSignature, ValueError):
            raise RoomPassOver("Scan the code on the screen, or type it.", code="no_room_pass") from None
        until = datetime.fromtimestamp(what["until"], timezone.get_default_timezone())
        return cls(what["room"], what["number"], until)


def start_room_pulse(*, session: Session, heads: int, by: User, now: datetime) -> PulseRoom:
    """Makes so many places in the room; or more than there were, and opens again what had been closed.

    Raises RoomNotNow, HeadsNotPossible, FewerHeads, PulseAlreadySent, PulseOver, NoPulseQuestions, CommunityNotActive,
    KeysNotSafe; then nothing is stored, neither here nor in the key directory.
    """
    _refuse_another_time(session, now)
    if not 1 <= heads <= MOST_HEADS:
        raise HeadsNotPossible(f"Say how many are in the room: from 1 to {MOST_HEADS}.", code="heads_not_possible")
    version = check_questions(session, now)
    pulse = pulse_of(session)
    if pulse is not None:
        return _restate(pulse, heads=heads, by=by, now=now)
    pulse = new_pulse(session, version=version, by=by, now=now)
    pulse.asked_count = heads
    with fresh_keys(pulse), transaction.atomic():
        store_new(pulse, by=by, now=now)
        room = PulseRoom.objects.create(survey=pulse, heads=heads)
        audit.record(event="room.opened", by=by, target=room, at=now)
    return room


def _refuse_another_time(session: Session, now: datetime) -> None:
    if session.state == Session.State.CANCELLED:
        raise RoomNotNow("This session has been cancelled, so nobody is in the room.", code="session_cancelled")
    if not is_about_now(session, now):
        ends = (session.starts_at - OPENS_BEFORE, session.ends_at + CLOSES_AFTER)
        start, end = (date_format(timezone.localtime(at), "j F Y, H:i") for at in ends)
        raise RoomNotNow(f"The room can be asked from {start} to {end}.", code="room_not_now")


@transaction.atomic
def _restate(pulse: Survey, *, heads: int, by: User, now: datetime) -> PulseRoom:
    locked(pulse.community)
    room = room_of(pulse)
    if pulse.state != Survey.State.OPEN or pulse.closes_at <= now:
        raise PulseOver("The pulse of this session has closed. It is not opened again.", code="pulse_over")
    if was_sent(pulse):
        raise PulseAlreadySent(
            "Links have gone by mail to those who were there. Nobody gets both a link and a place in the room.",
            code="pulse_already_sent",
        )
    if room is None or not PulseRoom.objects.filter(pk=room.pk, heads__lte=heads).update(heads=heads, closed_at=None):
        most = room.heads if room else 0
        raise FewerHeads(
            f"There are {most} places. Their number can grow, and not shrink: some may be taken.", code="fewer_heads"
        )
    Survey.objects.filter(pk=pulse.pk).update(asked_count=heads)
    room.refresh_from_db(fields=["heads", "closed_at"])
    audit.record(event="room.opened", by=by, target=room, at=now)
    return room


@transaction.atomic
def close_room(*, room: PulseRoom, by: User, now: datetime) -> PulseRoom:
    """Takes the code off the screen before its time. Whoever has a place can go on answering."""
    locked(room.survey.community)
    if not PulseRoom.objects.filter(pk=room.pk, closed_at=None).update(closed_at=now):
        raise RoomClosed("The room has been closed already.", code="room_closed")
    room.refresh_from_db(fields=["closed_at"])
    audit.record(event="room.closed", by=by, target=room, at=now)
    return room


def on_screen(room: PulseRoom, now: datetime) -> OnScreen:
    return OnScreen(code_of(room, minute_of(now)), MINUTE - int(now.timestamp()) % MINUTE)


def code_of(room: PulseRoom, minute: int) -> str:
    """The code of one minute: 40 bits that only this installation's SECRET_KEY makes."""
    token = community_links.token_for(PURPOSE, room.pk, minute)
    number = int.from_bytes(hashlib.sha256(token.encode()).digest())
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(CODE_LENGTH))


def room_behind(typed: str, now: datetime) -> PulseRoom:
    """The room whose screen shows this code, or showed it a minute ago."""
    meant = as_meant(typed).encode("utf-8", "surrogatepass")
    minutes = range(minute_of(now) - ALSO_BEFORE, minute_of(now) + 1)
    open_now = PulseRoom.objects.open(now).exclude(survey__community__state=Community.State.CLOSED)
    for room in open_now.select_related("survey__session", "survey__community", "survey__version").order_by("pk"):
        if any(hmac.compare_digest(code_of(room, minute).encode(), meant) for minute in minutes):
            return room
    raise CodeNotKnown(
        "No screen shows this code now. Codes change every minute: look at the screen again.", code="code_not_known"
    )


def new_pass(room: PulseRoom, now: datetime) -> RoomPass:
    """Stores nothing: a place is taken by sending it back."""
    return RoomPass(room.pk, secrets.token_urlsafe(16), min(now + LASTS, room.ends_at))


def room_of_pass(held: RoomPass, now: datetime) -> PulseRoom:
    """The room that a pass is for. Refuses when either is over."""
    rooms = PulseRoom.objects.select_related("survey__session", "survey__community", "survey__version")
    room = rooms.filter(pk=held.room).first()
    if room is None or now >= held.until or not room.is_open(now) or room.survey.community.is_closed:
        raise RoomPassOver(
            "A code opens for ten minutes, and these are over or the room is closed. Scan the code on the screen "
            "again, or tell the facilitator.",
            code="room_pass_over",
        )
    return room


@transaction.atomic
def take_place(*, held: RoomPass, now: datetime) -> str:
    """The token of the place that this pass takes. Sent twice, it is the same place.

    Raises RoomPassOver, NoPlaceLeft, and keys.KeyTrouble where the link key cannot be read; then none is taken.
    """
    room = room_of_pass(held, now)
    token = token_of(held, room)
    # Everyone who takes a place in this room stands in line here, so that the last place goes to one of them.
    stands = PulseRoom.objects.select_for_update().get(pk=room.pk)
    if RoomPlace.objects.filter(token_hash=links.hash_of(token)).exists():
        return token
    if stands.taken >= stands.heads:
        raise NoPlaceLeft(
            "All places have been taken. If you have not had one, ask the facilitator to add one.", code="no_place_left"
        )
    RoomPlace.objects.create(survey=room.survey, token_hash=links.hash_of(token))
    PulseRoom.objects.filter(pk=room.pk).update(taken=F("taken") + 1)
    return token


def token_of(held: RoomPass, room: PulseRoom) -> str:
    """Worked out from the pass and the survey's link key, as the token of a mailed link is from its invitation."""
    link_key = keys.link_key(room.survey.key_id)
    return links.derive(link_key, purpose=PLACE, invitation_id=held.number, generation=1)


def is_place_of(token: str, room: PulseRoom) -> bool:
    """Whether this browser holds a place in this room already."""
    return bool(token) and RoomPlace.objects.filter(survey=room.survey_id, token_hash=links.hash_of(token)).exists()
