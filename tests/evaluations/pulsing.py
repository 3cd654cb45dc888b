"""Sessions with people at them, and their pulses, for tests: recorded, asked and answered by the product's services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from communities.models import Community, Membership, Session
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from evaluations.models import PulseRoom, Survey
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.pulses.by_mail import send_pulse
from evaluations.services.pulses.rooms import new_pass, start_room_pulse, take_place
from tests.factories.communities import NOW, SessionFactory, staff
from tests.factories.evaluations import PULSE, community_of, published

USEFUL: Mapping[str, Any] = {"P1": "4", "P2": "4", "P3": "3"}
HOUR = timedelta(hours=1)


def session_of(community: Community | None = None, *, members: int = 12, at: datetime = NOW - HOUR / 2) -> Session:
    """A session that is going on at NOW, unless another time is given; of a community with so many members."""
    published(PULSE)
    return SessionFactory.create(community=community or community_of(members), starts_at=at, ends_at=at + HOUR)


def memberships_of(session: Session) -> list[Membership]:
    return list(Membership.objects.filter(community=session.community).order_by("pk"))


def recorded(
    session: Session, *, room: int = 0, online: int = 0, now: datetime | None = None, by: User | None = None
) -> Session:
    """The first so many members recorded as in the room, the next as online."""
    members = memberships_of(session)
    marks = {one.pk: "room" for one in members[:room]} | {one.pk: "online" for one in members[room : room + online]}
    version = Session.objects.get(pk=session.pk).version
    at = now or session.ends_at
    return record_session(session=session, version=version, attendance=marks, by=by or staff(), now=at)


def asked_by_mail(session: Session, *, now: datetime = NOW) -> Survey:
    return send_pulse(session=session, by=staff(), now=now)


def asked_in_the_room(session: Session, *, heads: int, now: datetime = NOW) -> PulseRoom:
    return start_room_pulse(session=session, heads=heads, by=staff(), now=now)


def places_in(room: PulseRoom, number: int, *, now: datetime = NOW) -> list[str]:
    """So many phones take a place each; their tokens."""
    room = PulseRoom.objects.select_related("survey__session").get(pk=room.pk)
    return [take_place(held=new_pass(room, now), now=now) for _ in range(number)]


def answer_in(room: PulseRoom, answers: Sequence[Mapping[str, Any]], *, now: datetime = NOW) -> None:
    for token, answer in zip(places_in(room, len(answers), now=now), answers, strict=True):
        submit_answers(token=token, answers=answer, now=now)


def closed(pulse: Survey) -> Survey:
    stands = Survey.objects.get(pk=pulse.pk)
    return close_survey(survey=stands, now=stands.closes_at)
