"""Setting up, changing, pausing and closing a community, on the pages; and its history."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, CommunityChange, Pause, Programme
from communities.models.community_facts import CommunityFacts, ProgrammeFact, facts_of
from communities.services.communities import edit_community
from communities.services.community_states import pause_community
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    MembershipFactory,
    PersonFactory,
    RoleTermFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

TYPED = {
    "name": "Frailty",
    "purpose": "To keep people out of hospital.",
    "domain": "Older people",
    "host": "The HIN",
    "launched_on": "2026-03-01",
    "rhythm": "month",
    "rhythm_nth": "2",
    "rhythm_weekday": "1",
    "programme_1": "Patient safety",
    "programme_1_url": "https://example.org/safety",
    "is_open_to_ask": "on",
}


def page(name: str, community: Community) -> str:
    return reverse(f"communities:{name}", args=[community.slug])


@pytest.fixture
def staff_client(client: Client, people: dict[str, User]) -> Client:
    return sign_in(client, people["staff"])


def html_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_staff_set_up_a_community_and_go_on_to_its_facilitator(staff_client: Client) -> None:
    response = staff_client.post(reverse("communities:create-community"), TYPED, follow=True)
    community = Community.objects.get(name="Frailty")
    assert response.redirect_chain == [(f"/communities/{community.slug}/members/roles/", 302)]
    assert "Frailty is set up. Next, appoint a facilitator and add its members." in html_of(response)
    assert (community.slug, community.rhythm.words) == ("frailty", "on the second Tuesday of each month")
    assert Programme.objects.values_list("name", "url").get() == ("Patient safety", "https://example.org/safety")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"name": ""}, 422, "Enter the name"),
        ({"name": "Sepsis"}, 409, "There is already a community called “Sepsis”"),
        ({"name": "a\x00b"}, 422, "Name contains a character that cannot be stored"),
        ({"name": "x" * 101}, 422, "Name must be 100 characters or fewer"),
        ({"launched_on": "31/02/2026"}, 422, "Launch date must be a real date"),
        ({"launched_on": "0001-01-01"}, 422, "Choose a launch date between July 1948 and a year from today."),
        ({"rhythm": ""}, 422, "Answer “How often does it plan to meet?”"),
        ({"rhythm": "weeks"}, 422, "Enter the number of weeks from one session to the next"),
        ({"rhythm": "weeks", "rhythm_weeks": "10000"}, 422, "52 or less"),
        ({"rhythm_weekday": ""}, 422, "Choose the weekday"),
        ({"rhythm_nth": "6"}, 422, "Choose which one of the month from the list"),
        ({"programme_1": ""}, 422, "Programme 1: enter its name, or leave out its address"),
        ({"programme_1_url": "javascript:alert(1)"}, 422, "Programme 1: web address"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_set_up(
    staff_client: Client, changes: dict[str, str], status: int, words: str
) -> None:
    before = Community.objects.count()
    response = staff_client.post(reverse("communities:create-community"), TYPED | changes)
    assert response.status_code == status
    assert html_of(response).count(words) >= 2, "in the summary and at the field"
    assert Community.objects.count() == before


def test_a_facilitator_changes_what_is_said_of_the_community(signed_in: Client, community: Community) -> None:
    address = page("edit-community", community)
    shown = signed_in.get(address)
    assert 'name="version" value="1"' in html_of(shown)
    response = signed_in.post(address, TYPED | {"name": "Sepsis", "version": "1"}, follow=True)
    html = html_of(response)
    for words in ("To keep people out of hospital.", "Older people", "1 March 2026", "On the second Tuesday"):
        assert words in html
    assert '<a href="https://example.org/safety" rel="noreferrer">Patient safety</a>' in html
    assert "A session on the second Tuesday of each month is planned." not in html, "no session was ever planned"


def test_a_page_without_its_version_is_not_saved(signed_in: Client, community: Community) -> None:
    response = signed_in.post(page("edit-community", community), TYPED)
    assert response.status_code == 422
    community.refresh_from_db()
    assert community.name == "Sepsis"


def test_two_who_edit_at_once_keep_both_changes_and_are_asked_where_they_clash(
    signed_in: Client, community: Community, people: dict[str, User]
) -> None:
    address = page("edit-community", community)
    mine = TYPED | {"name": "Sepsis", "purpose": community.purpose, "version": "1"}
    theirs = replace(facts_of(community), host="Their host", domain="Their field")
    edit_community(community=community, facts=theirs, version=1, by=people["staff"], now=NOW)
    clash = signed_in.post(address, mine)
    html = html_of(clash)
    assert clash.status_code == 409
    assert "Someone else has changed Sepsis since you opened this page" in html
    assert "Their field" in html
    assert "Older people" in html
    assert 'name="version" value="2"' in html, "having read it, saving again decides"
    again = mine | {"version": "2", "host": "Their host"}
    assert signed_in.post(address, again).status_code == 302
    community.refresh_from_db()
    assert (community.host, community.domain, community.version) == ("Their host", "Older people", 3)


def test_programmes_get_another_row_each_time_up_to_five(signed_in: Client, community: Community) -> None:
    Programme.objects.bulk_create(Programme(community=community, name=f"P{n}", position=n) for n in range(4))
    html = html_of(signed_in.get(page("edit-community", community)))
    assert 'name="programme_5"' in html
    Programme.objects.create(community=community, name="P5", position=5)
    html = html_of(signed_in.get(page("edit-community", community)))
    assert 'name="programme_5"' in html
    assert 'name="programme_6"' not in html


def test_staff_pause_look_again_and_go_on(staff_client: Client, community: Community) -> None:
    later = str(TODAY + timedelta(days=60))
    paused = staff_client.post(
        page("pause-community", community), {"because": "Winter pressures.", "look_again_on": later}, follow=True
    )
    html = html_of(paused)
    assert "Sepsis has been paused." in html
    assert "Paused since 24 November 2026: Winter pressures. To be looked at again on 23 January 2027." in html
    twice = staff_client.post(page("pause-community", community), {"because": "Again", "look_again_on": later})
    assert twice.status_code == 409
    assert 'value="Winter pressures."' in html_of(staff_client.get(page("look-again-later", community)))
    moved = {"because": "Still winter.", "look_again_on": str(TODAY + timedelta(days=90))}
    assert staff_client.post(page("look-again-later", community), moved).status_code == 302
    assert Pause.objects.get().because == "Still winter."
    assert "Sepsis is active again." in html_of(staff_client.post(page("resume-community", community), follow=True))
    assert staff_client.post(page("resume-community", community)).status_code == 409


@pytest.mark.parametrize("day", ["2026-11-24", "2026-02-31", "", "2036-01-01"])
def test_a_day_that_cannot_be_looked_forward_to_is_refused(
    staff_client: Client, community: Community, day: str
) -> None:
    response = staff_client.post(page("pause-community", community), {"because": "Why", "look_again_on": day})
    assert response.status_code == 422
    assert not Pause.objects.exists()


def test_closing_says_what_stands_in_its_way_then_closes_and_can_be_undone(
    staff_client: Client, community: Community
) -> None:
    session = SessionFactory.create(community=community)
    assert "1 session is still planned" in html_of(staff_client.get(page("close-community", community)))
    assert staff_client.post(page("close-community", community), {"closing_note": "Done."}).status_code == 422
    session.delete()
    html = html_of(staff_client.post(page("close-community", community), {"closing_note": "Done."}, follow=True))
    assert "Sepsis is closed." in html
    assert "Closed on 24 November 2026. Done." in html
    assert page("edit-community", community) not in html
    assert "Closed" in html_of(staff_client.get(reverse("communities:community-list")))
    refused = staff_client.post(page("edit-community", community), TYPED | {"name": "Sepsis", "version": "2"})
    assert (refused.status_code, "Sepsis is closed." in html_of(refused)) == (422, True)
    staff_client.post(page("reopen-community", community), {"because": "The wrong one."})
    community.refresh_from_db()
    assert (community.state, community.closing_note) == ("active", "")


def test_the_history_says_who_came_and_went_and_what_was_changed(
    signed_in: Client, community: Community, people: dict[str, User]
) -> None:
    amara = PersonFactory.create(name="Amara Okafor")
    brought_by = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=20))
    first, left = TODAY - timedelta(days=300), TODAY - timedelta(days=200)
    MembershipFactory.create(person=amara, community=community, starts_on=first, ends_on=left)
    MembershipFactory.create(
        person=amara,
        community=community,
        starts_on=TODAY - timedelta(days=19),
        came_by="join_link",
        brought_by=brought_by,
    )
    RoleTermFactory.create(
        person=amara, community=community, role="sponsor", starts_on=first, ends_on=TODAY - timedelta(days=190)
    )
    pause_community(
        community=community,
        because="Winter.",
        look_again_on=TODAY + timedelta(days=60),
        by=people["staff"],
        now=NOW,
    )
    html = html_of(signed_in.get(page("community-history", community)))
    in_order = [
        "Paused by Stef Staff", "Winter.", "Look again on: – → 23 January 2027",
        "Amara Okafor came back", "Asked by a join link", "Brought by the session of 4 November 2026",
        "Amara Okafor is no longer sponsor", "Amara Okafor left", "Amara Okafor became sponsor", "Amara Okafor joined",
    ]  # fmt: skip
    places = [html.find(words) for words in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places[:8] == sorted(places[:8])


@pytest.mark.parametrize("number", [1, 30])
def test_a_page_of_history_costs_the_same_with_1_and_with_30_lines(
    *,
    signed_in: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for step in range(number):
        member = MembershipFactory.create(community=community, starts_on=TODAY)
        if step % 10 == 0:
            RoleTermFactory.create(community=community, person=member.person, ends_on=TODAY)
            CommunityChange.objects.create(
                community=community,
                what="edited",
                at=NOW,
                by=people["staff"],
                version=step + 2,
                facts={"host": ["", "x"]},
            )
    # Session, user, the community, roles; how many lines, the lines; members, terms, changes.
    with django_assert_num_queries(9):
        assert signed_in.get(page("community-history", community)).status_code == 200


def test_a_long_history_comes_in_pages(signed_in: Client, community: Community) -> None:
    MembershipFactory.create_batch(60, community=community)
    first = signed_in.get(page("community-history", community))
    second = signed_in.get(page("community-history", community), {"page": 2})
    assert (len(first.context["lines"]), len(second.context["lines"])) == (50, 14)


def test_a_sponsor_reads_no_history_and_no_roles_for_they_are_full_of_names(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["sponsor"])
    for name in ("community-history", "role-list"):
        assert client.get(page(name, community)).status_code == 403
    html = html_of(client.get(page("community", community)))
    assert "Sunil Sponsor" in html
    assert "Fadia Facilitator" not in html


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", "'-alert(1)-'", "{{ 7|add:7 }}"])
def test_what_was_said_of_a_community_is_shown_as_text(
    staff_client: Client, community: Community, people: dict[str, User], payload: str
) -> None:
    facts = CommunityFacts(
        name=payload,
        purpose=payload,
        domain=payload,
        host=payload,
        programmes=(ProgrammeFact(payload, "https://example.org/"),),
    )
    edit_community(community=community, facts=facts, version=1, by=people["staff"], now=NOW)
    until = TODAY + timedelta(days=60)
    pause_community(community=community, because=payload, look_again_on=until, by=people["staff"], now=NOW)
    for name in ("community", "edit-community", "community-history", "role-list", "look-again-later"):
        html = html_of(staff_client.get(page(name, community)))
        assert (payload in html, "<script>alert" in html) == (False, False) or payload == str(escape(payload)), name
        assert str(escape(payload)) in html or str(escape(payload)).replace("&#x27;", "&#39;") in html, name
