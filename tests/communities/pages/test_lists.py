"""The pages that list things: what they cost, what they say when empty, and what sponsors see of them."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from communities.models import Community
from communities.panels import Panel
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    LeverHolderFactory,
    MembershipFactory,
    PersonFactory,
    ProblemFactory,
    RoleTermFactory,
    SessionFactory,
)
from tests.factories.doing import AdoptionFactory, ChangeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def address(name: str, community: Community) -> str:
    return reverse(f"communities:{name}", args=[] if name == "community-list" else [community.slug])


def one_of_each(community: Community) -> None:
    member = MembershipFactory.create(community=community)
    RoleTermFactory.create(community=CommunityFactory.create(), person=member.person)
    session = SessionFactory.create(community=community, led_by=member.person)
    ActionFactory.create(community=community, owner=member.person, session=session)
    ProblemFactory.create(community=community)


# Session, user, roles, the community, and what the page shows.
QUERIES = {
    "community-list": 4,
    # With its programmes and sponsors.
    "community": 14,
    "session-list": 6,
    "action-list": 6,
    "problem-list": 7,
    "member-list": 8,
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_page_costs_the_same_with_1_and_with_30_rows(
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
        MembershipFactory.create(community=CommunityFactory.create(), person=people["facilitator"].person)
    sign_in(client, people["facilitator"])
    with django_assert_num_queries(QUERIES[name]):
        response = client.get(address(name, community))
    assert response.status_code == 200


def test_a_long_list_comes_50_at_a_time(client: Client, community: Community, people: dict[str, User]) -> None:
    ActionFactory.create_batch(51, community=community)
    sign_in(client, people["member"])
    first = client.get(address("action-list", community))
    assert len(first.context["rows"]) == 50
    assert "Showing 1 to 50 of 51" in first.content.decode()
    second = client.get(address("action-list", community), {"page": 2})
    assert len(second.context["rows"]) == 1
    assert client.get(address("action-list", community), {"page": 3}).status_code == 404


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("community", "No session has been planned or held in the last two years."),
        ("session-list", "This community has not planned or held a session yet."),
        ("action-list", "There is no open action."),
        ("problem-list", "Nothing is on the register."),
        ("member-list", "This community has no members yet."),
    ],
)
def test_an_empty_page_says_so(client: Client, people: dict[str, User], name: str, words: str) -> None:
    sign_in(client, people["staff"])
    assert words in client.get(address(name, CommunityFactory.create())).content.decode()


def test_someone_in_no_community_is_told_how_to_get_into_one(client: Client) -> None:
    sign_in(client, PersonFactory.create().user)
    assert "You are not in any community yet." in client.get(reverse("communities:community-list")).content.decode()


def test_members_see_their_communities_and_staff_all(client: Client, people: dict[str, User]) -> None:
    listed = reverse("communities:community-list")
    mine = [c.name for c in sign_in(client, people["member"]).get(listed).context["object_list"]]
    everything = [c.name for c in sign_in(client, people["staff"]).get(listed).context["object_list"]]
    assert mine == ["Sepsis"]
    assert everything == sorted(Community.objects.values_list("name", flat=True))
    assert len(everything) == 2


def test_open_actions_come_the_longest_overdue_first_and_answered_ones_on_their_own_page(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    later = ActionFactory.create(community=community, due_on=TODAY + timedelta(days=1))
    late = ActionFactory.create(community=community, due_on=TODAY - timedelta(days=1))
    done = ActionFactory.create(community=community, state="done")
    sign_in(client, people["member"])
    response = client.get(address("action-list", community))
    assert [action for action, _ in response.context["rows"]] == [late, later]
    assert response.content.decode().count("nhsuk-tag--orange") == 1
    answered = client.get(address("action-list", community), {"show": "answered"})
    assert [action for action, _ in answered.context["rows"]] == [done]


def test_a_facilitator_answers_an_action_by_a_choice_without_a_default(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    action = ActionFactory.create(community=community)
    sign_in(client, people["facilitator"])
    page = reverse("communities:answer-action", args=[community.slug, action.pk])
    assert "checked" not in client.get(page).content.decode()
    without = client.post(page, {})
    assert without.status_code == 422
    assert "Answer “How did it go?”" in without.content.decode()
    client.post(page, {"state": "handed_over"})
    action.refresh_from_db()
    assert (action.state, action.state_since) == ("handed_over", NOW)
    again = client.post(page, {"state": "done"})
    assert again.status_code == 409
    assert "This action has already been answered: handed over." in again.content.decode()


def recorded(community: Community, people: dict[str, User], came: int) -> Any:
    members = MembershipFactory.create_batch(7, community=community)
    session = SessionFactory.create(
        community=community, starts_at=NOW - timedelta(hours=1), led_by=people["facilitator"].person
    )
    return record_session(
        session=session,
        version=1,
        focus="",
        attendance={member.pk: "room" for member in members[:came]},
        learning_points=[],
        actions=[],
        by=people["facilitator"],
        now=NOW,
    )


@pytest.mark.parametrize(("came", "words"), [(4, "Fewer than 5"), (5, "5 of 9")])
def test_a_sponsor_sees_numbers_of_five_or_more_and_no_name_on_any_page(
    *, client: Client, community: Community, people: dict[str, User], came: int, words: str
) -> None:
    session = recorded(community, people, came)
    ActionFactory.create(community=community, owner=people["member"].person)
    sign_in(client, people["sponsor"])
    pages = [address(name, community) for name in ("community-list", "community", "session-list", "action-list")]
    pages += [address("problem-list", community), session.get_absolute_url()]
    html = [client.get(page).content.decode() for page in pages]
    assert [words in page for page in html] == [False, True, True, False, False, True]
    assert f"{came} of 9" not in "".join(html) or came == 5
    for membership in community.memberships.select_related("person__user"):
        assert membership.person.name not in "".join(html)
    assert client.get(address("member-list", community)).status_code == 403


@pytest.mark.parametrize(("reader", "said"), [("sponsor", "fewer than 5 joined"), ("member", "2 joined")])
def test_so_few_newcomers_that_a_sponsor_could_name_them_are_not_counted_to_her(
    *, client: Client, community: Community, people: dict[str, User], reader: str, said: str
) -> None:
    MembershipFactory.create_batch(2, community=community, starts_on=TODAY - timedelta(days=30))
    html = sign_in(client, people[reader]).get(address("community", community)).content.decode()
    assert f"; {said} in the last six months" in " ".join(html.split())


def test_days_are_the_calendars_wherever_they_are_counted(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    evening = timezone.make_aware(datetime.combine(TODAY - timedelta(days=41), time(22)))
    problem = ProblemFactory.create(community=community, state="escalated", state_since=evening)
    problem.escalations.create(lever_holder=LeverHolderFactory.create(), ask="Please act", asked_at=evening)
    sign_in(client, people["member"])
    assert "41 days ago; no answer yet" in " ".join(
        client.get(address("community", community)).content.decode().split()
    )
    assert "for 41 days" in client.get(address("problem-list", community)).content.decode()


def test_the_strip_of_sessions_reaches_today(client: Client, community: Community, people: dict[str, User]) -> None:
    SessionFactory.create(community=community, starts_at=NOW - timedelta(days=200))
    html = sign_in(client, people["member"]).get(address("community", community)).content.decode()
    assert "24 November 2026, today" in html


def test_the_overview_says_what_the_records_say(client: Client, community: Community, people: dict[str, User]) -> None:
    last = recorded(community, people, 6)
    SessionFactory.create(community=community, starts_at=NOW - timedelta(days=40))
    upcoming = SessionFactory.create(community=community, starts_at=NOW + timedelta(days=40))
    ActionFactory.create(community=community, due_on=TODAY - timedelta(days=1))
    ActionFactory.create(community=community)
    ChangeFactory.create(community=community)
    done = ChangeFactory.create(community=community, outcome="adopted", ended_on=TODAY)
    AdoptionFactory.create_batch(2, test=done)
    problem = ProblemFactory.create(community=community, state="escalated")
    problem.escalations.create(
        lever_holder=LeverHolderFactory.create(post="Chief pharmacist"),
        ask="Please act",
        asked_at=NOW - timedelta(days=41),
    )
    sign_in(client, people["member"])
    response = client.get(address("community", community))
    overview = response.context["overview"]
    assert (overview.rhythm.last, overview.rhythm.next) == (last, upcoming)
    assert (len(overview.rhythm.held), len(overview.rhythm.due)) == (1, 2)
    assert (overview.people.members, overview.people.organisations, overview.people.new) == (9, 9, 0)
    html = " ".join(response.content.decode().split())
    assert "1 of the 2 due in the last two years was held." in html
    text = " ".join(strip_tags(html).split())
    assert "2 open actions, 1 overdue; 2 tests of change, 1 still running, 1 adopted elsewhere" in text
    assert "1 problem, 1 beyond our reach. Asked Chief pharmacist 41 days ago; no answer yet." in text


def test_a_room_above_adds_its_line_to_the_overview(
    client: Client, community: Community, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def maker(which: Community, reader: User, now: Any) -> Panel | None:
        asked.append((which, reader, now))
        return Panel(heading="Asked", template="components/empty.html", context={}) if reader.is_hin_staff else None

    monkeypatch.setattr("communities.panels._makers", [maker])
    assert "Asked" not in sign_in(client, people["member"]).get(address("community", community)).content.decode()
    assert ">Asked</dt>" in sign_in(client, people["staff"]).get(address("community", community)).content.decode()
    assert asked == [(community, people["member"], NOW), (community, people["staff"], NOW)]
