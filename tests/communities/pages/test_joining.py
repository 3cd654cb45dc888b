"""Inviting, asking to join and deciding, on the pages of those who are signed in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities import links
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
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    RoleTermFactory,
    SessionFactory,
    member_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def page(name: str, community: Community, *more: int) -> str:
    return reverse(f"communities:{name}", args=[community.slug, *more])


def html_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def newcomer() -> User:
    return PersonFactory.create(name="Nia New").user


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))


def test_several_people_are_invited_at_once_and_stand_on_the_list(signed_in: Client, community: Community) -> None:
    typed = {"addresses": "amara@example.org\n\n ben@example.org,\n"}
    html = html_of(signed_in.post(page("invite-members", community), typed, follow=True))
    assert "2 invitations are on the way." in html
    assert "amara@example.org" in html
    assert "opens until 24 December 2026" in html
    assert MemberInvitation.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 422, "Enter the mail addresses"),
        ("amara@example.org\nnobody", 422, "Not a mail address: nobody"),
        ("a\x00b@example.org", 422, "contains a character that cannot be stored"),
        ("\n".join(f"p{n}@example.org" for n in range(51)), 422, "Invite up to 50 people at once."),
        ("in@example.org", 409, "Already in Sepsis: in@example.org."),
    ],
)
def test_who_cannot_be_invited_is_named_at_the_field_and_nobody_is_written_to(
    signed_in: Client, community: Community, typed: str, status: int, words: str
) -> None:
    member_of(community, email="in@example.org")
    response = signed_in.post(page("invite-members", community), {"addresses": typed})
    assert response.status_code == status
    assert html_of(response).count(words) == 2
    assert not MemberInvitation.objects.exists()


def test_an_invitation_is_sent_again_and_taken_back(signed_in: Client, community: Community, facilitator: User) -> None:
    (invited,) = invite_members(community=community, emails=["amara@example.org"], by=facilitator, now=NOW)
    again = page("send-invitation-again", community, invited.pk)
    assert "amara@example.org gets another mail" in html_of(signed_in.get(again))
    assert "The invitation is on the way again." in html_of(signed_in.post(again, follow=True))
    back = page("withdraw-invitation", community, invited.pk)
    assert "Taken back" in html_of(signed_in.post(back, follow=True))
    assert signed_in.post(back).status_code == 409
    elsewhere = MemberInvitation.objects.create(
        community=CommunityFactory.create(), email="x@example.org", invited_by=facilitator, invited_at=NOW,
        expires_on=TODAY,
    )  # fmt: skip
    assert signed_in.get(page("withdraw-invitation", community, elsewhere.pk)).status_code == 404


def test_anyone_signed_in_reads_the_name_and_purpose_of_a_community_they_may_ask_and_no_more(
    client: Client, community: Community, newcomer: User
) -> None:
    CommunityFactory.create(name="Shy", is_open_to_ask=False)
    CommunityFactory.create(name="Paused", state="paused")
    member_of(community, name="Secret Member")
    html = html_of(sign_in(client, newcomer).get(reverse("communities:open-communities")))
    assert "Sepsis" in html
    assert "To make care safer together." in html
    for hidden in ("Shy", "Paused", "Secret Member", "member today"):
        assert hidden not in html
    assert client.get(page("community", community)).status_code == 404, "asking opens nothing"


def test_a_newcomer_asks_waits_and_takes_it_back(client: Client, community: Community, newcomer: User) -> None:
    sign_in(client, newcomer)
    html = html_of(client.post(page("ask-to-join", community), {"words": "I run the audit."}, follow=True))
    assert "Thank you. A facilitator will look at your request" in html
    assert "You asked on 24 November 2026" in html
    twice = client.post(page("ask-to-join", community), {"words": ""})
    assert (twice.status_code, "You have asked to join Sepsis already" in html_of(twice)) == (409, True)
    request = JoinRequest.objects.get()
    withdraw = reverse("communities:withdraw-request", args=[request.pk])
    assert client.post(withdraw).status_code == 302
    assert JoinRequest.objects.get().state == "withdrawn"
    assert sign_in(client, PersonFactory.create().user).post(withdraw).status_code == 404


def test_a_member_and_a_shy_community_are_not_found_to_ask(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    assert client.get(page("ask-to-join", community)).status_code == 404
    sign_in(client, people["stranger"])
    Community.objects.filter(pk=community.pk).update(is_open_to_ask=False)
    assert client.get(page("ask-to-join", community)).status_code == 404


def test_a_facilitator_decides_by_a_choice_without_a_default(
    signed_in: Client, community: Community, newcomer: User
) -> None:
    request = ask_to_join(community=community, words="I run the audit.", by=newcomer, now=NOW)
    assert "I run the audit." in html_of(signed_in.get(page("join-requests", community)))
    address = page("decide-request", community, request.pk)
    assert "checked" not in html_of(signed_in.get(address))
    without = signed_in.post(address, {})
    assert (without.status_code, "Choose your decision" in html_of(without)) == (422, True)
    silent = signed_in.post(address, {"answer": "no"})
    assert (silent.status_code, html_of(silent).count("Say why, in a sentence.")) == (422, 2)
    html = html_of(signed_in.post(address, {"answer": "yes"}, follow=True))
    assert "Nia New is now a member, and a mail will tell them so." in html
    assert Membership.objects.filter(person__user=newcomer, community=community, came_by="asked").exists()
    again = signed_in.post(address, {"answer": "no", "because": "Too late"})
    assert (again.status_code, "Someone else has already dealt with this request." in html_of(again)) == (409, True)
    decided = html_of(signed_in.get(page("join-requests", community), {"show": "decided"}))
    assert "Accepted, 24 November 2026, by Fadia Facilitator" in decided


def test_a_join_link_is_shown_to_the_room_by_code_and_picture(
    signed_in: Client, community: Community, session: Session
) -> None:
    address = page("join-link", community, session.pk)
    assert not JoinLink.objects.exists(), "looking makes none"
    assert signed_in.get(page("join-link-code", community, session.pk)).status_code == 404
    response = signed_in.post(address, follow=True)
    link = JoinLink.objects.get()
    html = html_of(response)
    assert in_groups(code_of(link)) in html
    assert links.address(links.INVITE, code_of(link)) in html
    assert "no-store" in response["Cache-Control"]
    picture = signed_in.get(page("join-link-code", community, session.pk))
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")
    assert b"<script" not in picture.content
    assert b"http" not in picture.content.replace(b"http://www.w3.org/2000/svg", b""), "nothing is fetched"
    assert signed_in.post(page("stop-join-link", community, session.pk)).status_code == 302
    assert in_groups(code_of(link)) not in html_of(signed_in.get(address))
    assert signed_in.post(page("stop-join-link", community, session.pk)).status_code == 404


def test_no_join_link_for_a_session_that_is_off(signed_in: Client, community: Community) -> None:
    off = SessionFactory.create(community=community, state="cancelled", cancelled_because="Flood")
    response = signed_in.post(page("join-link", community, off.pk))
    assert (response.status_code, "This session has been cancelled" in html_of(response)) == (422, True)


def test_a_member_is_appointed_and_a_term_is_ended(signed_in: Client, community: Community) -> None:
    member = member_of(community, name="Lea Leads")
    membership = Membership.objects.get(person__user=member)
    typed = {"role": "facilitator", "member": str(membership.pk), "starts_on": str(TODAY)}
    html = html_of(signed_in.post(page("appoint", community), typed, follow=True))
    assert "Lea Leads is now facilitator, and a mail will tell them so." in html
    twice = signed_in.post(page("appoint", community), typed)
    assert (twice.status_code, "Lea Leads is already facilitator of Sepsis." in html_of(twice)) == (409, True)
    term = RoleTerm.objects.get(person__user=member)
    html = html_of(signed_in.post(page("end-term", community, term.pk), {"ends_on": str(TODAY)}, follow=True))
    assert "Lea Leads is no longer facilitator." in html


def test_a_sponsor_is_appointed_by_their_address(signed_in: Client, community: Community) -> None:
    trust, managers = OrganisationFactory.create(), ProfessionalGroupFactory.create()
    typed = {
        "role": "sponsor", "member": "", "email": "sonia@example.org", "name": "Sonia Sponsor",
        "organisation": str(trust.pk), "professional_group": str(managers.pk), "starts_on": str(TODAY),
    }  # fmt: skip
    unnamed = signed_in.post(page("appoint", community), typed | {"name": ""})
    assert (unnamed.status_code, "Enter the full name." in html_of(unnamed)) == (422, True)
    assert "Sonia Sponsor is now sponsor" in html_of(signed_in.post(page("appoint", community), typed, follow=True))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ""}, "Choose the role"),
        ({"member": ""}, "Choose a member, or enter a mail address"),
        ({"email": "x@example.org"}, "Choose a member or enter a mail address, not both"),
        ({"member": "999999"}, "member of this community"),
        ({"starts_on": "2026-11-25"}, "Choose today or an earlier date"),
    ],
)
def test_an_appointment_that_makes_no_sense_is_not_made(
    signed_in: Client, community: Community, changes: dict[str, str], words: str
) -> None:
    membership = Membership.objects.get(person__user=member_of(community))
    typed = {"role": "sponsor", "member": str(membership.pk), "email": "", "starts_on": str(TODAY)}
    before = RoleTerm.objects.count()
    response = signed_in.post(page("appoint", community), typed | changes)
    assert (response.status_code, words in html_of(response)) == (422, True)
    assert RoleTerm.objects.count() == before


def test_the_last_facilitator_reads_why_they_cannot_go(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    term = RoleTerm.objects.get(person__user=facilitator, community=community)
    response = signed_in.post(page("end-term", community, term.pk), {"ends_on": str(TODAY)})
    assert (response.status_code, html_of(response).count("would be left without a facilitator")) == (422, 2)


def a_row(name: str, community: Community, by: User, number: int) -> None:
    if name == "invitation-list":
        invite_members(community=community, emails=[f"p{number}@example.org"], by=by, now=NOW)
    elif name == "join-requests":
        ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
    elif name == "role-list":
        RoleTermFactory.create(community=community)
    else:
        other = CommunityFactory.create()
        ask_to_join(community=other, by=by, now=NOW)


# Session, user, then the community and roles where there is one; how many rows, and the rows.
QUERIES = {"role-list": 6, "invitation-list": 6, "join-requests": 6, "open-communities": 5}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_the_same_with_1_and_with_30_rows(
    *,
    signed_in: Client,
    community: Community,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    for count in range(number):
        a_row(name, community, facilitator, count)
    address = reverse("communities:open-communities") if name == "open-communities" else page(name, community)
    with django_assert_num_queries(QUERIES[name]):
        assert signed_in.get(address).status_code == 200


def test_an_open_link_page_costs_the_same_however_many_ask(
    signed_in: Client, community: Community, facilitator: User, session: Session,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    make_join_link(session=session, by=facilitator, now=NOW)
    # Session, user, community, the session, roles, the link, how many asked.
    with django_assert_num_queries(7):
        assert signed_in.get(page("join-link", community, session.pk)).status_code == 200


@pytest.mark.parametrize("name", ["member-list", "role-list", "invitation-list", "join-requests", "community-history"])
def test_the_pages_about_people_lead_to_one_another(signed_in: Client, community: Community, name: str) -> None:
    html = html_of(signed_in.get(page(name, community)))
    for other in ("member-list", "role-list", "invitation-list", "join-requests", "community-history"):
        current = ' aria-current="page"' if other == name else ""
        assert f'<a href="{page(other, community)}"{current}>' in html, other


def test_members_are_not_led_to_pages_that_are_closed_to_them(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    html = html_of(sign_in(client, people["member"]).get(page("community-history", community)))
    assert page("role-list", community) in html
    assert page("invitation-list", community) not in html
    assert page("join-requests", community) not in html
