"""The groups in which answers to a 0–10, a number and a date are counted and shown.

An exact number or day can show who gave it: the one who joined in 1987, the one who drives 140 miles. So these answers
are counted in a few groups that are fixed before anyone is asked, and from the close on nothing finer exists in what
is shown. The groups then stand under the same rules as the options of a single choice (disclosure.py): bands from 5,
figures from 10, nothing where bands would give exact numbers away.
"""

from __future__ import annotations

from calendar import month_name, monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

ZERO_TO_TEN, NUMBER, DATE = "zero_to_ten", "number", "date"
GROUPED = frozenset({ZERO_TO_TEN, NUMBER, DATE})
TEN = tuple(str(number) for number in range(11))
# Low, middle, high. The ends of a 0–10 are never shown alone.
TEN_GROUPS = ((0, 3), (4, 6), (7, 10))
MOST_GROUPS = 5


@dataclass(frozen=True)
class Group:
    """Answers from `least` to `most`, both included: whole numbers, or days as ordinals."""

    code: str
    label: str
    least: int
    most: int
    is_of_days: bool = False

    def holds(self, answer: str) -> bool:
        """Whether an answer, in its stored form, belongs here."""
        try:
            value = date.fromisoformat(answer).toordinal() if self.is_of_days else int(answer)
        except ValueError:
            return False
        return self.least <= value <= self.most


@cache
def groups_of(kind: str, minimum: int | None, maximum: int | None) -> tuple[Group, ...]:
    """The groups of a question, in order; none for other kinds, and none without limits: then nothing is counted."""
    if kind == ZERO_TO_TEN:
        return tuple(_numbers(TEN_GROUPS))
    if kind not in GROUPED or minimum is None or maximum is None or minimum > maximum:
        return ()
    if kind == NUMBER:
        return tuple(_numbers(_ranges(minimum, maximum)))
    return tuple(_quarters(minimum) if minimum == maximum else _years(_ranges(minimum, maximum)))


def are_whole_groups(codes: Iterable[str]) -> bool:
    """Whether these points of a 0–10 are whole groups of it: a question shown to other points would show points."""
    chosen = set(codes)
    return all(len({str(number) in chosen for number in range(least, most + 1)}) == 1 for least, most in TEN_GROUPS)


def _ranges(least: int, most: int) -> list[tuple[int, int]]:
    """At most five ranges of whole numbers, as nearly as wide as can be, the wider ones last."""
    size = most - least + 1
    number = min(MOST_GROUPS, size)
    edges = [least + size * place // number for place in range(number + 1)]
    return [(start, stop - 1) for start, stop in pairwise(edges)]


def _numbers(ranges: Iterable[tuple[int, int]]) -> list[Group]:
    return [
        Group(f"g{place}", _range_words(f"{least:,}", f"{most:,}"), least, most)
        for place, (least, most) in enumerate(ranges, start=1)
    ]


def _years(ranges: Iterable[tuple[int, int]]) -> list[Group]:
    return [
        _days(f"g{place}", _range_words(str(first), str(last)), date(first, 1, 1), date(last, 12, 31))
        for place, (first, last) in enumerate(ranges, start=1)
    ]


def _quarters(year: int) -> list[Group]:
    return [
        _days(
            f"g{place}",
            f"{month_name[month]} to {month_name[month + 2]} {year}",
            date(year, month, 1),
            date(year, month + 2, monthrange(year, month + 2)[1]),
        )
        for place, month in enumerate((1, 4, 7, 10), start=1)
    ]


def _days(code: str, label: str, first: date, last: date) -> Group:
    return Group(code, label, first.toordinal(), last.toordinal(), is_of_days=True)


def _range_words(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"
