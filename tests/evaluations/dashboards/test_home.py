"""Home: what is asked of me, what is next, what came of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import CheckIn, Community, Problem
from evaluations.models import Invitation, Survey
from evaluations.services.answers.answering import submit_answers
from tests.evaluations.asking import AGREES, ask, community_of, link_of, person_in, questionnaire, staff_user
from tests.evaluations.pages.browsing import everything_stored
from tests.evaluations.pages.test_surveys import words
from tests.evaluations.services.test_text_review import survey_with_texts
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    MembershipFactory,
    ProblemFactory,
    RoleTermFactory,
    SessionFactory,
)
from tests.factories.doing import CommitmentFactory

pytestmark = pytest.mark.django_db

HOME = reverse("home")


def test_signed_out_it_is_a_front_door_that_reads_no_table(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get(HOME)

    assert response.status_code == 200
    assert "Sign in" in words(response)


def test_it_says_what_is_asked_of_me_with_my_own_link(settings: Any) -> None:
    community = community_of(5, name="Sepsis", slug="sepsis")
    me = person_in(community)
    ask(community)
    ActionFactory.create(community=community, owner=me, text="send the audit form", due_on=TODAY + timedelta(days=6))
    ActionFactory.create(community=community, owner=me, text="ask the pharmacy", due_on=TODAY - timedelta(days=1))
    ActionFactory.create(community=community, text="somebody else’s")

    response = sign_in(Client(), me.user).get(HOME)

    said = words(response)
    assert said.startswith("Good afternoon 3 things are asked of you")
    assert (
        "Community of practice: ten questions Sepsis Closes Sat 12 December No name is kept with your answers. Answer"
        in said
    )
    assert "Your action: ask the pharmacy Sepsis Was due Mon 23 November" in said
    assert "Your action: send the audit form Sepsis Due Mon 30 November" in said
    assert "somebody else’s" not in said
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("answer", "state", "left"), [("done", "done", 0), ("help", "open", 1), ("not_mine", "open", 0)]
)
def test_home_takes_one_of_three_answers_to_an_action_and_stays_home(answer: str, state: str, left: int) -> None:
    community = community_of(5, name="Sepsis", slug="sepsis")
    me = person_in(community)
    action = ActionFactory.create(community=community, owner=me, text="send the audit form")
    client = sign_in(Client(), me.user)
    buttons = re.findall(r'name="state" value="(\w+)"', client.get(HOME).content.decode())
    assert buttons == ["done", "help", "not_mine"]

    page = reverse("communities:answer-action", args=["sepsis", action.pk])
    response = client.post(page, {"from": "home", "state": answer}, follow=True)

    assert response.redirect_chain == [(HOME, 302)]
    action.refresh_from_db()
    assert action.state == state
    said = words(response)
    assert said.count("Your action: send the audit form") == left
    # Help that has been asked for is not offered again.
    assert re.findall(r'name="state" value="(\w+)"', response.content.decode()) == ["done", "not_mine"] * left


def test_no_button_of_home_is_pressed_by_a_get() -> None:
    community = community_of(5, name="Sepsis", slug="sepsis")
    me = person_in(community)
    action = ActionFactory.create(community=community, owner=me)
    page = reverse("communities:answer-action", args=["sepsis", action.pk])

    sign_in(Client(), me.user).get(page, {"from": "home", "state": "done"})

    action.refresh_from_db()
    assert action.state == "open"


def test_what_was_answered_or_has_closed_is_not_asked_again() -> None:
    community = community_of(5)
    me = person_in(community)
    survey = ask(community)
    submit_answers(token=link_of(survey, me), answers=AGREES, now=NOW)
    late = ask(community, version=questionnaire("cop-full"), at=NOW - timedelta(days=22), days=21)
    assert Invitation.objects.filter(survey=late, person=me).exists()

    assert "Nothing is asked of you at the moment" in words(sign_in(Client(), me.user).get(HOME))


def test_without_its_key_a_survey_is_still_named_and_the_mail_pointed_to(settings: Any, tmp_path: Any) -> None:
    community = community_of(5)
    me = person_in(community)
    ask(community)
    settings.KEY_DIR = tmp_path

    said = words(sign_in(Client(), me.user).get(HOME))

    assert "Use the link in your mail." in said


def test_it_shows_the_next_session_and_what_came_of_a_problem_of_my_communities_only() -> None:
    community = community_of(1, name="Sepsis")
    me = person_in(community)
    SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7), place="Room 4")
    SessionFactory.create(starts_at=NOW + timedelta(days=7), place="Elsewhere")
    for where, came_of_it in ((community, "Now used in 3 places."), (community_of(1), "Not ours.")):
        ProblemFactory.create(
            community=where, title="Screening form too long", state=Problem.State.CHANGED, came_of_it=came_of_it
        )

    said = words(sign_in(Client(), me.user).get(HOME))

    assert "Next Sepsis, Tuesday 1 December, 12:00 , Room 4" in said
    assert (
        "“ Screening form too long ”, Sepsis, in the way from September 2026 to October 2026. Now used in 3 places."
        in said
    )
    assert "Elsewhere" not in said
    assert "Not ours." not in said


@pytest.mark.parametrize("role", ["sponsor", "facilitator"])
def test_those_who_hold_a_role_see_the_next_session_and_what_came_of_it_though_they_are_no_members(role: str) -> None:
    community = community_of(1, name="Sepsis")
    mine = RoleTermFactory.create(community=community, role=role)
    SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    ProblemFactory.create(community=community, state=Problem.State.CHANGED, came_of_it="Now used in 3 places.")

    said = words(sign_in(Client(), mine.person.user).get(HOME))

    assert "Next Sepsis, Tuesday 1 December, 12:00" in said
    assert "Now used in 3 places." in said


def test_staff_who_belong_to_no_community_are_not_told_that_nothing_is_planned() -> None:
    SessionFactory.create(starts_at=NOW + timedelta(days=7))

    assert "planned" not in words(sign_in(Client(), staff_user()).get(HOME))


def test_a_facilitator_is_asked_for_the_record_of_a_session_that_is_over_and_a_member_is_not() -> None:
    community = community_of(5, name="Sepsis", slug="sepsis")
    over = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=3))
    SessionFactory.create(community=community, starts_at=NOW - timedelta(days=90))
    SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=10))
    facilitator, member = person_in(community, "facilitator"), person_in(community)

    response = sign_in(Client(), facilitator.user).get(HOME)

    assert words(response).count("Record the session: Sepsis") == 1
    assert "Was on Sat 21 November" in words(response)
    assert reverse("communities:record-session", args=["sepsis", over.pk]) in response.content.decode()
    assert "Record the session" not in words(sign_in(Client(), member.user).get(HOME))
    Community.objects.update(state="closed", closed_on=TODAY, closing_note="Done")
    assert "Record the session" not in words(sign_in(Client(), facilitator.user).get(HOME))


def test_staff_find_the_way_to_the_network_and_members_do_not() -> None:
    assert reverse("network") in sign_in(Client(), staff_user()).get(HOME).content.decode()
    assert reverse("network") not in sign_in(Client(), person_in(community_of(1)).user).get(HOME).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_it_costs_the_same_for_one_thing_asked_and_for_thirty(number: int, django_assert_num_queries: Any) -> None:
    version = questionnaire()
    communities = [community_of(5) for _ in range(number)]
    me = person_in(communities[0])
    for community in communities[1:]:
        MembershipFactory.create(community=community, person=me)
    for community in communities:
        ask(community, version=version)
        ActionFactory.create(community=community, owner=me)
        SessionFactory.create(community=community)
        ProblemFactory.create(community=community, state=Problem.State.SOLVED, came_of_it="It is shorter now.")
        CommitmentFactory.create(community=community, person=me, made_on=TODAY - timedelta(weeks=9))
        going_on = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=10))
        CheckIn.objects.create(session=going_on, opened_by=me.user, opened_at=NOW)
    client = sign_in(Client(), me.user)

    # Among them: what this person wanted to try, sessions to check in to, and sessions that wait for their record.
    with django_assert_num_queries(13):
        client.get(HOME)


def door_of(survey: Survey) -> str:
    return reverse("evaluations:answer-from-home", args=[survey.pk])


def test_home_leads_to_my_questions_by_a_button_and_holds_no_link() -> None:
    community = community_of(5, name="Sepsis", slug="sepsis")
    me = person_in(community)
    survey = ask(community)
    client = sign_in(Client(), me.user)
    page = client.get(HOME).content.decode()
    assert link_of(survey, me) not in page
    assert f'<form method="post" action="{door_of(survey)}"' in page

    response = client.post(door_of(survey))

    assert response["Location"] == reverse("evaluations:answer-first")
    assert link_of(survey, me) not in str(response.headers)
    assert "Sepsis community Community of practice: ten questions" in words(client.get(response["Location"]))
    submit_answers(token=link_of(survey, me), answers=AGREES, now=NOW)
    assert "You have already answered" in words(client.post(door_of(survey), follow=True))


def test_going_to_answer_from_home_writes_down_nothing() -> None:
    community = community_of(5)
    me = person_in(community)
    survey = ask(community)
    client = sign_in(Client(), me.user)
    client.get(HOME)
    before = everything_stored()

    client.post(door_of(survey), follow=True)

    assert everything_stored() == before


def test_nobody_reaches_a_survey_from_home_that_they_were_not_asked() -> None:
    survey = ask(community_of(5))
    outsider = sign_in(Client(), person_in(community_of(1)).user)

    assert outsider.post(door_of(survey)).status_code == 404
    assert outsider.get(door_of(survey)).status_code == 405
    assert reverse("account_login") in Client().post(door_of(survey))["Location"]


def test_while_the_key_cannot_be_read_the_door_at_home_says_so(settings: Any, tmp_path: Any) -> None:
    community = community_of(5)
    me = person_in(community)
    survey = ask(community)
    settings.KEY_DIR = tmp_path

    response = sign_in(Client(), me.user).post(door_of(survey))

    assert response.status_code == 503
    assert "use the link in your mail" in words(response)


def test_staff_are_asked_to_read_texts_that_have_waited_five_working_days_but_not_those_of_their_own_community() -> (
    None
):
    survey = survey_with_texts(5)
    outside, inside = staff_user(), staff_user()
    MembershipFactory.create(community=survey.community, person=inside.person)
    line = f"Read what members wrote: {survey.community.name}"

    assert line not in words(sign_in(Client(), outside).get(HOME))
    Survey.objects.filter(pk=survey.pk).update(closed_at=NOW - timedelta(days=9))

    assert line in words(sign_in(Client(), outside).get(HOME))
    assert line not in words(sign_in(Client(), inside).get(HOME))
