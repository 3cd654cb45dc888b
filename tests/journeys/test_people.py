"""The pages about people in a browser: each of them looked at, on a phone and on a wide screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from communities.models import Community, ErasureRequest, Membership, PersonMerge
from communities.services.people.erasure import place_hold
from communities.services.people.merging import merge_people
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.accounts.services.addresses import claim_address
from cop_portal.installation import clock
from evaluations.models import PrivacyMode
from tests.factories.communities import (
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    staff,
)
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for
from tests.journeys.conftest import PHONE, WIDE, Screen, Visitor
from tests.journeys.test_communities import arrive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def member(community: Community) -> User:
    """Someone who came to two sessions, promised something and has just asked to add an address."""
    now, user, facilitator = clock.now(), member_of(community, name="Amara Okafor"), facilitator_of(community)
    membership = Membership.objects.get(person__user=user)
    for weeks in (3, 9):
        session = SessionFactory.create(community=community, starts_at=now - timedelta(weeks=weeks))
        record_session(
            session=session, version=1, focus="How we hand over at night", attendance={membership.pk: "room"},
            learning_points=["Ask early"], actions=[], by=facilitator, now=now,
        )  # fmt: skip
    ActionFactory.create(community=community, owner=user.person, agreed_on=now.date(), due_on=now.date())
    claim_address(user=user, email="amara.okafor@new.example.org", now=now)
    return user


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_the_pages_about_oneself_can_be_read_by_anyone_on_any_screen(
    screen: Screen, visitor_at: SitDown, member: User
) -> None:
    visitor = visitor_at(screen)
    arrive(visitor, member)
    for page in (
        "/me/", "/me/name/", "/me/addresses/", "/me/addresses/add/", "/me/addresses/confirm/", "/me/affiliation/",
        "/me/participation/", "/me/data/", "/me/data/erase/", "/communities/sepsis/leave/",
    ):  # fmt: skip
        visitor.looked_at.clear()
        visitor.go(page)
        visitor.look()


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_the_pages_about_everyone_can_be_read_by_staff_on_any_screen(
    screen: Screen, visitor_at: SitDown, member: User, community: Community
) -> None:
    now, administrator = clock.now(), staff(name="Ada Admin", platform_role="administrator")
    twin = PersonFactory.create(name="A. Okafor", email="amara@uni.example.org")
    MembershipFactory.create(person=twin, community=community)
    place_hold(person=twin, reason="An inquiry", by=administrator, now=now)
    hold = twin.legal_holds.get()
    request = ErasureRequest.objects.create(person=member.person, asked_at=now, asked_by=member)
    other = PersonFactory.create(name="Bronwen Pugh", email="bronwen@example.org")
    merge = PersonMerge.objects.create(
        kept=other, merged=PersonFactory.create(), merged_at=now, merged_by=administrator
    )
    organisation = member.person.affiliations.get().organisation
    assert organisation is not None
    visitor = visitor_at(screen)
    arrive(visitor, administrator)
    for page in (
        "people/", f"people/{member.person.pk}/", f"people/{twin.pk}/", f"people/{other.pk}/merge/",
        f"people/{other.pk}/merge/{PersonFactory.create().pk}/", f"people/{other.pk}/merge/{twin.pk}/",
        f"people/{other.pk}/hold/", f"people/{twin.pk}/hold/{hold.pk}/lift/", f"people/{other.pk}/erase/", "merges/",
        f"merges/{merge.pk}/undo/", "erasures/", f"erasures/{request.pk}/", "organisations/",
        f"organisations/{organisation.pk}/", "roles/", "roles/give/", f"roles/{administrator.public_id}/take/",
    ):  # fmt: skip
        visitor.looked_at.clear()
        visitor.go(f"/network/{page}")
        visitor.look()


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_answers_that_are_not_shown_after_a_merge_are_explained_on_any_screen(
    screen: Screen, visitor_at: SitDown
) -> None:
    """First while the merge can be undone, then when it cannot and they can be erased."""
    now = clock.now()
    me, other = PersonFactory.create(), MembershipFactory.create(community__name="Sepsis").person
    community = other.memberships.get().community
    survey = open_survey_for(community, code=PULSE, mode=PrivacyMode.CONFIDENTIAL, now=now - timedelta(days=90), days=7)
    give_answers(survey, answers=[{"P1": "4"}])
    close(survey)
    merge = merge_people(kept=me, merged=other, by=staff(), now=now - timedelta(days=20))
    visitor = visitor_at(screen)
    arrive(visitor, me.user)
    visitor.go("/me/answers/")
    visitor.look()
    visitor.page.get_by_role("link", name="After the session").click()
    visitor.page.get_by_text("From then on you can erase them here.").wait_for()
    visitor.look()
    PersonMerge.objects.filter(pk=merge.pk).update(merged_at=now - timedelta(days=50))
    visitor.page.reload()
    visitor.page.get_by_role("link", name="Erase these answers").click()
    visitor.look()
