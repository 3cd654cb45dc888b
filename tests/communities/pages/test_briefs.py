"""From the records to the desk of the person who can act, page by page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Brief, Community, Escalation, LeverHolder, Problem
from communities.services.problems.answers import answer_escalation, dispute_answer
from communities.services.problems.register import start_work
from cop_portal.accounts.models import User
from cop_portal.outbox.models import OutboxMessage
from tests.communities.putting import beyond_reach, put_to_lena
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, ActionFactory, OrganisationFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
BRIEF = {"version": "0", "in_the_way": "Two forms", "ask": "One form, please"}


@pytest.fixture
def problem(community: Community, facilitator: User) -> Problem:
    return beyond_reach(community, facilitator, title="Two forms for one screening", detail="Both are asked for.")


def page(name: str, problem: Problem, *more: int) -> str:
    return reverse(f"communities:{name}", args=[problem.community.slug, problem.pk, *more])


def of(name: str, escalation: Escalation) -> str:
    return page(name, escalation.problem, escalation.pk)


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_the_brief_begins_with_what_the_records_say_and_goes_on_with_what_was_written(
    signed_in: Client, problem: Problem
) -> None:
    form = signed_in.get(page("write-brief", problem)).context["form"]
    assert form["in_the_way"].value() == "Two forms for one screening\nBoth are asked for."
    assert form["waiting_costs"].value().startswith("This has been in the way for 60 days")
    saved = signed_in.post(page("write-brief", problem), BRIEF, follow=True)
    assert saved.redirect_chain == [(page("send-brief", problem), 302)]
    html = saved.content.decode()
    assert "Nothing has been sent." in html
    assert "One form, please" in html
    again = signed_in.get(page("write-brief", problem)).context["form"]
    assert (again["in_the_way"].value(), again["version"].value()) == ("Two forms", 1)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"ask": ""}, 422, "Enter what we ask"),
        ({"tried": "x" * 901}, 422, "What we tried must be 900 characters or fewer"),
        ({"evidence": "\x00"}, 422, "contains a character that cannot be stored"),
        ({"version": "3"}, 409, "Someone else has written to this brief, or sent it, since you opened it."),
    ],
)
def test_a_brief_that_cannot_be_kept_says_why_and_loses_nothing(
    *, signed_in: Client, problem: Problem, changes: dict[str, str], status: int, said: str
) -> None:
    response = signed_in.post(page("write-brief", problem), {**BRIEF, "waiting_costs": "Typed text", **changes})
    html = response.content.decode()
    assert (response.status_code, said in html, "Typed text" in html) == (status, True, True)
    assert not Brief.objects.exists()


def test_a_problem_within_reach_says_that_a_brief_is_not_for_now(
    signed_in: Client, problem: Problem, facilitator: User
) -> None:
    start_work(problem=problem, by=facilitator, now=NOW)
    assert "Not at the moment" in words(signed_in, page("write-brief", problem))
    assert signed_in.post(page("write-brief", problem), BRIEF).status_code == 409
    assert "Write a brief" not in words(signed_in, problem.get_absolute_url())


def send(client: Client, problem: Problem, **changes: Any) -> Any:
    client.post(page("write-brief", problem), BRIEF)
    typed = {
        "version": "1",
        "name": "Lena Lever",
        "post": "Medical director",
        "email": "lena@example.org",
        "how": "mail",
    }
    return client.post(page("send-brief", problem), {**typed, **changes}, follow=True)


def test_sending_asks_how_and_then_the_problem_waits_for_an_answer(signed_in: Client, problem: Problem) -> None:
    signed_in.post(page("write-brief", problem), BRIEF)
    form = words(signed_in, page("send-brief", problem))
    assert "checked" not in form
    sent = send(signed_in, problem)
    assert sent.redirect_chain == [(problem.get_absolute_url(), 302)]
    assert "The brief is on its way to lena@example.org." in sent.content.decode()
    problem.refresh_from_db()
    assert (problem.state, OutboxMessage.objects.count()) == ("escalated", 2)
    # Back on the page, in another tab: there is no draft any more.
    assert signed_in.get(page("send-brief", problem))["Location"] == page("write-brief", problem)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"how": ""}, "Answer “How does it get to them?”"),
        ({"name": ""}, "Enter the name of the person who can act"),
        ({"post": " "}, "Enter their post"),
        ({"email": ""}, "Enter the mail address of the person who can act"),
        ({"email": "lena"}, "in full, like name@example.org"),
        ({"organisation": "999999"}, "from the list"),
    ],
)
def test_a_brief_without_someone_to_go_to_is_not_sent(
    signed_in: Client, problem: Problem, changes: dict[str, str], said: str
) -> None:
    response = send(signed_in, problem, **changes)
    assert (response.status_code, said in response.content.decode()) == (422, True)
    assert not Escalation.objects.exists()


def test_someone_asked_before_is_chosen_from_a_list_of_this_community_only(
    signed_in: Client, problem: Problem, community: Community, facilitator: User, people: dict[str, User]
) -> None:
    first = put_to_lena(beyond_reach(community, facilitator), facilitator)
    elsewhere = people["stranger"].person.role_terms.get().community
    put_to_lena(beyond_reach(elsewhere, people["stranger"]), people["stranger"], name="Not Ours")
    signed_in.post(page("write-brief", problem), BRIEF)
    known = signed_in.get(page("send-brief", problem)).context["form"].fields["known"].queryset
    assert list(known) == [first.lever_holder]
    send(signed_in, problem, known=str(first.lever_holder_id), name="", post="", email="")
    assert problem.escalations.get().lever_holder == first.lever_holder
    assert LeverHolder.objects.count() == 2


def test_one_that_was_handed_over_needs_no_address_and_mails_nobody(signed_in: Client, problem: Problem) -> None:
    send(signed_in, problem, email="", how="by_hand")
    assert (problem.escalations.get().has_link, OutboxMessage.objects.count()) == (False, 0)
    assert "In person" in words(signed_in, problem.escalations.get().get_absolute_url())


def test_a_draft_can_be_thrown_away_after_asking(signed_in: Client, problem: Problem) -> None:
    signed_in.post(page("write-brief", problem), BRIEF)
    assert "Go on with the brief" in words(signed_in, problem.get_absolute_url())
    assert "Throw this draft away?" in words(signed_in, page("discard-brief", problem))
    assert Brief.objects.exists()
    signed_in.post(page("discard-brief", problem), {"version": "1"})
    assert not Brief.objects.exists()
    assert signed_in.get(page("discard-brief", problem))["Location"] == problem.get_absolute_url()


def test_members_read_what_was_asked_of_which_post_and_never_a_name_or_an_address(
    client: Client, problem: Problem, facilitator: User, people: dict[str, User]
) -> None:
    asked = put_to_lena(problem, facilitator)
    answer_escalation(escalation=asked, version=1, verdict="declined", answer="Not now", now=NOW)
    for reader, sees in (("member", False), ("sponsor", False), ("facilitator", True), ("staff", True)):
        sign_in(client, people[reader])
        html = words(client, problem.get_absolute_url()) + words(client, asked.get_absolute_url())
        assert ("Lena Lever" in html, "lena@example.org" in html) == (sees, sees), reader
        assert html.count("through the link sent to Medical director, Riverside Trust") == 3
        assert "Two forms ask for the same" in html


def test_an_answer_that_came_otherwise_is_recorded_and_who_gave_it_is_not_for_members(
    client: Client, signed_in: Client, problem: Problem, facilitator: User, people: dict[str, User]
) -> None:
    asked = put_to_lena(problem, facilitator)
    said = {
        "version": "1", "verdict": "will_act", "answer": "From May", "said_by": "Dora Deputy",
        "answered_on": "2026-11-24", "came_by": "in person at the board",
    }  # fmt: skip
    missing = signed_in.post(of("record-answer", asked), {**said, "said_by": "", "came_by": ""})
    assert (missing.status_code, asked.answers.count()) == (422, 0)
    early = signed_in.post(of("record-answer", asked), {**said, "answered_on": "2026-11-23"})
    assert "Choose a day from 24 November 2026, when they were asked, to today." in early.content.decode()
    assert signed_in.post(of("record-answer", asked), said)["Location"] == problem.get_absolute_url()
    assert "by Dora Deputy" in words(signed_in, asked.get_absolute_url())
    stale = signed_in.post(of("record-answer", asked), {**said, "verdict": "declined"})
    assert stale.status_code == 409
    html = words(sign_in(client, people["member"]), asked.get_absolute_url())
    assert ("in person at the board" in html, "Dora" in html) == (True, False)


def test_a_link_is_sent_again_and_a_question_taken_back(signed_in: Client, problem: Problem, facilitator: User) -> None:
    asked = put_to_lena(problem, facilitator)
    signed_in.post(of("send-link-again", asked), {"email": "l.lever@example.org"})
    asked.refresh_from_db()
    assert (asked.generation, asked.lever_holder.email) == (2, "l.lever@example.org")
    assert signed_in.post(of("withdraw-escalation", asked), {"because": ""}).status_code == 422
    signed_in.post(of("withdraw-escalation", asked), {"because": "Wrong person"})
    html = words(signed_in, problem.get_absolute_url())
    assert ("We took this back on 24 November 2026" in html, "Wrong person" in html) == (True, True)
    assert signed_in.post(of("send-link-again", asked), {"email": "lena@example.org"}).status_code == 409
    assert "Take it back" not in words(signed_in, asked.get_absolute_url())


def test_a_disputed_answer_is_told_as_such(signed_in: Client, problem: Problem, facilitator: User) -> None:
    asked = put_to_lena(problem, facilitator)
    answer_escalation(escalation=asked, version=1, verdict="will_act", answer="Yes", now=NOW)
    dispute_answer(escalation=asked, version=2, now=NOW)
    html = words(signed_in, asked.get_absolute_url())
    assert "said on 24 November 2026 that it was not theirs" in html
    assert "Will act (not theirs)" in html


def test_a_question_of_another_problem_is_not_found_here(
    signed_in: Client, problem: Problem, facilitator: User
) -> None:
    other = put_to_lena(beyond_reach(problem.community, facilitator), facilitator)
    assert signed_in.get(page("escalation", problem, other.pk)).status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_pages_of_a_problem_cost_the_same_with_1_and_with_30_of_everything(
    client: Client, problem: Problem, facilitator: User, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for _ in range(number):
        asked = put_to_lena(problem, facilitator, organisation=OrganisationFactory.create())
        answer_escalation(escalation=asked, version=1, verdict="declined", answer="No", now=NOW)
        problem.refresh_from_db()
    for _ in range(number):
        problem.sessions.add(SessionFactory.create(community=problem.community))
        problem.actions.add(ActionFactory.create(community=problem.community))
    sign_in(client, facilitator)
    costs = {}
    for address, queries in ((problem.get_absolute_url(), 11), (asked.get_absolute_url(), 7)):
        with django_assert_num_queries(queries):
            costs[address] = client.get(address).status_code
    assert set(costs.values()) == {200}
