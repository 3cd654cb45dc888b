"""Reading a run chart: from how many values there is a median, whose it is, and when it has shifted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.run_charts import MEDIAN_NEEDS, NO_MEDIAN, SHIFT, Point, read

FIRST = date(2026, 1, 1)


def points(*values: int) -> list[Point]:
    return [Point(FIRST + timedelta(days=number), Decimal(value)) for number, value in enumerate(values)]


def test_seven_values_have_no_median_and_eight_do() -> None:
    seven = read(points(1, 2, 3, 4, 5, 6, 7), began_on=FIRST)
    eight = read(points(1, 2, 3, 4, 5, 6, 7, 8), began_on=FIRST)
    assert (seven.median, seven.median_rule, seven.shift) == (None, NO_MEDIAN, "")
    assert eight.median == Decimal("4.5")
    assert eight.median_rule == ("The median is that of all 8 values: there are too few from before the change began.")


def test_with_enough_values_from_before_the_change_the_median_is_theirs() -> None:
    chart = read(points(*[11] * 8, 3, 3, 3, 3, 3, 3), began_on=FIRST + timedelta(days=8))
    assert chart.median == 11
    assert chart.median_rule == "The median is that of the 8 values from before the change began."
    assert chart.shift == "6 values in a row lie below the median. Six or more seldom do so by chance."


def test_values_from_before_the_change_make_no_shift_against_their_own_median() -> None:
    before = [9, 9, 9, 9, 9, 9, 12, 13, 14, 15, 16, 17]
    assert read(points(*before, 11), began_on=FIRST + timedelta(days=12)).shift == ""


@pytest.mark.parametrize(
    ("after", "length"),
    [([3] * 5, 0), ([3] * 6, 6), ([3, 3, 3, 11, 3, 3, 3], 6), ([3, 3, 3, 12, 3, 3, 3], 0), ([12] * 7, 7)],
)
def test_a_value_on_the_median_neither_makes_nor_breaks_a_run(after: list[int], length: int) -> None:
    shift = read(points(*[11] * 8, *after), began_on=FIRST + timedelta(days=8)).shift
    assert shift.partition(" ")[0] == (str(length) if length else "")


def test_values_come_in_any_order() -> None:
    there = points(1, 2, 3, 4, 5, 6, 7, 8)
    assert read(there[::-1], began_on=FIRST) == read(there, began_on=FIRST)


@given(st.lists(st.integers(-50, 50), max_size=40), st.integers(0, 40))
def test_a_median_lies_between_the_values_and_a_shift_is_long_enough(values: list[int], began: int) -> None:
    chart = read(points(*values), began_on=FIRST + timedelta(days=began))
    assert (chart.median is None) == (len(values) < MEDIAN_NEEDS)
    if chart.median is not None:
        assert min(values) <= chart.median <= max(values)
    if chart.shift:
        assert int(chart.shift.split()[0]) >= SHIFT
