"""What the portal knows already, as far as the rows of a file could mean it: loaded once, in a fixed number of queries.

Rows are then sorted without asking the database, so that ten thousand cost as many queries as ten.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.db.models import Max

from communities.models import Affiliation, Community, Membership, Organisation, Person, ProfessionalGroup
from communities.services.imports.fields import plain, plain_person
from cop_portal.accounts.models import User

# SQLite takes at most 32,766 values in one query; PostgreSQL does not mind.
AT_ONCE = 5_000
T = TypeVar("T")


@dataclass(frozen=True)
class KnownPerson:
    """Someone with an account. `person` is None for staff who have never been in a community."""

    user: int
    person: int | None
    name: str


@dataclass(frozen=True)
class KnownAffiliation:
    """Where someone works now, and as what."""

    pk: int
    organisation: int | None
    group: int


@dataclass
class Known:
    """Everything by which a row is recognised. Names are kept in their plain form (see `fields`)."""

    today: date
    communities: dict[str, Community] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    organisation_names: dict[int, str] = field(default_factory=dict)
    group_names: dict[int, str] = field(default_factory=dict)
    by_email: dict[str, KnownPerson] = field(default_factory=dict)
    # Only people whom the importer may see: nobody learns of others by importing a name.
    by_name: dict[str, list[KnownPerson]] = field(default_factory=lambda: defaultdict(list))
    # Whose names the importer may read: an address in a file is no way to find out whose it is.
    in_sight: set[int] = field(default_factory=set)
    members: set[tuple[int, int]] = field(default_factory=set)
    left_on: dict[tuple[int, int], date] = field(default_factory=dict)
    affiliations: dict[int, KnownAffiliation] = field(default_factory=dict)
    # In words, for whoever has to tell people apart; again only of those whom the importer may see.
    works_at: dict[int, str] = field(default_factory=dict)

    def add_organisation(self, name: str) -> int:
        """Notes one that the import is to add, under a number that no organisation has; the same for all its rows."""
        number = -1 - sum(is_to_be_added(pk) for pk in self.organisation_names)
        self.organisation_names[number] = name
        self.organisations[plain(name)] = number
        return number


def is_to_be_added(organisation: int | None) -> bool:
    return organisation is not None and organisation < 0


def in_parts(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in lists that one query can take."""
    whole = list(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def load_known(*, emails: Iterable[str], communities: list[Community], by: User, today: date) -> Known:
    """What is known of these addresses, and of the people and communities that `by` may see."""
    known = Known(today=today)
    for community in communities:
        known.communities[plain(community.name)] = known.communities[plain(community.slug)] = community
    _load_lists(known)
    _load_people(known, emails)
    _load_names(known, by)
    _load_memberships(known, [community.pk for community in communities])
    _load_affiliations(known)
    return known


def _load_lists(known: Known) -> None:
    for pk, name, code in Organisation.objects.order_by("pk").values_list("pk", "name", "ods_code"):
        known.organisations[plain(name)] = pk
        known.organisation_names[pk] = name
        if code:
            known.organisations.setdefault(plain(code), pk)
    for pk, name, code in ProfessionalGroup.objects.order_by("pk").values_list("pk", "name", "code"):
        known.groups[plain(name)] = pk
        known.groups.setdefault(plain(code), pk)
        known.group_names[pk] = name


def _load_people(known: Known, emails: Iterable[str]) -> None:
    for part in in_parts(sorted(set(emails))):
        rows = EmailAddress.objects.filter(email__in=part).order_by("pk")
        for email, user, person, name in rows.values_list("email", "user_id", "user__person", "user__name"):
            known.by_email.setdefault(email, KnownPerson(user, person, name))


def _load_names(known: Known, by: User) -> None:
    seen = Membership.objects.visible_to(by).order_by().values_list("person", "person__user", "person__user__name")
    for person, user, name in sorted(seen.distinct()):
        known.by_name[plain_person(name)].append(KnownPerson(user, person, name))
        known.in_sight.add(person)


def _load_memberships(known: Known, communities: list[int]) -> None:
    rows = Membership.objects.filter(community__in=communities)
    known.members = set(rows.current().values_list("person_id", "community_id"))
    ended = rows.exclude(ends_on=None).order_by().values("person_id", "community_id").annotate(last=Max("ends_on"))
    known.left_on = {(row["person_id"], row["community_id"]): row["last"] for row in ended}


def _load_affiliations(known: Known) -> None:
    seen = {same.person for people in known.by_name.values() for same in people}
    people = seen | {each.person for each in known.by_email.values()}
    for part in in_parts(sorted(pk for pk in people if pk is not None)):
        rows = Affiliation.objects.current().filter(person__in=part).order_by("pk")
        for pk, person, organisation, group in rows.values_list("pk", "person", "organisation", "professional_group"):
            known.affiliations[person] = KnownAffiliation(pk, organisation, group)
            if organisation and person in seen:
                known.works_at[person] = known.organisation_names.get(organisation, "")


def people_of(users: Iterable[int]) -> dict[int, int]:
    """By user, the person: for those who have become one meanwhile."""
    found: dict[int, int] = {}
    for part in in_parts(sorted(users)):
        found |= dict(Person.objects.filter(user__in=part).values_list("user_id", "pk"))
    return found
