"""Actions, decisions, commitments and tests of change over the API: the rules and the words are the pages'."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Action, Adoption, Community, Decision, Problem, TestOfChange
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, CommunityFactory, MembershipFactory
from tests.factories.doing import AdoptionFactory, ChangeFactory, CommitmentFactory, DecisionFactory, MeasureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


class Api:
    """A signed-in browser that speaks JSON."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def post(self, name: str, *args: int, **body: Any) -> Any:
        return self.client.post(reverse(f"api:{name}", args=args), body, content_type="application/json")

    def patch(self, name: str, pk: int, version: int | None, **body: Any) -> Any:
        headers = {"If-Match": f'"{version}"'} if version else {}
        address = reverse(f"api:{name}", args=[pk])
        return self.client.patch(address, body, content_type="application/json", headers=headers)

    def get(self, name: str, *args: int, **narrowed: Any) -> Any:
        return self.client.get(reverse(f"api:{name}", args=args), narrowed)

    def ids(self, name: str, **narrowed: Any) -> list[int]:
        return [row["id"] for row in self.get(name, **narrowed).json()["results"]]


@pytest.fixture
def api(signed_in: Client) -> Api:
    """As the facilitator."""
    return Api(signed_in)


@pytest.fixture
def as_member(client: Client, people: dict[str, User]) -> Api:
    return Api(sign_in(client, people["member"]))


@pytest.fixture
def action(community: Community, people: dict[str, User]) -> Action:
    return ActionFactory.create(community=community, owner=people["member"].person, text="Send the form")


def problem_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_an_action_is_agreed_corrected_and_handed_over(api: Api, people: dict[str, User]) -> None:
    mina = people["member"].person.memberships.get()
    fadia = people["facilitator"].person.memberships.get()
    agreed = api.post("action-list", community="sepsis", text=" Send the form ", owner=mina.pk, due_on="2026-12-01")
    assert (agreed.status_code, agreed["ETag"]) == (201, '"1"')
    body = agreed.json()
    assert {name: body[name] for name in ("text", "owner", "agreed_on", "due_on", "state", "version")} == {
        "text": "Send the form",
        "owner": "Mina Member",
        "agreed_on": "2026-11-24",
        "due_on": "2026-12-01",
        "state": "open",
        "version": 1,
    }
    changed = api.patch("action", body["id"], 1, due_on="2026-12-08")
    assert (changed.json()["due_on"], changed.json()["owner"], changed["ETag"]) == ("2026-12-08", "Mina Member", '"2"')
    handed = api.post("hand-over-action", body["id"], owner=fadia.pk, due_on="2026-12-09")
    assert (handed.status_code, handed.json()["owner"], handed.json()["handed_on_from"]) == (
        201,
        "Fadia Facilitator",
        body["id"],
    )


def test_a_write_without_its_version_or_with_an_old_one_is_refused(api: Api, action: Action) -> None:
    decision = DecisionFactory.create(community=action.community)
    change = ChangeFactory.create(community=action.community)
    for name, pk in (("action", action.pk), ("decision", decision.pk), ("test-of-change", change.pk)):
        said = {"title": "Mine"} if name == "test-of-change" else {"text": "Mine"}
        assert problem_of(api.patch(name, pk, None, **said)) == (428, "if_match_missing")
        assert api.patch(name, pk, 1, **said).status_code == 200
        assert api.patch(name, pk, 1, **said).status_code == 412


def test_a_member_takes_an_action_on_and_gives_none_away(as_member: Api, people: dict[str, User]) -> None:
    own = as_member.post("action-list", community="sepsis", text="Ask", due_on="2026-12-01")
    assert (own.status_code, own.json()["owner"]) == (201, "Mina Member")
    fadia = people["facilitator"].person.memberships.get()
    given = as_member.post("action-list", community="sepsis", text="Ask", owner=fadia.pk, due_on="2026-12-01")
    private = as_member.post("action-list", community="sepsis", text="Ask", due_on="2026-12-01", is_private=True)
    assert [given.status_code, private.status_code] == [403, 403]
    assert as_member.patch("action", own.json()["id"], 1, text="Mine").status_code == 403
    assert Action.objects.count() == 1


