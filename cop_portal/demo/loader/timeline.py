"""What happened, in the order in which it happened, whoever planned it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import transaction

Deed = Callable[[datetime], None]


@dataclass(frozen=True)
class Event:
    """Something done at a moment. `is_alone`: it manages its own transactions, as closing a survey does."""

    at: datetime
    do: Deed
    is_alone: bool = False


@dataclass
class Timeline:
    """Planners add events in any order; running them tells the two years once, so that the trail is in order."""

    events: list[Event] = field(default_factory=list)

    def add(self, at: datetime, do: Deed, *, is_alone: bool = False) -> None:
        self.events.append(Event(at, do, is_alone))

    def run(self) -> None:
        """Everything between two events that stand alone is one transaction: thousands of small ones are slow."""
        for is_alone, events in groupby(self._in_order(), key=lambda event: event.is_alone):
            if is_alone:
                for event in events:
                    event.do(event.at)
            else:
                with transaction.atomic():
                    for event in events:
                        event.do(event.at)

    def _in_order(self) -> Iterator[Event]:
        # Stable: events of one moment stay in the order in which they were added.
        return iter(sorted(self.events, key=lambda event: event.at))
