"""Sharing results, and you said, we heard, we did: on the results page, the survey's page, Home, and in forms."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from cop_portal.accounts.models import User
from evaluations.models import Heard, Invitation, Survey
from evaluations.services.results.sharing import HeardWords, share_results, write_heard
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, ActionFactory, facilitator_of, member_of, sponsor_of, staff
from tests.factories.evaluations import close, community_of, give_answers, open_survey_for

pytestmark = pytest.mark.django_db

SAID = {"you_said": "You have too little time.", "we_heard": "It is so everywhere.", "we_did": "We asked the board."}
WORDS = HeardWords(SAID["you_said"], SAID["we_heard"], SAID["we_did"])
HOME = reverse("home")


@pytest.fixture
def survey() -> Survey:
    survey = open_survey_for(community_of(6, name="Sepsis", slug="sepsis"), now=NOW - timedelta(days=40))
    give_answers(survey, count=5)
    return close(survey)


@pytest.fixture
def facilitator(survey: Survey) -> User:
    return facilitator_of(survey.community)


@pytest.fixture
def client(facilitator: User) -> Client:
    return sign_in(Client(), facilitator)


def address(name: str, survey: Survey) -> str:
    return reverse(f"evaluations:{name}", args=[survey.community.slug, survey.pk])


def asked_member(survey: Survey) -> User:
    return Invitation.objects.filter(survey=survey).select_related("person__user").order_by("pk")[0].person.user


def test_a_facilitator_shares_results_after_a_page_that_says_what_that_means(client: Client, survey: Survey) -> None:
    member = sign_in(Client(), member_of(survey.community))
    assert member.get(survey.get_results_url()).status_code == 403
    assert "Members cannot read these results yet." in words(client.get(survey.get_results_url()))
    assert "every member of Sepsis can read the results" in words(client.get(address("share-results", survey)))
    assert client.post(address("share-results", survey))["Location"] == survey.get_results_url()
    assert member.get(survey.get_results_url()).status_code == 200
    assert client.post(address("share-results", survey)).status_code == 409
    client.post(address("stop-sharing", survey))
    assert member.get(survey.get_results_url()).status_code == 403


def test_results_that_stay_with_leaders_say_so_and_offer_no_sharing(client: Client, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(shared_with="leaders")
    response = client.get(survey.get_results_url())
    assert "These results stay with those who lead the community" in words(response)
    assert address("share-results", survey) not in response.content.decode()
    refused = client.post(address("share-results", survey))
    assert refused.status_code == 422
    assert "members were told that its results stay with those who lead the community" in words(refused)


def test_what_came_of_it_is_written_read_by_members_once_shared_and_stands_on_home(
    client: Client, survey: Survey, facilitator: User
) -> None:
    agreed_on = survey.opened_at.date()
    action = ActionFactory.create(
        community=survey.community, agreed_on=agreed_on, due_on=agreed_on, text="write to the board"
    )
    response = client.post(address("write-heard", survey), SAID | {"version": 0, "actions": [action.pk]})
    assert response["Location"] == survey.get_results_url()
    reader = sign_in(Client(), asked_member(survey))
    assert SAID["you_said"] not in words(reader.get(survey.get_absolute_url()))
    assert SAID["you_said"] not in words(reader.get(HOME))
    share_results(survey=survey, by=facilitator, now=NOW)
    for where in (survey.get_absolute_url(), survey.get_results_url(), HOME):
        assert SAID["you_said"] in words(reader.get(where)), where
        assert SAID["we_did"] in words(reader.get(where)), where
    assert "write to the board : open" in words(reader.get(survey.get_results_url()))


def test_home_shows_what_came_of_it_only_to_those_who_were_asked(survey: Survey, facilitator: User) -> None:
    write_heard(survey=survey, version=0, words=WORDS, by=facilitator, now=NOW)
    share_results(survey=survey, by=facilitator, now=NOW)
    assert SAID["you_said"] not in words(sign_in(Client(), member_of(survey.community)).get(HOME))
    assert SAID["you_said"] not in words(sign_in(Client(), member_of(community_of(1))).get(HOME))


def test_an_action_made_private_since_is_shown_no_more(survey: Survey, facilitator: User) -> None:
    agreed_on = survey.opened_at.date()
    action = ActionFactory.create(community=survey.community, agreed_on=agreed_on, due_on=agreed_on, text="hush hush")
    heard = HeardWords("Time.", actions=[action])
    write_heard(survey=survey, version=0, words=heard, by=facilitator, now=NOW)
    share_results(survey=survey, by=facilitator, now=NOW)
    member = sign_in(Client(), member_of(survey.community))
    assert "hush hush" in words(member.get(survey.get_results_url()))
    action.is_private = True
    action.save()
    assert "hush hush" not in words(member.get(survey.get_results_url()))


def test_two_who_write_at_once_see_what_the_other_saved_and_keep_what_they_typed(
    client: Client, survey: Survey, facilitator: User
) -> None:
    write_heard(survey=survey, version=0, words=HeardWords("Theirs stands."), by=facilitator, now=NOW)
    response = client.post(address("write-heard", survey), SAID | {"version": 0})
    assert response.status_code == 409
    assert "You said: Theirs stands." in words(response)
    assert SAID["we_did"] in response.content.decode()
    assert Heard.objects.get().you_said == "Theirs stands."


def test_what_came_of_it_needs_what_was_said_and_takes_no_script(client: Client, survey: Survey) -> None:
    empty = client.post(address("write-heard", survey), {"version": 0, "we_did": "Much."})
    assert empty.status_code == 422
    assert "Say in a sentence what members said." in words(empty)
    client.post(address("write-heard", survey), {"version": 0, "you_said": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(survey.get_results_url()).content.decode()


def test_only_those_who_run_the_community_share_and_write(survey: Survey) -> None:
    names = ("share-results", "stop-sharing", "write-heard")
    for user in (member_of(survey.community), sponsor_of(survey.community)):
        browser = sign_in(Client(), user)
        assert {browser.post(address(name, survey), SAID | {"version": 0}).status_code for name in names} == {403}
    stranger = sign_in(Client(), facilitator_of(community_of(1)))
    assert {stranger.post(address(name, survey), SAID | {"version": 0}).status_code for name in names} == {404}
    assert sign_in(Client(), staff()).get(address("write-heard", survey)).status_code == 200
    assert not Heard.objects.exists()


def test_home_asks_a_facilitator_to_share_what_members_were_told_they_would_see(
    client: Client, survey: Survey, facilitator: User
) -> None:
    line = "Share what members said: Community of practice: ten questions, Sepsis"
    assert line in words(client.get(HOME))
    assert line not in words(sign_in(Client(), asked_member(survey)).get(HOME))
    share_results(survey=survey, by=facilitator, now=NOW)
    assert line not in words(client.get(HOME))


def test_a_closed_community_offers_nothing_to_do(client: Client, survey: Survey) -> None:
    Community.objects.filter(pk=survey.community_id).update(state=Community.State.CLOSED)
    html = client.get(survey.get_results_url()).content.decode()
    assert re.findall(r"/(?:share|heard)/", html) == []
    assert client.post(address("share-results", survey)).status_code == 422


@pytest.mark.parametrize("number", [1, 30])
def test_the_form_costs_as_much_for_thirty_actions_as_for_one(
    number: int, client: Client, survey: Survey, django_assert_num_queries: Any
) -> None:
    agreed_on = survey.opened_at.date()
    ActionFactory.create_batch(number, community=survey.community, agreed_on=agreed_on, due_on=agreed_on)
    client.get(HOME)
    with django_assert_num_queries(11):
        client.get(address("write-heard", survey))
