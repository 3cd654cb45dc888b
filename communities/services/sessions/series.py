"""Planning sessions in a rhythm, once their days have been looked at."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.calendar import NoSuchTime, wall_time
from communities.models import Community, Person, Series, Session
from communities.models.rhythm import DAYS_A_WEEK, PlannedRhythm
from communities.services.communities import locked
from communities.services.sessions.planning import (
    FURTHEST_AHEAD,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    enter,
    refuse_past,
)
from communities.services.sessions.session_mail import invite
from communities.working_days import SATURDAY, bank_holidays
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

MOST_SESSIONS = 60


class SeriesWithoutRhythm(Refusal):
    """A series says how often."""


class SeriesWithoutEnd(Refusal):
    """A series ends on a day, or after a number of sessions."""


class SeriesTooLong(Refusal):
    """A series is as long as somebody can look through."""


class SeriesEmpty(Refusal):
    """A series has at least one session."""


@dataclass(frozen=True)
class SeriesPlan:
    """A rhythm from a first day on, until a last day or for a number of sessions, at one time of day."""

    rhythm: PlannedRhythm
    first_on: date
    starts: time
    ends: time
    until: date | None = None
    count: int | None = None


@dataclass(frozen=True)
class PlannedDay:
    """A day of a series before it is planned, and what speaks against it ("" where nothing does)."""

    day: date
    concern: str
    # Nothing can be planned on it.
    is_impossible: bool = False


def days_of(plan: SeriesPlan, *, now: datetime) -> list[date]:
    """Every day of the plan, or a Refusal that says what is wrong with it."""
    _refuse_shapeless(plan)
    if plan.first_on < timezone.localdate(now):
        raise SessionInThePast("The first day has passed. Choose today or a later day.", code="session_in_the_past")
    horizon = timezone.localdate(now) + FURTHEST_AHEAD
    if plan.first_on > horizon:
        raise SeriesTooLong("The first day is more than three years away. Check the year.", code="series_too_long")
    if plan.count is not None and plan.count > MOST_SESSIONS:
        raise SeriesTooLong(
            f"A series has at most {MOST_SESSIONS} sessions, and you asked for {plan.count:,}. "
            "Choose fewer; you can plan more later.",
            code="series_too_long",
        )
    last = min(plan.until or horizon, horizon)
    days = list(islice(takewhile(lambda day: day <= last, _from_the_first(plan)), plan.count or MOST_SESSIONS + 1))
    _refuse_too_many(plan, days, horizon)
    return days


def _from_the_first(plan: SeriesPlan) -> Iterator[date]:
    since = plan.first_on - timedelta(days=(plan.rhythm.weeks or 0) * DAYS_A_WEEK)
    return plan.rhythm.dates(after=plan.first_on - timedelta(days=1), since=since)


def _refuse_shapeless(plan: SeriesPlan) -> None:
    if not plan.rhythm:
        raise SeriesWithoutRhythm("Say how often the sessions are.", code="series_without_rhythm")
    if (plan.until is None) == (plan.count is None):
        raise SeriesWithoutEnd("Give either the last day or the number of sessions.", code="series_without_end")
    if plan.ends <= plan.starts:
        raise SessionEndsBeforeItStarts(
            "The sessions must end after they start, on the same day.", code="session_ends_before_it_starts"
        )


def _refuse_too_many(plan: SeriesPlan, days: list[date], horizon: date) -> None:
    if len(days) > MOST_SESSIONS:
        raise SeriesTooLong(
            f"That would be more than {MOST_SESSIONS} sessions. Choose an earlier last day; you can plan more later.",
            code="series_too_long",
        )
    is_cut_off = plan.count is not None and len(days) < plan.count
    if is_cut_off or (plan.until is not None and plan.until > horizon):
        raise SeriesTooLong(
            "A series reaches three years ahead at most. Choose an earlier end.", code="series_too_long"
        )
    if not days:
        raise SeriesEmpty("There is no day in this rhythm between the first day and the last.", code="series_empty")


def preview_series(*, community: Community, plan: SeriesPlan, now: datetime) -> list[PlannedDay]:
    """Every day of the plan with what speaks against it: a bank holiday, a weekend, a clash. Stores nothing."""
    days = days_of(plan, now=now)
    busy = list(
        Session.objects.filter(community=community)
        .exclude(state=Session.State.CANCELLED)
        .filter(ends_at__date__gte=days[0], starts_at__date__lte=days[-1])
        .values_list("starts_at", "ends_at")
    )
    return [_looked_at(day, plan, busy, now) for day in days]


def _looked_at(day: date, plan: SeriesPlan, busy: list[tuple[datetime, datetime]], now: datetime) -> PlannedDay:
    try:
        start, end = wall_time(day, plan.starts), wall_time(day, plan.ends)
    except NoSuchTime:
        return PlannedDay(day, "The clocks go forward and skip this time", is_impossible=True)
    if start <= now:
        return PlannedDay(day, "This time has passed", is_impossible=True)
    if any(start < other_end and end > other_start for other_start, other_end in busy):
        return PlannedDay(day, "There is a session at this time already", is_impossible=True)
    if day in bank_holidays(day.year):
        return PlannedDay(day, "Bank holiday")
    return PlannedDay(day, "Weekend" if day.weekday() >= SATURDAY else "")


@transaction.atomic
def plan_series(
    *,
    community: Community,
    plan: SeriesPlan,
    leave_out: Collection[date] = (),
    kind: str,
    place: str = "",
    joining_link: str = "",
    led_by: Person | None = None,
    tells_members: bool = True,
    by: User,
    now: datetime,
) -> Series:
    """Plans a session on every day of the plan but those left out: all of them, or none.

    Members are written to about the first at once, with the days of the others, and about the others in their turn.
    """
    community = locked(community)
    days = [day for day in days_of(plan, now=now) if day not in leave_out]
    if not days:
        raise SeriesEmpty("Every day is left out. Keep at least one.", code="series_empty")
    rhythm = plan.rhythm
    series = Series.objects.create(
        community=community, weeks=rhythm.weeks, nth=rhythm.nth, weekday=rhythm.weekday, planned_at=now
    )
    sessions = []
    for day in days:
        starts_at, ends_at = wall_time(day, plan.starts), wall_time(day, plan.ends)
        refuse_past(starts_at, now)
        sessions.append(
            enter(
                community=community,
                series=series,
                kind=kind,
                starts_at=starts_at,
                ends_at=ends_at,
                place=place,
                joining_link=joining_link,
                led_by=led_by,
                tells_members=tells_members,
                now=now,
            )
        )
        audit.record(event="session.planned", by=by, target=sessions[-1], at=now)
    audit.record(event="series.planned", by=by, target=series, at=now)
    invite(session=sessions[0], now=now)
    return series


def planned_words(number: int, first: date) -> str:
    """“6 sessions are planned, the first on 1 December 2026.”"""
    if number == 1:
        return f"1 session is planned, on {date_format(first)}."
    return f"{number} sessions are planned, the first on {date_format(first)}."
