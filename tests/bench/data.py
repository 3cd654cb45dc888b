"""What the bench measures: fifty communities that have met and been asked, made by the product's own services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from communities.models import Community, Session
from cop_portal.accounts.models import User
from evaluations.models import Survey
from tests.factories.communities import ActionFactory, MembershipFactory, SessionFactory, staff
from tests.factories.evaluations import close, community_of, give_answers, open_survey_for

COMMUNITIES = 50
ROWS = 50
MEMBERS = 12
ANSWERS = 10
SESSIONS = 3


@dataclass(frozen=True)
class Network:
    """The communities, one of them with a page full of members, actions and sessions, and someone who sees it all."""

    reader: User
    communities: list[Community]
    full: Community


def build(now: datetime) -> Network:
    reader = staff()
    communities = [community_of(MEMBERS) for _ in range(COMMUNITIES)]
    for community in communities:
        meetings(community, range(-1, SESSIONS), now)
    full = communities[0]
    MembershipFactory.create_batch(ROWS - MEMBERS, community=full)
    meetings(full, range(SESSIONS, ROWS), now)
    session = Session.objects.filter(community=full).order_by("pk").first()
    owner = full.memberships.order_by("pk").first()
    assert session is not None
    assert owner is not None
    ActionFactory.create_batch(ROWS, session=session, owner=owner.person)
    return Network(reader=reader, communities=communities, full=full)


def meetings(community: Community, numbers: range, now: datetime) -> None:
    """A session held every fortnight, counted back from now; -1 is the next one, planned."""
    for number in numbers:
        starts_at = now - timedelta(days=14 * number + 7)
        state = Session.State.HELD if number >= 0 else Session.State.PLANNED
        SessionFactory.create(
            community=community,
            state=state,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            recorded_at=now if state == Session.State.HELD else None,
        )


def add_wave(network: Network, now: datetime) -> Survey:
    """Every community is asked the ten core questions, ten of its members answer, and it closes. One of the surveys."""
    for community in network.communities:
        survey = open_survey_for(community, now=now - timedelta(days=22), by=network.reader)
        give_answers(survey, count=ANSWERS)
        closed = close(survey)
    return closed


def survey_with(answers: int) -> Survey:
    """An open survey that so many people can still answer."""
    now = timezone.now()
    return open_survey_for(community_of(answers), now=now - timedelta(days=1))
