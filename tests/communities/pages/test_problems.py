"""The register of problems: raising, locating, moving on, settling, and the trail that members read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Brief, Community, Escalation, Problem
from communities.services.problems.answers import record_answer
from communities.services.problems.briefs import write_brief
from communities.services.problems.escalations import escalate_problem
from communities.services.problems.register import declare_beyond_reach, settle_problem
from cop_portal.accounts.models import User
from tests.communities.putting import TEXT, beyond_reach, put_to_lena
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    ActionFactory,
    LeverHolderFactory,
    OrganisationFactory,
    ProblemFactory,
    SessionFactory,
)

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


def test_the_words_of_a_problem_are_changed_by_whoever_has_read_them(signed_in: Client, problem: Problem) -> None:
    typed = {"version": "1", "title": "Three forms", "detail": "", "since_on": "2026-11-01", "is_private": "on"}
    assert signed_in.post(page("edit-problem", problem), typed)["Location"] == problem.get_absolute_url()
    problem.refresh_from_db()
    assert (problem.title, problem.is_private, problem.version) == ("Three forms", True, 2)
    stale = signed_in.post(page("edit-problem", problem), {**typed, "title": "Mine, typed at length"})
    html = stale.content.decode()
    assert (stale.status_code, "Someone else has changed this problem" in html) == (409, True)
    assert "Mine, typed at length" in html
    problem.refresh_from_db()
    assert problem.title == "Three forms"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"title": ""}, 422), ({"title": "\x00"}, 422), ({"since_on": "2026-13-01"}, 422), ({"version": "x"}, 422)],
)
def test_a_problem_is_not_changed_into_nonsense(
    signed_in: Client, problem: Problem, changes: dict[str, str], status: int
) -> None:
    typed = {"version": "1", "title": "Three forms", "detail": "", "since_on": "2026-11-01", **changes}
    assert signed_in.post(page("edit-problem", problem), typed).status_code == status
    problem.refresh_from_db()
    assert (problem.title, problem.version) == ("Two forms for one screening", 1)


def test_what_belongs_to_a_problem_is_ticked_and_shown_to_those_who_may_see_it(
    client: Client, signed_in: Client, community: Community, problem: Problem, people: dict[str, User]
) -> None:
    held = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=3), focus="Screening")
    ahead = SessionFactory.create(community=community)
    shown = ActionFactory.create(community=community, text="Time both forms")
    hidden = ActionFactory.create(community=community, text="Talk to the boss", is_private=True)
    elsewhere = ActionFactory.create()
    fields = signed_in.get(page("link-problem", problem)).context["form"].fields
    assert list(fields["sessions"].queryset) == [held]
    assert set(fields["actions"].queryset) == {shown, hidden}
    assert "tests_of_change" not in fields
    for wrong in ({"sessions": ahead.pk}, {"actions": elsewhere.pk}):
        assert signed_in.post(page("link-problem", problem), {"version": "1", **wrong}).status_code == 422
    ticked = {"version": "1", "sessions": [held.pk], "actions": [shown.pk, hidden.pk]}
    signed_in.post(page("link-problem", problem), ticked)
    for reader, sees in (("facilitator", True), ("member", False)):
        html = sign_in(client, people[reader]).get(problem.get_absolute_url()).content.decode()
        assert ("21 November 2026: Screening" in html, "Time both forms" in html) == (True, True)
        assert ("Talk to the boss" in html) is sees


def test_a_private_problem_is_for_those_who_run_the_community(
    client: Client, problem: Problem, people: dict[str, User]
) -> None:
    Problem.objects.update(is_private=True)
    pages = [reverse(f"communities:{name}", args=["sepsis"]) for name in ("problem-list", "came-of-it", "community")]
    for reader, status in (("staff", 200), ("facilitator", 200), ("member", 404), ("sponsor", 404), ("stranger", 404)):
        sign_in(client, people[reader])
        assert client.get(problem.get_absolute_url()).status_code == status, reader
        html = "".join(client.get(address).content.decode() for address in pages)
        assert ("Two forms for one screening" in html) is (status == 200), reader
        assert ("1 problem</a>, 0 beyond our reach" in " ".join(html.split())) is (status == 200), reader


def test_a_settled_problem_can_be_taken_up_again(signed_in: Client, problem: Problem, facilitator: User) -> None:
    settle_problem(problem=problem, state="solved", came_of_it="We asked", by=facilitator, now=NOW)
    offered = signed_in.get(page("move-problem", problem)).context["form"].fields["state"].choices
    assert offered == [("being_worked_on", "We take it up again")]
    signed_in.post(page("move-problem", problem), {"state": "being_worked_on", "note": "It came back"})
    html = signed_in.get(problem.get_absolute_url()).content.decode()
    assert ("Being worked on" in html, "It came back" in html, "We asked" in html) == (True, True, True)


# Pages with a form about a problem: for those who run its community.
FORMS = ("edit-problem", "link-problem", "write-brief", "send-brief", "discard-brief")
FORMS_ON_A_QUESTION = ("record-answer", "send-link-again", "withdraw-escalation")


@pytest.mark.parametrize(
    ("role", "form", "reading"),
    [
        ("administrator", 200, 200), ("staff", 200, 200), ("facilitator", 200, 200), ("member", 403, 200),
        ("sponsor", 403, 200), ("stranger", 404, 404), ("anonymous", 302, 302),
    ],
)  # fmt: skip
def test_pages_open_to_those_who_run_the_community_and_may_be_read_by_those_in_touch(
    *, client: Client, at_noon: None, community: Community, people: dict[str, User], role: str, form: int, reading: int
) -> None:
    by = people["facilitator"]
    asked, drafted = put_to_lena(beyond_reach(community, by), by), beyond_reach(community, by)
    write_brief(problem=drafted, version=0, text=TEXT, by=by, now=NOW)
    if role != "anonymous":
        sign_in(client, people[role])
    forms = [page(name, drafted) for name in FORMS]
    forms += [reverse(f"communities:{n}", args=["sepsis", asked.problem_id, asked.pk]) for n in FORMS_ON_A_QUESTION]
    reads = [asked.get_absolute_url(), reverse("communities:came-of-it", args=["sepsis"])]
    assert {client.get(address).status_code for address in forms} == {form}
    assert {client.get(address).status_code for address in reads} == {reading}
    if form != 200:
        before = [sorted(model.objects.values_list()) for model in (Problem, Escalation, Brief)]
        assert {client.post(address, {"version": "1"}).status_code for address in forms} == {form}
        assert [sorted(model.objects.values_list()) for model in (Problem, Escalation, Brief)] == before