def test_staff_in_no_community_take_no_action_on(client: Client, community: Community, people: dict[str, User]) -> None:
    api = Api(sign_in(client, people["staff"]))
    refused = api.post("action-list", community="sepsis", text="Ask", due_on="2026-12-01")
    assert problem_of(refused) == (422, "owner_not_a_member")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"text": ""}, 400, "malformed"),
        ({"text": "x\x00"}, 400, "malformed"),
        ({"text": "x" * 301}, 400, "malformed"),
        ({"due_on": "soon"}, 400, "malformed"),
        ({"due_on": "2026-11-23"}, 422, "action_due_before_session"),
        ({"owner": 10**30}, 400, "malformed"),
        ({"owner": 999_999}, 400, "malformed"),
        ({"community": "elsewhere"}, 404, "not_found"),
    ],
)
def test_an_action_that_cannot_be_agreed_is_not(
    api: Api, people: dict[str, User], changes: dict[str, Any], status: int, code: str
) -> None:
    mina = people["member"].person.memberships.get()
    said = {"community": "sepsis", "text": "Ask", "owner": mina.pk, "due_on": "2026-12-01", **changes}
    assert problem_of(api.post("action-list", **said)) == (status, code)
    assert not Action.objects.exists()


def test_a_member_of_another_community_owns_nothing_here(api: Api) -> None:
    elsewhere = MembershipFactory.create()
    said = {"community": "sepsis", "text": "Ask", "owner": elsewhere.pk, "due_on": "2026-12-01"}
    assert problem_of(api.post("action-list", **said)) == (400, "malformed")


def test_an_owner_answers_asks_for_help_says_it_is_not_theirs_and_takes_it_back(as_member: Api, action: Action) -> None:
    helped = as_member.post("answer-action", action.pk, state="help", words="Nobody has it")
    assert (helped.json()["state"], helped.json()["help_asked_at"] is None) == ("open", False)
    assert Problem.objects.get().detail == "Nobody has it"
    assert problem_of(as_member.post("answer-action", action.pk, state="help")) == (409, "help_already_asked")
    assert as_member.post("answer-action", action.pk, state="not_mine").json()["is_disowned"] is True
    done = as_member.post("answer-action", action.pk, state="done").json()
    assert (done["state"], done["is_disowned"]) == ("done", False)
    assert problem_of(as_member.post("answer-action", action.pk, state="done")) == (409, "action_already_answered")
    assert as_member.post("reopen-action", action.pk).json()["state"] == "open"
    assert problem_of(as_member.post("reopen-action", action.pk)) == (409, "action_not_answered")
    assert problem_of(as_member.post("answer-action", action.pk, state="open")) == (400, "malformed")


def test_a_member_answers_nobody_elses_action_or_commitment(
    as_member: Api, community: Community, people: dict[str, User]
) -> None:
    action = ActionFactory.create(community=community)
    commitment = CommitmentFactory.create(community=community)
    refused = as_member.post("answer-action", action.pk, state="done")
    assert problem_of(refused) == (403, "permission_denied")
    assert refused.json()["detail"] == "You can say how your own actions went. This one belongs to someone else."
    assert as_member.post("hand-over-action", action.pk, owner=1, due_on="2026-12-01").status_code == 403
    assert as_member.post("answer-commitment", commitment.pk, state="kept").status_code == 403
    assert as_member.post("reopen-commitment", commitment.pk).status_code == 403
    action.refresh_from_db()
    assert action.state == "open"


def test_a_decision_is_noted_judged_and_the_verdict_taken_back(api: Api) -> None:
    noted = api.post("decision-list", community="sepsis", text="One form", decided_on="2026-11-20")
    assert (noted.status_code, noted.json()["review_on"], noted.json()["session"]) == (201, None, None)
    pk = noted.json()["id"]
    judged = api.post("judge-decision", pk, verdict="reversed", note="Back to two")
    assert (judged.json()["verdict"], judged.json()["verdict_note"]) == ("reversed", "Back to two")
    assert problem_of(api.post("judge-decision", pk, verdict="held")) == (409, "decision_already_judged")
    assert api.post("take-verdict-back", pk).json()["verdict"] == ""
    assert problem_of(api.post("judge-decision", pk, verdict="forgotten")) == (400, "malformed")
    late = api.post("decision-list", community="sepsis", text="One form", decided_on="2026-11-25")
    assert problem_of(late) == (422, "in_the_future")
    assert Decision.objects.count() == 1


def test_a_member_reads_decisions_and_writes_none(as_member: Api, community: Community) -> None:
    decision = DecisionFactory.create(community=community)
    assert as_member.get("decision", decision.pk)["ETag"] == '"1"'
    assert as_member.patch("decision", decision.pk, 1, text="Mine").status_code == 403
    assert as_member.post("judge-decision", decision.pk, verdict="held").status_code == 403
    said = {"community": "sepsis", "text": "One form", "decided_on": "2026-11-20"}
    assert as_member.post("decision-list", **said).status_code == 403


