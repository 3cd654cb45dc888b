"""Surveys, results and questionnaires over the API: the rules and the words of the pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import Invitation, Survey
from tests.evaluations.asking import (
    AGREES,
    DISAGREES,
    ask,
    ask_and_close,
    community_of,
    person_in,
    questionnaire,
    staff_user,
)
from tests.factories.accounts import sign_in
from tests.factories.communities import TODAY

pytestmark = pytest.mark.django_db

ASKED = {"instrument": "cop-core", "closes_on": str(TODAY + timedelta(days=21))}


@pytest.fixture
def community() -> Community:
    return community_of(6, name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> Client:
    return sign_in(Client(), person_in(community, "facilitator").user)


def opening(community: Community) -> str:
    return reverse("api:survey-open", args=[community.slug])


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body, content_type="application/json")


def test_opening_a_survey_asks_every_member_and_tells_what_was_opened(
    facilitator: Client, community: Community
) -> None:
    questionnaire()

    response = post(facilitator, opening(community), ASKED)

    survey = Survey.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": survey.pk,
        "community": "sepsis",
        "session": None,
        "instrument": "cop-core",
        "version": 1,
        "title": "Community of practice: ten questions",
        "mode": "anonymous",
        "state": "open",
        "opened_at": "2026-11-24T12:00:00Z",
        "closes_at": "2026-12-15T23:59:00Z",
        "closed_at": None,
        "answers_destroyed_at": None,
        "was_extended": False,
        "is_shared_with_members": False,
        "shared_with": "members",
        "wave": None,
        "breakdown": None,
        "asked": 6,
        "answered": "Answers are counted once a night; the first count is not in yet.",
        "counted_on": None,
        "halted_because": "",
    }
    assert Invitation.objects.filter(survey=survey).count() == 6


@pytest.mark.parametrize(
    ("prepare", "status", "code", "detail"),
    [
        (
            "open already",
            409,
            "survey_already_open",
            "“Community of practice: ten questions” is already open in Sepsis.",
        ),
        ("paused", 422, "community_not_active", "Sepsis is paused. Only an active community can be asked."),
        ("nobody", 422, "nobody_to_ask", "There is nobody to ask"),
        ("no keys", 422, "keys_not_safe", "The survey was not opened, because the keys"),
        ("yesterday", 422, "closes_too_soon", "Choose a last day that leaves people at least a day to answer."),
        ("draft", 422, "version_not_published", "This questionnaire is still a draft."),
    ],
)
def test_a_refusal_is_a_problem_in_the_words_of_the_page_and_nothing_is_stored(  # noqa: PLR0917
    prepare: str,
    status: int,
    code: str,
    detail: str,
    facilitator: Client,
    community: Community,
    settings: Any,
    tmp_path: Path,
) -> None:
    version, body = questionnaire(), dict(ASKED)
    if prepare == "open already":
        ask(community)
    if prepare == "paused":
        Community.objects.filter(pk=community.pk).update(state="paused")
    if prepare == "nobody":
        community.memberships.all().delete()
    if prepare == "no keys":
        settings.KEY_DIR = tmp_path / "missing"
    if prepare == "yesterday":
        body["closes_on"] = str(TODAY - timedelta(days=1))
    if prepare == "draft":
        version.published_at = None
        version.number = 2
        version.pk = None
        version.save()
        body["version"] = "2"
    before = Survey.objects.count()

    response = post(facilitator, opening(community), body)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["detail"].startswith(detail)
    assert Survey.objects.count() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"closes_on": "2026-12-15"}, "instrument"),
        ({"instrument": "cop-core"}, "closes_on"),
        ({"instrument": "cop-core", "closes_on": "soon"}, "closes_on"),
        ({"instrument": "no-such", "closes_on": "2026-12-15"}, "instrument"),
        ({"instrument": "cop-core", "closes_on": "2026-12-15", "version": 0}, "version"),
        ({"instrument": "cop-core", "closes_on": "2026-12-15", "mode": "loud"}, "mode"),
    ],
)
def test_a_malformed_body_names_the_field(
    body: dict[str, Any], field: str, facilitator: Client, community: Community
) -> None:
    questionnaire()
    response = post(facilitator, opening(community), body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Survey.objects.exists()


def test_a_body_that_is_not_json_is_said_to_be_none(facilitator: Client, community: Community) -> None:
    response = post(facilitator, opening(community), "{not json")

    assert (response.status_code, response.json()["code"]) == (400, "not_json")


def test_a_member_may_not_open_or_close_and_a_stranger_finds_nothing(community: Community) -> None:
    survey = ask(community)
    member = sign_in(Client(), person_in(community).user)
    stranger = sign_in(Client(), person_in(community_of(5), "facilitator").user)
    closing = reverse("api:survey-close", args=[survey.pk])

    for address in (opening(community), closing):
        assert post(member, address, ASKED).status_code == 403
        assert post(stranger, address, ASKED).status_code == 404
        assert post(Client(), address, ASKED).status_code == 401
    assert stranger.get(reverse("api:survey", args=[survey.pk])).status_code == 404
    assert stranger.get(reverse("api:survey-results", args=[survey.pk])).status_code == 404
    assert Survey.objects.get().state == "open"


def test_a_member_reads_a_survey_without_its_counts(community: Community) -> None:
    survey = ask(community)
    member = sign_in(Client(), person_in(community).user)

    read = member.get(reverse("api:survey", args=[survey.pk])).json()

    assert (read["state"], read["asked"], read["answered"], read["counted_on"]) == ("open", None, None, None)


def test_a_close_that_is_sent_twice_extends_and_does_not_close(facilitator: Client, community: Community) -> None:
    survey = ask(community)
    closing = reverse("api:survey-close", args=[survey.pk])

    first, again = post(facilitator, closing), post(facilitator, closing)
    meant = post(facilitator, closing, {"although_extended": True})

    assert (first.status_code, first.json()["state"], first.json()["was_extended"]) == (200, "open", True)
    assert (again.status_code, again.json()["code"]) == (409, "survey_was_extended")
    assert (meant.status_code, meant.json()["state"]) == (200, "closed")


def test_closing_twice_is_a_conflict(facilitator: Client, community: Community) -> None:
    survey = ask_and_close(community, [AGREES] * 5)

    response = post(facilitator, reverse("api:survey-close", args=[survey.pk]))

    assert (response.status_code, response.json()["code"]) == (409, "survey_not_open")


def test_what_has_closed_is_not_said_to_be_counted_yet(facilitator: Client, community: Community) -> None:
    survey = ask_and_close(community, [AGREES] * 4)

    read = facilitator.get(reverse("api:survey", args=[survey.pk])).json()

    assert (read["state"], read["asked"], read["answered"], read["counted_on"]) == ("closed", 6, None, None)


def test_results_before_the_close_are_a_conflict(facilitator: Client, community: Community) -> None:
    survey = ask(community)

    response = facilitator.get(reverse("api:survey-results", args=[survey.pk]))

    assert response.status_code == 409
    assert response.json()["detail"] == "Results exist after it closes, on 12 December 2026."


def test_results_of_four_are_hidden_and_hold_no_number_that_tells_more(
    facilitator: Client, community: Community
) -> None:
    survey = ask_and_close(community, [AGREES] * 4)

    read = facilitator.get(reverse("api:survey-results", args=[survey.pk])).json()

    assert read["response_rate"] == "Hidden: fewer than 5 answers"
    assert read["answered"] == {"words": "fewer than 5", "value": None}
    assert {question["headline"]["words"] for question in read["questions"]} == {"Hidden: fewer than 5 answers"}
    assert [question["options"] for question in read["questions"]] == [[]] * 10


def test_results_of_seven_are_bands_and_of_twelve_figures_as_on_the_page() -> None:
    client = sign_in(Client(), staff_user())
    version = questionnaire()
    seven = ask_and_close(community_of(12), [AGREES] * 5 + [DISAGREES] * 2, version=version)
    twelve = ask_and_close(community_of(16), [AGREES] * 8 + [DISAGREES] * 4, version=version)

    of_seven, of_twelve = (
        client.get(reverse("api:survey-results", args=[survey.pk])).json()["questions"][0] for survey in (seven, twelve)
    )

    assert of_seven["headline"] == {"type": "band", "words": "over two thirds"}
    assert of_seven["base"] == {"words": "5 to 9", "value": None}
    assert of_twelve["headline"]["words"] == "67% (8 of 12; 95% interval 39% to 86%)"
    assert (of_twelve["headline"]["count"], of_twelve["headline"]["base"]) == (8, 12)


def test_a_member_gets_results_only_once_they_are_shared(community: Community) -> None:
    survey = ask_and_close(community, [AGREES] * 5)
    member, address = sign_in(Client(), person_in(community).user), reverse("api:survey-results", args=[survey.pk])

    refused = member.get(address)
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("The results of this survey have not been shared with members yet.")
    Survey.objects.update(is_shared_with_members=True)

    assert member.get(address).status_code == 200


def test_the_list_is_filtered_by_state_community_and_questionnaire(community: Community) -> None:
    client, version = sign_in(Client(), staff_user()), questionnaire()
    mine = ask(community, version=version)
    other = ask_and_close(community_of(6), [AGREES] * 5, version=version)
    full = ask(community, version=questionnaire("cop-full"))

    def found(**filters: str) -> set[int]:
        return {survey["id"] for survey in client.get(reverse("api:survey-list"), filters).json()["results"]}

    assert found() == {mine.pk, other.pk, full.pk}
    assert found(state="closed") == {other.pk}
    assert found(community="sepsis") == {mine.pk, full.pk}
    assert found(instrument="cop-full") == {full.pk}
    assert client.get(reverse("api:survey-list"), {"state": "ajar"}).status_code == 400


@pytest.mark.parametrize("number", [1, 30])
def test_lists_take_as_many_queries_for_thirty_rows_as_for_one(number: int, django_assert_num_queries: Any) -> None:
    version = questionnaire()
    for _ in range(number):
        ask(community_of(1), version=version)
    client = sign_in(Client(), staff_user())

    for address, queries in (
        (reverse("api:survey-list"), 3),
        (reverse("api:instrument-list"), 6),
        (reverse("api:evaluation-question-list"), 3),
    ):
        with django_assert_num_queries(queries):
            client.get(address)


def test_questionnaires_come_with_their_questions_and_the_framework_with_its_source() -> None:
    questionnaire()
    client = sign_in(Client(), staff_user())

    pulse = client.get(reverse("api:instrument", args=["session-pulse"])).json()
    assert pulse["versions"][0]["questions"][3] == {
        "code": "P4",
        "section": "Today's session",
        "kind": "short_text",
        "text": "What will you try?",
        "hint": "Do not name patients or colleagues.",
        "options": [],
        "show_if": {"question": "P3", "in": ["1", "2"]},
        "max_length": 200,
        "is_required": False,
        "is_ordered": False,
        "is_two_sided": False,
        "evaluation_question": "3c",
        "value_cycle": "applied",
    }
    quoted = client.get(reverse("api:evaluation-question-list"), {"is_quoted": "true"}).json()["results"]
    assert [question["name"] for question in quoted] == [
        "Momentum",
        "Progress and value",
        "Rhythm of learning",
        "Culture",
    ]
    assert client.get(reverse("api:instrument", args=["no-such"])).status_code == 404


def test_staff_without_their_second_factor_are_refused_with_a_code_of_its_own() -> None:
    client = sign_in(Client(), staff_user(), second_factor=False)

    response = client.get(reverse("api:instrument-list"))

    assert (response.status_code, response.json()["code"]) == (403, "second_factor_required")
