"""The register of problems: raising, locating, moving on, settling, and the trail that members read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community, Problem
from communities.services.answers import record_answer
from communities.services.escalations import escalate_problem
from communities.services.problems import declare_beyond_reach, settle_problem
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, LeverHolderFactory, OrganisationFactory, ProblemFactory

pytestmark = pytest.mark.django_db


def page(name: str, problem: Problem) -> str:
    return reverse(f"communities:{name}", args=[problem.community.slug, problem.pk])


@pytest.fixture
def problem(community: Community) -> Problem:
    return ProblemFactory.create(community=community, title="Two forms for one screening")


def test_a_problem_raised_is_on_the_register(signed_in: Client, community: Community) -> None:
    raised = {"title": "No beds", "detail": "Since winter.", "since_on": "2026-11-01"}
    response = signed_in.post(reverse("communities:raise-problem", args=[community.slug]), raised, follow=True)
    problem = Problem.objects.get()
    assert response.redirect_chain == [(problem.get_absolute_url(), 302)]
    assert (problem.title, problem.detail, problem.state) == ("No beds", "Since winter.", "raised")
    register = signed_in.get(reverse("communities:problem-list", args=[community.slug])).content.decode()
    assert "Raised, for 0 days" in register


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Answer “What is in the way?”"),
        ({"since_on": "2026-11-25"}, "Choose today or an earlier date: since when has this been so?"),
        ({"detail": "x" * 2001}, "More about it must be 2000 characters or fewer"),
    ],
)
def test_a_problem_that_cannot_be_raised_is_not(
    signed_in: Client, community: Community, changes: dict[str, str], words: str
) -> None:
    typed = {"title": "No beds", "since_on": "2026-11-01", **changes}
    response = signed_in.post(reverse("communities:raise-problem", args=[community.slug]), typed)
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert not Problem.objects.exists()


def test_a_problem_is_located_moved_on_and_settled_step_by_step(signed_in: Client, problem: Problem) -> None:
    signed_in.post(
        page("locate-problem", problem), {"version": "1", "knowledge": "in_community", "lever": "local_managers"}
    )
    signed_in.post(page("move-problem", problem), {"state": "being_worked_on", "note": "We try one form"})
    signed_in.post(page("settle-problem", problem), {"state": "solved", "came_of_it": "There is one form now"})
    problem.refresh_from_db()
    assert (problem.knowledge, problem.lever, problem.state) == ("in_community", "local_managers", "solved")
    html = " ".join(signed_in.get(problem.get_absolute_url()).content.decode().split())
    assert "There is one form now" in html
    assert "We try one form" in html
    assert [entry.step.to_state for entry in signed_in.get(problem.get_absolute_url()).context["trail"]] == [
        "raised",
        "being_worked_on",
        "solved",
    ]


def test_only_what_is_possible_now_is_offered(signed_in: Client, problem: Problem) -> None:
    offered = signed_in.get(page("settle-problem", problem)).context["form"].fields["state"].choices
    assert offered == [("solved", "Solved")]
    refused = signed_in.post(page("settle-problem", problem), {"state": "changed", "came_of_it": "Moved"})
    assert refused.status_code == 422
    problem.refresh_from_db()
    assert problem.state == "raised"


def test_of_two_settling_a_problem_the_second_is_told(
    signed_in: Client, problem: Problem, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_problem(problem=problem, state="solved", came_of_it="Theirs", by=facilitator, now=NOW)
    located = signed_in.post(
        page("locate-problem", problem), {"version": "1", "knowledge": "reachable", "lever": "members"}
    )
    assert located.status_code == 409
    assert "This problem has been settled, so its record stays as it is." in located.content.decode()
    settled = signed_in.post(page("settle-problem", problem), {"state": "solved", "came_of_it": "Mine"})
    assert settled.status_code == 422
    problem.refresh_from_db()
    assert problem.came_of_it == "Theirs"


def test_the_trail_counts_days_and_shows_the_question_and_the_answer_without_the_lever_holders_name(
    client: Client, at_noon: None, problem: Problem, people: dict[str, User]
) -> None:
    holder = LeverHolderFactory.create(
        name="Lena Lever", post="Medical director", organisation=OrganisationFactory.create(name="Riverside Trust")
    )
    by = people["facilitator"]
    declare_beyond_reach(problem=problem, by=by, now=NOW - timedelta(days=30))
    asked = escalate_problem(problem=problem, to=holder, ask="One form, please", by=by, now=NOW - timedelta(days=20))
    record_answer(
        escalation=asked,
        version=1,
        verdict="declined",
        answer="Not this year",
        came_by="by mail",
        by=by,
        now=NOW - timedelta(5),
    )
    response = sign_in(client, people["member"]).get(problem.get_absolute_url())
    assert [(entry.step.to_state, entry.days) for entry in response.context["trail"]] == [
        ("raised", 10),
        ("beyond_reach", 10),
        ("escalated", 15),
        ("answered", 5),
    ]
    html = " ".join(response.content.decode().split())
    assert "We asked Medical director, Riverside Trust, on 4 November 2026:" in html
    assert "Not this year" in html
    assert "Declined</strong>, answered on 19 November 2026, by mail" in html
    assert "Lena Lever" not in html
    assert "Say what came of it" not in html
