"""What several forms of a community share."""

from collections import Counter
from collections.abc import Iterable

from communities.models import Membership

NO_PATIENT_DATA = "Do not enter anything that could identify a patient."
PRIVATE_MEANS = (
    "Only facilitators and HIN staff see it here. It can still be asked for under freedom of information, or by the "
    "person it is about."
)


def members_as_choices(memberships: Iterable[Membership]) -> list[tuple[str, str]]:
    """Members by id and name; two of the same name are told apart by where they work. Needs `with_people()`."""
    memberships = list(memberships)
    how_often = Counter(membership.person.name for membership in memberships)
    return [
        (
            str(membership.pk),
            _told_apart(membership) if how_often[membership.person.name] > 1 else str(membership.person),
        )
        for membership in memberships
    ]


def _told_apart(membership: Membership) -> str:
    affiliations = membership.person.current_affiliations
    place = affiliations[0].organisation if affiliations else None
    return f"{membership.person.name} ({place or 'no organisation'})"
