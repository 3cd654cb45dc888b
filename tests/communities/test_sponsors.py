"""What a sponsor reads, on every page and list that a community has: numbers, never a name."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from communities.models import Community, Membership
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    ActionFactory,
    LeverHolderFactory,
    MembershipFactory,
    PersonFactory,
    ProblemFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

NAMES = ("Xanthippe", "Zebedee", "Quillon", "Wilhelmina", "Yolanthe")


def names_of_pages(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every named address of the portal, with what must be filled in."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            namespace = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from names_of_pages(entry.url_patterns, namespace)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{prefix}{entry.name}", str(entry.pattern)


def addresses(community: Community, rows: dict[str, int]) -> Iterator[str]:
    """The addresses about this community, its sessions, actions and problems; and the API's lists."""
    for name in sorted({name for name, _ in names_of_pages(get_resolver().url_patterns)}):
        in_community: list[list[Any]] = [[community.slug, pk] for pk in rows.values()]
        for args in ([], [community.slug], *in_community, *([pk] for pk in rows.values())):
            # Another page asks for something else to be filled in.
            with suppress(NoReverseMatch):
                if name.startswith(("communities:", "api:", "evaluations:")):
                    yield reverse(name, args=args)


@pytest.fixture
def rows(community: Community, people: dict[str, User]) -> dict[str, int]:
    members = [
        MembershipFactory.create(community=community, person=PersonFactory.create(name=f"{name} Unusual"))
        for name in NAMES
    ]
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1), led_by=members[0].person)
    record_session(
        session=session, version=1, focus="Screening", learning_points=["It helps"], actions=[],
        attendance={member.pk: "room" for member in members[:3]}, by=people["facilitator"], now=NOW,
    )  # fmt: skip
    action = ActionFactory.create(community=community, owner=members[1].person, session=session)
    problem = ProblemFactory.create(community=community, state="escalated", session=session)
    problem.escalations.create(lever_holder=LeverHolderFactory.create(name="Lever Unusual"), ask="Act", asked_at=NOW)
    return {"session": session.pk, "action": action.pk, "problem": problem.pk}


def test_no_page_list_or_answer_of_the_api_tells_a_sponsor_a_name(
    client: Client, community: Community, people: dict[str, User], rows: dict[str, int]
) -> None:
    sign_in(client, people["sponsor"])
    opened, told = 0, {}
    for address in sorted(set(addresses(community, rows))):
        response: Any = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        found = [name for name in (*NAMES, "Lever Unusual") if name in body.decode("utf-8", "replace")]
        opened += response.status_code == 200
        if found:
            told[address] = found
    assert told == {}
    assert opened >= 12


def test_the_same_walk_finds_the_names_that_a_member_may_see(
    client: Client, community: Community, people: dict[str, User], rows: dict[str, int]
) -> None:
    """So that the test above cannot pass by looking nowhere."""
    sign_in(client, people["member"])
    seen = {
        name
        for address in ("communities:member-list", "communities:action-list", "communities:session-list")
        for name in NAMES
        if name in client.get(reverse(address, args=[community.slug])).content.decode()
    }
    assert seen == set(NAMES)
    assert Membership.objects.filter(community=community).count() == 7