def test_a_commitment_is_answered_by_whoever_made_it(
    as_member: Api, community: Community, people: dict[str, User]
) -> None:
    mine = CommitmentFactory.create(community=community, person=people["member"].person)
    answered = as_member.post("answer-commitment", mine.pk, state="kept", said="It stuck").json()
    assert (answered["state"], answered["said"], answered["person"]) == ("kept", "It stuck", "Mina Member")
    assert problem_of(as_member.post("answer-commitment", mine.pk, state="kept")) == (
        409,
        "commitment_already_answered",
    )
    assert as_member.post("reopen-commitment", mine.pk).json()["state"] == "open"


def test_a_test_of_change_is_logged_measured_and_followed(as_member: Api) -> None:
    logged = as_member.post("test-of-change-list", community="sepsis", title="Form", started_on="2026-11-10")
    assert (logged.status_code, logged.json()["outcome"], logged.json()["run_chart"]["median"]) == (
        201,
        "running",
        None,
    )
    pk = logged.json()["id"]
    values = [{"on": f"2026-11-{day:02}", "value": "11.50"} for day in range(1, 9)]
    measured = as_member.post("note-measures", pk, measures=values).json()
    assert [row["value"] for row in measured["measures"]] == ["11.5"] * 8
    assert measured["run_chart"]["median"] == "11.5"
    removed = as_member.client.delete(reverse("api:remove-measure", args=[pk, measured["measures"][0]["id"]]))
    assert len(removed.json()["measures"]) == 7
    first = as_member.post("note-adoption", pk, place="Ward 3", adopted_on="2026-11-12").json()["adoptions"][0]
    both = as_member.post("note-adoption", pk, place="Ward 4", adopted_on="2026-11-13", came_from=first["id"]).json()
    assert [(row["where"], row["came_from"]) for row in both["adoptions"]] == [
        ("Ward 3", None),
        ("Ward 4", first["id"]),
    ]
    held = as_member.client.delete(reverse("api:remove-adoption", args=[pk, first["id"]]))
    assert problem_of(held) == (409, "passed_on_from_there")
    changed = as_member.patch("test-of-change", pk, 1, outcome="adopted", aim_value="3")
    assert (changed.json()["ended_on"], changed.json()["aim_value"], changed.json()["title"]) == (
        "2026-11-24",
        "3",
        "Form",
    )
    second = as_member.post(
        "test-of-change-list", community="sepsis", title="Two wards", started_on="2026-11-20", cycle_before=pk
    )
    assert second.json()["cycle_before"] == pk


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"title": ""}, 400, "malformed"),
        ({"outcome": "adopted", "ended_on": "2026-11-01"}, 422, "test_ends_out_of_order"),
        ({"aim_value": "NaN"}, 400, "malformed"),
        ({"aim_value": 10**30}, 400, "malformed"),
        ({"cycle_before": 999_999}, 400, "malformed"),
        ({"outcome": "famous"}, 400, "malformed"),
    ],
)
def test_a_test_that_makes_no_sense_is_not_logged(
    api: Api, community: Community, changes: dict[str, Any], status: int, code: str
) -> None:
    said = {"community": "sepsis", "title": "Form", "started_on": "2026-11-10", **changes}
    assert problem_of(api.post("test-of-change-list", **said)) == (status, code)
    assert not TestOfChange.objects.exists()


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("note-measures", {"measures": []}, 422, "nothing_measured"),
        ("note-measures", {"measures": [{"on": "2026-11-25", "value": "1"}]}, 422, "measure_in_the_future"),
        ("note-measures", {"measures": [{"on": "2026-11-20", "value": "1"}] * 2}, 409, "measured_twice"),
        ("note-measures", {"measures": [{"on": "2026-11-20", "value": "Infinity"}]}, 400, "malformed"),
        ("note-adoption", {"adopted_on": "2026-11-20"}, 422, "adoption_needs_a_place"),
        ("note-adoption", {"place": "Ward", "adopted_on": "2026-11-25"}, 422, "adopted_out_of_order"),
        ("note-adoption", {"community": "hidden", "adopted_on": "2026-11-20"}, 400, "malformed"),
        ("note-adoption", {"organisation": 999_999, "adopted_on": "2026-11-20"}, 400, "malformed"),
        ("note-adoption", {"community": "sepsis", "adopted_on": "2026-11-20"}, 422, "not_elsewhere"),
    ],
)
def test_measures_and_adoptions_that_make_no_sense_are_not_noted(
    *, api: Api, community: Community, name: str, body: dict[str, Any], status: int, code: str
) -> None:
    CommunityFactory.create(slug="hidden")
    change = ChangeFactory.create(community=community)
    assert problem_of(api.post(name, change.pk, **body)) == (status, code)
    assert (change.measures.count(), Adoption.objects.count()) == (0, 0)


