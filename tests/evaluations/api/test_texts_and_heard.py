"""Second reading, sharing, and you said, we heard, we did, over the API: the rules and words of the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import User
from evaluations.models import Heard, Survey
from evaluations.models.response import FreeText
from evaluations.services.results.texts import released_texts
from tests.evaluations.services.test_text_review import MARKER, survey_with_texts
from tests.factories.accounts import sign_in
from tests.factories.communities import ActionFactory, MembershipFactory, facilitator_of, member_of, sponsor_of, staff

pytestmark = pytest.mark.django_db

SAID = {"you_said": "You have too little time.", "we_did": "We asked the board."}


@pytest.fixture
def survey() -> Survey:
    return survey_with_texts(5)


@pytest.fixture
def reader(survey: Survey) -> Client:
    return sign_in(Client(), staff())


@pytest.fixture
def facilitator(survey: Survey) -> Client:
    return sign_in(Client(), facilitator_of(survey.community))


def at(name: str, *args: Any) -> str:
    return reverse(f"api:{name}", args=args)


def send(client: Client, address: str, body: Any = None, method: str = "post", **headers: str) -> Any:
    return getattr(client, method)(address, body, content_type="application/json", headers=headers)


def test_texts_are_read_released_shown_and_stand_in_the_results(
    reader: Client, facilitator: Client, survey: Survey
) -> None:
    piles = reader.get(at("text-list")).json()
    assert [(pile["survey"], pile["waiting"], pile["unshown"]) for pile in piles] == [(survey.pk, 5, 0)]
    texts = reader.get(at("survey-texts", survey.pk)).json()
    first = texts[0]
    send(reader, at("text-withhold", survey.pk, first["id"]))
    taken_back = send(reader, at("text-take-back", survey.pk, first["id"]))
    assert {text["state"] for text in taken_back.json()} == {"waiting"}
    send(reader, at("text-release", survey.pk, first["id"]), {"redacted": "The [someone] would not listen"})
    for text in texts[1:]:
        send(reader, at("text-release", survey.pk, text["id"]), {})
    assert send(reader, at("survey-texts-show", survey.pk)).status_code == 200
    read = facilitator.get(at("survey-results", survey.pk)).json()
    shown = next(question["texts"] for question in read["questions"] if question["code"] == "V9")
    assert shown == released_texts(survey)["V9"]
    assert shown.count("The [someone] would not listen") == 1
    send(reader, at("text-withdraw", survey.pk, first["id"]))
    assert released_texts(survey) == {}


def test_refusals_come_with_their_status_and_store_nothing(reader: Client, survey: Survey) -> None:
    text = FreeText.objects.filter(survey=survey).order_by("pk")[0].pk
    adds = send(reader, at("text-release", survey.pk, text), {"redacted": "The registrar"})
    assert (adds.status_code, adds.json()["code"]) == (422, "redaction_adds")
    wait = send(reader, at("survey-texts-show", survey.pk))
    assert (wait.status_code, wait.json()["code"]) == (409, "texts_still_wait")
    assert send(reader, at("text-withdraw", survey.pk, text)).status_code == 409
    other = FreeText.objects.filter(survey=survey_with_texts(5)).order_by("pk")[0].pk
    assert send(reader, at("text-release", survey.pk, other), {}).status_code == 404
    assert set(FreeText.objects.values_list("state", flat=True)) == {"waiting"}


@pytest.mark.parametrize("who", ["inside", "facilitator", "member", "sponsor"])
def test_nobody_in_the_community_reads_its_texts(who: str, survey: Survey) -> None:
    user: User = {"facilitator": facilitator_of, "member": member_of, "sponsor": sponsor_of}.get(
        who, lambda _: staff()
    )(survey.community)
    if who == "inside":
        MembershipFactory.create(community=survey.community, person=user.person)
    client = sign_in(Client(), user)
    answer = client.get(at("survey-texts", survey.pk))
    assert answer.status_code == 403
    assert MARKER not in answer.content.decode()
    assert client.get(at("text-list")).json() == [] if who == "inside" else True


def test_results_are_shared_once_and_taken_back(facilitator: Client, survey: Survey) -> None:
    member = sign_in(Client(), member_of(survey.community))
    assert send(member, at("survey-share", survey.pk)).status_code == 403
    assert send(facilitator, at("survey-share", survey.pk)).json()["is_shared_with_members"] is True
    again = send(facilitator, at("survey-share", survey.pk))
    assert (again.status_code, again.json()["code"]) == (409, "shared_already")
    assert member.get(at("survey-results", survey.pk)).status_code == 200
    assert send(facilitator, at("survey-stop-sharing", survey.pk)).json()["is_shared_with_members"] is False


def test_what_came_of_it_is_written_with_the_version_that_was_read(facilitator: Client, survey: Survey) -> None:
    where, agreed_on = at("survey-heard", survey.pk), survey.opened_at.date()
    action = ActionFactory.create(community=survey.community, agreed_on=agreed_on, due_on=agreed_on)
    body = SAID | {"actions": [action.pk]}
    assert facilitator.get(where).status_code == 404
    written = send(facilitator, where, body)
    assert (written.status_code, written["ETag"], written.json()["actions"]) == (201, '"1"', [action.pk])
    assert send(facilitator, where, body).status_code == 409
    assert send(facilitator, where, body, "put").status_code == 428
    changed = send(facilitator, where, SAID, "put", **{"if-match": '"1"'})
    assert (changed.status_code, changed["ETag"], changed.json()["actions"]) == (200, '"2"', [])
    assert send(facilitator, where, body, "put", **{"if-match": '"1"'}).status_code == 412
    assert Heard.objects.get().version == 2


def test_an_action_from_before_the_survey_is_not_there_to_choose(facilitator: Client, survey: Survey) -> None:
    day = survey.opened_at.date() - timedelta(days=1)
    action = ActionFactory.create(community=survey.community, agreed_on=day, due_on=day)
    body = SAID | {"actions": [action.pk]}
    refused = send(facilitator, at("survey-heard", survey.pk), body)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["actions"]
    assert not Heard.objects.exists()


def test_members_read_what_came_of_it_once_it_is_shared_and_nobody_else_writes_it(
    facilitator: Client, survey: Survey
) -> None:
    where, member = at("survey-heard", survey.pk), sign_in(Client(), member_of(survey.community))
    send(facilitator, where, SAID)
    assert member.get(where).status_code == 403
    assert send(member, where, SAID, "put", **{"if-match": '"1"'}).status_code == 403
    send(facilitator, at("survey-share", survey.pk))
    assert member.get(where).status_code == 200
    assert sign_in(Client(), facilitator_of(survey_with_texts(0).community)).get(where).status_code == 404
