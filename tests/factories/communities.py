"""Communities, their people and what they do, for tests. Fictional, all of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from communities.models import (
    Action,
    Affiliation,
    Community,
    LeverHolder,
    Membership,
    Organisation,
    Person,
    Problem,
    ProblemStep,
    ProfessionalGroup,
    RoleTerm,
    Session,
)
from cop_portal.accounts.models import User
from tests.factories.accounts import UserFactory

# A Tuesday at noon in winter, when London's clocks show UTC. Tests that need a "now" start from it.
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
LONG_AGO = date(2024, 1, 1)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Trust {n}")


class ProfessionalGroupFactory(DjangoModelFactory[ProfessionalGroup]):
    class Meta:
        model = ProfessionalGroup

    code = factory.Sequence(lambda n: f"group-{n}")
    name = factory.Sequence(lambda n: f"Group {n}")
    source = "portal"


class PersonFactory(DjangoModelFactory[Person]):
    """A person as `add_member` makes one: user, address and affiliation included."""

    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    platform_role = ""

    @classmethod
    def _create(cls, model_class: type[Person], *args: Any, **kwargs: Any) -> Person:
        name, email, role = kwargs.pop("name"), kwargs.pop("email"), kwargs.pop("platform_role")
        person = model_class.objects.create(user=UserFactory.create(name=name, email=email, role=role), **kwargs)
        AffiliationFactory.create(person=person)
        return person


class AffiliationFactory(DjangoModelFactory[Affiliation]):
    class Meta:
        model = Affiliation

    organisation = factory.SubFactory(OrganisationFactory)
    professional_group = factory.SubFactory(ProfessionalGroupFactory)
    starts_on = LONG_AGO


class CommunityFactory(DjangoModelFactory[Community]):
    class Meta:
        model = Community

    name = factory.Sequence(lambda n: f"Community {n}")
    slug = factory.Sequence(lambda n: f"community-{n}")
    purpose = "To make care safer together."
    rhythm_weeks = 6


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    person = factory.SubFactory(PersonFactory)
    community = factory.SubFactory(CommunityFactory)
    starts_on = LONG_AGO
    added_on = factory.LazyAttribute(lambda membership: membership.starts_on)


class RoleTermFactory(DjangoModelFactory[RoleTerm]):
    class Meta:
        model = RoleTerm

    person = factory.SubFactory(PersonFactory)
    community = factory.SubFactory(CommunityFactory)
    role = RoleTerm.Role.FACILITATOR
    starts_on = LONG_AGO


class SessionFactory(DjangoModelFactory[Session]):
    """A planned session a week after NOW, unless told otherwise. Held ones come from `record_session`."""

    class Meta:
        model = Session

    community = factory.SubFactory(CommunityFactory)
    starts_at = factory.Sequence(lambda n: NOW + timedelta(days=7 + n))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=1))
    place = "Room 4"
    sequence_at = NOW


class ActionFactory(DjangoModelFactory[Action]):
    class Meta:
        model = Action

    community = factory.SubFactory(CommunityFactory)
    owner = factory.SubFactory(PersonFactory)
    text = factory.Sequence(lambda n: f"Action {n}")
    agreed_on = TODAY - timedelta(days=30)
    due_on = TODAY + timedelta(days=7)
    state_since = NOW - timedelta(days=30)


class ProblemFactory(DjangoModelFactory[Problem]):
    """A problem just raised, with the first step of its trail."""

    class Meta:
        model = Problem

    community = factory.SubFactory(CommunityFactory)
    title = factory.Sequence(lambda n: f"Problem {n}")
    since_on = TODAY - timedelta(days=60)
    state_since = NOW - timedelta(days=40)

    @classmethod
    def _create(cls, model_class: type[Problem], *args: Any, **kwargs: Any) -> Problem:
        problem = model_class.objects.create(**kwargs)
        ProblemStep.objects.create(problem=problem, to_state=problem.state, at=problem.state_since)
        return problem


class LeverHolderFactory(DjangoModelFactory[LeverHolder]):
    class Meta:
        model = LeverHolder

    name = factory.Sequence(lambda n: f"Lever Holder {n}")
    post = "Chief pharmacist"
    email = factory.Sequence(lambda n: f"lever{n}@example.org")


def member_of(community: Community, **person: Any) -> User:
    """A user who is a member of the community."""
    return MembershipFactory.create(community=community, person=PersonFactory.create(**person)).person.user


def facilitator_of(community: Community, **person: Any) -> User:
    """A user who facilitates the community and is one of its members."""
    member = PersonFactory.create(**person)
    MembershipFactory.create(community=community, person=member)
    return RoleTermFactory.create(community=community, person=member, role=RoleTerm.Role.FACILITATOR).person.user


def sponsor_of(community: Community, **person: Any) -> User:
    """A user who sponsors the community and is not one of its members."""
    sponsor = PersonFactory.create(**person)
    return RoleTermFactory.create(community=community, person=sponsor, role=RoleTerm.Role.SPONSOR).person.user


def staff(**person: Any) -> User:
    """A member of HIN staff (or, with `platform_role`, an administrator), in no community."""
    return PersonFactory.create(**{"platform_role": User.Role.STAFF, **person}).user
