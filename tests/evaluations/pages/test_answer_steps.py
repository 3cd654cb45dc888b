"""Going through the questions: one a page or a section a page, on and back, and nothing typed is lost on the way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.services.answers.answering import load_draft, save_draft
from tests.evaluations.asking import AGREES, ask, community_of, links_of, questionnaire
from tests.evaluations.pages.browsing import (
    CHECK,
    CLEAR,
    START,
    begun,
    everything_stored,
    first_page,
    mark,
    send,
    step,
    words,
)

pytestmark = pytest.mark.django_db

FIRST_AGAIN = reverse("evaluations:answer-first")


def begun_wide(token: str) -> Client:
    """A browser in which Start was pressed on a wide screen."""
    client = Client()
    client.post(START, {"token": token, "pace": "section"})
    return client


@pytest.fixture
def full() -> str:
    """A link to the full questions, in which the answer to V4 shows V5 and V6."""
    return links_of(ask(community_of(5), version=questionnaire("cop-full")))[0]


def fields(response: Any) -> list[str]:
    """The questions of a page, in order."""
    named = re.findall(r'<(?:input|textarea)[^>]* name="([A-Z]\d+)"', response.content.decode())
    return list(dict.fromkeys(named))


def test_the_first_page_offers_start_once_for_each_width(token: str) -> None:
    page = Client().get(first_page(token)).content.decode()

    assert re.findall(r'name="pace"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="pace"', page) in (
        [("question", ""), ("section", "")],
        [("", "question"), ("", "section")],
    )
    assert page.count("app-only-narrow") == page.count("app-only-wide") == 1


def test_on_a_wide_screen_a_section_is_a_page_and_breaks_before_what_an_answer_on_it_would_show(full: str) -> None:
    client = begun_wide(full)

    assert fields(client.get(step("M1"))) == [f"M{number}" for number in range(1, 9)]
    assert fields(client.get(step("V1"))) == ["V1", "V2", "V3", "V4"]
    assert fields(client.get(step("V9"))) == ["V7", "V8", "V9"]
    send(client, step("V1"), V4="3", go="continue")
    assert fields(client.get(step("V9"))) == ["V5", "V6", "V7", "V8", "V9"]
    said = words(client.get(step("V7")))
    assert said.startswith("Questions 13 to 17 of 27 What it has been worth 13. What is the best evidence")


def test_a_whole_section_is_kept_at_once_and_the_next_page_is_the_next_section(full: str) -> None:
    client = begun_wide(full)

    response = send(client, step("M1"), M1="4", M3="na", M5=["1", "2"], go="continue")

    assert response["Location"] == step("V1")
    assert load_draft(full) == {"M1": "4", "M3": "na", "M5": ["1", "2"]}
    assert client.get(response["Location"]).status_code == 200


def test_what_is_wrong_on_a_page_of_many_is_named_by_its_number_and_the_rest_is_kept(full: str) -> None:
    client = begun_wide(full)

    response = send(client, step("M1"), M1="4", M2="9", M5=["1", "x1"], go="continue")

    assert response.status_code == 422
    assert "Question 2: Choose one of the answers in the list. Question 5: “Nothing” goes with no other" in words(
        response
    )
    assert re.search(r'<input[^>]*name="M5"[^>]*value="x1"[^>]*checked', response.content.decode())
    assert load_draft(full) == {"M1": "4"}


def test_the_answer_to_a_hidden_question_sent_with_its_section_is_not_taken(full: str) -> None:
    client = begun_wide(full)

    send(client, step("V7"), V5="1", V6="2", V7="4", go="continue")
    assert load_draft(full) == {"V7": "4"}
    response = client.post(step("V5"), {"page_mark": mark(client, step("V7")), "V5": "1", "go": "continue"})

    assert load_draft(full) == {"V7": "4"}
    assert response["Location"] == CHECK


def test_the_other_way_of_going_through_keeps_what_stands_on_the_page(full: str) -> None:
    client = begun_wide(full)
    assert "Show one question at a time" in words(client.get(step("M1")))

    response = send(client, step("M1"), M1="4", M2="2", go="question")

    assert (response["Location"], load_draft(full)) == (step("M1"), {"M1": "4", "M2": "2"})
    assert fields(client.get(step("M1"))) == ["M1"]
    send(client, step("M3"), M3="5", go="section")
    assert fields(client.get(step("M3"))) == [f"M{number}" for number in range(1, 9)]


@pytest.mark.parametrize(("at", "before"), [("M1", FIRST_AGAIN), ("M4", step("M1"))])
def test_going_back_keeps_what_was_just_answered(token: str, at: str, before: str) -> None:
    response = send(begun(token), step(at), **{at: "2", "go": "back"})

    assert (response["Location"], load_draft(token)) == (before, {at: "2"})


@pytest.mark.parametrize("go", ["continue", "skip", "back", "remove", "keep", "question", "section"])
def test_no_button_of_a_step_changes_a_row_when_nothing_was_chosen(token: str, go: str) -> None:
    client, before = begun(token), everything_stored()

    send(client, step("M1"), go=go)

    assert everything_stored() == before


@pytest.mark.parametrize("go", ["continue", "skip", "back", "keep", "question", "section"])
def test_no_button_but_remove_takes_an_answer_away(token: str, go: str) -> None:
    save_draft(token=token, answers=AGREES)

    send(begun(token), step("M1"), go=go)

    assert load_draft(token) == AGREES


def test_one_answer_can_be_taken_back(token: str) -> None:
    client = begun(token)
    assert "Remove this answer" not in words(client.get(step("M1")))
    save_draft(token=token, answers={"M1": "4", "M4": "2"})
    assert "Remove this answer" in words(client.get(step("M1")))

    response = send(client, f"{step('M1')}?then=check", go="remove")

    assert (response["Location"], load_draft(token)) == (CHECK, {"M4": "2"})


def test_a_text_that_was_emptied_and_ticks_that_were_taken_away_are_gone(full: str) -> None:
    save_draft(token=full, answers={"M5": ["1"], "V9": "One thing", "M1": "4"})
    client = begun(full)

    send(client, step("V9"), V9="", go="continue")
    send(client, step("M5"), go="continue")

    assert load_draft(full) == {"M1": "4"}


def test_what_is_kept_while_one_goes_on_answering_shows_no_page_and_no_mistake(full: str) -> None:
    client = begun_wide(full)

    response = send(client, step("V7"), V7="4", V9="x" * 1001, go="keep")

    assert (response.status_code, response.content) == (204, b"")
    assert load_draft(full) == {"V7": "4"}


def test_a_page_whose_cookie_is_gone_is_taken_and_goes_on(full: str) -> None:
    page_mark = mark(begun_wide(full), step("M1"))
    another_day = Client()

    response = another_day.post(step("M1"), {"page_mark": page_mark, "M1": "4", "M8": "2", "go": "continue"})

    assert (response["Location"], load_draft(full)) == (step("V1"), {"M1": "4", "M8": "2"})
    assert fields(another_day.get(step("V1"))) == ["V1", "V2", "V3", "V4"]


def test_the_page_holds_its_link_only_sealed(token: str) -> None:
    client = begun(token)

    for address in (step("M1"), CHECK, CLEAR):
        page = client.get(address).content.decode()
        assert token not in page
        assert mark(client, address) != mark(client, address), "sealed anew each time"


def test_changing_one_answer_asks_that_question_alone_whatever_the_pace(full: str) -> None:
    save_draft(token=full, answers={"V4": "1", "V7": "4"})
    client = begun_wide(full)
    assert f'href="{step("V4")}?then=check"' in client.get(CHECK).content.decode()

    page = client.get(f"{step('V4')}?then=check")

    assert fields(page) == ["V4"]
    assert "a section at a time" not in words(page)


def test_a_changed_answer_leads_to_the_questions_it_shows_and_then_back_to_the_check(full: str) -> None:
    save_draft(token=full, answers={"V4": "1", "V7": "4"})
    client = begun_wide(full)

    for code, answer, then in (
        ("V4", "4", f"{step('V5')}?then=check"),
        ("V5", "1", f"{step('V6')}?then=check"),
        ("V6", "2", CHECK),
    ):
        assert send(client, f"{step(code)}?then=check", **{code: answer, "go": "continue"})["Location"] == then
    assert load_draft(full) == {"V4": "4", "V5": "1", "V6": "2", "V7": "4"}


def test_two_megabytes_of_text_are_refused_in_words_and_come_back_to_be_shortened(full: str) -> None:
    text = "x" * 2_000_000

    response = send(begun(full), step("V9"), V9=text, go="continue")

    assert response.status_code == 422
    assert "must be 1000 characters or fewer" in words(response)
    assert text in response.content.decode()
    assert load_draft(full) == {}


@pytest.mark.parametrize("pace", ["question", "section"])
def test_a_step_takes_three_queries_to_show_and_at_most_ten_to_keep(
    full: str, pace: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.post(START, {"token": full, "pace": pace})
    page_mark = mark(client, step("M1"))

    with django_assert_num_queries(3):
        client.get(step("M1"))
    with django_assert_max_num_queries(10):
        client.post(step("M1"), {"page_mark": page_mark, "M1": "4", "go": "continue"})
    with django_assert_max_num_queries(4):
        Client().get(first_page(full))


def test_every_text_box_says_that_nobody_reads_it_in_time_and_says_so_to_a_screen_reader(full: str) -> None:
    page = begun_wide(full).get(step("V9")).content.decode()

    described = re.search(r'<textarea[^>]*aria-describedby="([^"]*)"', page)
    assert described
    hints = " ".join(
        re.sub(r"\s+", " ", found[1])
        for name in described[1].split()
        for found in re.finditer(rf'(?s)id="{name}"[^>]*>(.*?)</div>', page)
    )
    assert "Nobody reads this before" in hints
    assert "Write no patient data." in hints
