"""Two clocks. What is due, and what has died, goes by the portal's clock (`now`), which a demo may move on. Who holds a
lease, and for how long, goes by the real one: a demo that jumps to the next morning must not take a mail away from the
process that is handing it over at this moment.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

Wall = Callable[[], datetime]


def database_time() -> datetime:
    """The real time, asked of the database: senders on several machines share one clock, however theirs are set."""
    if connection.vendor != "postgresql":
        return timezone.now()  # SQLite is on this machine
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@dataclass(frozen=True)
class SweepClock:
    """The portal's clock during a sweep: it was `now` at the start and runs on as real time does."""

    now_at_start: datetime
    started: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.now_at_start + timedelta(seconds=self.elapsed)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started