def test_a_member_changes_the_tests_they_logged_only(as_member: Api, community: Community) -> None:
    other = ChangeFactory.create(community=community)
    assert as_member.patch("test-of-change", other.pk, 1, title="Mine").status_code == 403
    assert as_member.post("note-measures", other.pk, measures=[]).status_code == 403
    assert as_member.post("note-adoption", other.pk, place="Ward", adopted_on="2026-11-20").status_code == 403


def test_what_is_private_and_what_is_anothers_is_not_found(
    as_member: Api, community: Community, people: dict[str, User]
) -> None:
    mine = people["member"].person
    ActionFactory.create(community=community, owner=mine, is_private=True)
    DecisionFactory.create(community=community, is_private=True)
    CommitmentFactory.create(community=community, person=mine, is_private=True)
    ActionFactory.create(), DecisionFactory.create(), CommitmentFactory.create(), ChangeFactory.create()
    for name in ("action-list", "decision-list", "commitment-list", "test-of-change-list"):
        assert as_member.ids(name) == []
    change = ChangeFactory.create()
    assert as_member.patch("test-of-change", change.pk, 1, title="Mine").status_code == 404
    assert as_member.post("note-measures", change.pk, measures=[]).status_code == 404


def test_a_sponsor_reads_without_names_and_writes_nothing(
    client: Client, community: Community, action: Action, people: dict[str, User]
) -> None:
    commitment = CommitmentFactory.create(community=community, person=people["member"].person)
    change = ChangeFactory.create(community=community, by=people["member"])
    api = Api(sign_in(client, people["sponsor"]))
    assert (api.get("action", action.pk).json()["owner"], api.get("commitment", commitment.pk).json()["person"]) == (
        None,
        None,
    )
    assert "Mina Member" not in api.get("test-of-change", change.pk).content.decode()
    refused = [
        api.post("action-list", community="sepsis", text="Ask", due_on="2026-12-01"),
        api.post("answer-action", action.pk, state="done"),
        api.post("answer-commitment", commitment.pk, state="kept"),
        api.post("test-of-change-list", community="sepsis", title="Form", started_on="2026-11-10"),
        api.patch("test-of-change", change.pk, 1, title="Mine"),
    ]
    assert [response.status_code for response in refused] == [403] * 5


def test_lists_are_narrowed(api: Api, community: Community, people: dict[str, User]) -> None:
    stuck = ActionFactory.create(community=community, disowned_at=NOW)
    ActionFactory.create(community=community)
    due = DecisionFactory.create(community=community, review_on=TODAY)
    judged = DecisionFactory.create(community=community, review_on=TODAY, verdict="held", verdict_at=NOW)
    mine = CommitmentFactory.create(community=community, person=people["facilitator"].person)
    CommitmentFactory.create(community=community)
    spread = AdoptionFactory.create(test__community=community).test
    ended = ChangeFactory.create(community=community, outcome="adopted", ended_on=TODAY)
    assert api.ids("action-list", is_stuck="true") == [stuck.pk]
    assert api.ids("decision-list", is_due="true") == [due.pk]
    assert api.ids("decision-list", verdict="held") == [judged.pk]
    assert api.ids("commitment-list", is_mine="true") == [mine.pk]
    assert api.ids("test-of-change-list", is_adopted_elsewhere="true") == [spread.pk]
    assert api.ids("test-of-change-list", outcome="adopted") == [ended.pk]


@pytest.mark.parametrize("name", ["decision-list", "commitment-list", "test-of-change-list"])
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_three_queries_with_1_and_with_30_rows(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    for _ in range(number):
        DecisionFactory.create(community=community)
        CommitmentFactory.create(community=community)
        AdoptionFactory.create(test__community=community)
    api = Api(sign_in(client, people["staff"]))
    with django_assert_num_queries(3):
        assert len(api.ids(name)) == number


@pytest.mark.parametrize("number", [1, 30])
def test_one_test_costs_the_same_however_much_there_is_of_it(
    api: Api, community: Community, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    change = ChangeFactory.create(community=community)
    for count in range(number):
        MeasureFactory.create(test=change, on=TODAY - count * DAY, value=Decimal(count))
        AdoptionFactory.create(test=change)
    with django_assert_num_queries(6):
        assert len(api.get("test-of-change", change.pk).json()["measures"]) == number


def test_what_a_closed_community_did_is_read_and_not_changed(api: Api, community: Community, action: Action) -> None:
    change = ChangeFactory.create(community=community)
    Community.objects.update(state=Community.State.CLOSED)
    assert api.get("action", action.pk).status_code == 200
    refused = [
        api.post("answer-action", action.pk, state="help"),
        api.patch("test-of-change", change.pk, 1, title="Mine"),
        api.post("note-adoption", change.pk, place="Ward", adopted_on="2026-11-20"),
    ]
    assert [problem_of(response) for response in refused] == [(422, "community_closed")] * 3
