"""Pages behind a link leave no trace of who came: no session, no cookie but one, no query about people, no log line."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluations.models import Invitation, Survey
from evaluations.services.answers.answering import load_draft, save_draft
from tests.evaluations.asking import AGREES, ask, community_of, links_of, person_in, questionnaire
from tests.evaluations.pages.browsing import (
    CHECK,
    CLEAR,
    DONE,
    START,
    begun,
    first_page,
    send,
    step,
    words,
)
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db


def test_every_page_behind_a_link_tells_browsers_to_keep_and_pass_on_nothing(token: str) -> None:
    client = begun(token)
    for address in (first_page(token), "/a/forged/", step("M1"), CHECK, CLEAR, DONE):
        response = client.get(address)
        assert {name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
        }


def test_the_link_is_kept_in_one_cookie_that_only_this_host_reads_under_one_path(token: str) -> None:
    client = Client()
    client.get(first_page(token))
    assert set(client.cookies) == set()

    response = client.post(START, {"token": token})

    assert set(client.cookies) == {"answering"}
    cookie = client.cookies["answering"]
    assert {name: cookie[name] for name in ("path", "domain", "httponly", "samesite", "max-age", "expires")} == {
        "path": "/a/",
        "domain": "",
        "httponly": True,
        "samesite": "Strict",
        "max-age": "",
        "expires": "",
    }
    assert token not in cookie.value
    assert token not in response["Location"]


def test_after_sending_the_cookie_no_longer_holds_the_link(token: str) -> None:
    save_draft(token=token, answers=AGREES)
    client = begun(token)
    send(client, CHECK, finished="yes")

    for address in (step("M1"), CHECK):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, DONE)


def test_someone_signed_in_is_not_recognised_and_their_session_is_not_read(survey: Survey, token: str) -> None:
    client = begun(token)
    sign_in(client, person_in(survey.community).user)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        for address in (first_page(token), step("M1"), CHECK):
            assert client.get(address).status_code == 200
    asked = {table for query in queries for table in re.findall(r'(?:FROM|INTO|UPDATE|JOIN) "(\w+)"', query["sql"])}
    # The questions themselves were read once, by the first page that anyone opened in this process. The session is
    # the meeting that a survey may be about.
    assert asked == {
        "evaluations_invitation", "evaluations_survey", "evaluations_instrumentversion", "communities_community",
        "communities_session", "evaluations_draft",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["cop-core", "cop-full"])
def test_an_answer_page_takes_three_queries_whatever_the_length(code: str, django_assert_num_queries: Any) -> None:
    client = begun(links_of(ask(community_of(5), version=questionnaire(code)))[0])
    for address in (step("M1"), CHECK):
        with django_assert_num_queries(3):
            client.get(address)


@pytest.mark.parametrize("sent", [{}, {"page_mark": "0" * 32}, {"page_mark": "’"}])
def test_a_form_from_elsewhere_lacks_the_page_s_mark_and_changes_nothing(token: str, sent: dict[str, str]) -> None:
    save_draft(token=token, answers=AGREES)
    client = begun(token)

    for address, data in (
        (step("M1"), {"M1": "1", "go": "continue"}),
        (CHECK, {"finished": "yes"}),
        (CLEAR, {"clear": "yes"}),
    ):
        assert client.post(address, {**data, **sent}).status_code == 409

    assert load_draft(token) == AGREES
    assert not Invitation.objects.filter(is_answered=True).exists()


def test_the_forms_work_in_a_browser_that_passes_on_no_referrer(token: str) -> None:
    """With `no-referrer` browsers send a form with `Origin: null`, which Django's own check refuses."""
    client = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    client.get(first_page(token))

    assert client.post(START, {"token": token}).status_code == 302
    assert send(client, step("M1"), M1="4", go="continue").status_code == 302


def test_no_log_line_holds_the_link_or_the_answer(
    token: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = begun(token)
    save_draft(token=token, answers={"M1": "4"})

    def fails(*args: object, **kwargs: object) -> None:
        raise OSError(f"the disk is full while {args} {kwargs}")

    monkeypatch.setattr("evaluations.views.answers.answering.submit_answers", fails)
    with caplog.at_level(logging.DEBUG):
        response = send(client, CHECK, finished="yes")
        Client().get(first_page(token[:-1]))
        Client().get(first_page(token))

    assert response.status_code == 500
    assert "Nothing you just sent was stored." in words(response)
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "OSError" in logged
    assert token not in logged
    assert token[:-1] not in logged
