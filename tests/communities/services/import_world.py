"""What importing starts from in its tests: a file with a bit of everything, and the people it speaks of."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress

from communities.models import Affiliation, Community, Membership, Organisation, Person, Session
from communities.services.people.membership import end_membership
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    TODAY,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
)
from tests.factories.imports import as_csv

AMARA = ("Amara Okafor", "amara@example.org", "Riverside Trust", "Nursing", "6/8/2024")
RITA = ("Rita Returns", "rita@example.org", "", "", "24/11/2026")
CLEO = ("Cleo Changes", "cleo@example.org", "Riverside Trust", "", "")
FILE = as_csv(AMARA, RITA, CLEO, ("", "nobody@example.org", "", "Nursing", ""))


def known_people(community: Community, facilitator: User) -> dict[str, Any]:
    """A trust and a group to name; Rita, who left; Cleo, who works elsewhere."""
    rita = MembershipFactory.create(person=PersonFactory.create(name="Rita Returns", email="rita@example.org"),
                                    community=community)  # fmt: skip
    end_membership(membership=rita, ends_on=TODAY - timedelta(days=30), by=facilitator, now=NOW)
    cleo = MembershipFactory.create(person=PersonFactory.create(name="Cleo Changes", email="cleo@example.org"),
                                    community=community)  # fmt: skip
    return {
        "trust": OrganisationFactory.create(name="Riverside Trust"),
        "nurses": ProfessionalGroupFactory.create(name="Nursing"),
        "rita": rita.person,
        "cleo": cleo.person,
    }


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """What an import could write, apart from what it notes about itself."""
    return {
        "users": set(User.objects.values_list("pk", "name")),
        "addresses": set(EmailAddress.objects.values_list("user", "email")),
        "people": set(Person.objects.values_list("pk", "user")),
        "affiliations": set(Affiliation.objects.values_list("pk", "person", "organisation", "starts_on", "ends_on")),
        "memberships": set(Membership.objects.values_list("pk", "person", "starts_on", "ends_on")),
        "counts": set(Session.objects.values_list("pk", "member_count", "present_count")),
        "organisations": set(Organisation.objects.values_list("pk", "name", "ods_code")),
    }
