"""Gives a test run its databases, before pytest-django reads the settings (pyproject.toml loads it with `-p`).

Without options: PostgreSQL and Redis, the ones DATABASE_URL and REDIS_URL name or a pair of our own. With
`--embedded`: SQLite and the filesystem broker, as one small team runs the portal.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services

CLEAN_UP = pytest.StashKey[ExitStack]()
# What the machine's own portal is told must not leak into its tests.
NOT_INHERITED = ("SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "KEY_DIR", "DATA_DIR", "DEBUG", "USES_HTTPS", "SENTRY_DSN")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--embedded", action="store_true", help="run on SQLite and the filesystem broker")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    clean_up = early_config.stash[CLEAN_UP] = ExitStack()
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    clean_up.callback(shutil.rmtree, folder, ignore_errors=True)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    for name in NOT_INHERITED:
        os.environ.pop(name, None)
    os.environ |= {"PORTAL_MODE": "test", "DATA_DIR": str(folder), "KEY_DIR": str(folder / "keys")}
    for private in (folder / "keys", folder / "mail", folder / "static", folder / "broker" / "control"):
        private.mkdir(mode=0o700, parents=True)
    # Playwright's event loop and the database share the thread of a browser test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if "--embedded" in args:
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
    elif worker:
        # The first process started the pair; each worker has a Redis database of its own.
        os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={int(worker.removeprefix('gw')) + 1}"
    elif not ("DATABASE_URL" in os.environ and "REDIS_URL" in os.environ):
        urls = clean_up.enter_context(services.running())
        os.environ |= {"DATABASE_URL": urls.database, "REDIS_URL": urls.redis}
    # Backups use PostgreSQL's own programs, which must be as new as the server.
    os.environ["PATH"] = f"{services.postgres_programs()}:{os.environ['PATH']}"
    return (yield)


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("--embedded"):
        return "runs on: SQLite and the filesystem broker"
    return f"runs on: {os.environ['DATABASE_URL'].partition(':')[0]} and Redis"


def pytest_unconfigure(config: pytest.Config) -> None:
    if CLEAN_UP in config.stash:
        config.stash[CLEAN_UP].close()
