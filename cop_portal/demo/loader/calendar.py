"""On which days a community meets: in its rhythm, but not on holidays, with the ones called off and the ones ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from communities.working_days import next_working_day
from cop_portal.demo.content import CommunityText, Topic
from cop_portal.demo.loader.world import WEEKS_OF_SESSIONS, World
from cop_portal.demo.mornings import last_working_day

# Month and day between which nobody meets.
CHRISTMAS = ((12, 19), (1, 4))
AUGUST = 8
AUGUST_BREAK = 0.5
EARLY = timedelta(weeks=3)


@dataclass(frozen=True)
class Meeting:
    """One session as it will have been. Without a topic it was called off, or lies ahead, or waits to be recorded."""

    day: date
    topic: Topic | None
    is_cancelled: bool = False


def meetings_of(world: World, text: CommunityText) -> list[Meeting]:
    """A community's sessions, oldest first: the topics end with the last one that was held."""
    past = list(_days_held(world, text))
    cancelled = past[text.cancelled_sessions_ago - 1]
    held = [day for day in past if day != cancelled][: len(text.topics)]
    topics = dict(zip(held, reversed(text.topics), strict=False))
    known = [day for day in past if day in topics or day == cancelled]
    meetings = [Meeting(day, topics.get(day), is_cancelled=day == cancelled) for day in known]
    ahead = [Meeting(day, None) for day in _days_ahead(world, text, past[0])]
    return sorted([*meetings, *ahead], key=lambda meeting: meeting.day)


def _days_held(world: World, text: CommunityText) -> Iterator[date]:
    """Newest first, back to two years ago. What would fall on Christmas is early; some skip August."""
    dice = world.dice("days", text.slug)
    day = world.today - timedelta(weeks=text.last_weeks_ago)
    day -= timedelta(days=(day.weekday() - text.weekday) % 7)
    yield next_working_day(day)
    while (day := day - timedelta(weeks=text.rhythm_weeks)) > world.today - timedelta(weeks=WEEKS_OF_SESSIONS):
        if _is_christmas(day):
            yield next_working_day(day - EARLY)
        elif day.month != AUGUST or dice.random() > AUGUST_BREAK:
            yield next_working_day(day)


def _is_christmas(day: date) -> bool:
    return (day.month, day.day) >= CHRISTMAS[0] or (day.month, day.day) <= CHRISTMAS[1]


def _days_ahead(world: World, text: CommunityText, last: date) -> Iterator[date]:
    """What is planned; and, where there is one, the session of the last working day, which waits to be recorded."""
    if text.has_one_to_record:
        last = last_working_day(world.today - timedelta(days=1))
        yield last
    day = last
    for _ in range(text.planned_ahead):
        day += timedelta(weeks=text.rhythm_weeks)
        while day <= world.today + timedelta(days=3) or _is_christmas(day):
            day += timedelta(weeks=1)
        yield next_working_day(day + timedelta(days=(text.weekday - day.weekday()) % 7))
