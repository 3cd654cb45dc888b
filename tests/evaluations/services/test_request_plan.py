"""When people are asked: working days, the cap across communities, and that the cap never leaves anyone out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.working_days import LONDON, add_working_days, at_wall_time, is_working_day, next_working_moment
from evaluations.services.surveys.request_plan import (
    Slot,
    first_request,
    latest_first_request,
    reminders,
    settle,
    too_close,
)

CAP = 5


def london(text: str) -> datetime:
    day, wall = text.split(" ")
    return at_wall_time(date.fromisoformat(day), time.fromisoformat(wall))


def asked(survey: int, day: str, *, number: int = 0, is_fixed: bool = True, closes: str = "2026-12-31 23:59") -> Slot:
    return Slot(survey, number, london(f"{day} 09:00"), london(closes), is_fixed)


def first(now: str, *others: Slot, closes: str = "2026-12-15 23:59") -> datetime:
    return first_request(london(now), closes_at=london(closes), others=others, cap=CAP)


def test_a_survey_opened_in_working_hours_asks_at_once_and_otherwise_in_the_morning() -> None:
    assert first("2026-11-24 12:00") == london("2026-11-24 12:00")
    assert first("2026-11-28 12:00") == london("2026-11-30 08:00")


@pytest.mark.parametrize(
    ("asked_on", "next_asked"),
    [("2026-11-23", "2026-11-30 08:00"), ("2026-11-17", "2026-11-24 12:00"), ("2026-11-18", "2026-11-25 08:00")],
)
def test_another_survey_waits_until_five_working_days_after_the_last(asked_on: str, next_asked: str) -> None:
    assert first("2026-11-24 12:00", asked(7, asked_on)) == london(next_asked)


def test_a_request_already_planned_for_later_is_kept_clear_of_too() -> None:
    assert first("2026-11-24 12:00", asked(7, "2026-11-27")) == london("2026-12-04 08:00")


def test_reminders_of_others_do_not_delay_an_invitation_they_give_way() -> None:
    reminder = asked(7, "2026-11-25", number=1, is_fixed=False)
    assert first("2026-11-24 12:00", reminder) == london("2026-11-24 12:00")
    kept, dropped = settle([asked(8, "2026-11-24"), reminder], cap=CAP)
    assert [slot.due_at for slot in kept if slot.survey_id == 7] == [london("2026-12-01 09:00")]
    assert dropped == []


def test_the_cap_delays_an_invitation_but_leaves_time_to_answer() -> None:
    others = [asked(number, day) for number, day in enumerate(["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"])]
    # 15 December is a Tuesday: three working days before it is the Thursday.
    assert first("2026-11-24 12:00", *others) == london("2026-12-10 08:00")


def test_the_yield_never_asks_before_the_survey_opens() -> None:
    assert first("2026-12-14 12:00", asked(7, "2026-12-11")) == london("2026-12-14 12:00")


def test_reminders_fall_on_working_mornings_counted_from_the_first_request() -> None:
    # Day 4 is a Saturday, day 9 a Thursday; and over Christmas.
    assert reminders(london("2026-11-24 12:00"), [4, 9]) == [london("2026-11-30 09:00"), london("2026-12-03 09:00")]
    assert reminders(london("2026-12-21 10:00"), [4]) == [london("2026-12-29 09:00")]


@pytest.mark.parametrize(
    ("opened", "utc_hour"), [("2026-10-21 09:00", 9), ("2026-03-25 09:00", 8), ("2027-03-24 09:00", 8)]
)
def test_a_reminder_after_the_clocks_changed_still_comes_at_nine(opened: str, utc_hour: int) -> None:
    (reminder,) = reminders(london(opened), [7])
    assert reminder.astimezone(LONDON).time() == time(9, 0)
    assert (reminder - timedelta(hours=utc_hour)).utctimetuple().tm_hour == 0


def test_reminders_of_one_survey_follow_its_own_plan_whatever_the_cap() -> None:
    days = ["2026-11-30", "2026-12-03"]
    own = [asked(7, "2026-11-24")]
    own += [asked(7, day, number=number, is_fixed=False) for number, day in enumerate(days, start=1)]
    kept, dropped = settle(own, cap=CAP)
    assert (sorted(kept, key=lambda slot: slot.number), dropped) == (own, [])


def test_a_reminder_with_no_room_before_the_close_is_dropped() -> None:
    reminder = asked(7, "2026-11-25", number=1, is_fixed=False, closes="2026-11-30 23:59")
    kept, dropped = settle([asked(8, "2026-11-24"), reminder], cap=CAP)
    assert [slot.survey_id for slot in kept] == [8]
    assert [slot.survey_id for slot in dropped] == [7]


openings = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=40),
        st.integers(min_value=5, max_value=28),
        st.lists(st.integers(min_value=1, max_value=20), max_size=3).map(sorted),
    ),
    min_size=1,
    max_size=5,
)


def with_what_came_due_handled(plan: list[Slot], now: datetime) -> list[Slot]:
    """What has come due moves no more; reminders of surveys that have closed are not sent."""
    handled = [replace(slot, is_fixed=slot.is_fixed or slot.due_at <= now) for slot in plan]
    return [slot for slot in handled if slot.is_fixed or slot.closes_at > now]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(openings)
def test_whatever_is_opened_when_everyone_is_asked_in_time_and_the_cap_holds(
    surveys: list[tuple[int, int, list[int]]],
) -> None:
    start = london("2026-11-24 12:00")
    plan: list[Slot] = []
    too_late_to_wait = set()
    for survey_id, (day, days, reminder_days) in enumerate(sorted(surveys)):
        now, closes_at = start + timedelta(days=day), start + timedelta(days=day + days)
        others = with_what_came_due_handled(plan, now)
        asked_at = first_request(now, closes_at=closes_at, others=others, cap=CAP)
        assert next_working_moment(now) <= asked_at
        assert asked_at < closes_at or asked_at == next_working_moment(now)
        if any(too_close(asked_at, slot.day, CAP) for slot in others if slot.is_fixed):
            assert asked_at == max(next_working_moment(now), latest_first_request(closes_at))
            too_late_to_wait.add(survey_id)
        own = [Slot(survey_id, 0, asked_at, closes_at, is_fixed=True)]
        own += [
            Slot(survey_id, number, due_at, closes_at, is_fixed=False)
            for number, due_at in enumerate(reminders(asked_at, reminder_days), start=1)
        ]
        plan, _ = settle([*others, *own], cap=CAP)
    assert all(is_working_day(slot.day) for slot in plan)
    for one, other in combinations(plan, 2):
        if one.survey_id != other.survey_id and not too_late_to_wait & {one.survey_id, other.survey_id}:
            assert add_working_days(min(one.day, other.day), CAP) <= max(one.day, other.day)
