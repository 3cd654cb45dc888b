"""The real worker, on the real broker, for as long as a journey lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging

from cop_portal.celery import app
from tests.outbox.support import delivered

PATIENCE_SECONDS = 60


@setup_logging.connect
def keep_the_logs_as_they_are(**_: Any) -> None:
    """Without this a worker would silence the warnings of its process, and of every test that follows in it."""


@contextmanager
def running_worker() -> Generator[None]:
    """A Celery worker in this process. Beat does not run: a journey says when a sweep is due."""
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Wait for the worker; fails with what did not happen. (Patience, not a measure of speed.)"""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"the worker has not got this done: {what}"
        time.sleep(0.1)


def mails(kind: str, count: int) -> list[EmailMessage]:
    """The mails of a kind, once `count` of them have left."""
    wait_until(lambda: len(delivered(kind)) >= count, f"{count} mails of the kind {kind}")
    return delivered(kind)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return "\n".join(str(body.get_content()).splitlines())
