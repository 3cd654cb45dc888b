"""What is found, by whom, and how it is shown; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, Decision, LearningPoint, Problem, Resource, Session
from communities.models.minutes import Minutes
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory, ProblemFactory, SessionFactory, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon"), pytest.mark.embedded]


def one_of_each(community: Community, text: str, *, is_private: bool = False) -> None:
    session: Session = SessionFactory.create(community=community, focus="" if is_private else text)
    Minutes.objects.create(session=session, summary=text, shared_at=None if is_private else NOW)
    position = session.learning_points.count()
    LearningPoint.objects.create(session=session, text=text, position=position, is_private=is_private)
    Decision.objects.create(community=community, session=session, text=text, decided_on=TODAY, is_private=is_private)
    ProblemFactory.create(community=community, title=text[:200], is_private=is_private)
    Resource.objects.create(
        community=community, title=text[:200], url="https://example.org/", added_at=NOW, is_private=is_private
    )


def api(client: Client, words: str, **more: Any) -> list[dict[str, Any]]:
    response = client.get(reverse("api:search"), {"q": words, **more})
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def page(client: Client, words: str) -> str:
    response = client.get(reverse("communities:search"), {"q": words})
    assert response.status_code == 200
    return response.content.decode()


def test_every_kind_of_record_is_found(client: Client, community: Community, people: dict[str, User]) -> None:
    one_of_each(community, "Lactate within the hour")
    sign_in(client, people["member"])
    kinds = {"learning_point", "decision", "minutes", "problem", "resource", "session"}
    assert {row["kind"] for row in api(client, "lactate")} == kinds
    assert "6 records found for “lactate”" in page(client, "lactate")


def test_all_words_must_be_there(client: Client, community: Community, people: dict[str, User]) -> None:
    ProblemFactory.create(community=community, title="Lactate is slow", detail="The laboratory closes at five")
    sign_in(client, people["member"])
    assert len(api(client, "lactate laboratory")) == 1
    assert api(client, "lactate helicopter") == []
    assert "Nothing that you may see has these words" in page(client, "lactate helicopter")


def test_words_are_found_by_their_stem_on_postgresql(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    ProblemFactory.create(community=community, title="Screening forms are long")
    sign_in(client, people["member"])
    assert len(api(client, "screened")) == (1 if connection.vendor == "postgresql" else 0)
    assert len(api(client, "screening")) == 1


def test_what_fits_better_comes_first_on_postgresql_else_the_newest(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    old = ProblemFactory.create(
        community=community, title="Sepsis", detail="Sepsis, sepsis and sepsis", since_on=TODAY - timedelta(days=90)
    )
    new = ProblemFactory.create(community=community, title="A long text that names sepsis once", since_on=TODAY)
    sign_in(client, people["member"])
    best_first = connection.vendor == "postgresql"
    expected = [old.pk, new.pk] if best_first else [new.pk, old.pk]
    assert [row["id"] for row in api(client, "sepsis")] == expected


@pytest.mark.parametrize("who", ["member", "sponsor"])
def test_private_records_are_found_by_those_who_run_the_community_only(
    *, client: Client, community: Community, people: dict[str, User], who: str
) -> None:
    one_of_each(community, "Lactate", is_private=True)
    sign_in(client, people[who])
    assert api(client, "lactate") == []
    assert "Lactate" not in page(client, "lactate").replace("lactate", "")
    sign_in(client, people["facilitator"])
    found = {row["kind"]: row["is_private"] for row in api(client, "lactate")}
    # Minutes that are not shared yet are not marked private: they wait.
    assert found == {
        "decision": True, "learning_point": True, "minutes": False, "problem": True, "resource": True
    }  # fmt: skip
    assert "(private)" in page(client, "lactate")


def test_other_communities_are_not_searched(client: Client, community: Community, people: dict[str, User]) -> None:
    one_of_each(CommunityFactory.create(), "Lactate")
    sign_in(client, people["member"])
    assert api(client, "lactate") == []
    sign_in(client, people["staff"])
    assert len(api(client, "lactate")) == 6


def test_a_facilitator_of_one_community_finds_nothing_private_of_another(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    elsewhere = CommunityFactory.create()
    one_of_each(elsewhere, "Lactate", is_private=True)
    member = member_of(elsewhere)
    sign_in(client, member)
    assert api(client, "lactate") == []


def test_what_is_found_is_marked_and_everything_else_escaped(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    ProblemFactory.create(community=community, title="<script>alert(1)</script> lactate & more")
    sign_in(client, people["member"])
    shown = page(client, "lactate")
    assert "<mark>lactate</mark>" in shown
    assert "<script>alert(1)" not in shown
    (row,) = api(client, "lactate")
    assert "<mark>lactate</mark> &amp; more" in row["text"]
    assert "<script" not in row["text"]


@pytest.mark.parametrize("words", ["%", "_", "'", '"', "a & b |", "\\", "<mark>", "-", "!:*()", "o'clock \" -x"])
def test_signs_are_only_signs(client: Client, community: Community, people: dict[str, User], words: str) -> None:
    ProblemFactory.create(community=community, title="Nothing of the kind")
    sign_in(client, people["member"])
    assert api(client, words) == []


@pytest.mark.parametrize("words", ["", "x" * 201, "nul\x00byte"])
def test_what_cannot_be_looked_for_is_said(
    client: Client, community: Community, people: dict[str, User], words: str
) -> None:
    sign_in(client, people["member"])
    assert client.get(reverse("communities:search"), {"q": words}).status_code == 422
    assert client.get(reverse("api:search"), {"q": words}).status_code == 400


def test_nothing_is_looked_for_before_anyone_asks(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    response = client.get(reverse("communities:search"))
    assert response.status_code == 200
    assert "found for" not in response.content.decode()
    assert client.get(reverse("api:search")).status_code == 400


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_with_1_and_with_30_rows(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    one_of_each(community, "Lactate")
    for _ in range(number):
        ProblemFactory.create(community=CommunityFactory.create(), title="Lactate")
    sign_in(client, people["staff"])
    # Session, user, how many are found, which ones, and one for each of the six kinds.
    with django_assert_num_queries(10):
        page(client, "lactate")


def test_a_long_list_comes_50_at_a_time(client: Client, community: Community, people: dict[str, User]) -> None:
    for count in range(51):
        ProblemFactory.create(community=community, title=f"Lactate {count}")
    sign_in(client, people["member"])
    assert "Showing 1 to 50 of 51" in page(client, "lactate")
    assert len(api(client, "lactate")) == 50
    assert len(api(client, "lactate", page=2)) == 1
    assert client.get(reverse("api:search"), {"q": "lactate", "page": "3"}).status_code == 404


def test_a_record_leads_to_where_it_can_be_read(client: Client, community: Community, people: dict[str, User]) -> None:
    one_of_each(community, "Lactate")
    sign_in(client, people["member"])
    session, problem = Session.objects.get(), Problem.objects.get()
    assert {row["kind"]: row["address"] for row in api(client, "lactate")} == {
        "learning_point": session.get_absolute_url(),
        "decision": session.get_absolute_url(),
        "session": session.get_absolute_url(),
        "minutes": reverse("communities:minutes", args=[community.slug, session.pk]),
        "problem": problem.get_absolute_url(),
        "resource": reverse("communities:resource-list", args=[community.slug]),
    }


def test_the_notes_of_a_session_are_found_once_its_minutes_are_shared(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    session = SessionFactory.create(community=community, notes="We spoke about the lactate analyser")
    minutes = Minutes.objects.create(session=session)
    sign_in(client, people["member"])
    assert api(client, "analyser") == []
    minutes.shared_at = NOW
    minutes.save()
    assert [row["kind"] for row in api(client, "analyser")] == ["minutes"]
