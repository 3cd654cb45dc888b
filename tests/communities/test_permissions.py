"""Who may do what: the grants table, asked at every door of this room, pages and API alike."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Action, Community, Membership, Problem, Session
from communities.permissions import GRANTS, Permission
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, ActionFactory, MembershipFactory, ProblemFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

RUNS_IT = ["administrator", "staff", "facilitator"]
IN_IT = [*RUNS_IT, "member"]
IN_TOUCH = [*IN_IT, "sponsor"]
ROLES = [*IN_TOUCH, "stranger", "anonymous"]

# Page, by name; who gets it. Everyone else in the community gets 403, a stranger 404, and the anonymous go to sign in.
PAGES = {
    "community": IN_TOUCH,
    "session-list": IN_TOUCH,
    "session": IN_TOUCH,
    "action-list": IN_TOUCH,
    "problem-list": IN_TOUCH,
    "problem": IN_TOUCH,
    "member-list": IN_IT,
    "plan-session": RUNS_IT,
    "enter-past-session": RUNS_IT,
    "record-session": RUNS_IT,
    "session-versions": RUNS_IT,
    "cancel-session": RUNS_IT,
    "import-members": RUNS_IT,
    "export": RUNS_IT,
    "add-member": RUNS_IT,
    "end-membership": RUNS_IT,
    "answer-action": RUNS_IT,
    "raise-problem": RUNS_IT,
    "locate-problem": RUNS_IT,
    "move-problem": RUNS_IT,
    "settle-problem": RUNS_IT,
}
FORMS = [name for name, allowed in PAGES.items() if allowed == RUNS_IT]


class World:
    """One of each thing, and the address of every page about it."""

    def __init__(self, community: Community) -> None:
        self.community = community
        self.session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1))
        self.action = ActionFactory.create(community=community)
        self.problem = ProblemFactory.create(community=community)
        self.membership = MembershipFactory.create(community=community)

    def address(self, name: str) -> str:
        endings = ("session", "action", "problem", "membership")
        subject = next((s for s in endings if name.removesuffix("-versions").endswith(s)), None)
        needs_pk = subject and name not in {"plan-session", "enter-past-session", "raise-problem"}
        more = [getattr(self, str(subject)).pk] if needs_pk else []
        return reverse(f"communities:{name}", args=[self.community.slug, *more])

    def state(self) -> Any:
        models = (Membership, Session, Action, Problem)
        return [sorted(model.objects.values_list()) for model in models]


@pytest.fixture
def world(community: Community) -> World:
    return World(community)


@pytest.fixture
def as_role(client: Client, people: dict[str, User]) -> Callable[[str], Client]:
    return lambda role: client if role == "anonymous" else sign_in(client, people[role])


def expected(role: str, page: str) -> int:
    if role == "anonymous":
        return 302
    # A sponsor does not see who is a member, so a membership is nothing they could be refused.
    if role == "stranger" or (role == "sponsor" and page == "end-membership"):
        return 404
    return 200 if role in PAGES[page] else 403


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_those_whom_the_table_names(world: World, as_role: Callable[[str], Client], role: str) -> None:
    client = as_role(role)
    responses = {name: client.get(world.address(name)) for name in PAGES}
    assert {name: response.status_code for name, response in responses.items()} == {
        name: expected(role, name) for name in PAGES
    }
    for response in responses.values():
        if response.status_code == 403:
            assert re.search(r"<p[^>]*>(Only|Sponsors|You can)[^<]+\.</p>", response.content.decode())
        if response.status_code == 302:
            assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["sponsor", "member", "stranger", "anonymous"])
def test_a_form_sent_by_someone_whom_the_table_does_not_name_changes_nothing(
    world: World, as_role: Callable[[str], Client], role: str
) -> None:
    before = world.state()
    valid = {
        "kind": "convening", "day": "2026-12-01", "starts": "12:30", "ends": "14:00", "version": "1",
        "because": "Flood", "state": "solved",
        "ends_on": "2026-11-24", "title": "No beds", "since_on": "2026-11-01", "knowledge": "reachable",
        "lever": "members", "came_of_it": "Done",
    }  # fmt: skip
    client = as_role(role)
    statuses = {name: client.post(world.address(name), valid).status_code for name in FORMS}
    assert statuses == {name: expected(role, name) for name in FORMS}
    assert world.state() == before


@pytest.mark.parametrize("role", ROLES)
def test_the_api_shows_what_the_pages_show(world: World, as_role: Callable[[str], Client], role: str) -> None:
    client = as_role(role)
    absent = 401 if role == "anonymous" else 404
    for name in ("session", "action", "membership"):
        allowed = IN_IT if name == "membership" else IN_TOUCH
        response = client.get(reverse(f"api:{name}", args=[getattr(world, name).pk]))
        assert response.status_code == (200 if role in allowed else absent)
    community = client.get(reverse("api:community", args=[world.community.slug]))
    assert community.status_code == (200 if role in IN_TOUCH else absent)


@pytest.mark.parametrize("role", ROLES)
def test_the_api_plans_and_records_for_those_who_run_the_community(
    world: World, as_role: Callable[[str], Client], role: str
) -> None:
    client = as_role(role)
    before = world.state()
    refused = {"member": 403, "sponsor": 403, "stranger": 404, "anonymous": 401}
    plan = {"community": world.community.slug, "starts_at": "2026-12-01T12:30", "ends_at": "2026-12-01T14:00"}
    planned = client.post(reverse("api:session-list"), plan, content_type="application/json")
    record_url = reverse("api:session-record", args=[world.session.pk])
    recorded = client.post(record_url, {}, content_type="application/json", headers={"If-Match": '"1"'})
    assert [planned.status_code, recorded.status_code] == ([201, 200] if role in RUNS_IT else [refused[role]] * 2)
    assert (world.state() == before) is (role not in RUNS_IT)


def test_staff_without_their_second_factor_come_to_no_page_and_to_nothing_in_the_api(
    client: Client, world: World, people: dict[str, User]
) -> None:
    sign_in(client, people["staff"], second_factor=False)
    assert client.get(world.address("community")).status_code == 302
    assert client.post(world.address("cancel-session"), {"because": "Flood"}).status_code == 403
    response = client.get(reverse("api:session-list"))
    assert (response.status_code, response.json()["code"]) == (403, "second_factor_required")
    world.session.refresh_from_db()
    assert world.session.state == "planned"


def test_a_member_answers_their_own_action_and_nobody_elses(
    client: Client, world: World, people: dict[str, User]
) -> None:
    own = ActionFactory.create(community=world.community, owner=people["member"].person)
    sign_in(client, people["member"])
    address = reverse("communities:answer-action", args=[world.community.slug, own.pk])
    assert client.post(address, {"state": "done"}).status_code == 302
    own.refresh_from_db()
    assert own.state == "done"
    refused = client.post(world.address("answer-action"), {"state": "done"})
    assert refused.status_code == 403
    assert "You can say how your own actions went. This one belongs to someone else." in refused.content.decode()
    world.action.refresh_from_db()
    assert world.action.state == "open"


def test_a_role_ends_with_its_term_and_a_membership_with_its_end(
    client: Client, world: World, people: dict[str, User]
) -> None:
    world.community.role_terms.update(ends_on=NOW.date())
    assert sign_in(client, people["sponsor"]).get(world.address("community")).status_code == 404
    # The facilitator is a member still.
    assert sign_in(client, people["facilitator"]).get(world.address("plan-session")).status_code == 403
    Membership.objects.update(ends_on=NOW.date())
    assert sign_in(client, people["facilitator"]).get(world.address("community")).status_code == 404


def test_every_permission_has_its_row_in_the_grants_table() -> None:
    assert set(GRANTS) == set(Permission)
