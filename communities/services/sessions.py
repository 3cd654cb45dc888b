"""Planning, recording and cancelling sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Action, Attendance, Community, LearningPoint, Membership, Person, RoleTerm, Session
from communities.services.actions import NewAction, answer_action, note_actions
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

MOST_LEARNING_POINTS = 3


class SessionInThePast(Refusal):
    """What is planned lies ahead."""


class SessionEndsBeforeItStarts(Refusal):
    """A session ends after it starts."""


class SessionClash(Conflict):
    """A community meets in one place at a time."""


class LeaderNotInCommunity(Refusal):
    """A session is led by a member or a facilitator of its community."""


class SessionNotYet(Refusal):
    """A session is recorded once it has begun."""


class SessionCancelled(Refusal):
    """A cancelled session keeps its place in the record, as cancelled."""


class SessionChangedMeanwhile(Conflict):
    """Two people recording the same session never overwrite each other."""


class NotAMemberOnThatDay(Refusal):
    """The roster of a session is its community's members on that day."""


class TooManyLearningPoints(Refusal):
    """What everyone should remember is short."""


class NotAnActionHere(Refusal):
    """What is answered at a session was promised in its community."""


class SessionAlreadyHeld(Conflict):
    """What has been held cannot be called off."""


class NoReasonGiven(Refusal):
    """A cancelled session says why."""


@transaction.atomic
def plan_session(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    joining_link: str = "",
    led_by: Person | None = None,
    by: User,
    now: datetime,
) -> Session:
    """Plans a session that lies ahead."""
    if starts_at <= now:
        raise SessionInThePast(
            "This date has passed. To record a session that has already happened, "
            "choose “Record a past session” on the community’s sessions page.",
            code="session_in_the_past",
        )
    community = locked(community)
    session = _entered(
        community=community,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        joining_link=joining_link,
        led_by=led_by,
    )
    audit.record(event="session.planned", by=by, target=session, at=now)
    return session


@transaction.atomic
def enter_past_session(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    led_by: Person | None = None,
    by: User,
    now: datetime,
) -> Session:
    """Enters a session that has already begun and was never planned here, so that it can be recorded."""
    if starts_at > now:
        raise SessionNotYet("This session has not started yet. Plan it instead.", code="session_not_yet")
    community = locked(community)
    session = _entered(
        community=community,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        joining_link="",
        led_by=led_by,
    )
    audit.record(event="session.entered", by=by, target=session, at=now)
    return session


def _entered(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    joining_link: str,
    led_by: Person | None,
) -> Session:
    if ends_at <= starts_at:
        raise SessionEndsBeforeItStarts("The session must end after it starts.", code="session_ends_before_it_starts")
    _refuse_clash(community, starts_at, ends_at)
    if led_by is not None:
        _refuse_stranger(community, led_by)
    return Session.objects.create(
        community=community,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place.strip(),
        joining_link=joining_link,
        led_by=led_by,
    )


def _refuse_clash(community: Community, starts_at: datetime, ends_at: datetime) -> None:
    clash = Session.objects.filter(community=community).overlapping(starts_at, ends_at).order_by("starts_at").first()
    if clash is not None:
        start, end = timezone.localtime(clash.starts_at), timezone.localtime(clash.ends_at)
        raise SessionClash(
            f"{community.name} already has a session on {date_format(start)}, "
            f"from {date_format(start, 'TIME_FORMAT')} to {date_format(end, 'TIME_FORMAT')}. Choose another time.",
            code="session_clash",
        )


def _refuse_stranger(community: Community, person: Person) -> None:
    is_member = Membership.objects.current().filter(community=community, person=person).exists()
    if not is_member and not RoleTerm.objects.current().filter(community=community, person=person).exists():
        raise LeaderNotInCommunity(
            f"The person who leads must be a member or facilitator of {community.name}.", code="leader_not_in_community"
        )


