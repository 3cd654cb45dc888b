"""Asking those who were at a session how it was, by mail. The part in the room is in rooms.py.

Nobody gets both: where a pulse was answered in the room, whoever is recorded as having been in the room gets no link.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Attendance, Session
from communities.services.communities import locked
from communities.working_days import at_wall_time
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, PulseRoom, Survey
from evaluations.services.keys.fresh_keys import fresh_keys
from evaluations.services.surveys import planning
from evaluations.services.surveys.opening import (
    Asked,
    NobodyToAsk,
    NotAsked,
    OpeningPreview,
    check_opening,
    invitations_for,
    is_established,
    why_not,
)

QUESTIONS = "session-pulse"
ENDS_AT = time(23, 59)
WAS_IN_THE_ROOM = "Was in the room, where it was asked by a code on the screen"
NOT_A_MEMBER = "No longer a member"


class NoPulseQuestions(Refusal):
    """A pulse asks the questions that HIN staff have published for it."""


class PulseNotYet(Refusal):
    """Who was there is known once the session has been recorded."""


class PulseTooLate(Refusal):
    """A pulse is about a session that people still remember."""


class PulseAlreadySent(Conflict):
    """Those who were there are asked once."""


class PulseOver(Conflict):
    """A pulse that has closed is not opened again."""


def pulse_questions() -> InstrumentVersion | None:
    """The newest published questions of a pulse."""
    published = InstrumentVersion.objects.published().filter(instrument__code=QUESTIONS)
    return published.order_by("-number").first()


def pulse_of(session: Session) -> Survey | None:
    """The pulse of a session, with its room where it has one. One query."""
    found = Survey.objects.filter(session=session).exclude(state=Survey.State.CANCELLED)
    pulse = found.select_related("version__instrument", "community", "room", "release").first()
    if pulse is not None:
        pulse.session = session
    return pulse


def room_of(pulse: Survey | None) -> PulseRoom | None:
    """The room of a pulse that `pulse_of` found."""
    room: PulseRoom | None = getattr(pulse, "room", None)
    if room is not None and pulse is not None:
        room.survey = pulse
    return room


def was_sent(pulse: Survey) -> bool:
    """Whether anyone was asked by mail."""
    return pulse.invitations.exists()


def usual_close(version: InstrumentVersion, now: datetime) -> datetime:
    """The end of the last day, in Europe/London, of a pulse asked now."""
    return at_wall_time(timezone.localdate(now) + timedelta(days=version.opens_for_days), ENDS_AT)


def closes_for(session: Session, now: datetime) -> datetime:
    """When a pulse closes whose mail is sent now: where the room was asked before, not earlier than was said there."""
    pulse = pulse_of(session)
    closes_at = usual_close(_questions(), now)
    return max(pulse.closes_at, closes_at) if pulse else closes_at


def preview_pulse(*, session: Session, now: datetime) -> OpeningPreview:
    """Who would be asked by mail and when, and who of those present would not and why. Stores nothing."""
    version = _questions()
    present = list(
        Attendance.objects.present()
        .filter(session=session)
        .select_related("membership__person__user")
        .order_by("membership__person__user__name", "membership")
    )
    people = [mark.membership.person for mark in present]
    reachable = set(EmailAddress.objects.filter(user__person__in=people, primary=True).values_list("user", flat=True))
    others = planning.other_requests(people, now=now)
    has_room = room_of(pulse_of(session)) is not None
    preview = OpeningPreview([], [])
    for mark in present:
        person = mark.membership.person
        if because := _why_not(mark, reachable, has_room=has_room):
            preview.not_asked.append(NotAsked(person, because))
        else:
            first = planning.first_for(others.get(person.pk, []), closes_at=usual_close(version, now), now=now)
            preview.asked.append(Asked(person, first, is_established(mark.membership, now)))
    return preview


def _why_not(mark: Attendance, reachable: set[int], *, has_room: bool) -> str:
    if has_room and mark.status == Attendance.Status.ROOM:
        return WAS_IN_THE_ROOM
    if mark.membership.ends_on is not None:
        return NOT_A_MEMBER
    return why_not(mark.membership.person, reachable)


def check_sending(*, session: Session, now: datetime) -> None:
    """Refuses what could not be sent whoever is asked.

    Raises PulseNotYet, PulseTooLate, PulseAlreadySent, PulseOver, NoPulseQuestions, CommunityNotActive.
    """
    if session.state != Session.State.HELD:
        raise PulseNotYet("Record who came first: they are the ones who are asked.", code="pulse_not_yet")
    last = session.day + timedelta(days=settings.PULSE_OFFERED_DAYS)
    if timezone.localdate(now) > last:
        raise PulseTooLate(
            f"Those who were there could be asked until {date_format(last)}, while they remember it.",
            code="pulse_too_late",
        )
    pulse = pulse_of(session)
    if pulse is not None and pulse.state != Survey.State.OPEN:
        raise PulseOver("The pulse of this session has closed. It is not opened again.", code="pulse_over")
    if pulse is not None and was_sent(pulse):
        raise PulseAlreadySent("Those who were at this session have been asked already.", code="pulse_already_sent")
    check_questions(session, now)


def check_questions(session: Session, now: datetime) -> InstrumentVersion:
    """The questions to ask. Raises NoPulseQuestions, and CommunityNotActive."""
    version = _questions()
    check_opening(
        community=session.community,
        version=version,
        mode=PrivacyMode.ANONYMOUS,
        closes_at=usual_close(version, now),
        now=now,
    )
    return version


def send_pulse(*, session: Session, by: User, now: datetime) -> Survey:
    """Asks those recorded as present, by mail: all of them, or those online where the room was asked in the room.

    Raises what `check_sending` does, NobodyToAsk and KeysNotSafe; then nothing is stored, neither here nor in the key
    directory.
    """
    check_sending(session=session, now=now)
    pulse = pulse_of(session)
    if pulse is not None:
        return _send(pulse, is_new=False, by=by, now=now)
    pulse = new_pulse(session, version=check_questions(session, now), by=by, now=now)
    with fresh_keys(pulse):
        return _send(pulse, is_new=True, by=by, now=now)


def new_pulse(session: Session, *, version: InstrumentVersion, by: User, now: datetime) -> Survey:
    """A pulse that is not stored yet, and has no keys."""
    return Survey(
        community=session.community,
        session=session,
        version=version,
        mode=PrivacyMode.ANONYMOUS,
        opened_at=now,
        opened_by=by,
        closes_at=usual_close(version, now),
    )


def store_new(pulse: Survey, *, by: User, now: datetime) -> None:
    """Stores a pulse whose keys are safe. Raises PulseAlreadySent where another has come first."""
    try:
        with transaction.atomic():
            pulse.save(force_insert=True)
    except IntegrityError:
        raise PulseAlreadySent(
            "Someone else has just asked those who were at this session.", code="pulse_already_sent"
        ) from None
    audit.record(event="survey.opened", by=by, target=pulse, at=now)


@transaction.atomic
def _send(pulse: Survey, *, is_new: bool, by: User, now: datetime) -> Survey:
    session = pulse.session
    assert session is not None  # noqa: S101 - what is sent here is a pulse
    locked(session.community)
    preview = preview_pulse(session=session, now=now)
    if not preview.asked:
        raise NobodyToAsk(_nobody(preview.not_asked), code="nobody_to_ask")
    if is_new:
        store_new(pulse, by=by, now=now)
    _let_all_answer(pulse, preview.asked, now)
    invitations = Invitation.objects.bulk_create(invitations_for(pulse, preview.asked))
    planning.plan_opening(pulse, invitations, now=now)
    audit.record(event="pulse.sent", by=by, target=pulse, at=now)
    return pulse


def _let_all_answer(pulse: Survey, asked: Sequence[Asked], now: datetime) -> None:
    """Whoever is asked later than the room has as long to answer as if they alone were asked. Once only."""
    still = Survey.objects.open().filter(pk=pulse.pk, closes_at__gt=now, invitations=None)
    changes = {
        "closes_at": max(pulse.closes_at, usual_close(pulse.version, now)),
        "reminder_days": pulse.version.reminder_days,
        "asked_count": pulse.asked_count + len(asked),
    }
    if not Survey.objects.filter(pk__in=still.values("pk")).update(**changes):
        raise PulseAlreadySent("Those who were at this session have been asked already.", code="pulse_already_sent")
    pulse.refresh_from_db()


def _nobody(not_asked: Sequence[NotAsked]) -> str:
    if not not_asked:
        return "There is nobody to ask: the record of this session says of no member that they were there."
    if all(one.why == WAS_IN_THE_ROOM for one in not_asked):
        return "There is nobody else to ask: everyone recorded as present was in the room, and was asked there."
    return "There is nobody to ask: none of those who were there can be written to."


def _questions() -> InstrumentVersion:
    version = pulse_questions()
    if version is None:
        raise NoPulseQuestions("No questions for after a session have been published yet.", code="no_pulse_questions")
    return version
