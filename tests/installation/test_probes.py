"""The probes answer anybody, tell nobody anything, and mean what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from cop_portal.installation import probes

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    probes._wait_for_migrations.cache_clear()


def lines(body: bytes) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in body.decode().splitlines())


def test_alive_without_asking_the_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_everything_is_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert lines(answer.content) == dict.fromkeys(("database", "migrations", "cache", "keys", "broker"), "ok")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_not_ready_without_the_key_folder(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.KEY_DIR = tmp_path / "gone"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert lines(answer.content)["keys"] == "not ready"
    assert str(tmp_path) not in answer.content.decode()


def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'installation'")
    answer = client.get("/readyz")
    assert (answer.status_code, lines(answer.content)["migrations"]) == (503, "not ready")


def test_a_probe_cannot_be_posted_to(client: Client) -> None:
    assert [client.post(address).status_code for address in ("/healthz", "/readyz")] == [405, 405]
