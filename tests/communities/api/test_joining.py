"""Joining and roles over the API: the rules and the words of the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, JoinLink, JoinRequest, MemberInvitation, Membership, RoleTerm, Session
from communities.services.joining.invitations import invite_members
from communities.services.joining.join_links import code_of, in_groups, make_join_link
from communities.services.joining.join_requests import ask_to_join
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    RoleTermFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

ROLES = ["administrator", "staff", "facilitator", "sponsor", "member", "stranger", "anonymous"]
RUNS_IT = ["administrator", "staff", "facilitator"]


def post(client: Client, name: str, said: Any = None, *more: int) -> Any:
    return client.post(reverse(f"api:{name}", args=more), said or {}, content_type="application/json")


def told(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def rows(client: Client, name: str, **narrowed: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(reverse(f"api:{name}"), narrowed).json()["results"]
    return found


@pytest.fixture
def newcomer() -> User:
    return PersonFactory.create(name="Nia New").user


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))


def test_a_newcomer_asks_and_a_facilitator_accepts(
    client: Client, community: Community, facilitator: User, newcomer: User
) -> None:
    sign_in(client, newcomer)
    asked = post(client, "join-request-list", {"community": "sepsis", "words": "I run the audit."})
    assert (asked.status_code, asked.json()["state"], asked.json()["name"]) == (201, "waiting", "Nia New")
    assert told(post(client, "join-request-list", {"community": "sepsis"})) == (409, "already_asked")
    request = JoinRequest.objects.get()
    assert told(post(client, "accept-request", None, request.pk)) == (403, "permission_denied")
    sign_in(client, facilitator)
    assert [row["words"] for row in rows(client, "join-request-list", state="waiting")] == ["I run the audit."]
    accepted = post(client, "accept-request", None, request.pk)
    assert accepted.status_code == 201
    assert {name: accepted.json()[name] for name in ("name", "community", "came_by", "starts_on")} == {
        "name": "Nia New",
        "community": "sepsis",
        "came_by": "asked",
        "starts_on": str(TODAY),
    }
    assert told(post(client, "decline-request", {"because": "Late"}, request.pk)) == (409, "request_decided")


def test_declining_needs_a_reason_and_withdrawing_is_ones_own(
    client: Client, community: Community, facilitator: User, newcomer: User
) -> None:
    request = ask_to_join(community=community, by=newcomer, now=NOW)
    sign_in(client, facilitator)
    assert told(post(client, "decline-request", {}, request.pk)) == (400, "malformed")
    assert post(client, "withdraw-request", None, request.pk).status_code == 404
    assert post(client, "decline-request", {"because": "We are full."}, request.pk).json()["state"] == "declined"
    again = ask_to_join(community=community, by=newcomer, now=NOW)
    sign_in(client, newcomer)
    assert post(client, "withdraw-request", None, again.pk).json()["state"] == "withdrawn"


def test_a_community_that_takes_no_requests_is_not_found(client: Client, community: Community, newcomer: User) -> None:
    Community.objects.update(is_open_to_ask=False)
    sign_in(client, newcomer)
    assert post(client, "join-request-list", {"community": "sepsis"}).status_code == 404
    assert post(client, "join-request-list", {"community": "a\x00b"}).status_code == 400


def test_invitations_go_out_together_again_and_back(client: Client, community: Community, facilitator: User) -> None:
    sign_in(client, facilitator)
    said = {"community": "sepsis", "emails": ["amara@example.org", "ben@example.org"]}
    made = post(client, "member-invitation-list", said)
    assert (made.status_code, [row["email"] for row in made.json()]) == (201, said["emails"])
    assert told(post(client, "member-invitation-list", said)) == (409, "already_invited")
    first = MemberInvitation.objects.order_by("pk").first()
    assert first is not None
    assert post(client, "send-invitation-again", None, first.pk).status_code == 200
    assert post(client, "withdraw-invitation", None, first.pk).json()["state"] == "withdrawn"
    assert told(post(client, "withdraw-invitation", None, first.pk)) == (409, "invitation_not_waiting")
    assert len(rows(client, "member-invitation-list", state="waiting")) == 1
    assert "link" not in str(rows(client, "member-invitation-list"))


@pytest.mark.parametrize(
    "emails", [["nobody"], [f"p{n}@example.org" for n in range(51)], ["a\x00@example.org"], "a@example.org"]
)
def test_what_is_not_a_list_of_addresses_is_malformed(
    client: Client, community: Community, facilitator: User, emails: Any
) -> None:
    sign_in(client, facilitator)
    response = post(client, "member-invitation-list", {"community": "sepsis", "emails": emails})
    assert told(response) == (400, "malformed")
    assert not MemberInvitation.objects.exists()


def test_a_join_link_gives_its_code_while_it_opens(client: Client, session: Session, facilitator: User) -> None:
    sign_in(client, facilitator)
    made = post(client, "join-link-list", {"session": session.pk}).json()
    link = JoinLink.objects.get()
    assert made["code"] == in_groups(code_of(link))
    assert made["address"].endswith(f"/j/{code_of(link)}/")
    stopped = post(client, "stop-join-link", None, link.pk).json()
    assert (stopped["code"], stopped["address"]) == (None, None)
    assert told(post(client, "stop-join-link", None, link.pk)) == (409, "join_link_stopped")
    Session.objects.update(state="cancelled", cancelled_because="Flood")
    assert told(post(client, "join-link-list", {"session": session.pk})) == (422, "session_over")


def test_roles_are_given_by_membership_or_address_and_ended(
    client: Client, community: Community, facilitator: User, people: dict[str, User]
) -> None:
    sign_in(client, facilitator)
    membership = Membership.objects.get(person__user=people["member"])
    how = {"community": "sepsis", "starts_on": str(TODAY)}
    appointed = post(client, "role-term-list", how | {"role": "facilitator", "membership": membership.pk})
    assert (appointed.status_code, appointed.json()["name"]) == (201, "Mina Member")
    both = how | {"role": "sponsor", "membership": membership.pk, "email": "x@example.org"}
    assert told(post(client, "role-term-list", both)) == (400, "malformed")
    new = how | {"role": "sponsor", "email": "sonia@example.org", "name": "Sonia Sponsor"}
    assert told(post(client, "role-term-list", new)) == (422, "profession_not_said")
    group = ProfessionalGroupFactory.create()
    assert post(client, "role-term-list", new | {"professional_group": group.code}).json()["name"] == "Sonia Sponsor"
    elsewhere = Membership.objects.get(person__user=people["stranger"])
    foreign = how | {"role": "sponsor", "membership": elsewhere.pk}
    assert told(post(client, "role-term-list", foreign)) == (400, "malformed")
    term = RoleTerm.objects.get(person__user=people["member"])
    assert post(client, "end-term", {"ends_on": str(TODAY)}, term.pk).json()["ends_on"] == str(TODAY)
    assert told(post(client, "end-term", {"ends_on": str(TODAY)}, term.pk)) == (409, "term_already_ended")
    assert [row["role"] for row in rows(client, "role-term-list", is_current="false")] == ["facilitator"]


@pytest.mark.parametrize("role", ROLES)
def test_the_table_of_permissions_holds_at_every_door(
    client: Client, community: Community, people: dict[str, User], session: Session, role: str
) -> None:
    by = people["staff"]
    request = ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
    (invitation,) = invite_members(community=community, emails=["amara@example.org"], by=by, now=NOW)
    link = make_join_link(session=session, by=by, now=NOW)
    term = RoleTermFactory.create(community=community, role="sponsor")
    if role != "anonymous":
        sign_in(client, people[role])
    how = {"community": "sepsis", "starts_on": str(TODAY), "role": "sponsor"}
    answers = {
        "make": post(client, "join-link-list", {"session": session.pk}),
        "appoint": post(client, "role-term-list", how | {"email": "sonia@example.org"}),
        "invite": post(client, "member-invitation-list", {"community": "sepsis", "emails": ["b@example.org"]}),
        "again": post(client, "send-invitation-again", None, invitation.pk),
        "withdraw": post(client, "withdraw-invitation", None, invitation.pk),
        "accept": post(client, "accept-request", None, request.pk),
        "stop": post(client, "stop-join-link", None, link.pk),
        "end": post(client, "end-term", {"ends_on": str(TODAY)}, term.pk),
    }
    if role in RUNS_IT:
        assert {name: answer.status_code for name, answer in answers.items()} == {
            "make": 201, "appoint": 422, "invite": 201, "again": 200, "withdraw": 200, "accept": 201, "stop": 200,
            "end": 200,
        }  # fmt: skip
        return
    # Who may not see who is invited, who asks or who holds which role is not told that there is anyone.
    visible = {"member": ["make", "appoint", "invite", "end"], "sponsor": ["make", "appoint", "invite"]}.get(role, [])
    for name, answer in answers.items():
        assert answer.status_code == (401 if role == "anonymous" else 403 if name in visible else 404), name
    assert not MemberInvitation.objects.exclude(pk=invitation.pk).exists()
    assert JoinRequest.objects.get().state == "waiting"
    assert RoleTerm.objects.filter(ends_on__isnull=False).count() == 0


# Session, user, the rows; each with what it names.
QUERIES = {"join-request-list": 3, "member-invitation-list": 3, "join-link-list": 3, "role-term-list": 3}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_the_same_with_1_and_with_30_rows(
    *,
    client: Client,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    by = people["staff"]
    for count in range(number):
        community = CommunityFactory.create()
        session = SessionFactory.create(community=community)
        ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
        invite_members(community=community, emails=[f"p{count}@example.org"], by=by, now=NOW)
        make_join_link(session=session, by=by, now=NOW)
        RoleTermFactory.create(community=community)
    sign_in(client, by)
    with django_assert_num_queries(QUERIES[name]):
        assert len(rows(client, name)) >= number
