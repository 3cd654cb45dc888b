"""The steps to an open survey: what is open already is not offered, and the last says what members will read."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from communities.models import Community
from evaluations.models import Survey
from evaluations.views.answers.mode_words import mode_words
from tests.evaluations.asking import ask, community_of, person_in, questionnaire
from tests.evaluations.pages.test_surveys import LAST_DAY, at, confirmed, set_up, words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return community_of(6, name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> Client:
    return sign_in(Client(), person_in(community, "facilitator").user)


def test_the_page_before_opening_says_what_members_will_read_in_their_words(
    facilitator: Client, community: Community
) -> None:
    def before(mode: str) -> str:
        return words(facilitator.get(facilitator.post(set_up(community), confirmed(mode=mode))["Location"]))

    assert "This is not anonymous: your answers are kept with your name." in before("named")
    assert "You can change your answers through the same link until the survey closes." in before("named")
    confidential = before("confidential")

    facilitator.post(at("confirm-survey", community), confirmed(mode="confidential"))
    survey = Survey.objects.select_related("pseudonym_key", "version", "community").get()
    assert survey.pseudonym_key is not None
    promised = f"The key to it is destroyed on {date_format(survey.pseudonym_key.ends_on)}."
    assert promised in confidential
    assert mode_words(survey).recorded in confidential
    # The next survey with the same questions goes on under the same key, and its page names the same day.
    Survey.objects.update(state="closed", closed_at=NOW)
    assert promised in before("confidential")


def test_what_is_open_is_named_with_its_last_day_and_not_offered_again(
    facilitator: Client, community: Community
) -> None:
    core, full = questionnaire(), questionnaire("cop-full")
    pulse = questionnaire("session-pulse")
    survey = ask(community, version=core)

    page = facilitator.get(at("open-survey", community))

    assert f"Already open here {core.title} , open until 12 December 2026" in words(page)
    assert f'href="{survey.get_absolute_url()}"' in page.content.decode()
    offered = re.findall(r'name="version" type="radio" value="(\d+)"', page.content.decode())
    assert {int(pk) for pk in offered} == {full.pk, pulse.pk}


def test_what_is_open_is_refused_at_the_first_step_and_has_no_second(facilitator: Client, community: Community) -> None:
    survey = ask(community)

    chosen = facilitator.post(at("open-survey", community), {"version": survey.version_id})
    assert chosen.status_code == 409
    assert "“Community of practice: ten questions” is already open in Sepsis." in words(chosen)
    assert facilitator.get(set_up(community))["Location"] == at("open-survey", community)
    assert facilitator.post(set_up(community), confirmed()).status_code == 409
    preview = reverse("api:survey-preview", args=[community.slug])
    asked = {"instrument": "cop-core", "mode": "anonymous", "closes_on": LAST_DAY.isoformat()}
    assert facilitator.post(preview, asked, "application/json").json()["code"] == "survey_already_open"
    assert Survey.objects.get() == survey


def test_where_everything_is_open_there_is_nothing_to_choose(facilitator: Client, community: Community) -> None:
    for code in ("cop-core", "cop-full", "session-pulse"):
        ask(community, version=questionnaire(code))

    page = facilitator.get(at("open-survey", community))

    assert "There is no other questionnaire: one of these can be opened again once it has closed." in words(page)
    assert "<form" not in page.content.decode().split("<main")[1].split("</main>")[0]
