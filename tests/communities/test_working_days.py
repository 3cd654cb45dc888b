"""Working hours, bank holidays and the two days on which the clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from communities.working_days import add_working_days, at_wall_time, is_working_day, next_working_moment


def london(text: str) -> datetime:
    day, wall = text.split(" ")
    return at_wall_time(date.fromisoformat(day), time.fromisoformat(wall))


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-21", "2026-11-22", "2026-12-25", "2026-12-28", "2027-01-01", "2026-04-03", "2026-04-06", "2026-05-04",
        "2026-05-25", "2026-08-31", "2027-12-27", "2027-12-28",
    ],
)  # fmt: skip
def test_weekends_and_english_bank_holidays_are_not_working_days(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-24", "2026-12-29", "2027-01-04", "2026-11-30", "2026-07-13"])
def test_other_days_are_and_so_are_the_holidays_of_other_nations(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("moment", "next_moment"),
    [
        ("2026-11-24 12:00", "2026-11-24 12:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 17:30", "2026-11-24 17:30"),
        ("2026-11-24 17:31", "2026-11-25 08:00"),
        ("2026-11-27 18:00", "2026-11-30 08:00"),
        ("2026-12-24 18:00", "2026-12-29 08:00"),
        # The night the clocks go back, and the night they go forward.
        ("2026-10-25 01:30", "2026-10-26 08:00"),
        ("2027-03-28 03:30", "2027-03-30 08:00"),
    ],
)
def test_mail_waits_for_working_hours(moment: str, next_moment: str) -> None:
    assert next_working_moment(london(moment)) == london(next_moment)


def test_eight_in_the_morning_is_eight_on_the_wall_in_summer_and_in_winter() -> None:
    assert london("2026-07-01 08:00").astimezone(UTC) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert london("2026-12-01 08:00").astimezone(UTC) == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def test_a_wall_time_that_does_not_exist_moves_forward() -> None:
    assert at_wall_time(date(2026, 3, 29), time(1, 30)).astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert at_wall_time(date(2026, 3, 29), time(1, 30)).time() == time(2, 30)


def test_a_wall_time_that_comes_twice_is_the_first() -> None:
    assert at_wall_time(date(2026, 10, 25), time(1, 30)).astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "number", "result"),
    [
        ("2026-11-24", 5, "2026-12-01"),
        ("2026-11-24", -5, "2026-11-17"),
        ("2026-12-22", 5, "2026-12-31"),
        ("2026-11-22", 1, "2026-11-23"),
        ("2026-11-24", 0, "2026-11-24"),
    ],
)
def test_working_days_are_counted_over_weekends_and_holidays(day: str, number: int, result: str) -> None:
    assert add_working_days(date.fromisoformat(day), number) == date.fromisoformat(result)
