"""What the lists hold, for whom, how they are narrowed and what they cost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, Membership
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def rows(client: Client, name: str, **narrowed: Any) -> list[dict[str, Any]]:
    response = client.get(reverse(f"api:{name}"), narrowed)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def one_of_each(community: Community) -> None:
    """A member, a planned session, an action; and a community of its own for the list of communities."""
    member = MembershipFactory.create(community=community)
    MembershipFactory.create(community=CommunityFactory.create(), person=member.person)
    SessionFactory.create(community=community, led_by=member.person)
    ActionFactory.create(community=community, owner=member.person)


# With the session and the user: 2. Staff see everything, so each list has the most to show.
QUERIES = {"community-list": 4, "membership-list": 4, "session-list": 3, "action-list": 3}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_the_same_with_1_and_with_30_rows(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    for _ in range(number):
        one_of_each(community)
    sign_in(client, people["staff"])
    with django_assert_num_queries(QUERIES[name]):
        found = rows(client, name)
    assert len(found) >= number


def test_lists_are_paged_by_a_cursor_that_leads_to_every_row_once(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    wanted = {action.pk for action in ActionFactory.create_batch(60, community=community)}
    sign_in(client, people["facilitator"])
    first = client.get(reverse("api:action-list")).json()
    second = client.get(first["next"]).json()
    assert [len(first["results"]), len(second["results"]), second["next"]] == [50, 10, None]
    assert {row["id"] for row in first["results"] + second["results"]} == wanted


def test_a_member_sees_their_communities_and_the_people_in_them_and_no_others(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    one_of_each(CommunityFactory.create())
    one_of_each(community)
    sign_in(client, people["member"])
    assert [row["slug"] for row in rows(client, "community-list")] == ["sepsis"]
    assert {row["community"] for row in rows(client, "membership-list")} == {"sepsis"}
    assert {row["community"] for row in rows(client, "session-list")} == {"sepsis"}
    assert {row["community"] for row in rows(client, "action-list")} == {"sepsis"}


def test_a_membership_shows_where_someone_works_and_no_address(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    person = PersonFactory.create(name="Amara Okafor", email="amara@example.org")
    membership = MembershipFactory.create(community=community, person=person, ends_on=date(2026, 6, 1))
    sign_in(client, people["facilitator"])
    affiliation = person.affiliations.get()
    assert client.get(reverse("api:membership", args=[membership.pk])).json() == {
        "id": membership.pk,
        "community": "sepsis",
        "name": "Amara Okafor",
        "organisation": str(affiliation.organisation),
        "professional_group": affiliation.professional_group.name,
        "starts_on": "2024-01-01",
        "ends_on": "2026-06-01",
        "came_by": "added",
        "brought_by": None,
    }


def test_memberships_are_narrowed_by_day_and_by_whether_they_go_on(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    left = MembershipFactory.create(community=community, ends_on=date(2026, 6, 1))
    sign_in(client, people["staff"])
    members = {m.pk for m in Membership.objects.filter(community=community)}
    assert {row["id"] for row in rows(client, "membership-list", community="sepsis")} == members
    assert {row["id"] for row in rows(client, "membership-list", community="sepsis", is_current="true")} == (
        members - {left.pk}
    )
    assert left.pk in {row["id"] for row in rows(client, "membership-list", on="2026-05-31")}
    assert left.pk not in {row["id"] for row in rows(client, "membership-list", on="2026-06-01")}


def test_sessions_are_narrowed_by_state_kind_and_time(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    early = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=400))
    visit = SessionFactory.create(community=community, kind="visit")
    sign_in(client, people["member"])
    assert [row["id"] for row in rows(client, "session-list")] == [visit.pk, early.pk]
    assert [row["id"] for row in rows(client, "session-list", kind="visit")] == [visit.pk]
    assert [row["id"] for row in rows(client, "session-list", starts_before="2026-01-01T00:00:00Z")] == [early.pk]
    assert rows(client, "session-list", state="held") == []


def test_actions_are_narrowed_to_mine_and_to_the_overdue(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    mine = ActionFactory.create(community=community, owner=people["member"].person)
    late = ActionFactory.create(community=community, due_on=TODAY - timedelta(days=1))
    done = ActionFactory.create(community=community, due_on=TODAY - timedelta(days=2), state="done")
    sign_in(client, people["member"])
    assert [row["id"] for row in rows(client, "action-list")] == [done.pk, late.pk, mine.pk]
    assert [row["id"] for row in rows(client, "action-list", is_mine="true")] == [mine.pk]
    assert [row["id"] for row in rows(client, "action-list", is_overdue="true")] == [late.pk]
    assert [row["id"] for row in rows(client, "action-list", is_overdue="false")] == [done.pk, mine.pk]
    assert [row["id"] for row in rows(client, "action-list", state="done")] == [done.pk]


def test_a_filter_that_makes_no_sense_is_malformed(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    response = client.get(reverse("api:session-list"), {"state": "lost"})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["state"]


@pytest.mark.parametrize(("came", "count", "words"), [(4, None, "Fewer than 5"), (5, 5, "5 of 9")])
def test_a_sponsor_sees_counts_of_five_or_more_and_never_a_name(
    *, client: Client, community: Community, people: dict[str, User], came: int, count: int | None, words: str
) -> None:
    members = MembershipFactory.create_batch(7, community=community)
    session = SessionFactory.create(
        community=community,
        starts_at=NOW - timedelta(hours=1),
        led_by=people["facilitator"].person,
        joining_link="https://meet.example.org/1",
    )
    ActionFactory.create(community=community, owner=members[0].person)
    record_session(
        session=session,
        version=1,
        focus="",
        attendance={member.pk: "room" for member in members[:came]},
        learning_points=[],
        actions=[],
        by=people["facilitator"],
        now=NOW,
    )
    sign_in(client, people["sponsor"])
    whole = client.get(reverse("api:session", args=[session.pk])).json()
    assert (whole["present_count"], whole["came"], whole["member_count"]) == (count, words, 9)
    assert (whole["attendance"], whole["led_by"], whole["joining_link"]) == (None, None, None)
    assert rows(client, "membership-list") == []
    assert client.get(reverse("api:membership", args=[members[0].pk])).status_code == 404
    everything = "".join(
        client.get(reverse(f"api:{name}")).content.decode()
        for name in ("community-list", "membership-list", "session-list", "action-list")
    )
    for name in [member.person.name for member in members] + ["Fadia Facilitator", "Mina Member"]:
        assert name not in everything
        assert name not in str(whole)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("agenda-items/?session=" + "9" * 40, 400),
        ("escalations/?problem=" + "9" * 40, 400),
        ("communities/sepsis/rhythm/?last=0001-01-01", 200),
        ("me/participation/?until=9999-12-31", 200),
    ],
)
def test_the_ends_of_the_calendar_and_of_numbers_are_no_fault_of_ours(
    client: Client, community: Community, people: dict[str, User], address: str, status: int
) -> None:
    sign_in(client, people["member"])
    assert client.get(f"/api/v1/{address}").status_code == status
