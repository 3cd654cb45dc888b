"""What every test may count on: no network, no lucky order, a database that can be emptied, a browser."""

from __future__ import annotations

import random
import shutil
import socket
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker, Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes never name a test: a workbook carries its own clock, and two workers would not agree what to run."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def network_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine answers: a test that reaches for another host fails and names it."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _loopback_only(getattr(socket.socket, name)))


def _loopback_only(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            pytest.fail(f"The network is off in tests, and this one reached for {address[0]}.")
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A process that a test has killed can leave its session behind, with which PostgreSQL would keep the database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def unordered_rows_are_shuffled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queryset without an order comes in another one, the same in each run of the same test."""
    shuffle = random.Random(request.node.nodeid).shuffle
    fetch = QuerySet._fetch_all

    def fetch_shuffled(self: QuerySet[Any]) -> None:
        is_fresh = self._result_cache is None
        fetch(self)
        if is_fresh and self._result_cache and not self.ordered:
            shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_shuffled)


@pytest.fixture(autouse=True)
def a_rolled_back_test_is_no_restored_database() -> None:
    """The outbox counts outside the database too, and would rightly say that the last test's mail has been undone."""
    shutil.rmtree(Path(settings.DATA_DIR) / "outbox", ignore_errors=True)


@pytest.fixture(autouse=True)
def no_questionnaire_is_remembered_from_another_test() -> None:
    """Rolled back, a database gives the same number to one version after another; a real one never does."""
    # Imports models, which are there only once pytest-django has set up the apps.
    from evaluations.questionnaire import forget_fielded

    forget_fielded()


@pytest.fixture(autouse=True)
def throttles_start_afresh(settings: Settings) -> None:
    """No test is refused for what the tests before it asked: each has a corner of the caches for itself."""
    corner = uuid.uuid4().hex
    settings.CACHES = {name: {**cache, "KEY_PREFIX": corner} for name, cache in settings.CACHES.items()}


@pytest.fixture(autouse=True, scope="session")
def append_only_tables_can_be_emptied() -> Generator[None]:
    """Tests with real transactions empty every table afterwards; triggers that forbid it are lifted meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        flush = BaseDatabaseOperations.execute_sql_flush

        def flush_without_triggers(self: BaseDatabaseOperations, sql_list: Any) -> None:
            with triggers_lifted():
                flush(self, sql_list)

        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


@contextmanager
def triggers_lifted() -> Iterator[None]:
    """Without our own triggers inside the block, with them again after it."""
    lift, restore = _sqlite_triggers() if connection.vendor == "sqlite" else _postgresql_triggers()
    with connection.cursor() as cursor:
        for statement in lift:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in restore:
                cursor.execute(statement)


def _sqlite_triggers() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = cursor.fetchall()
    return [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]


def _postgresql_triggers() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        tables = [table for (table,) in cursor.fetchall()]
    lift, restore = ([f"ALTER TABLE {table} {verb} TRIGGER USER" for table in tables] for verb in ("DISABLE", "ENABLE"))
    return lift, restore


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, which looks up no name but this machine's."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: `apt-get install chromium`. Browser tests are never skipped.")
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"],
    }
