"""Planning sessions in a rhythm: which days there are, what speaks against them, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from communities.models import Community, Reply, Series, Session
from communities.models.rhythm import Nth, PlannedRhythm, Weekday
from communities.services.communities import CommunityClosed
from communities.services.sessions.planning import (
    LeaderNotInCommunity,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
)
from communities.services.sessions.series import (
    MOST_SESSIONS,
    SeriesEmpty,
    SeriesPlan,
    SeriesTooLong,
    SeriesWithoutEnd,
    SeriesWithoutRhythm,
    plan_series,
    preview_series,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import NOW, CommunityFactory, PersonFactory, SessionFactory, facilitator_of, member_of

pytestmark = pytest.mark.django_db

FORTNIGHTLY = SeriesPlan(
    rhythm=PlannedRhythm(weeks=2), first_on=date(2026, 12, 1), starts=time(12, 30), ends=time(14), count=4
)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


def planned(community: Community, by: User, plan: SeriesPlan = FORTNIGHTLY, **changes: Any) -> Series:
    return plan_series(community=community, plan=plan, kind="convening", by=by, now=NOW, **changes)


def days() -> list[date]:
    return [session.day for session in Session.objects.order_by("starts_at")]


def test_a_series_by_the_week_begins_on_its_first_day_and_has_the_number_asked_for(
    community: Community, facilitator: User
) -> None:
    series = planned(community, facilitator, place=" Room 4 ")
    assert days() == [date(2026, 12, 1), date(2026, 12, 15), date(2026, 12, 29), date(2027, 1, 12)]
    assert {session.series for session in Session.objects.all()} == {series}
    assert set(Session.objects.values_list("place", "state", "sequence")) == {("Room 4", "planned", 0)}
    assert len(set(Session.objects.values_list("calendar_uid", flat=True))) == 4
    assert series.rhythm.words == "every 2 weeks"
    events = list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))
    assert events == ["session.planned"] * 4 + ["series.planned"]


def test_a_series_by_the_month_ends_on_or_before_its_last_day(community: Community, facilitator: User) -> None:
    plan = replace(
        FORTNIGHTLY,
        rhythm=PlannedRhythm(nth=Nth.SECOND, weekday=Weekday.TUESDAY),
        count=None,
        until=date(2027, 3, 9),
    )
    planned(community, facilitator, plan)
    assert days() == [date(2026, 12, 8), date(2027, 1, 12), date(2027, 2, 9), date(2027, 3, 9)]


def test_a_series_keeps_its_time_on_the_wall_when_the_clocks_change(community: Community, facilitator: User) -> None:
    planned(community, facilitator, replace(FORTNIGHTLY, first_on=date(2027, 3, 16), count=3))
    assert [s.starts_at for s in Session.objects.order_by("starts_at")] == [
        datetime(2027, 3, 16, 12, 30, tzinfo=UTC),
        datetime(2027, 3, 30, 11, 30, tzinfo=UTC),
        datetime(2027, 4, 13, 11, 30, tzinfo=UTC),
    ]


def test_a_preview_names_what_speaks_against_a_day_and_stores_nothing(community: Community) -> None:
    SessionFactory.create(community=community, starts_at=datetime(2026, 12, 11, 13, 0, tzinfo=UTC))
    SessionFactory.create(
        community=community,
        starts_at=datetime(2026, 12, 4, 13, 0, tzinfo=UTC),
        state="cancelled",
        cancelled_because="Flood",
    )
    weekly = replace(FORTNIGHTLY, rhythm=PlannedRhythm(weeks=1), first_on=date(2026, 12, 4), count=5)
    preview = preview_series(community=community, plan=weekly, now=NOW)
    assert [(shown.day.day, shown.concern, shown.is_impossible) for shown in preview] == [
        (4, "", False),
        (11, "There is a session at this time already", True),
        (18, "", False),
        (25, "Bank holiday", False),
        (1, "Bank holiday", False),
    ]
    assert (Series.objects.count(), Session.objects.count()) == (0, 2)


def test_a_preview_flags_weekends_the_skipped_hour_and_a_time_that_has_passed(community: Community) -> None:
    nights = SeriesPlan(PlannedRhythm(weeks=1), date(2027, 3, 21), time(1, 15), time(3), count=2)
    assert [shown.concern for shown in preview_series(community=community, plan=nights, now=NOW)] == [
        "Weekend",
        "The clocks go forward and skip this time",
    ]
    today = replace(FORTNIGHTLY, first_on=NOW.date(), starts=time(12), ends=time(13), count=1)
    assert [shown.concern for shown in preview_series(community=community, plan=today, now=NOW)] == [
        "This time has passed"
    ]


def test_days_left_out_are_not_planned(community: Community, facilitator: User) -> None:
    planned(community, facilitator, leave_out=[date(2026, 12, 29), date(2026, 12, 1)])
    assert days() == [date(2026, 12, 15), date(2027, 1, 12)]


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"count": 10_000}, SeriesTooLong, "at most 60 sessions, and you asked for 10,000"),
        ({"count": 10**30}, SeriesTooLong, "at most 60 sessions"),
        ({"count": MOST_SESSIONS + 1}, SeriesTooLong, "you asked for 61"),
        ({"count": None, "until": date(2029, 6, 1), "rhythm": PlannedRhythm(weeks=1)}, SeriesTooLong, "more than 60"),
        ({"count": None, "until": date(9999, 12, 31)}, SeriesTooLong, "more than 60"),
        ({"count": 40, "rhythm": PlannedRhythm(weeks=52)}, SeriesTooLong, "three years ahead at most"),
        ({"count": None, "until": date(9999, 12, 31), "rhythm": PlannedRhythm(weeks=52)}, SeriesTooLong, "three years"),
        ({"first_on": date(9999, 12, 31)}, SeriesTooLong, "Check the year"),
        ({"first_on": date(2026, 11, 23)}, SessionInThePast, "The first day has passed"),
        ({"count": None, "until": date(2026, 11, 30)}, SeriesEmpty, "There is no day in this rhythm"),
        ({"count": None}, SeriesWithoutEnd, "either the last day or the number"),
        ({"until": date(2027, 6, 1)}, SeriesWithoutEnd, "either the last day or the number"),
        ({"rhythm": PlannedRhythm()}, SeriesWithoutRhythm, "Say how often"),
        ({"ends": time(12, 30)}, SessionEndsBeforeItStarts, "must end after they start"),
    ],
)
def test_a_series_that_cannot_be_stores_nothing(
    *, community: Community, facilitator: User, changes: dict[str, Any], refusal: type[Exception], words: str
) -> None:
    plan = replace(FORTNIGHTLY, **changes)
    with pytest.raises(refusal, match=words):
        planned(community, facilitator, plan)
    with pytest.raises(refusal, match=words):
        preview_series(community=community, plan=plan, now=NOW)
    assert (Series.objects.count(), Session.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)


def test_a_series_of_as_many_as_are_allowed_is_planned(community: Community, facilitator: User) -> None:
    planned(community, facilitator, replace(FORTNIGHTLY, count=MOST_SESSIONS))
    assert Session.objects.count() == MOST_SESSIONS


def test_all_are_planned_or_none(community: Community, facilitator: User) -> None:
    in_the_way = SessionFactory.create(community=community, starts_at=datetime(2026, 12, 29, 13, 0, tzinfo=UTC))
    with pytest.raises(SessionClash):
        planned(community, facilitator)
    with pytest.raises(LeaderNotInCommunity):
        planned(community, facilitator, leave_out=[in_the_way.day], led_by=PersonFactory.create())
    with pytest.raises(SeriesEmpty):
        planned(community, facilitator, leave_out=[FORTNIGHTLY.first_on + timedelta(days=14 * n) for n in range(4)])
    assert (Series.objects.count(), list(Session.objects.all())) == (0, [in_the_way])


def test_a_closed_community_plans_no_series(community: Community, facilitator: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        planned(community, facilitator)
    assert not Series.objects.exists()


def test_members_are_written_to_about_the_first_of_a_series_only(community: Community, facilitator: User) -> None:
    member_of(community, email="mina@example.org")
    planned(community, facilitator)
    first = Session.objects.earliest("starts_at")
    assert set(Reply.objects.values_list("session", flat=True)) == {first.pk}
    assert OutboxMessage.objects.filter(recipient="mina@example.org").count() == 1
