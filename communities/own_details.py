"""What a person reads about themselves at /me/ beside name and addresses."""

from communities.models import Affiliation
from cop_portal.accounts.models import User
from cop_portal.accounts.own_details import Detail


def affiliation_of(user: User) -> list[Detail]:
    """Where `user` works, and as what. One query."""
    found = (
        Affiliation.objects.current()
        .filter(person__user=user)
        .select_related("organisation", "professional_group")
        .order_by("pk")
        .first()
    )
    if found is None:
        return []
    works_at = [Detail("Where you work", found.organisation.name)] if found.organisation else []
    return [*works_at, Detail("Professional group", found.professional_group.name)]
