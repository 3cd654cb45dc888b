"""What Home asks of those who run a community, and of HIN staff: who waits to join, and which pause to look at."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from communities.services.community_states import pause_community
from communities.services.joining.join_requests import ask_to_join
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def home(client: Client, user: User) -> str:
    return " ".join(sign_in(client, user).get(reverse("home")).content.decode().split())


def ask(community: Community, days_ago: int = 0) -> Any:
    asked_at = NOW - timedelta(days=days_ago)
    return ask_to_join(community=community, by=PersonFactory.create().user, now=asked_at)


def test_facilitators_are_asked_to_decide_once_for_all_who_wait(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    ask(community, days_ago=3)
    ask(community)
    html = home(client, people["facilitator"])
    assert "2 people ask to join Sepsis" in html
    assert "Since Sat 21 November" in html
    assert reverse("communities:join-requests", args=["sepsis"]) in html
    for role in ("member", "sponsor", "stranger", "staff"):
        assert "ask to join Sepsis" not in home(client, people[role]), role


def test_staff_are_asked_where_nobody_facilitates(client: Client, people: dict[str, User]) -> None:
    ask(CommunityFactory.create(name="Lone"))
    assert "Someone asks to join Lone" in home(client, people["staff"])
    assert "to join Lone" not in home(client, people["facilitator"])


def test_staff_are_reminded_of_a_pause_from_the_day_to_look_again(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    for on, days in ((community, 20), (CommunityFactory.create(name="Later"), 40)):
        pause_community(
            community=on,
            because="Winter pressures.",
            look_again_on=TODAY - timedelta(days=30) + timedelta(days=days),
            by=people["staff"],
            now=NOW - timedelta(days=30),
        )
    html = home(client, people["staff"])
    assert "Look again at Sepsis" in html
    assert "Paused since Sun 25 October: Winter pressures." in html
    assert "Look again at Later" not in html
    assert "Look again" not in home(client, people["facilitator"])
