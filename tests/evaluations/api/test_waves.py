"""Waves, the page before opening and the plan of asking over the API: the rules and the words of the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import Survey, Wave
from tests.evaluations.asking import ask, ask_and_close, community_of, person_in, questionnaire, staff_user
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY

pytestmark = pytest.mark.django_db

ASKED = {"instrument": "cop-core", "closes_on": str(TODAY + timedelta(days=21))}


@pytest.fixture
def sepsis() -> Community:
    return community_of(6, name="Sepsis", slug="sepsis")


@pytest.fixture
def staff() -> Client:
    return sign_in(Client(), staff_user())


def post(client: Client, name: str, body: Any, *args: Any) -> Any:
    return client.post(reverse(f"api:{name}", args=args), body, content_type="application/json")


def wave_of(*slugs: str, **changes: Any) -> dict[str, Any]:
    return {"name": "November 2026", "communities": list(slugs), **ASKED, **changes}


def test_launching_opens_each_community_and_names_the_others_with_the_reason(staff: Client, sepsis: Community) -> None:
    questionnaire()
    community_of(4, name="Delirium", slug="delirium", state="paused")

    response = post(staff, "wave-launch", wave_of("sepsis", "delirium", reminder_days=[5], shared_with="leaders"))

    survey = Survey.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "wave": {
            "id": survey.wave_id,
            "name": "November 2026",
            "starts_on": "2026-11-24",
            "surveys": [
                {"id": survey.pk, "community": "sepsis", "state": "open", "closes_at": "2026-12-15T23:59:00Z"},
            ],
        },
        "refused": [
            {"community": "delirium", "why": "Delirium is paused. Only an active community can be asked."},
        ],
    }
    assert (survey.reminder_days, survey.shared_with) == ([5], "leaders")
    assert staff.get(reverse("api:wave-list")).json()["results"] == [response.json()["wave"]]
    assert staff.get(reverse("api:wave", args=[survey.wave_id])).json() == response.json()["wave"]


def test_the_preview_says_the_same_and_stores_nothing(staff: Client, sepsis: Community) -> None:
    questionnaire()
    community_of(0, name="Empty", slug="empty")

    found = post(staff, "wave-preview", wave_of("sepsis", "empty")).json()["communities"]

    assert [(one["community"], one["asked"], one["first_mail_at"]) for one in found] == [
        ("empty", 0, None),
        ("sepsis", 6, "2026-11-24T12:00:00Z"),
    ]
    assert found[0]["refused"].startswith("There is nobody to ask")
    assert not Wave.objects.exists()


def test_further_communities_join_a_wave(staff: Client, sepsis: Community) -> None:
    questionnaire()
    post(staff, "wave-launch", wave_of("sepsis"))
    community_of(4, name="Delirium", slug="delirium")
    wave = Wave.objects.get()

    response = post(staff, "wave-communities", {"communities": ["delirium"]}, wave.pk)

    assert response.status_code == 201
    assert wave.surveys.count() == 2


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"communities": []}, 422, "no_community_chosen"),
        ({"communities": ["atlantis"]}, 400, "unknown_community"),
        ({"breakdown": "shoe-size"}, 422, "breakdown_not_known"),
        ({"name": "May 2026"}, 409, "wave_name_taken"),
        ({"closes_on": str(TODAY)}, 422, "closes_too_soon"),
    ],
)
def test_a_refusal_has_its_status_and_its_code_and_stores_nothing(
    changes: dict[str, Any], status: int, code: str, staff: Client, sepsis: Community
) -> None:
    questionnaire()
    Wave.objects.create(name="May 2026", starts_on=TODAY)

    for name in ("wave-launch", "wave-preview"):
        response = post(staff, name, wave_of("sepsis") | changes)
        assert (response.status_code, code in str(response.json())) == (status, True), response.json()
    assert not Survey.objects.exists()


def test_only_staff_and_administrators_know_of_waves(sepsis: Community) -> None:
    questionnaire()
    wave = Wave.objects.create(name="May 2026", starts_on=TODAY)
    for role in ("facilitator", "sponsor", "member"):
        client = sign_in(Client(), person_in(sepsis, role).user)
        assert client.get(reverse("api:wave-list")).status_code == 403
        assert client.get(reverse("api:wave", args=[wave.pk])).status_code == 403
        for name in ("wave-launch", "wave-preview"):
            assert post(client, name, wave_of("sepsis")).status_code == 403
        assert post(client, "wave-communities", {"communities": ["sepsis"]}, wave.pk).status_code == 403
    assert not Survey.objects.exists()


def test_a_facilitator_sees_who_would_be_asked_before_opening(sepsis: Community) -> None:
    questionnaire()
    facilitator = sign_in(Client(), person_in(sepsis, "facilitator").user)
    unreachable = person_in(sepsis)
    unreachable.user.emailaddress_set.all().delete()  # type: ignore[attr-defined]

    found = post(facilitator, "survey-preview", ASKED, "sepsis")

    assert found.status_code == 200
    assert [one["first_mail_at"] for one in found.json()["asked"]] == ["2026-11-24T12:00:00Z"] * 6
    assert found.json()["not_asked"] == [{"person": unreachable.name, "why": "No address that mail can be sent to"}]
    assert not Survey.objects.exists()
    refused = post(facilitator, "survey-preview", ASKED | {"breakdown": "profession"}, "sepsis")
    assert (refused.status_code, "breakdown_of_too_few" in str(refused.json())) == (422, True)


def test_a_survey_says_by_what_group_its_results_are_shown(staff: Client) -> None:
    questionnaire()
    community_of(40, slug="large")

    response = post(staff, "survey-open", ASKED | {"breakdown": "item:V3"}, "large")

    assert response.status_code == 201
    breakdown = response.json()["breakdown"]
    assert (breakdown["kind"], breakdown["item"]) == ("item", "V3")
    assert response.json()["wave"] is None


def test_the_plan_says_what_was_asked_and_what_is_next(sepsis: Community) -> None:
    member = sign_in(Client(), person_in(sepsis).user)
    address = reverse("api:wave-plan", args=["sepsis"])
    questionnaire()
    assert member.get(address).json() == {
        "asked": ["The full questions have not been asked yet.", "The core questions have not been asked yet."],
        "next": "The full questions, due now",
        "instrument": "cop-full",
        "is_due": True,
    }

    ask_and_close(sepsis, [], version=questionnaire("cop-full"), days_ago=170)
    ask(sepsis, version=questionnaire("cop-core"), at=NOW)
    found = member.get(address).json()

    assert found["asked"][1] == "The core questions have been open since 24 November 2026."
    assert (found["instrument"], found["is_due"]) == ("", False)
    stranger = sign_in(Client(), person_in(community_of(2)).user)
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_of_waves_takes_as_many_queries_for_thirty_as_for_one(
    number: int, staff: Client, sepsis: Community, django_assert_num_queries: Any
) -> None:
    version = questionnaire()
    for place in range(number):
        wave = Wave.objects.create(name=f"Wave {place}", starts_on=TODAY)
        survey = ask_and_close(sepsis, [], version=version, days_ago=1 + 30 * place)
        Survey.objects.filter(pk=survey.pk).update(wave=wave)
    with django_assert_num_queries(5):
        staff.get(reverse("api:wave-list"))
