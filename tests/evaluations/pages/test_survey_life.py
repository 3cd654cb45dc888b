"""Behind a link: stopping mail. As a facilitator: more time, and cancelling. As oneself: Your mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from evaluations.links import token_for
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.inbox import InboxBox
from evaluations.models.named import NamedResponse
from evaluations.services.answers.answering import submit_answers
from evaluations.services.surveys.opening import WANTS_NO_MAIL, preview_opening
from tests.evaluations.asking import ask_and_close, community_of, person_in
from tests.evaluations.pages.browsing import everything_stored, first_page, words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY
from tests.factories.evaluations import open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def stop_page(token: str) -> str:
    return reverse("evaluations:answer-stop", args=[token])


def of(survey: Survey, name: str) -> str:
    return reverse(f"evaluations:{name}", args=[survey.community.slug, survey.pk])


@pytest.fixture
def facilitator(survey: Survey) -> Client:
    return sign_in(Client(), person_in(survey.community, "facilitator").user)


def test_the_first_page_leads_to_the_choices_and_they_lead_back(client: Client, token: str) -> None:
    assert f'href="{stop_page(token)}"' in client.get(first_page(token)).content.decode()
    assert f'href="{first_page(token)}"' in client.get(stop_page(token)).content.decode()


def test_neither_opening_the_page_nor_a_lone_button_changes_anything(client: Client, token: str) -> None:
    before = everything_stored()
    assert client.get(stop_page(token)).status_code == 200
    response = client.post(stop_page(token), {})
    assert response.status_code == 422
    assert "Choose what you would like" in words(response)
    assert client.post(stop_page(token), {"choice": "everything"}).status_code == 422
    assert everything_stored() == before


@pytest.mark.parametrize("body", ["List-Unsubscribe=One-Click", "choice=not_this"])
def test_no_more_mail_about_this_by_choice_or_by_the_button_of_a_mail_program(
    client: Client, survey: Survey, token: str, body: str
) -> None:
    response = client.post(stop_page(token), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert "No more mail about this" in words(response)
    assert survey.invitations.filter(is_stopped=True).count() == 1

    again = client.get(stop_page(token))
    assert "Do remind me about this after all" in words(again)
    client.post(stop_page(token), {"choice": "again"})
    assert not survey.invitations.filter(is_stopped=True).exists()


def test_only_that_very_body_acts_without_a_choice(client: Client, survey: Survey, token: str) -> None:
    for body in ("List-Unsubscribe=one-click", "List-Unsubscribe=One-Click&go=1"):
        response = client.post(stop_page(token), body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 422
    assert not survey.invitations.filter(is_stopped=True).exists()


def test_not_me_ends_the_link(client: Client, token: str) -> None:
    assert "Thank you for telling us" in words(client.post(stop_page(token), {"choice": "not_me"}))
    assert client.get(first_page(token)).status_code == 404
    assert client.get(stop_page(token)).status_code == 404


def test_not_me_after_sending_takes_named_answers_out_and_whoever_was_meant_can_answer(client: Client) -> None:
    """Else the facilitators would read a stranger's answers under a member's name."""
    survey = open_survey_for(members=5, mode=PrivacyMode.NAMED)
    one, other = Invitation.objects.select_related("survey").filter(survey=survey).order_by("pk")[:2]
    for invitation in (one, other):
        submit_answers(token=token_for(invitation), answers={"M1": "1"}, now=timezone.now())

    told = words(client.post(stop_page(token_for(one)), {"choice": "not_me"}))

    assert "What had been sent, with the name of somebody else, is taken out." in told
    assert [row.person for row in NamedResponse.objects.filter(survey=survey)] == [other.person]
    assert [row.pk for row in survey.invitations.filter(is_answered=True)] == [other.pk]
    one.refresh_from_db()
    submit_answers(token=token_for(one), answers={"M1": "5"}, now=timezone.now())
    assert NamedResponse.objects.get(survey=survey, person=one.person).answers == {"M1": "5"}


@pytest.mark.parametrize("mode", [PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL])
def test_not_me_after_sending_leaves_a_sealed_answer_and_says_so(client: Client, mode: PrivacyMode) -> None:
    survey = open_survey_for(members=5, mode=mode)
    invitation = Invitation.objects.select_related("survey").filter(survey=survey).first()
    assert invitation is not None
    submit_answers(token=token_for(invitation), answers={"M1": "1"}, now=timezone.now())

    told = words(client.post(stop_page(token_for(invitation)), {"choice": "not_me"}))

    assert "What had been sent stays: it is sealed" in told
    assert (survey.invitations.filter(is_answered=True).count(), InboxBox.objects.count()) == (1, 1)


def test_the_page_says_who_learns_what_of_each_choice(client: Client, survey: Survey) -> None:
    invitation = Invitation.objects.select_related("survey", "person__user").filter(survey=survey).first()
    assert invitation is not None
    said = words(client.get(stop_page(token_for(invitation))))
    assert "nobody is told that you want no more mail about this" in said
    assert "you are not asked in later surveys, and those who open one see why" in said
    client.post(stop_page(token_for(invitation)), {"choice": "own_only"})
    not_asked = preview_opening(community=survey.community, version=survey.version, now=timezone.now()).not_asked
    assert [(one.person, one.why) for one in not_asked] == [(invitation.person, WANTS_NO_MAIL)]


def test_stop_all_but_own_actions_is_seen_and_taken_back_at_my_mail(survey: Survey) -> None:
    invitation = Invitation.objects.select_related("survey", "person__user").filter(survey=survey).first()
    assert invitation is not None
    Client().post(stop_page(token_for(invitation)), {"choice": "own_only"})
    me = sign_in(Client(), invitation.person.user)
    page = me.get(reverse("evaluations:my-mail"))
    assert page.context["form"].initial == {"wanted": "own"}

    me.post(reverse("evaluations:my-mail"), {"wanted": "all"})

    invitation.person.user.refresh_from_db()
    assert invitation.person.user.only_own_mail is False


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00"])
def test_a_made_up_link_stops_nothing(client: Client, survey: Survey, token: str) -> None:
    assert client.get(stop_page(token)).status_code == 404
    assert client.post(stop_page(token), {"choice": "not_this"}).status_code == 404
    assert not survey.invitations.filter(is_stopped=True).exists()


def test_after_the_close_there_is_nothing_to_stop(client: Client) -> None:
    survey = ask_and_close(community_of(6), [])
    invitation = Invitation.objects.select_related("survey").filter(survey=survey).first()
    assert invitation is not None
    response = client.post(stop_page(token_for(invitation)), {"choice": "not_this"})
    assert response.status_code == 410


def test_my_mail_lists_what_is_planned_for_me(
    survey: Survey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = survey.invitations.select_related("person__user").order_by("pk")[0].person
    me = sign_in(Client(), person.user)
    me.get(reverse("evaluations:my-mail"))
    with django_assert_num_queries(3):
        page = me.get(reverse("evaluations:my-mail"))
    planned = page.context["planned"]
    assert [mail.community for mail in planned] == ["Sepsis"] * len(planned)
    assert [mail.due_at for mail in planned] == sorted(mail.due_at for mail in planned)
    assert planned
    assert planned[0].due_at >= NOW


def test_a_facilitator_gives_more_time(facilitator: Client, survey: Survey) -> None:
    last = timezone.localdate(survey.closes_at) + timedelta(days=7)
    response = facilitator.post(of(survey, "more-time"), {"closes_on": str(last)})
    assert response.status_code == 302
    survey.refresh_from_db()
    assert timezone.localdate(survey.closes_at) == last


def test_an_earlier_day_is_refused_beside_the_box(facilitator: Client, survey: Survey) -> None:
    response = facilitator.post(of(survey, "more-time"), {"closes_on": str(TODAY)})
    assert response.status_code == 422
    assert "Choose a day after" in words(response)


def test_cancelling_asks_why_and_whether(facilitator: Client, survey: Survey) -> None:
    assert facilitator.post(of(survey, "cancel-survey"), {}).status_code == 422
    facilitator.post(of(survey, "cancel-survey"), {"because": "Wrong questions", "sure": "no"})
    survey.refresh_from_db()
    assert survey.state == Survey.State.OPEN

    facilitator.post(of(survey, "cancel-survey"), {"because": "Wrong questions", "sure": "yes"})

    page = words(facilitator.get(survey.get_absolute_url()))
    assert "Cancelled" in page
    assert "Wrong questions" in page
    assert "Cancel it" not in page


@pytest.mark.parametrize("name", ["more-time", "cancel-survey"])
def test_members_change_nothing_of_a_survey_and_strangers_do_not_see_it(survey: Survey, name: str) -> None:
    member = sign_in(Client(), person_in(survey.community).user)
    stranger = sign_in(Client(), person_in(community_of(1)).user)
    assert member.post(of(survey, name), {}).status_code == 403
    assert stranger.post(of(survey, name), {}).status_code == 404


@pytest.mark.parametrize(
    ("name", "body"), [("more-time", {"closes_on": "2027-01-29"}), ("cancel", {"because": "Wrong questions"})]
)
def test_the_api_does_the_same(facilitator: Client, survey: Survey, name: str, body: dict[str, str]) -> None:
    address = reverse(f"api:survey-{name}", args=[survey.pk])
    assert facilitator.post(address, {}, content_type="application/json").status_code == 400
    response = facilitator.post(address, body, content_type="application/json")
    assert response.status_code == 200
    assert response.json()["state"] == ("cancelled" if name == "cancel" else "open")
    if name == "cancel":
        assert facilitator.post(address, body, content_type="application/json").status_code == 409


def test_what_a_named_survey_never_sealed_is_not_called_sealed(survey: Survey) -> None:
    named = open_survey_for(members=6, code="session-pulse", mode=PrivacyMode.NAMED, now=NOW - timedelta(days=3))
    pages = ("close-survey", "more-time", "cancel-survey")

    def said(about: Survey) -> str:
        client = sign_in(Client(), person_in(about.community, "facilitator").user)
        return " ".join(words(client.get(of(about, name))) for name in pages).lower()

    for promise in ("sealed answers are opened", "stays sealed until then", "without the keys"):
        assert promise in said(survey)
        assert promise not in said(named)
    assert "hold the answers, with names" in said(named)
