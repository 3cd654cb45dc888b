"""Taking a survey away over the API: the rules and the words of the pages."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.tasks import make_waiting_exports
from tests.evaluations.asking import person_in, staff_user
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW
from tests.factories.evaluations import PULSE, close, community_of, give_answers, open_survey_for

pytestmark = pytest.mark.django_db


def closed(mode: PrivacyMode = PrivacyMode.ANONYMOUS, number: int = 6) -> Survey:
    community = community_of(number + 2, name="Sepsis", slug="sepsis")
    survey = open_survey_for(community, code=PULSE, mode=mode, now=NOW - timedelta(days=40))
    give_answers(survey, answers=[{"P1": "4"}] * number)
    return close(survey)


def ask(client: Client, survey: Survey, **said: Any) -> Any:
    return client.post(reverse("api:survey-export-list", args=[survey.pk]), said, content_type="application/json")


def test_an_archive_is_asked_for_made_listed_and_downloaded() -> None:
    survey = closed()
    client = sign_in(Client(), person_in(survey.community, "facilitator").user)
    asked = ask(client, survey, what="figures")
    assert (asked.status_code, asked.json()["state"], asked.json()["percent"]) == (202, "waiting", 0)
    place = reverse("api:survey-export-download", args=[asked.json()["id"]])
    early = client.get(place)
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    assert make_waiting_exports() == 1
    told = client.get(asked["Location"]).json()
    assert (told["state"], told["percent"], told["kept_until"]) == ("ready", 100, "2026-12-01T12:00:00Z")
    file = client.get(place)
    assert (file.status_code, file["Content-Type"], len(file.content)) == (200, "application/zip", told["size"])
    assert zipfile.ZipFile(io.BytesIO(file.content)).testzip() is None
    listed = client.get(reverse("api:survey-export-list", args=[survey.pk])).json()["results"]
    assert [one["archive_digest"] for one in listed] == [told["archive_digest"]]
    assert [client.delete(asked["Location"]).status_code for _ in range(2)] == [204, 409]
    assert (client.get(asked["Location"]).json()["state"], client.get(place).status_code) == ("deleted", 409)


@pytest.mark.parametrize(
    ("mode", "role", "status"),
    [
        ("anonymous", "staff", 422),
        ("anonymous", "facilitator", 403),
        ("confidential", "administrator", 403),
        ("confidential", "facilitator", 403),
        ("confidential", "staff", 422),
        ("named", "administrator", 403),
        ("named", "facilitator", 202),
        ("named", "staff", 202),
        ("named", "sponsor", 403),
        ("named", "member", 403),
        ("named", "stranger", 404),
    ],
)
def test_rows_are_for_those_who_may_read_single_answers(mode: str, role: str, status: int) -> None:
    survey = closed(PrivacyMode(mode))
    if role == "stranger":
        user = person_in(community_of(1), "facilitator").user
    else:
        is_staff = role in ("staff", "administrator")
        user = staff_user(role) if is_staff else person_in(survey.community, role).user
    assert ask(sign_in(Client(), user), survey, what="rows", reason="The evaluation").status_code == status
    assert SurveyExport.objects.exists() == (status == 202)


def test_a_refusal_has_the_sentence_of_the_page_and_a_code() -> None:
    survey = closed(PrivacyMode.CONFIDENTIAL)
    client = sign_in(Client(), staff_user())
    assert ask(client, survey, what="rows").json()["code"] == "reason_missing"
    assert ask(client, survey, what="rows", reason="Why").json()["code"] == "too_few_rows"
    assert ask(client, survey, what="everything").status_code == 400
    assert ask(client, survey, what="figures", reason="x" * 501).status_code == 400
    assert ask(client, survey, what="figures", reason="\x00").status_code == 400


def test_another_persons_archive_is_not_there() -> None:
    survey = closed()
    mine, other = (sign_in(Client(), staff_user()) for _ in range(2))
    place = ask(mine, survey, what="figures")["Location"]
    assert other.get(place).status_code == 404
    assert other.get(f"{place}download/").status_code == 404
    assert other.delete(place).status_code == 404
    assert other.get(reverse("api:survey-export-list", args=[survey.pk])).json()["results"] == []


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_with_1_and_with_30_rows(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    survey, user = closed(), staff_user()
    client = sign_in(Client(), user)
    for at in range(number):
        SurveyExport.objects.create(
            survey=survey, mode=survey.mode, what="figures", by=user, asked_at=NOW - timedelta(days=at), state="failed"
        )
    address = reverse("api:survey-export-list", args=[survey.pk])
    client.get(address)
    with django_assert_num_queries(4):
        assert len(client.get(address).json()["results"]) == number
