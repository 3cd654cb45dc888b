"""Sending answers beside noting alone that they came, on a disk that is waited for; and the lock of a close.

Both at the services, on PostgreSQL. Beside sending stands the least that must be done to count a link once: it is
looked up, its survey must be open, and one transaction marks the invitation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from evaluations.links import hash_of
from evaluations.models import Invitation, Survey
from evaluations.models.inbox import InboxBox
from evaluations.services.answers.answering import door, submit_answers
from tests.bench import data
from tests.factories.evaluations import close, core_answers, give_answers, unanswered_tokens

RUNS, EACH = 5, 100
LEAST_RATE = 0.6
RESPONSES, MOST_SECONDS = 2_000, 1.0
RELOAD_SECONDS = 1


def run() -> list[str]:
    """Measures, prints, and returns the names of what missed its bar."""
    return [*_rate_of_sending(), *_lock_of_a_close()]


def _rate_of_sending() -> list[str]:
    survey = data.survey_with(2 * EACH)
    tokens = unanswered_tokens(survey)
    with waiting_for_the_disk():
        rates = []
        for _ in range(RUNS):
            _as_if_nobody_had_answered(survey)
            rates.append(_one_rate(tokens))
    rate, is_kept = median(rates), median(rates) >= LEAST_RATE
    name = "sending answers"
    print(
        f"{name:<48}{rate:8.2f} × the rate of marking alone (bar {LEAST_RATE:g}; median of {RUNS}, fsync on)"
        f"{'' if is_kept else '  MISSED'}",
        flush=True,
    )
    return [] if is_kept else [name]


def _one_rate(tokens: list[str]) -> float:
    """By turns, so that both have the same machine."""
    marking = sending = 0.0
    for marked, sent in zip(tokens[:EACH], tokens[EACH:], strict=True):
        marking += _seconds(lambda token=marked: mark_alone(token))  # type: ignore[misc]
        sending += _seconds(lambda token=sent: _send(token))  # type: ignore[misc]
    return marking / sending


def mark_alone(token: str) -> None:
    """That this link's invitation was answered, and nothing of what."""
    door(token, timezone.now())
    with transaction.atomic():
        assert Invitation.objects.unanswered().filter(token_hash=hash_of(token)).update(is_answered=True) == 1


def _send(token: str) -> None:
    submit_answers(token=token, answers=core_answers(), now=timezone.now())


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _as_if_nobody_had_answered(survey: Survey) -> None:
    Invitation.objects.filter(survey=survey).update(is_answered=False)
    InboxBox.objects.filter(survey=survey).delete()


@contextmanager
def waiting_for_the_disk() -> Iterator[None]:
    """Each commit is on the disk before it is said to be. The tests' own PostgreSQL does not wait, and is told to."""
    _tell_postgresql("SET {} = on")
    try:
        yield
    finally:
        _tell_postgresql("RESET {}")


def _tell_postgresql(verb: str) -> None:
    with connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit"):
            cursor.execute(f"ALTER SYSTEM {verb.format(setting)}")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()
    time.sleep(RELOAD_SECONDS)


def _lock_of_a_close() -> list[str]:
    survey = data.survey_with(RESPONSES)
    give_answers(survey, count=RESPONSES)
    with longest_hold() as held:
        close(survey)
    is_kept = 0 < max(held, default=0) < MOST_SECONDS
    name = f"closing {RESPONSES:,} responses"
    print(
        f"{name:<48}{max(held, default=0):8.2f} s of lock (bar {MOST_SECONDS:g}){'' if is_kept else '  MISSED'}",
        flush=True,
    )
    return [] if is_kept else [name]


@contextmanager
def longest_hold() -> Iterator[list[float]]:
    """Seconds from each time a row was locked to the commit that let it go."""
    held: list[float] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "FOR UPDATE" in sql:
            since = time.perf_counter()
            transaction.on_commit(lambda: held.append(time.perf_counter() - since))
        return result

    with connection.execute_wrapper(watch):
        yield held
