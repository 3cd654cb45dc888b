"""The lists under Doing: what they cost, what they say when empty, and how they are narrowed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, CommunityFactory, MembershipFactory, ProblemFactory
from tests.factories.doing import AdoptionFactory, ChangeFactory, CommitmentFactory, DecisionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def address(name: str, community: Community) -> str:
    return reverse(f"communities:{name}", args=[community.slug])


def one_of_each(community: Community) -> None:
    person = MembershipFactory.create(community=community).person
    action = ActionFactory.create(community=community, owner=person, help_asked_at=NOW)
    ProblemFactory.create(community=community).actions.add(action)
    DecisionFactory.create(community=community, review_on=TODAY)
    CommitmentFactory.create(community=community, person=person)
    AdoptionFactory.create(test=ChangeFactory.create(community=community))


# Session, user, roles, the community, the number of rows, and the rows.
@pytest.mark.parametrize("show", ["", "stuck", "due", "elsewhere"])
@pytest.mark.parametrize("name", ["action-list", "decision-list", "commitment-list", "test-of-change-list"])
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_six_queries_with_1_and_with_30_rows(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    show: str,
    number: int,
) -> None:
    for _ in range(number):
        one_of_each(community)
    sign_in(client, people["facilitator"])
    with django_assert_num_queries(6):
        response = client.get(address(name, community), {"show": show})
    assert len(response.context["object_list"]) == number


@pytest.mark.parametrize(
    ("name", "show", "words"),
    [
        ("action-list", "stuck", "No action needs help or another owner."),
        ("action-list", "mine", "You have no open action in this community."),
        ("decision-list", "", "No decision has been noted yet."),
        ("decision-list", "due", "No decision is due to be looked at again."),
        ("commitment-list", "", "No commitment is open."),
        ("commitment-list", "mine", "You have made no commitment in this community yet."),
        ("test-of-change-list", "", "One line and an outcome are enough."),
        ("test-of-change-list", "elsewhere", "Nothing tried here is known to have been adopted elsewhere yet."),
    ],
)
def test_an_empty_list_says_so(client: Client, people: dict[str, User], name: str, show: str, words: str) -> None:
    sign_in(client, people["staff"])
    assert words in client.get(address(name, CommunityFactory.create()), {"show": show}).content.decode()


def test_decisions_due_come_the_longest_due_first(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    later = DecisionFactory.create(community=community, review_on=TODAY)
    first = DecisionFactory.create(community=community, review_on=TODAY - timedelta(days=9))
    DecisionFactory.create(community=community, review_on=TODAY + timedelta(days=1))
    sign_in(client, people["member"])
    due = client.get(address("decision-list", community), {"show": "due"})
    assert list(due.context["object_list"]) == [first, later]


def test_tests_are_narrowed_by_whether_they_run_and_where_they_went(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    ended = ChangeFactory.create(community=community, outcome="adopted", ended_on=TODAY)
    running = ChangeFactory.create(community=community, started_on=TODAY - timedelta(days=90))
    planned = ChangeFactory.create(community=community, started_on=TODAY + timedelta(days=9))
    AdoptionFactory.create(test=ended)
    sign_in(client, people["member"])

    def shown(show: str) -> list[object]:
        return list(client.get(address("test-of-change-list", community), {"show": show}).context["object_list"])

    assert shown("") == [planned, running, ended]
    assert shown("running") == [planned, running]
    assert shown("ended") == shown("elsewhere") == [ended]
    html = client.get(address("test-of-change-list", community)).content.decode()
    assert html.count("Planned") == 1


def test_each_list_leads_to_the_others_and_says_which_one_it_is(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["sponsor"])
    lists = {
        "action-list": "Actions",
        "decision-list": "Decisions",
        "commitment-list": "Commitments",
        "test-of-change-list": "Tests of change",
    }
    for name, word in lists.items():
        html = client.get(address(name, community)).content.decode()
        assert all(f'href="{address(other, community)}"' in html for other in lists)
        assert f'aria-current="page">{word}</a>' in html
