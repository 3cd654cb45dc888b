"""A 0–10, a number and a date are counted in a few groups that are fixed before anyone is asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.groups import DATE, NUMBER, ZERO_TO_TEN, are_whole_groups, groups_of
from evaluations.questionnaire import AskedQuestion


def labels(kind: str, minimum: int | None = None, maximum: int | None = None) -> list[str]:
    return [group.label for group in groups_of(kind, minimum, maximum)]


def question(kind: str, minimum: int | None = None, maximum: int | None = None) -> AskedQuestion:
    return AskedQuestion("X1", kind, "?", "", "1a", minimum=minimum, maximum=maximum)


def test_a_0_to_10_is_shown_low_middle_and_high_and_never_by_the_point() -> None:
    assert labels(ZERO_TO_TEN) == ["0 to 3", "4 to 6", "7 to 10"]


def test_a_number_is_shown_in_at_most_five_ranges_between_its_limits() -> None:
    assert labels(NUMBER, 0, 40) == ["0 to 7", "8 to 15", "16 to 23", "24 to 31", "32 to 40"]
    assert labels(NUMBER, -1, 1) == ["-1", "0", "1"]
    assert labels(NUMBER, 0, 5000)[-1] == "4,000 to 5,000"


def test_a_date_is_shown_by_years_or_within_one_year_by_quarters() -> None:
    assert labels(DATE, 2015, 2026) == ["2015 to 2016", "2017 to 2018", "2019 to 2021", "2022 to 2023", "2024 to 2026"]
    assert labels(DATE, 2024, 2026) == ["2024", "2025", "2026"]
    assert labels(DATE, 2026, 2026) == [
        "January to March 2026", "April to June 2026", "July to September 2026", "October to December 2026",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [NUMBER, DATE])
def test_without_limits_nothing_is_counted(kind: str) -> None:
    assert labels(kind) == []
    assert question(kind).counted_codes("5") == frozenset()


@given(st.integers(-2000, 2000), st.integers(0, 4000), st.data())
def test_every_number_within_the_limits_is_in_exactly_one_group(least: int, width: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(least, least + width))

    assert len(question(NUMBER, least, least + width).counted_codes(str(number))) == 1


@given(st.integers(1900, 2100), st.integers(0, 200), st.data())
def test_every_day_within_the_years_is_in_exactly_one_group(first: int, width: int, data: st.DataObject) -> None:
    last = min(2100, first + width)
    day = data.draw(st.dates(date(first, 1, 1), date(last, 12, 31)))

    assert len(question(DATE, first, last).counted_codes(day.isoformat())) == 1
    outside = date(last, 12, 31) + timedelta(days=1)
    assert question(DATE, first, last).counted_codes(outside.isoformat()) == frozenset()


@pytest.mark.parametrize(
    ("codes", "are_whole"),
    [
        (["0", "1", "2", "3"], True),
        (["4", "5", "6", "7", "8", "9", "10"], True),
        (["10"], False),
        (["0", "1", "2", "3", "4"], False),
    ],
)
def test_who_is_asked_by_a_0_to_10_is_whole_groups_of_it(codes: list[str], are_whole: bool) -> None:
    assert are_whole_groups(codes) is are_whole
