"""The results page, word for word, for four, seven and twelve answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Survey
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
from tests.evaluations.pages.test_surveys import words
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db


def staff() -> Client:
    return sign_in(Client(), staff_user())


def figures(response: Any) -> dict[str, str]:
    """Under each question the one line that says most: its headline, or why there is none."""
    sections = re.findall(r'(?s)data-question="(\w+)">(.*?)</section>', response.content.decode())
    lines = {code: re.search(r'(?s)<p class="app-figure nhsuk-body-l">(.*?)</p>', body) for code, body in sections}
    return {code: re.sub(r"<[^>]+>", "", line[1]).strip() for code, line in lines.items() if line}


def table_of(response: Any, code: str) -> list[list[str]]:
    body = re.search(rf'(?s)data-question="{code}">(.*?)</section>', response.content.decode())
    assert body
    rows = re.findall(r"(?s)<tr.*?</tr>", body[1])[1:]
    return [re.findall(r"</span><span>(.*?)</span>", row) for row in rows]


def test_four_answers_are_hidden_everywhere_and_the_page_says_what_happens_next() -> None:
    survey = ask_and_close(community_of(6), [AGREES] * 4)

    response = staff().get(survey.get_results_url())

    assert figures(response) == {}
    said = words(response)
    assert said.count("Hidden: fewer than 5 answers") == 1
    assert "Answered:" not in said
    assert "What was asked In the last 6 months we made progress on what we set out to do." in said
    assert "so that nobody’s answer can be worked out." in said
    assert "These answers stay unread. They will be shown together with those of the next survey" in said
    assert "<svg" not in response.content.decode()


def test_seven_answers_are_shown_as_bands_without_a_number_of_people() -> None:
    survey = ask_and_close(community_of(12), [AGREES] * 5 + [DISAGREES] * 2)

    response = staff().get(survey.get_results_url())

    assert figures(response)["C1"] == "Agreeing: over two thirds"
    assert table_of(response, "C1") == [
        ["Strongly disagree", "under a third"],
        ["Disagree", "under a third"],
        ["Neither agree nor disagree", "under a third"],
        ["Agree", "over two thirds"],
        ["Strongly agree", "under a third"],
    ]
    said = words(response)
    assert "Answered: 5 to 9 of 12" in said
    assert "Base: 5 to 9" in said
    assert "Left out of the base:" not in said
    assert "Beside bands that number is not shown: it would give the base away." in said
    # The scale of a chart and the rule name percentages; no figure does.
    assert "%" not in "".join(table_of(response, code)[row][1] for code in figures(response) for row in range(5))


def test_twelve_answers_are_shown_with_share_base_interval_and_what_was_left_out() -> None:
    given = [AGREES] * 7 + [DISAGREES] * 4 + [{**AGREES, "C1": "na"}]
    survey = ask_and_close(community_of(16), given)

    response = staff().get(survey.get_results_url())

    assert figures(response)["C1"] == "Agreeing: 64% (7 of 11; 95% interval 35% to 85%)"
    assert table_of(response, "C1")[1] == ["Disagree", "36% (4 of 11; 95% interval 15% to 65%)"]
    said = words(response)
    assert "Answered: 75% of 16" in said
    assert "Base: 11. Left out of the base: 1 to 4" in said
    assert "Left out of it are those who skipped it and those to whom it does not apply." in said
    assert response.content.decode().count("<svg") == 10


def test_results_exist_only_after_the_close() -> None:
    survey = ask(community_of(6))

    response = staff().get(survey.get_results_url())

    assert response.status_code == 200
    assert "Results exist after it closes, on 12 December 2026." in words(response)


@pytest.mark.parametrize(
    ("role", "is_shared", "status"),
    [
        ("facilitator", False, 200),
        ("sponsor", False, 200),
        ("member", True, 200),
        ("member", False, 403),
    ],
)
def test_leads_see_results_at_once_and_members_once_they_are_shared(role: str, is_shared: bool, status: int) -> None:
    survey = ask_and_close(community_of(6), [AGREES] * 5)
    Survey.objects.update(is_shared_with_members=is_shared)

    response = sign_in(Client(), person_in(survey.community, role).user).get(survey.get_results_url())

    assert response.status_code == status
    assert ("have not been shared with members yet" in words(response)) == (status == 403)


@pytest.mark.parametrize(("code", "queries"), [("cop-core", 7), ("cop-full", 8)])
def test_the_results_page_takes_one_query_more_for_texts_whatever_its_length(
    code: str, queries: int, django_assert_num_queries: Any
) -> None:
    community = community_of(6)
    client = sign_in(Client(), person_in(community, "facilitator").user)
    survey = ask_and_close(community, [AGREES] * 5, version=questionnaire(code))

    with django_assert_num_queries(queries):
        client.get(survey.get_results_url())


def test_a_signed_out_reader_is_led_to_sign_in() -> None:
    survey = ask_and_close(community_of(6), [AGREES] * 5)

    response = Client().get(survey.get_results_url())

    assert response["Location"].startswith(reverse("account_login"))