@transaction.atomic
def record_session(
    *,
    session: Session,
    version: int,
    focus: str,
    attendance: Mapping[int, str],
    learning_points: Sequence[str],
    actions: Sequence[NewAction],
    answers: Mapping[int, str] | None = None,
    by: User,
    now: datetime,
) -> Session:
    """Records what happened at a session, for the first time or again as a correction.

    `attendance` maps memberships (by id) to a status; members it does not name are "not known". Learning points replace
    those recorded before; actions are added to those agreed before. `answers` says how earlier actions of the community
    (by id) went. `version` is the one that the writer had read.
    """
    community = locked(session.community)
    _refuse_unrecordable(session, now)
    points = [point.strip() for point in learning_points if point.strip()]
    if len(points) > MOST_LEARNING_POINTS:
        raise TooManyLearningPoints(
            f"Keep to {MOST_LEARNING_POINTS} learning points at most.", code="too_many_learning_points"
        )
    _take_turn(session, version, focus, now)
    _mark_attendance(session, attendance)
    session.learning_points.all().delete()
    LearningPoint.objects.bulk_create(
        LearningPoint(session=session, text=point, position=position) for position, point in enumerate(points)
    )
    note_actions(community=community, session=session, agreed_on=session.day, actions=actions, by=by, now=now)
    _note_answers(community, answers or {}, by=by, now=now)
    audit.record(event="session.recorded", by=by, target=session, at=now)
    session.refresh_from_db()
    return session


def _refuse_unrecordable(session: Session, now: datetime) -> None:
    if session.state == Session.State.CANCELLED:
        raise SessionCancelled(
            "This session was cancelled, so there is nothing to record. If it took place after all, "
            "choose “Record a past session” on the community’s sessions page.",
            code="session_cancelled",
        )
    if session.starts_at > now:
        start = timezone.localtime(session.starts_at)
        raise SessionNotYet(
            f"This session starts on {date_format(start)} at {date_format(start, 'TIME_FORMAT')}. "
            "You can record it from then.",
            code="session_not_yet",
        )


def _take_turn(session: Session, version: int, focus: str, now: datetime) -> None:
    """Moves the session to its next version, or refuses because someone else has done so since `version` was read."""
    mine = Session.objects.exclude(state=Session.State.CANCELLED).filter(pk=session.pk, version=version)
    if not mine.update(state=Session.State.HELD, focus=focus.strip(), recorded_at=now, version=F("version") + 1):
        raise SessionChangedMeanwhile(
            "Someone else has changed the record of this session while you were writing. Nothing of theirs has been "
            "overwritten, and what you typed is still here. Compare the two, then save again.",
            code="session_changed_meanwhile",
        )


def _mark_attendance(session: Session, attendance: Mapping[int, str]) -> None:
    roster = Membership.objects.on_day(session.day).filter(community=session.community_id).values_list("pk", flat=True)
    members = set(roster)
    if not attendance.keys() <= members:
        raise NotAMemberOnThatDay(
            f"Someone you marked was not a member on {date_format(session.day)}. Add them as a member first.",
            code="not_a_member_on_that_day",
        )
    marked = {pk: attendance.get(pk, Attendance.Status.UNKNOWN) for pk in members}
    Attendance.objects.filter(session=session).exclude(membership__in=members).delete()
    Attendance.objects.bulk_create(
        (Attendance(session=session, membership_id=pk, status=status) for pk, status in marked.items()),
        update_conflicts=True,
        unique_fields=["session", "membership"],
        update_fields=["status"],
    )
    present = sum(status in Attendance.PRESENT for status in marked.values())
    Session.objects.filter(pk=session.pk).update(member_count=len(members), present_count=present)


def _note_answers(community: Community, answers: Mapping[int, str], *, by: User, now: datetime) -> None:
    actions = Action.objects.filter(community=community).in_bulk(list(answers))
    if len(actions) < len(answers):
        raise NotAnActionHere(
            f"An action you answered is not one of {community.name}. Leave it out.", code="not_an_action_here"
        )
    for pk, state in sorted(answers.items()):
        answer_action(action=actions[pk], state=state, by=by, now=now)


@transaction.atomic
def cancel_session(*, session: Session, because: str, by: User, now: datetime) -> Session:
    """Cancels a planned session. It keeps its place in the record, with the reason."""
    locked(session.community)
    if not because.strip():
        raise NoReasonGiven("Say why the session is cancelled. Members see this.", code="no_reason_given")
    cancelled = Session.objects.planned().filter(pk=session.pk)
    if not cancelled.update(state=Session.State.CANCELLED, cancelled_because=because.strip(), version=F("version") + 1):
        raise SessionAlreadyHeld(
            "This session is no longer planned: it has been recorded or cancelled meanwhile.",
            code="session_already_held",
        )
    session.refresh_from_db()
    audit.record(event="session.cancelled", by=by, target=session, at=now)
    return session
