"""When people are asked and reminded. Pure rules: the cap between surveys, working days, and what gives way to what.

Requests of different surveys to one person lie CAP_WORKING_DAYS working days apart, across all communities. Planned
requests count whether the person has answered or not: a plan must not show who has. An invitation delays the reminders
of other surveys that would come too close; the cap delays an invitation, but never so long that the person is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from communities.working_days import (
    DAY_BEGINS,
    LONDON,
    add_working_days,
    at_wall_time,
    next_working_day,
    next_working_moment,
)

REMINDED_AT = time(9, 0)
BETWEEN_OWN_REQUESTS = 2
LEFT_TO_ANSWER = 3


@dataclass(frozen=True)
class Slot:
    """One request of one survey to one person. `is_fixed`: an invitation, or a request that has been handled."""

    survey_id: int
    number: int
    due_at: datetime
    closes_at: datetime
    is_fixed: bool

    @property
    def day(self) -> date:
        return self.due_at.astimezone(LONDON).date()


def first_request(now: datetime, *, closes_at: datetime, others: Iterable[Slot], cap: int) -> datetime:
    """When to ask someone whose fixed requests from other surveys are `others`."""
    moment = next_working_moment(now)
    taken = [slot.day for slot in others if slot.is_fixed]
    while any(too_close(moment, day, cap) for day in taken):
        moment = at_wall_time(add_working_days(moment.astimezone(LONDON).date(), 1), DAY_BEGINS)
    return min(moment, max(next_working_moment(now), latest_first_request(closes_at)))


def latest_first_request(closes_at: datetime) -> datetime:
    """The cap yields rather than ask someone too late to answer."""
    return at_wall_time(add_working_days(closes_at.astimezone(LONDON).date(), -LEFT_TO_ANSWER), DAY_BEGINS)


def reminders(first: datetime, days: Sequence[int]) -> list[datetime]:
    """The reminders as the survey's plan has them: so many days after the first request, on working mornings."""
    day = first.astimezone(LONDON).date()
    return [at_wall_time(next_working_day(day + timedelta(days=number)), REMINDED_AT) for number in days]


def reminders_after_working_days(first: datetime, days: Sequence[int]) -> list[datetime]:
    """The reminders of a pulse: so many working days after the first request, in the morning."""
    day = first.astimezone(LONDON).date()
    return [at_wall_time(add_working_days(day, number), REMINDED_AT) for number in days]


def settle(slots: Iterable[Slot], *, cap: int) -> tuple[list[Slot], list[Slot]]:
    """Move one person's reminders until the cap holds. Returns what is kept, and the reminders left no room for.

    The reminder that can go first goes first, so that a short survey is not kept waiting by a long one.
    """
    slots = list(slots)
    kept = [slot for slot in slots if slot.is_fixed]
    waiting = [slot for slot in slots if not slot.is_fixed]
    dropped: list[Slot] = []
    while waiting:
        moved = {slot: _first_free(slot, kept, cap) for slot in waiting}
        first = min(waiting, key=lambda slot: (moved[slot].due_at, slot.survey_id, slot.number))
        waiting.remove(first)
        (kept if moved[first].due_at < first.closes_at else dropped).append(moved[first])
    return kept, dropped


def _first_free(slot: Slot, taken: Sequence[Slot], cap: int) -> Slot:
    others = [other.day for other in taken if other.survey_id != slot.survey_id]
    earliest = max(
        (add_working_days(own.day, BETWEEN_OWN_REQUESTS) for own in taken if is_before(own, slot)), default=slot.day
    )
    moment = slot.due_at if slot.day >= earliest else at_wall_time(earliest, REMINDED_AT)
    while any(too_close(moment, day, cap) for day in others):
        moment = at_wall_time(add_working_days(moment.astimezone(LONDON).date(), 1), REMINDED_AT)
    return replace(slot, due_at=moment)


def is_before(own: Slot, slot: Slot) -> bool:
    return own.survey_id == slot.survey_id and own.number < slot.number


def too_close(moment: datetime, day: date, cap: int) -> bool:
    """Whether fewer than `cap` working days lie between a moment and a day on which another survey asks."""
    asked = moment.astimezone(LONDON).date()
    earlier, later = min(asked, day), max(asked, day)
    return add_working_days(earlier, cap) > later
