"""Behind the lever-holder's link: reading changes nothing, a choice is needed, and no trace is left of who came."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from communities.models import Community, Escalation, EscalationAnswer, Problem
from communities.services.problems.escalations import withdraw_escalation
from cop_portal.accounts.models import User
from cop_portal.outbox.models import OutboxMessage
from tests.communities.putting import beyond_reach, put_to_lena, token_of
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
HIDDEN = ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")


@pytest.fixture
def asked(community: Community, facilitator: User) -> Escalation:
    return put_to_lena(beyond_reach(community, facilitator, title="Two forms"), facilitator)


def page(asked: Escalation, name: str = "reply-to-problem") -> str:
    return reverse(f"communities:{name}", args=[token_of(asked)])


def stored() -> list[object]:
    kept = (Escalation, EscalationAnswer, Problem, OutboxMessage)
    return [sorted(model._default_manager.values_list(), key=str) for model in kept]


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_the_page_shows_the_brief_and_offers_three_answers_none_of_them_chosen(
    client: Client, asked: Escalation
) -> None:
    html = words(client, page(asked))
    for shown in ("Two forms ask for the same", "We timed both", "One form, please", "Fadia Facilitator"):
        assert shown in html
    assert [html.count(f'value="{verdict}"') for verdict in ("will_act", "declined", "elsewhere")] == [1, 1, 1]
    assert "checked" not in html
    assert "Lena Lever" not in html


def test_opening_it_changes_nothing_and_leaves_no_trace(
    client: Client, asked: Escalation, people: dict[str, User], caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, people["member"])
    before, cookies, token = stored(), dict(client.cookies), token_of(asked)
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        responses = [
            client.get(page(asked)), client.head(page(asked)), client.get(page(asked, "not-my-answer")),
            client.get(f"/e/{token}"), client.get("/e/forged/"), client.post(page(asked), {}),
        ]  # fmt: skip
    assert [response.status_code for response in responses] == [200, 200, 200, 200, 404, 422]
    assert (stored(), dict(client.cookies)) == (before, cookies)
    assert not any("session" in q["sql"] and "django_session" in q["sql"] for q in queries)
    assert token not in caplog.text
    for response in responses:
        assert [response[name] for name in HIDDEN] == ["no-store", "no-referrer", "noindex, nofollow"]


def test_a_scanner_that_presses_every_button_answers_nothing(client: Client, asked: Escalation) -> None:
    before = stored()
    for name in ("reply-to-problem", "not-my-answer"):
        form = client.get(page(asked, name)).context["form"]
        pressed = client.post(page(asked, name), {"version": form["version"].value(), "answer": "x", "verdict": "all"})
        assert pressed.status_code == 422
    assert stored() == before


def test_an_answer_is_taken_shown_again_and_can_be_changed_for_a_fortnight(client: Client, asked: Escalation) -> None:
    sent = client.post(page(asked), {"version": "1", "verdict": "will_act", "answer": "From May"}, follow=True)
    html = " ".join(sent.content.decode().split())
    assert sent.redirect_chain == [(page(asked), 302)]
    assert "<strong>Will act</strong>, answered on 24 November 2026, through the link sent to Medical director" in html
    assert "You can change it below until 8 December 2026, 12:00." in html
    assert "checked" not in html
    client.post(page(asked), {"version": "2", "verdict": "declined", "answer": "No, sorry"})
    asked.refresh_from_db()
    assert (asked.verdict, asked.answer, asked.answers.count()) == ("declined", "No, sorry", 2)
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        late = words(client, page(asked))
        refused = client.post(page(asked), {"version": "3", "verdict": "will_act", "answer": "Yes"})
    assert "It can no longer be changed here." in late
    assert "Send my answer" not in late
    assert refused.status_code == 409
    asked.refresh_from_db()
    assert asked.verdict == "declined"


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({}, 422, "Choose one of the three answers"),
        ({"verdict": "perhaps"}, 422, "from the list"),
        ({"verdict": "elsewhere", "answer": " "}, 422, "Say who can act: their post, and where."),
        ({"verdict": "declined", "answer": "x" * 2001}, 422, "must be 2000 characters or fewer"),
        ({"verdict": "declined", "answer": "No\x00"}, 422, "contains a character that cannot be stored"),
        ({"verdict": "declined", "version": "7"}, 409, "This has been answered or changed since you opened the page."),
    ],
)
def test_what_cannot_be_taken_says_why_and_keeps_what_was_typed(
    client: Client, asked: Escalation, typed: dict[str, str], status: int, said: str
) -> None:
    before = stored()
    response = client.post(page(asked), {"version": "1", "answer": "Kept", **typed})
    assert (response.status_code, said in response.content.decode()) == (status, True)
    assert typed.get("answer", "Kept").strip("\x00 ") in response.content.decode()
    assert stored() == before


def test_a_double_click_answers_once(client: Client, asked: Escalation) -> None:
    said = {"version": "1", "verdict": "will_act", "answer": "Yes"}
    assert [client.post(page(asked), said).status_code for _ in range(2)] == [302, 302]
    assert asked.answers.count() == 1


def test_this_was_not_me_needs_a_choice_and_makes_the_old_link_useless(client: Client, asked: Escalation) -> None:
    client.post(page(asked), {"version": "1", "verdict": "will_act", "answer": "Yes"})
    not_me = page(asked, "not-my-answer")
    assert "checked" not in words(client, not_me)
    assert client.post(not_me, {"version": "2"}).status_code == 422
    assert client.post(not_me, {"version": "2", "whose": "mine"})["Location"] == page(asked)
    asked.refresh_from_db()
    assert asked.verdict == "will_act"
    told = client.post(not_me, {"version": "2", "whose": "not_mine"})
    assert (told.status_code, "This answer no longer counts" in told.content.decode()) == (200, True)
    again = client.post(not_me, {"version": "2", "whose": "not_mine"})
    assert (again.status_code, "a newer one has been sent to you" in again.content.decode()) == (404, True)
    assert client.get(page(asked)).status_code == 200
    asked.refresh_from_db()
    assert (asked.verdict, asked.is_waiting, asked.problem.state) == ("", True, "escalated")


def test_before_an_answer_there_is_nothing_to_say_is_not_theirs(client: Client, asked: Escalation) -> None:
    assert "No answer has come through your link." in words(client, page(asked, "not-my-answer"))
    refused = client.post(page(asked, "not-my-answer"), {"version": "1", "whose": "not_mine"})
    assert refused.status_code == 409


def test_what_was_taken_back_or_belongs_to_a_closed_community_says_so(
    client: Client, asked: Escalation, facilitator: User
) -> None:
    answer = {"version": "1", "verdict": "will_act", "answer": "Yes"}
    Community.objects.update(state=Community.State.CLOSED)
    closed = client.post(page(asked), answer)
    assert (closed.status_code, "This community has closed" in closed.content.decode()) == (410, True)
    Community.objects.update(state=Community.State.ACTIVE)
    withdraw_escalation(escalation=asked, because="Wrong person", by=facilitator, now=NOW)
    taken = client.get(page(asked))
    assert (taken.status_code, "took this back on 24 November 2026" in taken.content.decode()) == (410, True)
    assert "Wrong person" not in taken.content.decode()
    assert client.post(page(asked), answer).status_code == 410
    assert asked.answers.count() == 0


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_what_they_write_comes_out_as_text_on_every_page(
    client: Client, asked: Escalation, facilitator: User, payload: str
) -> None:
    client.post(page(asked), {"version": "1", "verdict": "elsewhere", "answer": payload})
    asked.refresh_from_db()
    assert asked.answer == payload
    sign_in(client, facilitator)
    pages = [page(asked), page(asked, "not-my-answer"), asked.get_absolute_url(), asked.problem.get_absolute_url()]
    for address in pages:
        html = client.get(address).content.decode()
        assert escape(payload) in html, address
        assert payload == escape(payload) or payload not in html, address
        assert "<script>alert" not in html
        assert "<img src=x" not in html
