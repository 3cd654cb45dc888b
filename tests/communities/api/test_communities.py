"""Communities over the API: what they say, who changes them, and their history."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, CommunityChange, Programme
from communities.models.community_facts import facts_of
from communities.services.communities import edit_community
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory, MembershipFactory, PersonFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

ROLES = ["administrator", "staff", "facilitator", "sponsor", "member", "stranger", "anonymous"]
PAUSE = {"because": "Winter pressures.", "look_again_on": str(TODAY + timedelta(days=60))}
STATES: dict[str, dict[str, Any]] = {
    "pause-community": PAUSE,
    "look-again-later": PAUSE,
    "resume-community": {},
    "close-community": {"closing_note": "Done."},
    "reopen-community": {"because": "The wrong one."},
}


def address(name: str, community: Community) -> str:
    return reverse(f"api:{name}", args=[community.slug])


def post(client: Client, url: str, said: Any = None) -> Any:
    return client.post(url, said or {}, content_type="application/json")


def patch(client: Client, community: Community, said: Any, version: int | None = 1) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(address("community", community), said, content_type="application/json", headers=headers)


def told(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


@pytest.fixture
def as_staff(client: Client, people: dict[str, User]) -> Client:
    return sign_in(client, people["staff"])


def as_role(client: Client, people: dict[str, User], role: str) -> Client:
    return client if role == "anonymous" else sign_in(client, people[role])


def test_staff_set_up_a_community_with_all_that_is_said_of_it(as_staff: Client) -> None:
    said = {
        "name": "Frailty",
        "purpose": "To keep people out of hospital.",
        "launched_on": "2026-03-01",
        "rhythm": {"nth": 5, "weekday": 4},
        "programmes": [{"name": "Patient safety", "url": "https://example.org/safety"}, {"name": "Other"}],
        "is_open_to_ask": False,
    }
    response = post(as_staff, reverse("api:community-list"), said)
    assert (response.status_code, response["ETag"]) == (201, '"1"')
    whole = response.json()
    assert {name: whole[name] for name in said} == said | {
        "programmes": [{"name": "Patient safety", "url": "https://example.org/safety"}, {"name": "Other", "url": ""}]
    }
    assert whole["rhythm_words"] == "on the last Friday of each month"
    assert as_staff.get(reverse("api:community", args=["frailty"])).json() == whole


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 400, "malformed"),
        ({"name": "a\x00b"}, 400, "malformed"),
        ({"name": "A", "rhythm": {"nth": 2}}, 400, "malformed"),
        ({"name": "A", "rhythm": {"weeks": 6, "nth": 2, "weekday": 0}}, 400, "malformed"),
        ({"name": "A", "rhythm": {"weeks": 10000}}, 400, "malformed"),
        ({"name": "A", "launched_on": "31/02/2026"}, 400, "malformed"),
        ({"name": "A", "programmes": [{"name": "x", "url": "javascript:alert(1)"}]}, 400, "malformed"),
        ({"name": "A", "programmes": [{"name": str(n)} for n in range(6)]}, 400, "malformed"),
        ({"name": "A", "programmes": [{"name": "x"}, {"name": "x"}]}, 422, "programmes_out_of_order"),
        ({"name": "A", "launched_on": "0001-01-01"}, 422, "launch_out_of_range"),
        ({"name": "Sepsis"}, 409, "community_name_taken"),
        ([1], 400, "malformed"),
    ],
)
def test_what_no_community_can_be_is_refused(
    *, as_staff: Client, community: Community, said: Any, status: int, code: str
) -> None:
    before = Community.objects.count()
    assert told(post(as_staff, reverse("api:community-list"), said)) == (status, code)
    assert Community.objects.count() == before


def test_a_facilitator_changes_what_they_give_and_nothing_else(client: Client, people: dict[str, User]) -> None:
    community = Community.objects.get(slug="sepsis")
    sign_in(client, people["facilitator"])
    assert client.get(address("community", community))["ETag"] == '"1"'
    response = patch(client, community, {"host": "The HIN", "rhythm": None})
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    whole = response.json()
    assert (whole["host"], whole["rhythm"], whole["purpose"]) == ("The HIN", None, "To make care safer together.")


@pytest.mark.parametrize(
    ("version", "expected"),
    [(None, (428, "if_match_missing")), (1, (412, "community_changed_meanwhile")), (2, (200, ""))],
)
def test_a_change_says_which_version_it_was_made_from(
    *, client: Client, people: dict[str, User], community: Community, version: int | None, expected: tuple[int, str]
) -> None:
    facts = replace(facts_of(community), host="Theirs")
    edit_community(community=community, facts=facts, version=1, by=people["staff"], now=NOW)
    sign_in(client, people["facilitator"])
    assert told(patch(client, community, {"domain": "Mine"}, version)) == expected
    community.refresh_from_db()
    assert (community.host, community.domain) == ("Theirs", "Mine" if expected[0] == 200 else "")


def test_a_community_goes_through_its_states_and_back(as_staff: Client, community: Community) -> None:
    states = []
    for name in ("pause-community", "look-again-later", "resume-community", "close-community", "reopen-community"):
        response = post(as_staff, address(name, community), STATES[name])
        assert response.status_code == 200, (name, response.json())
        states.append(response.json()["state"])
    assert states == ["paused", "paused", "active", "closed", "active"]
    pauses = as_staff.get(reverse("api:pause-list")).json()["results"]
    assert [(pause["community"], pause["because"], pause["ends_on"]) for pause in pauses] == [
        ("sepsis", "Winter pressures.", str(TODAY))
    ]
    assert told(post(as_staff, address("resume-community", community))) == (409, "community_not_paused")
    assert told(post(as_staff, address("reopen-community", community), STATES["reopen-community"])) == (
        409,
        "community_not_closed",
    )


def test_what_stands_in_the_way_of_closing_is_said(as_staff: Client, community: Community) -> None:
    SessionFactory.create(community=community)
    response = post(as_staff, address("close-community", community), {"closing_note": "Done."})
    assert told(response) == (422, "sessions_still_planned")


@pytest.mark.parametrize("role", ROLES)
def test_states_are_for_staff_and_facts_for_those_who_run_it(
    client: Client, people: dict[str, User], community: Community, role: str
) -> None:
    as_role(client, people, role)
    refused = {"anonymous": 401, "stranger": 404}.get(role, 403)
    platform = role in ("administrator", "staff")
    for name, said in STATES.items():
        response = post(client, address(name, community), said)
        assert (response.status_code == refused) is not platform, name
    Community.objects.update(state="active", closing_note="", closed_on=None)
    version = Community.objects.get(pk=community.pk).version
    edited = patch(client, community, {"host": "The HIN"}, version).status_code
    assert edited == (200 if platform or role == "facilitator" else refused)
    made = post(client, reverse("api:community-list"), {"name": f"New by {role}"}).status_code
    assert made == (201 if platform else 401 if role == "anonymous" else 403)


@pytest.mark.parametrize("role", ROLES)
def test_history_is_for_those_who_see_names(
    client: Client, people: dict[str, User], community: Community, role: str
) -> None:
    as_role(client, people, role)
    response = client.get(address("community-history", community))
    expected = {"anonymous": 401, "stranger": 404, "sponsor": 403}
    assert response.status_code == expected.get(role, 200)


@pytest.mark.parametrize("number", [1, 30])
def test_a_page_of_history_says_what_the_pages_say_and_costs_the_same(
    *,
    as_staff: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    MembershipFactory.create_batch(number, community=community, starts_on=TODAY)
    MembershipFactory.create(community=community, person=PersonFactory.create(name="Amara Okafor"), starts_on=TODAY)
    CommunityChange.objects.create(
        community=community, what="edited", at=NOW, by=people["staff"], version=2, facts={"host": ["", "The HIN"]}
    )
    # Session, user, the community; how many lines, the lines; members, terms, changes. Staff need no roles.
    with django_assert_num_queries(8):
        found = as_staff.get(address("community-history", community)).json()
    assert {"day": str(TODAY), "what": "Amara Okafor joined", "more": []} in found["results"]
    edited = {"day": str(TODAY), "what": "Changed by Stef Staff", "more": ["Host: – → The HIN"]}
    assert found["results"][0] == edited
    assert found["count"] == number + 6


@pytest.mark.parametrize("number", [1, 30])
def test_open_communities_show_name_and_purpose_only(
    *,
    client: Client,
    people: dict[str, User],
    community: Community,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    CommunityFactory.create_batch(number)
    CommunityFactory.create(is_open_to_ask=False)
    Programme.objects.create(community=community, name="Not shown")
    sign_in(client, people["sponsor"])
    with django_assert_num_queries(3):
        found = client.get(reverse("api:open-communities")).json()["results"]
    # A sponsor is no member and may ask; the stranger's community is one too.
    assert len(found) == number + 2
    assert {tuple(row) for row in found} == {("slug", "name", "purpose")}
