"""Changing what was planned: moving a session, editing its details, cancelling it; alone or with the rest."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from communities.calendar import wall_time
from communities.models import Person, Reply, Session
from communities.services.communities import locked
from communities.services.sessions.planning import refuse_clash, refuse_impossible, refuse_past, refuse_stranger
from communities.services.sessions.session_mail import tell_of_cancellation, tell_of_change
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

NO_LONGER_PLANNED = "This session is no longer planned: it has been recorded or cancelled meanwhile."


class SessionAlreadyHeld(Conflict):
    """What has been held cannot be called off or moved."""


class PlanChangedMeanwhile(Stale):
    """Two people planning the same session never overwrite each other."""


class SessionNotMoved(Refusal):
    """Nobody is written to about a move that is none."""


class SessionIsOff(Refusal):
    """A cancelled session stays as it was cancelled."""


class NoReasonGiven(Refusal):
    """A cancelled session says why."""


class SeriesWouldSpanNight(Refusal):
    """Sessions of a series are moved by their time of day, so they begin and end on one day."""


def rest_of_series(session: Session) -> list[Session]:
    """The planned sessions of its series that come after it, the earliest first."""
    if session.series_id is None:
        return []
    later = Session.objects.planned().filter(series=session.series_id, starts_at__gt=session.starts_at)
    return list(later.order_by("starts_at"))


def moved_days(session: Session, *, to: date) -> list[tuple[Session, date]]:
    """Where the rest of the series goes when this session goes to another day: as many days further."""
    return [(later, later.day + (to - session.day)) for later in rest_of_series(session)]


@transaction.atomic
def move_session(
    *,
    session: Session,
    version: int,
    starts_at: datetime,
    ends_at: datetime,
    and_rest: bool = False,
    by: User,
    now: datetime,
) -> Session:
    """Moves a planned session to another time; with `and_rest`, those after it in its series by as many days.

    `version` is the `plan_version` that was read. What members said about coming counts for the old time only, so they
    are asked again.
    """
    community = locked(session.community)
    session = _as_it_is(session, version)
    moves = [(session, starts_at, ends_at), *(_shifted(session, starts_at, ends_at) if and_rest else ())]
    if (starts_at, ends_at) == (session.starts_at, session.ends_at) and len(moves) == 1:
        raise SessionNotMoved("This is when the session is planned already.", code="session_not_moved")
    besides = frozenset(moved.pk for moved, _, _ in moves)
    for _, start, end in moves:
        refuse_past(start, now)
        refuse_impossible(start, end, now)
        refuse_clash(community, start, end, besides=besides)
    # Those that go furthest into the future first: none is ever where another still is.
    for moved, start, end in sorted(moves, key=lambda move: move[1], reverse=starts_at > session.starts_at):
        if (start, end) != (moved.starts_at, moved.ends_at):
            _change(moved, now, starts_at=start, ends_at=end)
            Reply.objects.filter(session=moved).exclude(answer="").update(answer="", answered_at=None)
            audit.record(event="session.moved", by=by, target=moved, at=now)
            tell_of_change(session=moved, now=now)
    return session


def _shifted(session: Session, starts_at: datetime, ends_at: datetime) -> list[tuple[Session, datetime, datetime]]:
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if start.date() != end.date():
        raise SeriesWouldSpanNight(
            "A session of a series must begin and end on the same day. Move this one alone.",
            code="series_would_span_night",
        )
    return [
        (later, wall_time(day, start.time()), wall_time(day, end.time()))
        for later, day in moved_days(session, to=start.date())
    ]


@transaction.atomic
def edit_session(
    *,
    session: Session,
    version: int,
    kind: str,
    place: str,
    joining_link: str,
    led_by: Person | None,
    and_rest: bool = False,
    by: User,
    now: datetime,
) -> Session:
    """Changes where a session is, how to join it, what kind it is and who leads; with `and_rest`, of later ones too.

    `version` is the `plan_version` that was read. Members are told when place or link of a session ahead changes.
    """
    community = locked(session.community)
    if led_by is not None and led_by.pk != session.led_by_id:
        refuse_stranger(community, led_by)
    session = _as_it_is(session, version, may_be_held=True)
    for edited in [session, *(rest_of_series(session) if and_rest else ())]:
        is_elsewhere = (edited.place, edited.joining_link) != (place.strip(), joining_link)
        details = {"kind": kind, "place": place.strip(), "joining_link": joining_link, "led_by": led_by}
        if is_elsewhere and edited.state == Session.State.PLANNED:
            _change(edited, now, **details)
            tell_of_change(session=edited, now=now)
        else:
            _set(edited, **details)
        audit.record(event="session.edited", by=by, target=edited, at=now)
    return session


@transaction.atomic
def cancel_session(*, session: Session, because: str, and_rest: bool = False, by: User, now: datetime) -> Session:
    """Cancels a planned session; with `and_rest`, later ones of its series. Each keeps its place, with the reason."""
    locked(session.community)
    if not because.strip():
        raise NoReasonGiven("Say why the session is cancelled. Members see this.", code="no_reason_given")
    for cancelled in [session, *(rest_of_series(session) if and_rest else ())]:
        planned = Session.objects.planned().filter(pk=cancelled.pk)
        if not planned.update(
            state=Session.State.CANCELLED,
            cancelled_because=because.strip(),
            version=F("version") + 1,
            plan_version=F("plan_version") + 1,
            sequence=F("sequence") + 1,
            sequence_at=now,
        ):
            raise SessionAlreadyHeld(NO_LONGER_PLANNED, code="session_already_held")
        cancelled.refresh_from_db()
        audit.record(event="session.cancelled", by=by, target=cancelled, at=now)
        tell_of_cancellation(session=cancelled, now=now)
    return session


def _as_it_is(session: Session, version: int, *, may_be_held: bool = False) -> Session:
    """The session as it stands, under the community's lock. Refuses when it is not what the writer had read."""
    current = Session.objects.select_related("community").get(pk=session.pk)
    if current.state == Session.State.CANCELLED and may_be_held:
        raise SessionIsOff("This session was cancelled, so its details stay as they were.", code="session_is_off")
    if current.state != Session.State.PLANNED and not may_be_held:
        raise SessionAlreadyHeld(NO_LONGER_PLANNED, code="session_already_held")
    if current.plan_version != version:
        raise PlanChangedMeanwhile(
            "Someone else has changed the plan of this session meanwhile, and nothing of theirs has been overwritten. "
            "What you typed is still here: look at the session, then save again if it still holds.",
            code="plan_changed_meanwhile",
        )
    return current


def _change(session: Session, now: datetime, **changes: object) -> None:
    """A change that calendars must hear of: the sequence rises."""
    _set(session, sequence=session.sequence + 1, sequence_at=now, **changes)


def _set(session: Session, **changes: object) -> None:
    for name, value in {"plan_version": session.plan_version + 1, **changes}.items():
        setattr(session, name, value)
    session.save(update_fields=["plan_version", *changes])
