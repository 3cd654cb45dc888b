"""Gives a test run its databases, before pytest-django reads the settings (pyproject.toml loads it with `-p`).

Without options: PostgreSQL and Redis, the ones DATABASE_URL and REDIS_URL name or a pair of our own. With
`--embedded`: SQLite and the filesystem broker, as one small team runs the portal.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import services

CLEAN_UP = pytest.StashKey[ExitStack]()
# What this machine's own portal is told must not leak into its tests: every variable the example names, but for these.
EXAMPLE = Path(__file__).parent.parent / ".env.example"
INHERITED = {"DATABASE_URL", "REDIS_URL", "LOG_LEVEL"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--embedded", action="store_true", help="run on SQLite and the filesystem broker")


@contextmanager
def environment(*, embedded: bool = False, worker: str = "") -> Iterator[None]:
    """Set the variables that the settings read; afterwards what was started is stopped and what was written is gone."""
    with ExitStack() as clean_up:
        folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
        clean_up.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in {"DEBUG", *re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)} - INHERITED:
            os.environ.pop(name, None)
        os.environ |= {"PORTAL_MODE": "test", "DATA_DIR": str(folder), "KEY_DIR": str(folder / "keys")}
        for private in (folder / "keys", folder / "mail", folder / "static", folder / "broker" / "control"):
            private.mkdir(mode=0o700, parents=True)
        # Playwright's event loop and the database share the thread of a browser test.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        if embedded:
            os.environ.pop("DATABASE_URL", None)
            os.environ.pop("REDIS_URL", None)
        elif worker:
            # The first process started the pair; each worker has a Redis database of its own.
            number = int(worker.removeprefix("gw")) + 1
            os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={number}"
        elif not ("DATABASE_URL" in os.environ and "REDIS_URL" in os.environ):
            urls = clean_up.enter_context(services.running())
            os.environ |= {"DATABASE_URL": urls.database, "REDIS_URL": urls.redis}
        # Backups use PostgreSQL's own programs, which must be as new as the server.
        os.environ["PATH"] = f"{services.postgres_programs()}:{os.environ['PATH']}"
        yield


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    clean_up = early_config.stash[CLEAN_UP] = ExitStack()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    clean_up.enter_context(environment(embedded="--embedded" in args, worker=worker))
    return (yield)


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("--embedded"):
        return "runs on: SQLite and the filesystem broker"
    return f"runs on: {os.environ['DATABASE_URL'].partition(':')[0]} and Redis"


def pytest_unconfigure(config: pytest.Config) -> None:
    if CLEAN_UP in config.stash:
        config.stash[CLEAN_UP].close()
