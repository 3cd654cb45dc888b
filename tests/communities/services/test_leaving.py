"""Leaving a community oneself."""

from datetime import timedelta

import pytest

from communities.models import Community, Membership, RoleTerm
from communities.services.communities import CommunityClosed
from communities.services.people.leaving import NotInThisCommunity, leave_community
from communities.services.people.roles import LastFacilitator
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import address_of
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    sponsor_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def member(community: Community) -> User:
    return member_of(community, name="Mina Member")


def test_leaving_ends_the_membership_today_and_tells_the_facilitators_once(community: Community, member: User) -> None:
    facilitator = facilitator_of(community)
    ActionFactory.create(community=community, owner=member.person)
    leave_community(community=community, by=member, now=NOW)
    assert Membership.objects.get(person__user=member).ends_on == TODAY
    mail = OutboxMessage.objects.get()
    rendered = kind_named(mail.kind).render(mail.params, mail.recipient)
    assert mail.recipient == address_of(facilitator)
    assert "Mina Member has left the Sepsis community" in rendered.text
    assert "still open (1 action)" in rendered.text
    with pytest.raises(NotInThisCommunity):
        leave_community(community=community, by=member, now=NOW)
    assert AuditEntry.objects.filter(event="membership.ended").count() == 1


def test_someone_present_today_leaves_from_tomorrow_and_stays_counted(community: Community, member: User) -> None:
    facilitator = facilitator_of(community)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1))
    record_session(
        session=session, version=1, focus="", attendance={member.person.memberships.get().pk: "room"},
        learning_points=[], actions=[], by=facilitator, now=NOW,
    )  # fmt: skip
    leave_community(community=community, by=member, now=NOW)
    assert Membership.objects.get(person__user=member).ends_on == TODAY + timedelta(days=1)
    session.refresh_from_db()
    assert (session.present_count, session.member_count) == (1, 2)
    assert not Community.objects.visible_to(member).exists()


def test_a_sponsor_leaves_by_giving_up_the_role(community: Community) -> None:
    sponsor = sponsor_of(community)
    leave_community(community=community, by=sponsor, now=NOW)
    assert RoleTerm.objects.get().ends_on == TODAY
    assert not OutboxMessage.objects.exists()


def test_the_last_facilitator_finds_another_one_first(community: Community) -> None:
    facilitator = facilitator_of(community)
    with pytest.raises(LastFacilitator):
        leave_community(community=community, by=facilitator, now=NOW)
    assert Membership.objects.get().ends_on is None
    facilitator_of(community)
    leave_community(community=community, by=facilitator, now=NOW)
    assert not Membership.objects.current().filter(person__user=facilitator).exists()


def test_nobody_leaves_a_closed_community(community: Community, member: User) -> None:
    Community.objects.update(state="closed")
    with pytest.raises(CommunityClosed):
        leave_community(community=community, by=member, now=NOW)
    assert Membership.objects.get().ends_on is None
