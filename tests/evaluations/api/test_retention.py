"""Single answers whose time is over, over the API: the same list, dry run and refusals as on the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from evaluations.models import PrivacyMode, Survey
from evaluations.models.named import NamedResponse
from evaluations.models.response import Response
from tests.evaluations.retaining import MARKER, administrator, another_like, closed, due_day, pulse
from tests.factories.accounts import sign_in
from tests.factories.communities import facilitator_of, member_of, staff

pytestmark = pytest.mark.django_db

LIST = reverse("api:retention-list")
LIST_QUERIES = 4


def one(survey: Survey) -> str:
    return reverse("api:retention", args=[survey.pk])


def send(client: Client, survey: Survey, body: Any = None) -> Any:
    body = {"decision": "destroy"} if body is None else body
    return client.post(reverse("api:retention-destroy", args=[survey.pk]), body, content_type="application/json")


@pytest.fixture
def at_day() -> Iterator[Callable[..., Client]]:
    """A client of an administrator, or of `user`, at this moment."""
    on_the_way: list[Any] = []

    def come(moment: datetime, user: User | None = None) -> Client:
        on_the_way.append(time_machine.travel(moment, tick=False))
        on_the_way[-1].start()
        return sign_in(Client(), user or administrator())

    yield come
    for traveller in reversed(on_the_way):
        traveller.stop()


def test_the_list_says_what_is_due_and_what_is_kept(at_day: Any) -> None:
    survey = closed()
    client = at_day(due_day(survey))
    assert client.get(LIST).json()["results"] == [
        {
            "survey": survey.pk, "community": survey.community.slug, "title": survey.version.title,
            "mode": "anonymous", "closed_at": "2026-12-15T12:00:00Z", "stage": "due",
            "due_at": "2027-12-15T12:00:00Z", "paused_because": "", "destroyed_at": None,
            "what_is_kept": "Answers of 12 people",
        }
    ]  # fmt: skip


def test_the_dry_run_changes_nothing_and_destroying_says_what_stayed(at_day: Any) -> None:
    survey = pulse(PrivacyMode.NAMED)
    client = at_day(due_day(survey))
    dry = client.get(one(survey)).json()
    assert dry["goes"] == ["The answers of 12 people, a row for each, with their names and their texts."]
    assert NamedResponse.objects.count() == 12
    done = send(client, survey)
    assert (done.status_code, done.json()["stage"], done.json()["goes"]) == (200, "destroyed", [])
    assert done.json()["destroyed_at"] == "2027-12-15T12:00:00Z"
    assert done.json()["stays"] == dry["stays"]
    assert NamedResponse.objects.count() == 0
    assert client.get(LIST).json()["results"] == []
    assert client.get(reverse("api:survey", args=[survey.pk])).json()["answers_destroyed_at"] == "2027-12-15T12:00:00Z"
    again = send(client, survey)
    assert (again.status_code, AuditEntry.objects.filter(event="survey.answers_destroyed").count()) == (409, 1)
    assert "were destroyed on 15 December 2027" in again.content.decode()
    assert MARKER not in done.content.decode()


def test_it_is_refused_before_its_day_and_without_a_word(at_day: Any) -> None:
    survey = closed()
    early = at_day(survey.closed_at)
    assert send(early, survey).status_code == 409
    client = at_day(due_day(survey))
    bodies: list[Any] = [{}, {"decision": ""}, {"decision": "keep"}, {"decision": None}, [], "x"]
    for body in bodies:
        assert send(client, survey, body).status_code in (400, 422)
    assert Response.objects.count() == 12
    assert send(client, Survey(pk=survey.pk + 1000)).status_code == 404


@pytest.mark.parametrize("role", ["staff", "facilitator", "member"])
def test_nobody_but_an_administrator_lists_looks_or_destroys(role: str, at_day: Any) -> None:
    survey = closed()
    users: dict[str, Callable[[], User]] = {
        "staff": staff,
        "facilitator": lambda: facilitator_of(survey.community),
        "member": lambda: member_of(survey.community),
    }
    client = at_day(due_day(survey), users[role]())
    assert [client.get(LIST).status_code, client.get(one(survey)).status_code] == [403, 403]
    assert send(client, survey).status_code == 403
    assert Response.objects.count() == 12


def test_nobody_comes_in_without_signing_in(at_day: Any) -> None:
    survey = closed()
    assert [Client().get(LIST).status_code, send(Client(), survey).status_code] == [401, 401]


def test_the_list_asks_the_same_for_one_and_for_thirty(at_day: Any, django_assert_num_queries: Any) -> None:
    survey = pulse(PrivacyMode.NAMED, 6)
    client = at_day(due_day(survey))
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(LIST).json()["results"]) == 1
    for _ in range(29):
        another_like(survey)
    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(LIST).json()["results"]) == 30
