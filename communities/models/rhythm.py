"""How often a community plans to meet: every few weeks, or on a certain weekday of each month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db import models

DAYS_A_WEEK = 7
MONTHS_A_YEAR = 12
MOST_WEEKS = 52


class Nth(models.IntegerChoices):
    """Which of a month's Tuesdays. There is not always a fifth, but always a last."""

    FIRST = 1, "first"
    SECOND = 2, "second"
    THIRD = 3, "third"
    FOURTH = 4, "fourth"
    LAST = 5, "last"


class Weekday(models.IntegerChoices):
    """As Python counts them: Monday is 0."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


@dataclass(frozen=True)
class PlannedRhythm:
    """Every `weeks` weeks; or on the `nth` `weekday` of each month; or, with nothing given, no rhythm at all."""

    weeks: int | None = None
    nth: int | None = None
    weekday: int | None = None

    def __post_init__(self) -> None:
        if (self.nth is None) != (self.weekday is None):
            raise ValueError("A day of the month needs both which one and which weekday.")
        if self.weeks is not None and self.nth is not None:
            raise ValueError("A rhythm is by the week or by the month, not both.")
        if self.weeks is not None and not 1 <= self.weeks <= MOST_WEEKS:
            raise ValueError(f"A rhythm by the week is 1 to {MOST_WEEKS} weeks.")
        if self.nth is not None and self.weekday is not None:
            Nth(self.nth), Weekday(self.weekday)

    def __bool__(self) -> bool:
        return self.weeks is not None or self.nth is not None

    @property
    def words(self) -> str:
        """“every 6 weeks”, “every week”, “on the second Tuesday of each month”; "" without a rhythm."""
        if self.weeks is not None:
            return "every week" if self.weeks == 1 else f"every {self.weeks} weeks"
        if self.nth is not None and self.weekday is not None:
            return f"on the {Nth(self.nth).label} {Weekday(self.weekday).label} of each month"
        return ""

    def dates(self, *, after: date, since: date | None = None) -> Iterator[date]:
        """The days of this rhythm later than `after`, without end; none without a rhythm.

        By the week they are counted from `since`, the last session, or from `after` when there was none.
        """
        if self.weeks is not None:
            yield from _every(timedelta(days=self.weeks * DAYS_A_WEEK), since or after, after)
        elif self.nth is not None and self.weekday is not None:
            yield from _each_month(self.nth, self.weekday, after)

    def next_dates(self, *, after: date, number: int, since: date | None = None) -> list[date]:
        """The first `number` of `dates`."""
        return list(islice(self.dates(after=after, since=since), number))

    def as_json(self) -> dict[str, int]:
        given = {"weeks": self.weeks, "nth": self.nth, "weekday": self.weekday}
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_json(cls, kept: Mapping[str, int]) -> PlannedRhythm:
        return cls(weeks=kept.get("weeks"), nth=kept.get("nth"), weekday=kept.get("weekday"))


def _every(step: timedelta, since: date, after: date) -> Iterator[date]:
    # At once to the first that is later, however long ago the last session was.
    steps = max(0, (after - since) // step) + 1
    while True:
        yield since + steps * step
        steps += 1


def _each_month(nth: int, weekday: int, after: date) -> Iterator[date]:
    year, month = after.year, after.month
    while True:
        day = nth_weekday(year, month, nth, weekday)
        if day > after:
            yield day
        year, month = (year, month + 1) if month < MONTHS_A_YEAR else (year + 1, 1)


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The second Tuesday, or the last Friday, of one month."""
    first_day, length = monthrange(year, month)
    first = 1 + (weekday - first_day) % DAYS_A_WEEK
    if nth == Nth.LAST:
        return date(year, month, first + (length - first) // DAYS_A_WEEK * DAYS_A_WEEK)
    return date(year, month, first + (nth - 1) * DAYS_A_WEEK)
