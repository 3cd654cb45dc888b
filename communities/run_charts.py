"""Reading a repeated measure: its median, and whether it has moved by more than chance would often do.

The rules are those that improvement teams use for run charts: a median from enough values, and a shift of six or more
values in a row on one side of it. Values on the median itself neither make nor break a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

MEDIAN_NEEDS = 8
SHIFT = 6
NO_MEDIAN = f"There is no median yet: it needs {MEDIAN_NEEDS} values."


@dataclass(frozen=True)
class Point:
    on: date
    value: Decimal


@dataclass(frozen=True)
class RunChart:
    """What the values say. `median_rule` and `shift` are sentences; `shift` is empty where there is none."""

    points: tuple[Point, ...]
    median: Decimal | None
    median_rule: str
    shift: str


def read(points: Sequence[Point], *, began_on: date) -> RunChart:
    """The run chart of some values. With enough values from before the change began, the median is theirs alone."""
    points = tuple(sorted(points, key=lambda point: point.on))
    before = [point for point in points if point.on < began_on]
    base = before if len(before) >= MEDIAN_NEEDS else list(points)
    if len(base) < MEDIAN_NEEDS:
        return RunChart(points, None, NO_MEDIAN, "")
    middle = median(point.value for point in base)
    rule = (
        f"The median is that of the {len(base)} values from before the change began."
        if base is before
        else f"The median is that of all {len(base)} values: there are too few from before the change began."
    )
    after = points[len(before) :] if base is before else points
    return RunChart(points, middle, rule, _shift_words(after, middle))


def _shift_words(points: Sequence[Point], middle: Decimal) -> str:
    """The longest run on one side of the median, if it is long enough to mean something."""
    longest, run, side = (0, 0), 0, 0
    for point in points:
        if point.value == middle:
            continue
        here = 1 if point.value > middle else -1
        run, side = (run + 1 if here == side else 1), here
        longest = max(longest, (run, here), key=lambda found: found[0])
    length, where = longest
    if length < SHIFT:
        return ""
    word = "above" if where > 0 else "below"
    return f"{length} values in a row lie {word} the median. Six or more seldom do so by chance."
