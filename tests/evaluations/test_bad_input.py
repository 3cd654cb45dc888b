"""What must not happen to a survey, tried through each door that offers it: the page and the API say the same."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import InstrumentVersion, Invitation, Release, Survey
from evaluations.models.inbox import InboxBox
from tests.evaluations.asking import ask, community_of, links_of, person_in, questionnaire
from tests.evaluations.pages.browsing import words
from tests.evaluations.pages.test_surveys import confirmed
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW
from tests.factories.evaluations import give_answers

pytestmark = pytest.mark.django_db

Door = Callable[[Client, Community], Any]


def by_page(client: Client, community: Community) -> Any:
    return client.post(reverse("evaluations:confirm-survey", args=[community.slug]), confirmed())


def by_api(client: Client, community: Community) -> Any:
    day = confirmed()["closes_on"]
    body = {"instrument": questionnaire().instrument.code, "closes_on": day}
    return client.post(reverse("api:survey-open", args=[community.slug]), body, content_type="application/json")


DOORS = pytest.mark.parametrize("opening", [by_page, by_api])


def said(response: Any) -> str:
    """What the refusal says: a page's words, or the detail of a problem document."""
    return response.json()["detail"] if "json" in response["Content-Type"] else words(response)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def key_dir(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)
    folder: Path = settings.KEY_DIR
    return folder


def run_by(community: Community) -> Client:
    return sign_in(Client(), person_in(community, "facilitator").user)


def missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder.rmdir()
    return "The key directory is missing or cannot be reached."


def readable_by_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder.chmod(0o750)
    return "The key directory can be read by other users. Make it private: chmod 700."


def full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def no_room(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", no_room)
    return "The key directory is full."


@DOORS
@pytest.mark.parametrize("spoil", [missing, readable_by_others, full])
def test_nothing_is_opened_while_keys_would_not_be_safe(
    opening: Door, spoil: Any, key_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    community = community_of(6)
    client = run_by(community)
    questionnaire()
    sentence = spoil(key_dir, monkeypatch)

    response = opening(client, community)

    assert response.status_code == 422
    assert sentence in said(response)
    assert not Survey.objects.exists()
    assert not key_dir.exists() or list(key_dir.iterdir()) == []


@DOORS
def test_a_community_of_four_can_be_asked_and_what_it_says_stays_hidden(opening: Door, key_dir: Path) -> None:
    community = community_of(4)
    client = run_by(community)

    assert opening(client, community).status_code in (201, 302)

    survey = Survey.objects.get()
    give_answers(survey, count=4, now=NOW)
    for although_extended in (False, True):
        said = {"although_extended": although_extended}
        client.post(reverse("api:survey-close", args=[survey.pk]), said, content_type="application/json")
    survey.refresh_from_db()
    assert (survey.state, survey.was_extended) == ("closed", True)
    page = words(client.get(survey.get_results_url()))
    assert "Hidden: fewer than 5 answers" in page
    assert "100%" not in page
    results = client.get(reverse("api:survey-results", args=[survey.pk])).content.decode()
    assert '"value":4' not in results.replace(" ", "")


def close_by_page(client: Client, survey: Survey) -> Any:
    address = reverse("evaluations:close-survey", args=[survey.community.slug, survey.pk])
    form = client.get(address).context["form"]
    # Whatever the form asks: yes.
    data = {
        name: next(iter(dict(field.choices)), "on") for name, field in form.fields.items() if hasattr(field, "choices")
    }
    return client.post(address, data, follow=True)


def close_by_api(client: Client, survey: Survey) -> Any:
    return client.post(reverse("api:survey-close", args=[survey.pk]), content_type="application/json")


@pytest.mark.parametrize("closing", [close_by_page, close_by_api])
def test_a_box_that_does_not_open_halts_the_close_which_says_so_to_those_who_run_it(
    closing: Any, key_dir: Path
) -> None:
    community = community_of(6)
    client, member = run_by(community), sign_in(Client(), person_in(community).user)
    survey = ask(community)
    give_answers(survey, count=6, now=NOW)
    InboxBox.objects.filter(pk=InboxBox.objects.filter(survey=survey).values("pk")[:1]).update(body=b"x" * 200)

    closing(client, survey)

    survey.refresh_from_db()
    assert survey.state == "closing"
    assert not Release.objects.exists()
    why = "The close has halted: a sealed answer does not open with this survey’s key."
    assert why in words(client.get(survey.get_absolute_url()))
    assert client.get(reverse("api:survey", args=[survey.pk])).json()["halted_because"].startswith(why)
    assert why not in words(member.get(survey.get_absolute_url()))
    assert member.get(reverse("api:survey", args=[survey.pk])).json()["halted_because"] is None


def test_a_version_that_is_in_use_cannot_be_deleted_not_even_in_the_database(key_dir: Path) -> None:
    survey = ask(community_of(6))
    token = links_of(survey)[0]

    with pytest.raises(ProtectedError):
        survey.version.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        InstrumentVersion.objects.filter(pk=survey.version_id)._raw_delete("default")

    assert Client().get(reverse("evaluations:answer", args=[token])).status_code == 200


def test_a_key_lost_while_people_answer_stops_the_answering_in_words(key_dir: Path) -> None:
    survey = ask(community_of(6))
    token = links_of(survey)[0]
    Survey.objects.filter(pk=survey.pk).update(halted_because="The key cannot be read.")

    response = Client().post(reverse("evaluations:answer-start"), {"token": token})

    assert response.status_code == 503
    assert "Answers cannot be taken at the moment" in words(response)
    assert not Invitation.objects.filter(is_answered=True).exists()
