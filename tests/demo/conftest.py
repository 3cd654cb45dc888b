"""The whole demo, loaded once for the tests that look at it, on a fixed Sunday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from cop_portal.demo import content
from cop_portal.demo.content import Content
from cop_portal.demo.loader import run
from cop_portal.demo.loader.world import World

SUNDAY = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def only(*slugs: str) -> Content:
    """The demo's content cut down to some communities, for tests that load it more than once."""
    whole = content.load()
    return replace(
        whole,
        communities=tuple(text for text in whole.communities if text.slug in slugs),
        members=tuple(person for person in whole.members if person.community in slugs),
        sponsors=tuple(person for person in whole.sponsors if person.community in slugs),
        facilitators={slug: names for slug, names in whole.facilitators.items() if slug in slugs},
        also={},
    )


def forget() -> None:
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The demo as `make run` fills it. Its rows are committed; a test that changes them does so in a transaction."""
    mail = tmp_path_factory.mktemp("mail")
    with override_settings(IS_DEMO=True, EMAIL_URL=f"file://{mail}"):
        with django_db_blocker.unblock(), time_machine.travel(SUNDAY):
            world = run.load(now=SUNDAY)
        assert world is not None
        yield world
    with django_db_blocker.unblock():
        forget()


@pytest.fixture
def on_sunday() -> Iterator[None]:
    with time_machine.travel(SUNDAY):
        yield


@pytest.fixture
def visitor(demo: World, db: None, on_sunday: None) -> Client:
    """Someone who has just opened the demo."""
    return Client()


@pytest.fixture
def mail_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EMAIL_URL = f"file://{tmp_path}"
    settings.BASE_URL = "http://portal.test"
    return tmp_path
