"""What the pages of a record cost, whatever is on them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, Membership, Session
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, MembershipFactory, SessionFactory
from tests.factories.doing import CommitmentFactory, DecisionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def a_full_record(community: Community, number: int, by: User) -> Session:
    """A session with so many members, and so many promises from before, recorded once."""
    session: Session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=7))
    earlier = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=60))
    for member in MembershipFactory.create_batch(number, community=community):
        ActionFactory.create(community=community, session=earlier, owner=member.person)
        CommitmentFactory.create(community=community, session=earlier, person=member.person)
        DecisionFactory.create(community=community, session=earlier, review_on=TODAY - timedelta(days=8))
    members = Membership.objects.filter(community=community)
    return record_session(
        session=session,
        version=1,
        focus="Handover at night",
        attendance={member.pk: "room" for member in members},
        learning_points=["Ask early"],
        actions=[],
        by=by,
        now=NOW,
    )


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize(("name", "queries"), [("record-session", 22), ("session", 17), ("minutes", 15)])
def test_a_page_of_a_record_costs_the_same_with_1_and_with_30_of_everything(
    *,
    client: Client,
    community: Community,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    queries: int,
    number: int,
) -> None:
    session = a_full_record(community, number, facilitator)
    sign_in(client, facilitator)
    with django_assert_num_queries(queries):
        response = client.get(reverse(f"communities:{name}", args=[community.slug, session.pk]))
    assert response.status_code == 200
