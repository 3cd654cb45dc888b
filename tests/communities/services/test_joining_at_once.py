"""Two people, or one twice, at the same moment on real connections: one membership, one answer, one version."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from communities import links
from communities.models import Community, CommunityChange, JoinLink, JoinRequest, Membership, RoleTerm
from communities.models.community_facts import facts_of
from communities.services.communities import edit_community
from communities.services.joining.invitations import accept_invitation, invite_members
from communities.services.joining.join_links import ask_by_link, code_of, make_join_link
from communities.services.joining.join_requests import RequestDecided, accept_request, ask_to_join, decline_request
from communities.services.people.roles import LastFacilitator, end_term
from cop_portal.outbox.models import OutboxMessage
from tests.communities.services.at_once import at_once, refusals
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_noon")]


def test_an_invitation_accepted_twice_at_once_makes_one_member() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    (invited,) = invite_members(community=community, emails=["amara@example.org"], by=by, now=NOW)
    accept = partial(
        accept_invitation,
        token=links.token_for(links.INVITE, invited.pk),
        name="Amara Okafor",
        professional_group=ProfessionalGroupFactory.create(),
        now=NOW,
    )
    first, second = at_once(accept, accept)
    assert first == second
    assert Membership.objects.filter(person__user__name="Amara Okafor").count() == 1
    assert OutboxMessage.objects.filter(kind="communities.welcome").count() == 1


def test_a_request_is_decided_by_one_of_two_facilitators() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    asked = ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
    mine, theirs = (JoinRequest.objects.select_related("user", "community").get(pk=asked.pk) for _ in range(2))
    outcomes = at_once(
        partial(accept_request, request=mine, by=by, now=NOW),
        partial(decline_request, request=theirs, because="We are full.", by=by, now=NOW),
    )
    assert refusals(outcomes) == [RequestDecided]
    asked.refresh_from_db()
    assert Membership.objects.filter(person__user=asked.user).exists() is (asked.state == "accepted")


def test_two_screens_make_one_join_link_and_a_double_press_asks_once() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))
    make = partial(make_join_link, session=session, by=by, now=NOW)
    first, second = at_once(make, make)
    assert first == second
    ask = partial(
        ask_by_link,
        code=code_of(JoinLink.objects.get()),
        name="Amara Okafor",
        email="amara@example.org",
        organisation=None,
        professional_group=ProfessionalGroupFactory.create(),
        now=NOW,
    )
    assert refusals(at_once(ask, ask, ask)) == []
    assert JoinRequest.objects.count() == 1


def test_two_facilitators_who_end_each_other_do_not_leave_nobody() -> None:
    community = CommunityFactory.create()
    one, other = facilitator_of(community), facilitator_of(community)
    terms = {term.person.user_id: term for term in RoleTerm.objects.select_related("person", "community")}
    outcomes = at_once(
        partial(end_term, term=terms[one.pk], ends_on=TODAY, by=other, now=NOW),
        partial(end_term, term=terms[other.pk], ends_on=TODAY, by=one, now=NOW),
    )
    assert refusals(outcomes) == [LastFacilitator]
    assert RoleTerm.objects.current().count() == 1


def test_two_who_change_different_facts_at_once_lose_nothing() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    facts = facts_of(community)
    change = partial(edit_community, version=1, merges=True, by=by, now=NOW)
    copies = [Community.objects.get(pk=community.pk) for _ in range(2)]
    outcomes = at_once(
        partial(change, community=copies[0], facts=replace(facts, host="The HIN")),
        partial(change, community=copies[1], facts=replace(facts, domain="Adults")),
    )
    assert refusals(outcomes) == []
    community.refresh_from_db()
    assert (community.host, community.domain, community.version) == ("The HIN", "Adults", 3)
    assert sorted(CommunityChange.objects.values_list("version", flat=True)) == [2, 3]
