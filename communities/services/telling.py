"""To whom a community's mail goes."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress

from communities.models import Community, RoleTerm
from cop_portal.accounts.models import User


def addresses_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The primary address of each user who has one; one query."""
    return dict(EmailAddress.objects.filter(user__in=list(user_ids), primary=True).values_list("user_id", "email"))


def addresses_of_facilitators(community: Community, *, but: User | None = None) -> dict[int, str]:
    """The addresses of those who facilitate a community today, without that of whoever does what they hear of."""
    terms = RoleTerm.objects.current().facilitators().filter(community=community)
    users = set(terms.values_list("person__user", flat=True)) - {but.pk if but else None}
    return addresses_of(sorted(users))
