"""Behind a link, without an account: answering an invitation, and asking to join by the code of a session."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from communities import links
from communities.models import Community, JoinLink, JoinRequest, MemberInvitation, Membership
from communities.services.joining.invitations import invite_members, withdraw_invitation
from communities.services.joining.join_links import code_of, in_groups, make_join_link, stop_join_link
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    member_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def invitation(community: Community, people: dict[str, User]) -> MemberInvitation:
    by = people["facilitator"]
    (invited,) = invite_members(community=community, emails=["amara@example.org"], by=by, now=NOW)
    return invited


@pytest.fixture
def link(community: Community, people: dict[str, User]) -> JoinLink:
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))
    return make_join_link(session=session, by=people["facilitator"], now=NOW)


def token_of(invitation: MemberInvitation) -> str:
    return links.token_for(links.INVITE, invitation.pk, invitation.generation)


def door_of(behind: MemberInvitation | JoinLink) -> str:
    return f"/j/{token_of(behind) if isinstance(behind, MemberInvitation) else code_of(behind)}/"


def typed(**changes: str) -> dict[str, str]:
    said = {
        "answer": "yes",
        "name": "Amara Okafor",
        "email": "amara@example.org",
        "organisation": str(OrganisationFactory.create().pk),
        "professional_group": str(ProfessionalGroupFactory.create().pk),
    }
    return said | changes


def html_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture(params=["invitation", "link"])
def door(request: pytest.FixtureRequest) -> str:
    return door_of(request.getfixturevalue(request.param))


def everything() -> Any:
    models = (MemberInvitation, JoinRequest, JoinLink, Membership, User)
    return [sorted(model.objects.values_list()) for model in models]


def test_looking_changes_nothing_and_no_choice_is_made_beforehand(door: str) -> None:
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(door)
    html = html_of(response)
    assert (response.status_code, "checked" in html) == (200, False)
    assert not [query for query in queries if re.search(r"\b(INSERT|UPDATE|DELETE)\b", query["sql"])]
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not response.cookies
    assert everything() == before


def test_a_button_pressed_without_a_choice_changes_nothing(door: str) -> None:
    before = everything()
    response = Client(enforce_csrf_checks=True).post(door, {})
    assert response.status_code == 422
    assert html_of(response).count("Answer “Would you like to join?”") == 2
    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Enter your full name"),
        ({"name": "a\x00b"}, "contains a character that cannot be stored"),
        ({"name": "x" * 151}, "must be 150 characters or fewer"),
        ({"professional_group": ""}, "Choose your professional group"),
        ({"professional_group": "0"}, "professional group"),
        ({"organisation": "'; --"}, "here you work"),
        ({"answer": "maybe"}, "Would you like to join?"),
    ],
)
def test_a_yes_that_is_not_well_formed_is_asked_again_with_what_was_typed(
    door: str, changes: dict[str, str], words: str
) -> None:
    before_models = Membership.objects.count(), JoinRequest.objects.count()
    response = Client().post(door, typed(**changes))
    assert (response.status_code, words in html_of(response)) == (422, True)
    assert (Membership.objects.count(), JoinRequest.objects.count()) == before_models
    assert 'value="Amara Okafor"' in html_of(response) or "name" in changes


def test_a_yes_to_an_invitation_makes_a_member_and_pressing_twice_is_no_second_one(
    invitation: MemberInvitation, community: Community
) -> None:
    said = typed()
    html = html_of(Client().post(door_of(invitation), said))
    assert "You are a member of the Sepsis community." in html
    assert Membership.objects.get(person__user__name="Amara Okafor").came_by == "invited"
    again = Client().post(door_of(invitation), said)
    assert (again.status_code, Membership.objects.filter(person__user__name="Amara Okafor").count()) == (200, 1)
    assert "You are a member of the Sepsis community." in html_of(Client().get(door_of(invitation)))


def test_a_no_needs_no_name_and_can_be_changed(invitation: MemberInvitation) -> None:
    assert "You have said no" in html_of(Client().post(door_of(invitation), {"answer": "no"}))
    invitation.refresh_from_db()
    assert invitation.state == "declined"
    assert "You are a member" in html_of(Client().post(door_of(invitation), typed()))


def test_someone_the_portal_knows_is_asked_for_nothing_but_the_answer(
    community: Community, people: dict[str, User]
) -> None:
    person = PersonFactory.create(name="Amara Okafor", email="known@example.org")
    (known,) = invite_members(community=community, emails=["known@example.org"], by=people["facilitator"], now=NOW)
    html = html_of(Client().get(door_of(known)))
    assert 'name="professional_group"' not in html
    assert "Amara Okafor" not in html, "not even their name is shown to whoever opens the link"
    Client().post(door_of(known), {"answer": "yes", "name": "Someone Else"})
    assert Membership.objects.get(person=person).community == community
    person.user.refresh_from_db()
    assert person.user.name == "Amara Okafor"


def test_a_yes_by_the_code_of_a_session_is_a_request_and_no_more(link: JoinLink) -> None:
    members = Membership.objects.count()
    html = html_of(Client().post(door_of(link), typed(words="We met at the coffee.")))
    assert "A facilitator of the Sepsis community will look at your request." in html
    request = JoinRequest.objects.get()
    assert (request.name, request.brought_by, request.words) == (
        "Amara Okafor",
        link.session,
        "We met at the coffee.",
    )
    assert Membership.objects.count() == members
    again = Client().post(door_of(link), typed())
    assert (again.status_code, JoinRequest.objects.count()) == (200, 1)


def test_in_a_room_an_address_is_needed_and_a_no_stores_nothing(link: JoinLink) -> None:
    without = Client().post(door_of(link), typed(email=""))
    assert (without.status_code, html_of(without).count("Enter your mail address")) == (422, 2)
    assert "Nothing was stored." in html_of(Client().post(door_of(link), {"answer": "no"}))
    assert not JoinRequest.objects.exists()


def test_the_answer_does_not_say_whether_an_address_is_a_members(link: JoinLink, community: Community) -> None:
    member_of(community, email="in@example.org")
    answers = [
        html_of(Client().post(door_of(link), typed(email=email))) for email in ("in@example.org", "x@example.org")
    ]
    assert answers[0] == answers[1]
    assert JoinRequest.objects.count() == 1


def test_a_code_is_typed_as_it_is_read_and_leads_to_its_page(link: JoinLink) -> None:
    page = reverse("communities:type-code")
    response = Client().post(page, {"code": f" {in_groups(code_of(link)).lower()} "})
    assert (response.status_code, response["Location"]) == (302, f"/j/{code_of(link)}/")
    assert Client().get(f"/j/{in_groups(code_of(link)).lower()}/").status_code == 200
    wrong = Client().post(page, {"code": "<script>alert(1)</script>"})
    assert (wrong.status_code, "There is no session with this code." in html_of(wrong)) == (422, True)
    assert "<script>alert" not in html_of(wrong)
    assert Client().post(page, {"code": ""}).status_code == 422


def test_what_is_over_says_so(invitation: MemberInvitation, link: JoinLink, people: dict[str, User]) -> None:
    withdraw_invitation(invitation=invitation, by=people["facilitator"], now=NOW)
    stop_join_link(link=link, by=people["facilitator"], now=NOW)
    for over, words in ((invitation, "This invitation is over"), (link, "This code opens no more")):
        for response in (Client().get(door_of(over)), Client().post(door_of(over), typed())):
            assert (response.status_code, words in html_of(response)) == (410, True)
    assert not JoinRequest.objects.exists()


@pytest.mark.parametrize(
    "nowhere", ["/j/AAAA-AAAA-AAAA/", "/j/nothing-like-a-token/", "/j/%00/", "/j/" + "x" * 43 + "/"]
)
def test_a_link_that_was_never_given_leads_nowhere(nowhere: str) -> None:
    assert Client().get(nowhere).status_code == 404
    assert Client().post(nowhere, typed()).status_code == 404


def test_a_door_cut_short_by_its_last_slash_is_answered_and_not_redirected(door: str) -> None:
    assert Client().get(door.rstrip("/")).status_code == 200


def test_no_log_line_holds_the_way_in(door: str, caplog: pytest.LogCaptureFixture) -> None:
    secret = door.strip("/").partition("/")[2]
    with caplog.at_level(logging.DEBUG):
        Client().get(door)
        Client().post(door, {})
        Client().post(door, typed())
    assert secret not in caplog.text


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_was_typed_in_a_room_is_shown_to_facilitators_as_text(
    signed_in: Client, link: JoinLink, community: Community, payload: str
) -> None:
    refused = Client().post(door_of(link), typed(name=payload, email=""))
    assert payload not in html_of(refused)
    assert "&lt;" in html_of(refused)
    Client().post(door_of(link), typed(name=payload, words=payload))
    request = JoinRequest.objects.get()
    for page in (
        reverse("communities:join-requests", args=[community.slug]),
        reverse("communities:decide-request", args=[community.slug, request.pk]),
    ):
        html = html_of(signed_in.get(page))
        assert (payload in html, escape(payload) in html) == (False, True)
