"""How often a community plans to meet, in words and in dates."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.models.rhythm import PlannedRhythm, nth_weekday

TUESDAY, FRIDAY = 1, 4
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (PlannedRhythm(), ""),
        (PlannedRhythm(weeks=1), "every week"),
        (PlannedRhythm(weeks=6), "every 6 weeks"),
        (PlannedRhythm(nth=2, weekday=TUESDAY), "on the second Tuesday of each month"),
        (PlannedRhythm(nth=5, weekday=FRIDAY), "on the last Friday of each month"),
    ],
)
def test_a_rhythm_in_words(rhythm: PlannedRhythm, words: str) -> None:
    assert rhythm.words == words
    assert bool(rhythm) is bool(words)
    assert PlannedRhythm.from_json(rhythm.as_json()) == rhythm


@pytest.mark.parametrize(
    "parts",
    [
        {"nth": 2},
        {"weekday": 0},
        {"weeks": 6, "nth": 1, "weekday": 0},
        {"weeks": 0},
        {"weeks": 53},
        {"nth": 6, "weekday": 0},
        {"nth": 1, "weekday": 7},
    ],
)
def test_half_a_rhythm_two_rhythms_and_impossible_ones_do_not_exist(parts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"rhythm|month|not a valid"):
        PlannedRhythm(**parts)


def test_weeks_are_counted_from_the_last_session_however_long_ago_it_was() -> None:
    rhythm = PlannedRhythm(weeks=6)
    last, today = date(2026, 7, 7), date(2026, 11, 24)
    assert rhythm.next_dates(after=today, since=last, number=2) == [date(2026, 12, 22), date(2027, 2, 2)]
    assert rhythm.next_dates(after=today, number=1) == [date(2027, 1, 5)]


def test_a_weekday_of_the_month_may_still_come_this_month_and_goes_over_the_year_end() -> None:
    rhythm = PlannedRhythm(nth=5, weekday=FRIDAY)
    assert rhythm.next_dates(after=date(2026, 11, 24), number=3) == [
        date(2026, 11, 27),
        date(2026, 12, 25),
        date(2027, 1, 29),
    ]
    assert rhythm.next_dates(after=date(2026, 11, 27), number=1) == [date(2026, 12, 25)]


def test_without_a_rhythm_there_are_no_dates() -> None:
    assert PlannedRhythm().next_dates(after=date(2026, 11, 24), number=5) == []


# A busy machine draws slowly.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(day=DAYS, nth=st.integers(1, 5), weekday=st.integers(0, 6))
def test_each_month_has_its_nth_weekday(day: date, nth: int, weekday: int) -> None:
    found = nth_weekday(day.year, day.month, nth, weekday)
    assert (found.year, found.month, found.weekday()) == (day.year, day.month, weekday)
    if nth == 5:
        assert (found + timedelta(days=7)).month != day.month
    else:
        assert (found.day - 1) // 7 + 1 == nth


@PATIENT
@given(after=DAYS, since=DAYS, weeks=st.integers(1, 52))
def test_dates_by_the_week_lie_ahead_evenly_and_in_step_with_the_last_session(
    after: date, since: date, weeks: int
) -> None:
    found = list(islice(PlannedRhythm(weeks=weeks).dates(after=after, since=since), 3))
    assert found[0] > after
    assert {(later - earlier).days for earlier, later in pairwise(found)} == {weeks * 7}
    assert (found[0] - since).days % (weeks * 7) == 0
