"""The portal as the people of the journeys find it: one community, its members, staff with an authenticator app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db.models import F

from communities.models import Community, Membership, Organisation, Person, ProfessionalGroup, RoleTerm
from communities.services.people.membership import add_member
from communities.services.people.roles import appoint
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from tests.factories.accounts import PASSWORD, UserFactory, give_authenticator_app

MEMBERS = (
    "Amara Okafor", "Bronwen Pugh", "Chidi Eze", "Deepa Raman", "Elif Kaya", "Farah Haddad", "Goran Petrov",
    "Hana Novak", "Ines Duarte", "Jun Tanaka",
)  # fmt: skip
FACILITATOR = "Nomsa Dube"


@dataclass
class People:
    """Who is there at the start."""

    community: Community
    staff: User
    facilitator: User
    members: list[Person]


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


def furnish() -> People:
    """The shipped lists, a community of eleven (the facilitator among them) and a member of staff."""
    for command in ("load_reference", "load_framework", "load_instruments"):
        call_command(command, verbosity=0)
    staff = UserFactory.create(name="Sam Staff", role="staff", password=PASSWORD, email="staff@example.org")
    give_authenticator_app(staff)
    community = Community.objects.get(slug="sepsis")
    facilitator = join(community, FACILITATOR, by=staff)
    appoint(
        person=facilitator,
        community=community,
        role=RoleTerm.Role.FACILITATOR,
        starts_on=date(2024, 1, 8),
        by=staff,
        now=clock.now(),
    )
    members = [join(community, name, by=staff) for name in MEMBERS]
    # Entered when they joined: whoever is entered just before a survey opens does not count towards the minimum base.
    Membership.objects.update(added_on=F("starts_on"))
    return People(community, staff, facilitator.user, members)


def join(community: Community, name: str, *, by: User) -> Person:
    membership = add_member(
        community=community,
        name=name,
        email=address(name),
        organisation=Organisation.objects.order_by("name").first(),
        professional_group=ProfessionalGroup.objects.get(code="03"),
        starts_on=date(2024, 1, 8),
        by=by,
        now=clock.now(),
    )
    return membership.person


def person_called(name: str) -> Person:
    return Person.objects.get(user=EmailAddress.objects.get(email=address(name)).user)
