"""PRODUCT's table of who may do what, for asking and showing, through both doors: the pages and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import Survey
from evaluations.permissions import GRANTS, Permission
from tests.evaluations.asking import AGREES, ask, ask_and_close, community_of, person_in, questionnaire, staff_user
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, SessionFactory

pytestmark = pytest.mark.django_db

ROLES = ("administrator", "staff", "facilitator", "sponsor", "member", "stranger")
# What each role is answered: 200 it may, 403 it sees but may not, 404 it cannot see.
IN_COMMUNITY = {
    Permission.OPEN_SURVEY: (200, 200, 200, 403, 403, 404),
    Permission.CLOSE_SURVEY: (200, 200, 200, 403, 403, 404),
    Permission.SEND_PULSE: (200, 200, 200, 403, 403, 404),
    Permission.START_ROOM_PULSE: (200, 200, 200, 403, 403, 404),
    Permission.CLOSE_ROOM: (200, 200, 200, 403, 403, 404),
    Permission.SEE_RESULTS: (200, 200, 200, 200, 403, 404),
    Permission.SEE_SURVEYS: (200, 200, 200, 200, 200, 404),
    Permission.EXPORT_RESULTS: (200, 200, 200, 403, 403, 404),
}
EVERYWHERE = {
    Permission.SEE_NETWORK: (200, 200, 403, 403, 403, 403),
    Permission.HOLD_PSEUDONYM_KEYS: (200, 200, 403, 403, 403, 403),
    Permission.MANAGE_RETENTION: (200, 403, 403, 403, 403, 403),
    # The stranger to this community runs another.
    Permission.SEE_INSTRUMENTS: (200, 200, 200, 403, 403, 200),
    Permission.DRAFT_INSTRUMENTS: (200, 200, 200, 403, 403, 200),
    Permission.PUBLISH_INSTRUMENTS: (200, 200, 403, 403, 403, 403),
    Permission.SEE_FRAMEWORK: (200, 200, 403, 403, 403, 403),
}
CASES = [
    (permission, role, status)
    for permission, statuses in {**IN_COMMUNITY, **EVERYWHERE}.items()
    for role, status in zip(ROLES, statuses, strict=True)
]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def closed() -> Survey:
    return ask_and_close(community_of(6), [AGREES] * 5)


def someone(role: str, community: Community) -> Client:
    if role in ("administrator", "staff"):
        return sign_in(Client(), staff_user(role))
    if role == "stranger":
        return sign_in(Client(), person_in(community_of(1), "facilitator").user)
    return sign_in(Client(), person_in(community, role).user)


def of_a_session(name: str, community: Community) -> str:
    return reverse(f"evaluations:{name}", args=[community.slug, SessionFactory.create(community=community).pk])


def page_of(permission: Permission, closed: Survey) -> str:
    slug = closed.community.slug
    pages: dict[Permission, Callable[[], str]] = {
        Permission.OPEN_SURVEY: lambda: reverse("evaluations:open-survey", args=[slug]),
        Permission.CLOSE_SURVEY: lambda: reverse("evaluations:close-survey", args=[slug, closed.pk]),
        Permission.SEND_PULSE: lambda: of_a_session("send-pulse", closed.community),
        Permission.START_ROOM_PULSE: lambda: of_a_session("room-pulse", closed.community),
        Permission.CLOSE_ROOM: lambda: of_a_session("close-room", closed.community),
        Permission.SEE_RESULTS: closed.get_results_url,
        Permission.SEE_SURVEYS: closed.get_absolute_url,
        Permission.EXPORT_RESULTS: lambda: reverse("evaluations:export-survey", args=[slug, closed.pk]),
        Permission.SEE_NETWORK: lambda: reverse("network"),
        Permission.HOLD_PSEUDONYM_KEYS: lambda: reverse("evaluations:pseudonym-keys"),
        Permission.MANAGE_RETENTION: lambda: reverse("evaluations:retention"),
        Permission.SEE_INSTRUMENTS: lambda: reverse("evaluations:instrument-list"),
        Permission.DRAFT_INSTRUMENTS: lambda: reverse("evaluations:copy-questionnaire", args=["cop-core", 1]),
        Permission.PUBLISH_INSTRUMENTS: lambda: reverse("evaluations:begin-questionnaire"),
        Permission.SEE_FRAMEWORK: lambda: reverse("evaluations:framework"),
    }
    return pages[permission]()


@pytest.mark.parametrize(("permission", "role", "status"), CASES)
def test_a_page_answers_each_role_as_the_table_says(
    permission: Permission, role: str, status: int, closed: Survey
) -> None:
    assert someone(role, closed.community).get(page_of(permission, closed)).status_code == status


READS = {
    Permission.HOLD_PSEUDONYM_KEYS: "api:pseudonym-key-list",
    Permission.MANAGE_RETENTION: "api:retention-list",
    Permission.SEE_RESULTS: "api:survey-results",
    Permission.SEE_SURVEYS: "api:survey",
    Permission.EXPORT_RESULTS: "api:survey-export-list",
    Permission.SEE_INSTRUMENTS: "api:instrument-list",
    Permission.SEE_FRAMEWORK: "api:evaluation-question-list",
}


@pytest.mark.parametrize(("permission", "role", "status"), [case for case in CASES if case[0] in READS])
def test_the_api_answers_each_reader_as_the_table_says(
    permission: Permission, role: str, status: int, closed: Survey
) -> None:
    args = [closed.pk] if permission in IN_COMMUNITY else []

    assert someone(role, closed.community).get(reverse(READS[permission], args=args)).status_code == status


@pytest.mark.parametrize(
    ("permission", "role", "status"),
    [case for case in CASES if case[0] in (Permission.OPEN_SURVEY, Permission.CLOSE_SURVEY)],
)
def test_the_api_lets_each_role_write_as_the_table_says(permission: Permission, role: str, status: int) -> None:
    community, version = community_of(6), questionnaire()
    if permission == Permission.OPEN_SURVEY:
        address, done = reverse("api:survey-open", args=[community.slug]), 201
    else:
        address, done = reverse("api:survey-close", args=[ask(community, version=version).pk]), 200
    body = {"instrument": "cop-core", "closes_on": str(TODAY + timedelta(days=21))}

    response = someone(role, community).post(address, body, content_type="application/json")

    assert response.status_code == (done if status == 200 else status)


@pytest.mark.parametrize("role", ROLES)
def test_response_counts_are_told_only_to_those_who_run_the_community(role: str) -> None:
    survey = ask(community_of(6))

    response = someone(role, survey.community).get(reverse("api:survey", args=[survey.pk]))

    sees = role in ("administrator", "staff", "facilitator")
    assert (response.json().get("asked") == 6) is sees


def test_every_permission_of_the_room_is_in_its_grants_table() -> None:
    assert set(GRANTS) == set(Permission)
