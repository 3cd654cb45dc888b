"""All communities' problems beyond reach: who holds the lever, who was asked, and how long answers take."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, Problem
from communities.reach import figures_by_lever
from communities.services.problems.answers import answer_escalation, dispute_answer
from communities.services.problems.escalations import withdraw_escalation
from cop_portal.accounts.models import User
from tests.communities.putting import beyond_reach, put_to_lena
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, OrganisationFactory, ProblemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE, API = reverse("communities:network-problems"), reverse("api:network-problems")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("role", "page", "api"),
    [
        ("administrator", 200, 200), ("staff", 200, 200), ("facilitator", 403, 403), ("sponsor", 403, 403),
        ("member", 403, 403), ("stranger", 403, 403), ("anonymous", 302, 401),
    ],
)  # fmt: skip
def test_it_is_for_staff(client: Client, people: dict[str, User], role: str, page: int, api: int) -> None:
    if role != "anonymous":
        sign_in(client, people[role])
    assert (client.get(PAGE).status_code, client.get(API).status_code) == (page, api)


def test_figures_by_lever_count_what_their_rules_say(community: Community, people: dict[str, User]) -> None:
    by, board = people["facilitator"], {"lever": "senior_leadership"}
    ProblemFactory.create(community=community, **board)
    ProblemFactory.create(community=community, state="solved", came_of_it="We asked", lever="members")
    waits = []
    for days in (2, 9, 4):
        asked = put_to_lena(beyond_reach(community, by, **board), by)
        waits.append(
            answer_escalation(escalation=asked, version=1, verdict="will_act", answer="", now=NOW + days * DAY)
        )
    # The slowest was not theirs; one was taken back; one waits.
    dispute_answer(escalation=waits[1], version=2, now=NOW + 10 * DAY)
    taken = put_to_lena(beyond_reach(community, by, **board), by)
    withdraw_escalation(escalation=taken, because="Wrong person", by=by, now=NOW)
    put_to_lena(beyond_reach(community, by, **board), by)
    found = [
        (
            line.lever.value,
            line.raised,
            line.beyond_reach,
            line.asked,
            line.answered,
            line.median_days,
            line.median_words,
        )
        for line in figures_by_lever(people["staff"])
    ]
    assert found == [
        ("members", 1, 0, 0, 0, None, "–"),
        ("senior_leadership", 6, 5, 4, 2, 3, "3 days"),
    ]


def rows_on(client: Client, **narrowed: str) -> list[str]:
    return [line.problem.title for line in client.get(PAGE, narrowed).context["rows"]]


def test_problems_stand_by_lever_and_the_oldest_unanswered_question_first(
    client: Client, people: dict[str, User], community: Community
) -> None:
    by = people["facilitator"]
    put_to_lena(beyond_reach(community, by, title="Asked lately", lever="commissioner"), by)
    put_to_lena(beyond_reach(community, by, title="Asked long ago", lever="commissioner"), by, at=NOW - 60 * DAY)
    beyond_reach(community, by, title="Nobody asked", lever="commissioner")
    beyond_reach(community, by, title="Local", lever="local_managers")
    ProblemFactory.create(community=community, title="Within reach", lever="commissioner")
    sign_in(client, people["staff"])
    assert rows_on(client) == ["Local", "Asked long ago", "Asked lately", "Nobody asked"]
    assert rows_on(client, lever="commissioner") == ["Asked long ago", "Asked lately", "Nobody asked"]
    assert rows_on(client, lever="'; drop") == rows_on(client)
    html = " ".join(client.get(PAGE).content.decode().split())
    assert "Medical director, Riverside Trust, asked 60 days ago" in html
    assert "Lena" not in html
    assert [line["lever"] for line in client.get(API).json()["by_lever"]] == ["local_managers", "commissioner"]


def test_without_problems_it_says_so(client: Client, people: dict[str, User]) -> None:
    assert not Problem.objects.exists()
    html = sign_in(client, people["staff"]).get(PAGE).content.decode()
    assert "No community has a problem beyond its reach at the moment." in html


@pytest.mark.parametrize("number", [1, 30])
def test_it_costs_the_same_with_1_and_with_30_problems(
    client: Client, people: dict[str, User], django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    by = people["facilitator"]
    for _ in range(number):
        problem = beyond_reach(CommunityFactory.create(), by, lever="commissioner")
        put_to_lena(problem, by, organisation=OrganisationFactory.create())
    sign_in(client, people["staff"])
    # Session, user, second factor; the number of problems, the problems, whom they were put to; the figures.
    with django_assert_num_queries(7):
        client.get(PAGE)


def test_you_said_we_did_tells_members_how_each_problem_ended(
    client: Client, people: dict[str, User], community: Community
) -> None:
    page, by = reverse("communities:came-of-it", args=[community.slug]), people["facilitator"]
    sign_in(client, people["member"])
    assert "Nothing has come to an end yet." in client.get(page).content.decode()
    put_to_lena(beyond_reach(community, by, title="Still waiting"), by)
    asked = put_to_lena(beyond_reach(community, by, title="Two forms"), by)
    answer_escalation(escalation=asked, version=1, verdict="will_act", answer="", now=NOW)
    Problem.objects.filter(pk=asked.problem_id).update(state="changed", came_of_it="One form now")
    ProblemFactory.create(community=community, title="Hidden", state="solved", came_of_it="x", is_private=True)
    ProblemFactory.create(title="Elsewhere", state="solved", came_of_it="x")
    html = " ".join(client.get(page).content.decode().split())
    assert "We asked</strong> Medical director, Riverside Trust (will act)." in html
    assert "<strong>Changed</strong>, November 2026: One form now" in html
    for hidden in ("Still waiting", "Hidden", "Elsewhere", "Lena"):
        assert hidden not in html


@pytest.mark.parametrize("number", [1, 30])
def test_you_said_we_did_costs_the_same_with_1_and_with_30(
    client: Client,
    people: dict[str, User],
    community: Community,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    by = people["facilitator"]
    for _ in range(number):
        asked = put_to_lena(beyond_reach(community, by), by, organisation=OrganisationFactory.create())
        Problem.objects.filter(pk=asked.problem_id).update(state="changed", came_of_it="One form now")
    sign_in(client, people["member"])
    with django_assert_num_queries(7):
        client.get(reverse("communities:came-of-it", args=[community.slug]))
