"""Answering behind a link: what each step stores (mostly nothing), and every way in which it is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluations.models import Invitation, Survey
from evaluations.services.answers.answering import load_draft, save_draft, submit_answers
from tests.evaluations.asking import AGREES, ask, community_of, links_of, questionnaire
from tests.evaluations.pages.browsing import (
    CHECK,
    CLEAR,
    DONE,
    START,
    begun,
    everything_stored,
    first_page,
    mark,
    send,
    step,
    words,
)
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


def test_the_first_page_says_who_asks_for_how_long_what_is_kept_and_what_is_not(token: str) -> None:
    said = words(Client().get(first_page(token)))

    for sentence in (
        "Sepsis community Community of practice: ten questions",
        "10 questions, about 4 minutes, closes Saturday 12 December 2026.",
        "We record that you answered, so that reminders stop; never what you answered.",
        "Your own words may still show who you are.",
        "We do not keep your name, when you answered, or from where.",
        "On days 4, 9 and 14, only to those who have not answered.",
        "it holds &quot;M1&quot;: &quot;1&quot;.",
        "Nothing has been counted or stored by opening this page.",
    ):
        assert sentence in said


def test_a_link_without_its_last_slash_is_answered_at_once_so_that_no_redirect_keeps_it(token: str) -> None:
    response = Client().get(first_page(token).removesuffix("/"))

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_going_through_every_page_without_answering_changes_no_row_of_any_table(token: str) -> None:
    client, before = begun(token), everything_stored()

    for address in (first_page(token), reverse("evaluations:answer-first"), step("M1"), step("V4"), CHECK, CLEAR):
        assert client.get(address).status_code == 200

    assert everything_stored() == before


def test_every_button_pressed_without_a_choice_changes_no_row_of_any_table(token: str) -> None:
    client, before = begun(token), everything_stored()

    for address, data in (
        (step("M1"), {"go": "continue"}),
        (step("M1"), {"go": "skip"}),
        (CHECK, {}),
        (CLEAR, {}),
    ):
        send(client, address, **data)

    assert everything_stored() == before


def test_a_draft_outlives_every_button_pressed_without_a_choice(token: str) -> None:
    save_draft(token=token, answers=AGREES)
    client = begun(token)

    assert send(client, CHECK).status_code == 422
    assert send(client, CLEAR).status_code == 422

    assert load_draft(token) == AGREES
    assert not Invitation.objects.filter(is_answered=True).exists()


def test_answering_all_the_way_notes_that_and_seals_what(survey: Survey, token: str) -> None:
    client = begun(token)
    response = client.get(step("M1"))
    assert "Question 1 of 10" in words(response)
    assert "checked" not in response.content.decode()

    for code, answer in AGREES.items():
        send(client, step(code), **{code: answer, "go": "continue"})
    assert "Agree" in words(client.get(CHECK))
    sent = send(client, CHECK, finished="yes")

    assert (sent.status_code, sent["Location"]) == (302, DONE)
    assert list(Invitation.objects.filter(is_answered=True)) == [
        Invitation.objects.get(survey=survey, is_answered=True)
    ]
    assert load_draft(token) == {}
    assert "Thank you: your answers are in" in words(client.get(DONE))
    assert "12 December 2026" in words(client.get(DONE))


def test_a_second_visit_says_it_is_done(token: str) -> None:
    submit_answers(token=token, answers=AGREES, now=NOW)

    for response in (Client().get(first_page(token)), Client().post(START, {"token": token})):
        assert response.status_code == 200
        assert "You have already answered" in words(response)


def test_sending_the_same_answers_from_a_second_device_is_a_conflict_and_counts_once(token: str) -> None:
    save_draft(token=token, answers=AGREES)
    phone, desk = begun(token), begun(token)
    marks = mark(phone, CHECK), mark(desk, CHECK)

    first = phone.post(CHECK, {"page_mark": marks[0], "finished": "yes"})
    second = desk.post(CHECK, {"page_mark": marks[1], "finished": "yes"})

    assert first.status_code == 302
    assert second.status_code == 200
    assert "You have already answered" in words(second)
    assert Invitation.objects.filter(is_answered=True).count() == 1


def test_nothing_answered_is_not_sent(token: str) -> None:
    response = send(begun(token), CHECK, finished="yes")

    assert response.status_code == 422
    assert "Answer at least one question before you send." in words(response)
    assert not Invitation.objects.filter(is_answered=True).exists()


@pytest.mark.parametrize("finished", [None, "no", "maybe"])
def test_nothing_is_sent_without_the_words_i_have_finished(token: str, finished: str | None) -> None:
    save_draft(token=token, answers=AGREES)

    send(begun(token), CHECK, **({"finished": finished} if finished else {}))

    assert not Invitation.objects.filter(is_answered=True).exists()
    assert load_draft(token) == AGREES


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "A" * len(t), lambda t: t + "x", lambda _: "\x00"])
def test_a_forged_or_truncated_link_is_not_known(token: str, change: Any) -> None:
    forged = change(token)
    for response in (Client().get(f"/a/{forged}/"), Client().post(START, {"token": forged})):
        assert response.status_code == 404
        assert "This link is not known" in words(response)


def test_after_the_close_every_page_says_when_it_closed(survey: Survey, token: str) -> None:
    client = begun(token)
    page_mark = mark(client, CHECK)
    with time_machine.travel(survey.closes_at + timedelta(minutes=1), tick=False):
        for response in (
            Client().get(first_page(token)),
            client.post(START, {"token": token}),
            client.get(step("M1")),
            client.post(step("M1"), {"page_mark": page_mark, "M1": "4", "go": "continue"}),
            client.post(CHECK, {"page_mark": page_mark, "finished": "yes"}),
        ):
            assert response.status_code == 410
            assert "This survey closed on 12 December 2026." in words(response)
    assert load_draft(token) == {}


def test_without_a_link_the_pages_after_start_send_the_reader_back_to_their_mail() -> None:
    for address in (reverse("evaluations:answer-first"), step("M1"), CHECK, CLEAR, DONE):
        response = Client().get(address)
        assert response.status_code == 404
        assert "Open the link in your mail again" in words(response)


def test_an_answer_goes_to_its_own_survey_though_another_link_was_opened_meanwhile(token: str) -> None:
    other = ask(community_of(5), version=questionnaire("cop-full"))
    other_token = links_of(other)[0]
    client = begun(token)
    page_mark = mark(client, step("M1"))

    client.post(START, {"token": other_token})
    response = client.post(step("M1"), {"page_mark": page_mark, "M1": "4", "go": "continue"})

    assert response["Location"] == step("M4")
    assert (load_draft(token), load_draft(other_token)) == ({"M1": "4"}, {})
    # And the browser goes on with the survey that it was answering.
    assert "Question 2 of 10" in words(client.get(step("M4")))


def test_an_answer_outside_the_scale_is_refused_and_nothing_is_kept(token: str) -> None:
    response = send(begun(token), step("M1"), M1="9", go="continue")

    assert response.status_code == 422
    assert "Choose one of the answers in the list." in words(response)
    assert load_draft(token) == {}


def test_an_exclusive_answer_goes_with_no_other() -> None:
    token = links_of(ask(community_of(5), version=questionnaire("cop-full")))[0]

    response = send(begun(token), step("M5"), M5=["1", "x1"], go="continue")

    assert response.status_code == 422
    assert "“Nothing” goes with no other answer." in words(response)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 1001, "must be 1000 characters or fewer"),
        ("a\x00b", "contains a character that cannot be stored"),
        ("a\x07b", "Your answer has characters that cannot be stored."),
    ],
)
def test_a_text_that_cannot_be_stored_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    token = links_of(ask(community_of(5), version=questionnaire("cop-full")))[0]

    response = send(begun(token), step("V9"), V9=text, go="continue")

    assert response.status_code == 422
    assert sentence in words(response)
    assert load_draft(token) == {}


def test_a_text_is_shown_as_text_and_stands_beside_what_nobody_reads_in_time() -> None:
    token = links_of(ask(community_of(5), version=questionnaire("cop-full")))[0]
    client, script = begun(token), "<script>alert('x')</script>\r\nsecond line"

    said = words(client.get(step("V9")))
    assert "Nobody reads this before it has closed, which is planned for 12 December 2026. If someone is at" in said
    send(client, step("V9"), V9=script, go="continue")

    assert load_draft(token) == {"V9": "<script>alert('x')</script>\nsecond line"}
    for address in (CHECK, step("V9")):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_hidden_question_is_not_asked_and_the_count_of_questions_follows_the_answers() -> None:
    token = links_of(ask(community_of(5), version=questionnaire("cop-full")))[0]
    client = begun(token)
    assert client.get(step("V5"))["Location"] == CHECK

    send(client, step("V4"), V4="4", go="continue")

    assert "Question 13 of 27" in words(client.get(step("V5")))


def test_a_question_changed_from_the_check_page_leads_back_to_it(token: str) -> None:
    save_draft(token=token, answers=AGREES)
    client = begun(token)

    response = client.post(
        f"{step('M1')}?then=check", {"page_mark": mark(client, step("M1")), "M1": "5", "go": "continue"}
    )

    assert response["Location"] == CHECK
    assert load_draft(token)["M1"] == "5"


def test_skipping_keeps_what_was_answered_before(token: str) -> None:
    save_draft(token=token, answers={"M1": "4"})

    response = send(begun(token), step("M1"), go="skip")

    assert response["Location"] == step("M4")
    assert load_draft(token) == {"M1": "4"}


def test_a_draft_is_taken_up_on_another_device_where_it_was_left(token: str) -> None:
    send(begun(token), step("M1"), M1="4", go="continue")

    elsewhere = Client()
    assert "Anyone with your link can open your draft." in words(elsewhere.get(first_page(token)))
    assert elsewhere.post(START, {"token": token})["Location"] == step("M4")


def test_clear_my_answers_wipes_the_draft_only_when_chosen(token: str) -> None:
    save_draft(token=token, answers=AGREES)
    client = begun(token)
    asked = words(client.get(CLEAR))
    assert "Do you want to clear your answers? Yes, wipe them No, keep them" in asked

    send(client, CLEAR, clear="no")
    assert load_draft(token) == AGREES
    response = send(client, CLEAR, clear="yes")

    assert "Your answers are cleared" in words(response)
    assert load_draft(token) == {}


def test_the_record_shown_before_sending_is_what_was_answered_and_nothing_else(token: str) -> None:
    save_draft(token=token, answers={"M1": "4", "V3": "2"})

    page = begun(token).get(CHECK).content.decode()

    record = re.search(r"(?s)<pre[^>]*>(.*?)</pre>", page)
    assert record
    assert record[1].replace("&quot;", '"') == '{\n  "M1": "4",\n  "V3": "2"\n}'
