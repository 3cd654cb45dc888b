"""What a community tries, decides and commits itself to, for tests."""

from datetime import timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from communities.models import Adoption, Commitment, Decision, Measure, TestOfChange
from tests.factories.communities import NOW, TODAY, CommunityFactory, PersonFactory, SessionFactory


class ChangeFactory(DjangoModelFactory[TestOfChange]):
    """A test of change that began thirty days ago and still runs."""

    class Meta:
        model = TestOfChange

    community = factory.SubFactory(CommunityFactory)
    title = factory.Sequence(lambda n: f"Change {n}")
    started_on = TODAY - timedelta(days=30)
    logged_at = NOW - timedelta(days=30)


class MeasureFactory(DjangoModelFactory[Measure]):
    """Values of one test, day after day from when it began."""

    class Meta:
        model = Measure

    test = factory.SubFactory(ChangeFactory)
    on = factory.Sequence(lambda n: TODAY - timedelta(days=n))
    value = Decimal(11)


class AdoptionFactory(DjangoModelFactory[Adoption]):
    class Meta:
        model = Adoption

    test = factory.SubFactory(ChangeFactory)
    place = factory.Sequence(lambda n: f"Ward {n}")
    adopted_on = TODAY - timedelta(days=5)


class DecisionFactory(DjangoModelFactory[Decision]):
    """A decision made thirty days ago, of which nobody has said yet whether it held."""

    class Meta:
        model = Decision

    community = factory.SubFactory(CommunityFactory)
    text = factory.Sequence(lambda n: f"Decision {n}")
    decided_on = TODAY - timedelta(days=30)


class CommitmentFactory(DjangoModelFactory[Commitment]):
    """What someone said at a session that they would try."""

    class Meta:
        model = Commitment

    community = factory.SubFactory(CommunityFactory)
    session = factory.SubFactory(SessionFactory, community=factory.SelfAttribute("..community"))
    person = factory.SubFactory(PersonFactory)
    text = factory.Sequence(lambda n: f"I will try {n}")
    made_on = TODAY - timedelta(days=30)
    state_since = NOW - timedelta(days=30)
