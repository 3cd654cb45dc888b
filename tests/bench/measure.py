"""Medians of warm requests by one client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

WARM_UP = 20
REQUESTS = 200


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time and of the wall's time, as medians; queries and kilobytes of one answer."""

    cpu: float
    wall: float
    queries: int = 0
    size: int = 0


def of_requests(client: Client, path: str) -> Cost:
    def ask() -> int:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        # A page may be made as it is read.
        return len(answer.content)

    # The API counts what one reader asks in a minute, and one reader asks all of this.
    cache.clear()
    for _ in range(WARM_UP):
        ask()
    with CaptureQueriesContext(connection) as captured:
        size = ask() // 1000
    queries = len(captured)
    timed = of_calls(ask for _ in range(REQUESTS))
    return Cost(cpu=timed.cpu, wall=timed.wall, queries=queries, size=size)


def of_calls(calls: Iterable[Callable[[], object]]) -> Cost:
    cpu, wall = [], []
    for call in calls:
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        call()
        cpu.append((time.process_time() - cpu_before) * 1000)
        wall.append((time.perf_counter() - wall_before) * 1000)
    return Cost(cpu=median(cpu), wall=median(wall))
