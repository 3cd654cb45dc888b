"""Problems over the API: the rules and the words of the pages, with versions in the headers."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Brief, Community, Escalation, Problem
from communities.services.problems.answers import answer_escalation
from cop_portal.accounts.models import User
from cop_portal.outbox.models import OutboxMessage
from tests.communities.putting import beyond_reach, put_to_lena
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    ActionFactory,
    CommunityFactory,
    OrganisationFactory,
    ProblemFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
BRIEF = {"in_the_way": "Two forms", "ask": "One form, please"}


@pytest.fixture
def problem(community: Community) -> Problem:
    return ProblemFactory.create(community=community, title="Two forms")


def address(name: str, *args: Any) -> str:
    return reverse(f"api:{name}", args=args)


def send(client: Client, method: str, where: str, body: Any = None, version: int | None = None) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.generic(method, where, content_type="application/json", headers=headers, data=json.dumps(body or {}))


def post(client: Client, name: str, problem: Any, body: Any, version: int | None = None) -> Any:
    return send(client, "POST", address(name, problem.pk), body, version)


def test_a_problem_is_raised_read_and_put_right_by_whoever_read_it(signed_in: Client, community: Community) -> None:
    session = SessionFactory.create(community=community)
    raise_it = {"community": "sepsis", "title": "No beds", "since_on": "2026-11-01", "session": session.pk}
    raised = send(signed_in, "POST", address("problem-list"), raise_it)
    assert (raised.status_code, raised["ETag"], raised.json()["state"]) == (201, '"1"', "raised")
    where = address("problem", raised.json()["id"])
    assert send(signed_in, "PATCH", where, {"title": "Mine"}).status_code == 428
    changed = send(signed_in, "PATCH", where, {"title": "No beds at night"}, 1)
    assert (changed.status_code, changed["ETag"], changed.json()["title"]) == (200, '"2"', "No beds at night")
    assert (changed.json()["since_on"], changed.json()["session"]) == ("2026-11-01", session.pk)
    stale = send(signed_in, "PATCH", where, {"title": "Mine"}, 1)
    assert (stale.status_code, stale.json()["code"]) == (412, "problem_changed")
    assert Problem.objects.get().title == "No beds at night"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"title": ""}, 400, "malformed"),
        ({"title": "No\x00beds"}, 400, "malformed"),
        ({"title": "x" * 201}, 400, "malformed"),
        ({"since_on": "2026-02-30"}, 400, "malformed"),
        ({"since_on": "2026-11-25"}, 422, "in_the_future"),
        ({"community": "elsewhere"}, 404, "not_found"),
    ],
)
def test_a_problem_that_cannot_be_raised_is_not(
    *, signed_in: Client, changes: dict[str, str], status: int, code: str
) -> None:
    body = {"community": "sepsis", "title": "No beds", "since_on": "2026-11-01", **changes}
    response = send(signed_in, "POST", address("problem-list"), body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Problem.objects.exists()


def test_the_whole_way_goes_over_the_api(signed_in: Client, community: Community, problem: Problem) -> None:
    located = post(signed_in, "locate-problem", problem, {"knowledge": "in_community", "lever": "commissioner"}, 1)
    assert (located.status_code, located.json()["lever"]) == (200, "commissioner")
    session, action = SessionFactory.create(community=community), ActionFactory.create(community=community)
    links = {"sessions": [session.pk], "actions": [action.pk], "tests_of_change": []}
    linked = post(signed_in, "link-problem", problem, links, 2).json()
    assert {name: linked[name] for name in links} == links
    assert post(signed_in, "move-problem", problem, {"state": "beyond_reach", "note": "Theirs"}).status_code == 200
    begun = post(signed_in, "brief", problem, BRIEF)
    assert (begun.status_code, begun["ETag"]) == (201, '"1"')
    written = send(signed_in, "PUT", address("brief", problem.pk), {**BRIEF, "tried": "Both"}, 1)
    assert (written.status_code, written.json()["tried"]) == (200, "Both")
    who = {"name": "Lena Lever", "post": "Medical director", "email": "lena@example.org", "is_mailed": True}
    assert post(signed_in, "send-brief", problem, who, 1).status_code == 412
    sent = post(signed_in, "send-brief", problem, who, 2)
    assert (sent.status_code, sent.json()["lever_holder"]["name"]) == (201, "Lena Lever")
    asked = Escalation.objects.get()
    said = {
        "verdict": "will_act", "answer": "From May", "said_by": "Lena Lever", "answered_on": "2026-11-24",
        "came_by": "at the board",
    }  # fmt: skip
    assert post(signed_in, "record-answer", asked, said, 2).status_code == 412
    answered = post(signed_in, "record-answer", asked, said, 1).json()
    assert (answered["verdict"], [one["came_by"] for one in answered["answers"]]) == ("will_act", ["at the board"])
    settled = post(signed_in, "settle-problem", problem, {"state": "changed", "came_of_it": "One form"}).json()
    assert [(step["state"], step["days"]) for step in settled["trail"]] == [
        ("raised", 40), ("beyond_reach", 0), ("escalated", 0), ("answered", 0), ("changed", None),
    ]  # fmt: skip
    assert settled["came_of_it"] == "One form"


def test_the_brief_before_there_is_one_is_what_the_records_say(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    problem = beyond_reach(community, facilitator, title="Two forms")
    suggested = signed_in.get(address("brief", problem.pk)).json()
    assert (suggested["version"], suggested["in_the_way"]) == (0, "Two forms")
    assert not Brief.objects.exists()
    post(signed_in, "brief", problem, BRIEF)
    assert post(signed_in, "brief", problem, BRIEF).status_code == 412
    assert send(signed_in, "DELETE", address("brief", problem.pk)).status_code == 428
    assert send(signed_in, "DELETE", address("brief", problem.pk), version=1).status_code == 204
    assert not Brief.objects.exists()


def test_nothing_is_mailed_without_saying_so(signed_in: Client, community: Community, facilitator: User) -> None:
    problem = beyond_reach(community, facilitator)
    post(signed_in, "brief", problem, BRIEF)
    who: dict[str, Any] = {"name": "Lena Lever", "post": "Medical director"}
    assert post(signed_in, "send-brief", problem, who, 1).status_code == 400
    refused = post(signed_in, "send-brief", problem, {**who, "is_mailed": True}, 1)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_address_to_send_to")
    assert post(signed_in, "send-brief", problem, {**who, "is_mailed": False}, 1).status_code == 201
    assert not OutboxMessage.objects.exists()


def test_a_link_is_sent_again_and_a_question_taken_back(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    asked = put_to_lena(beyond_reach(community, facilitator), facilitator)
    assert post(signed_in, "send-link-again", asked, {"email": "l.lever@example.org"}).status_code == 200
    taken = post(signed_in, "withdraw-escalation", asked, {"because": "Wrong person"})
    assert (taken.status_code, taken.json()["withdrawn_at"]) == (200, "2026-11-24T12:00:00Z")
    again = post(signed_in, "withdraw-escalation", asked, {"because": "Wrong person"})
    assert (again.status_code, again.json()["code"]) == (409, "no_longer_waiting")


def test_what_lies_elsewhere_is_not_linked(signed_in: Client, problem: Problem) -> None:
    elsewhere = SessionFactory.create(community=CommunityFactory.create())
    links = {"sessions": [elsewhere.pk], "actions": [], "tests_of_change": []}
    refused = post(signed_in, "link-problem", problem, links, 1)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "sessions")
    assert problem.sessions.count() == 0


# Who may do what to a problem, over the API: those who run its community, and nobody else.
WRITES = (
    ("PATCH", "problem"), ("POST", "locate-problem"), ("POST", "link-problem"), ("POST", "move-problem"),
    ("POST", "settle-problem"), ("GET", "brief"), ("POST", "brief"), ("PUT", "brief"), ("DELETE", "brief"),
    ("POST", "send-brief"),
)  # fmt: skip
ON_A_QUESTION = (("POST", "record-answer"), ("POST", "send-link-again"), ("POST", "withdraw-escalation"))


@pytest.mark.parametrize(
    ("role", "refused", "read"),
    [("sponsor", 403, 200), ("member", 403, 200), ("stranger", 404, 404), ("anonymous", 401, 401)],
)
def test_those_who_do_not_run_the_community_read_and_change_nothing(
    *, client: Client, community: Community, people: dict[str, User], role: str, refused: int, read: int
) -> None:
    by = people["facilitator"]
    asked = put_to_lena(beyond_reach(community, by), by)
    if role != "anonymous":
        sign_in(client, people[role])
    before = [sorted(model.objects.values_list()) for model in (Problem, Escalation, Brief)]
    statuses = {
        send(client, method, address(name, row.pk), {}, 1).status_code
        for row, writes in ((asked.problem, WRITES), (asked, ON_A_QUESTION))
        for method, name in writes
    }
    assert statuses == {refused}
    assert [sorted(model.objects.values_list()) for model in (Problem, Escalation, Brief)] == before
    reads = [client.get(address("problem", asked.problem_id)), client.get(address("escalation", asked.pk))]
    assert {response.status_code for response in reads} == {read}
    assert "Lena" not in "".join(response.content.decode() for response in reads)


@pytest.mark.parametrize("role", ["administrator", "staff", "facilitator"])
def test_those_who_run_the_community_see_the_lever_holder_by_name(
    client: Client, community: Community, people: dict[str, User], role: str
) -> None:
    asked = put_to_lena(beyond_reach(community, people["facilitator"]), people["facilitator"])
    body = sign_in(client, people[role]).get(address("escalation", asked.pk)).json()
    assert body["lever_holder"] == {"name": "Lena Lever", "email": "lena@example.org"}
    assert body["brief"]["tried"] == "We timed both"


def test_what_is_private_is_not_there_for_members(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    hidden = beyond_reach(community, people["facilitator"], title="Hidden", is_private=True)
    asked = put_to_lena(hidden, people["facilitator"])
    shown = ProblemFactory.create(community=community)
    shown.actions.add(ActionFactory.create(community=community, is_private=True))
    sign_in(client, people["member"])
    assert [row["id"] for row in client.get(address("problem-list")).json()["results"]] == [shown.pk]
    assert client.get(address("escalation-list")).json()["results"] == []
    for where in (address("problem", hidden.pk), address("escalation", asked.pk)):
        assert client.get(where).status_code == 404
    assert client.get(address("problem", shown.pk)).json()["actions"] == []


def test_the_lists_can_be_narrowed(signed_in: Client, community: Community, facilitator: User) -> None:
    waiting = put_to_lena(beyond_reach(community, facilitator, lever="commissioner"), facilitator)
    answered = put_to_lena(beyond_reach(community, facilitator), facilitator)
    answer_escalation(escalation=answered, version=1, verdict="declined", answer="", now=NOW)
    settled = ProblemFactory.create(community=community, state="solved", came_of_it="We asked")

    def found(name: str, **narrowed: str) -> set[int]:
        return {row["id"] for row in signed_in.get(address(name), narrowed).json()["results"]}

    assert found("problem-list", is_beyond_reach="true") == {waiting.problem_id, answered.problem_id}
    assert found("problem-list", is_settled="true", community="sepsis") == {settled.pk}
    assert found("problem-list", lever="commissioner") == {waiting.problem_id}
    assert found("problem-list", state="answered") == {answered.problem_id}
    assert found("escalation-list", is_waiting="true") == {waiting.pk}
    assert found("escalation-list", verdict="declined", problem=str(answered.problem_id)) == {answered.pk}
    assert signed_in.get(address("problem-list"), {"lever": "nobody"}).status_code == 400


@pytest.mark.parametrize("number", [1, 30])
def test_lists_and_one_problem_cost_the_same_with_1_and_with_30_rows(
    client: Client,
    community: Community,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for _ in range(number):
        asked = put_to_lena(
            beyond_reach(community, facilitator), facilitator, organisation=OrganisationFactory.create()
        )
        asked.problem.sessions.add(SessionFactory.create(community=community))
    sign_in(client, facilitator)
    for where, queries in (
        (address("problem-list"), 3),
        (address("escalation-list"), 4),
        (address("problem", asked.problem_id), 10),
        (address("escalation", asked.pk), 6),
    ):
        with django_assert_num_queries(queries, info=where):
            client.get(where)
