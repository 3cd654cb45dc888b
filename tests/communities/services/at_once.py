"""Several deeds at the same moment, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from cop_portal.refusals import Refusal


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed gave, done together on connections of their own: its result or its refusal."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def refusals(outcomes: list[Any]) -> list[type[Refusal]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Refusal)]
