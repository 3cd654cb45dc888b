"""Named surveys: who has answered, what each said, and that other surveys have no such pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Invitation, PrivacyMode, Survey
from tests.evaluations.asking import staff_user
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, facilitator_of, member_of, sponsor_of
from tests.factories.evaluations import PULSE, close, community_of, give_answers, open_survey_for

pytestmark = pytest.mark.django_db

TEXT = "A shorter form <script>x</script>"


def named(mode: PrivacyMode = PrivacyMode.NAMED, *, members: int = 7) -> Survey:
    survey = open_survey_for(members=members, code=PULSE, mode=mode, now=NOW - timedelta(days=40))
    give_answers(survey, answers=[{"P1": "4", "P3": "1", "P4": TEXT}] * 5)
    return survey


def who(survey: Survey) -> str:
    return reverse("evaluations:who-answered", args=[survey.community.slug, survey.pk])


def answers_of(survey: Survey, *, is_answered: bool = True) -> str:
    one = Invitation.objects.filter(survey=survey, is_answered=is_answered).order_by("pk")[0]
    return reverse("evaluations:answers-of", args=[survey.community.slug, survey.pk, one.person_id])


def test_while_it_is_open_only_who_has_not_answered_is_seen() -> None:
    survey = named()
    client = sign_in(Client(), facilitator_of(survey.community))

    said = words(client.get(who(survey)))

    assert (said.count("Answered Not yet"), said.count("Answered Yes")) == (2, 5)
    assert said.index("Not yet") < said.index("Yes")
    assert answers_of(survey) not in client.get(who(survey)).content.decode()
    assert client.get(answers_of(survey)).status_code == 404
    assert who(survey) in client.get(survey.get_absolute_url()).content.decode()


def test_after_the_close_each_name_leads_to_what_they_said() -> None:
    survey = close(named())
    client = sign_in(Client(), facilitator_of(survey.community))

    response = client.get(answers_of(survey))

    said = words(response)
    assert answers_of(survey) in client.get(who(survey)).content.decode()
    asked = words(client.get(who(survey)))
    assert (asked.count("Answered No"), asked.count("Not yet")) == (2, 0)
    assert "What will you try? A shorter form &lt;script&gt;x&lt;/script&gt;" in said
    assert "<script>x" not in response.content.decode()
    assert len(re.findall(r"(?:Before|Next): ", said)) in (1, 2)
    assert client.get(answers_of(survey, is_answered=False)).status_code == 404


@pytest.mark.parametrize(
    ("role", "seeing_who", "reading"),
    [("staff", 200, 200), ("administrator", 200, 403), ("facilitator", 200, 200), ("sponsor", 403, 403),
     ("member", 403, 403), ("stranger", 404, 404)],
)  # fmt: skip
def test_administrators_see_who_answered_and_read_nobodys_answers(role: str, seeing_who: int, reading: int) -> None:
    survey = close(named())
    users: dict[str, Any] = {
        "facilitator": facilitator_of, "sponsor": sponsor_of, "member": member_of,
        "stranger": lambda _: facilitator_of(community_of(1)),
    }  # fmt: skip
    user = users[role](survey.community) if role in users else staff_user(role)
    client = sign_in(Client(), user)

    statuses = client.get(who(survey)).status_code, client.get(answers_of(survey)).status_code

    assert statuses == (seeing_who, reading)
    if role == "administrator":
        assert answers_of(survey) not in client.get(who(survey)).content.decode()


@pytest.mark.parametrize("mode", [PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL])
def test_of_other_surveys_there_is_no_such_page(mode: PrivacyMode) -> None:
    survey = close(named(mode))
    client = sign_in(Client(), staff_user())

    assert [client.get(page).status_code for page in (who(survey), answers_of(survey))] == [404, 404]
    assert who(survey) not in client.get(survey.get_absolute_url()).content.decode()


@pytest.mark.parametrize("members", [6, 30])
def test_the_list_costs_as_much_for_thirty_people_as_for_six(members: int, django_assert_num_queries: Any) -> None:
    survey = close(named(members=members))
    client = sign_in(Client(), facilitator_of(survey.community))
    client.get(reverse("home"))
    with django_assert_num_queries(7):
        client.get(who(survey))
