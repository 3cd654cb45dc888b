"""Making a community, and the rule that a closed one is only read."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from communities.models import Community
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class CommunityNameTaken(Conflict):
    """Two communities never share a name or an address."""


class CommunityClosed(Refusal):
    """What a closed community did stays as it is."""


def locked(community: Community) -> Community:
    """The community as it is now, held until the transaction ends. Refuses when it is closed."""
    current = Community.objects.select_for_update().get(pk=community.pk)
    if current.state == Community.State.CLOSED:
        raise CommunityClosed(
            f"{current.name} is closed. Its records can be read, but nothing can be added or changed.",
            code="community_closed",
        )
    return current


@transaction.atomic
def create_community(
    *,
    name: str,
    purpose: str = "",
    host: str = "",
    founded: str = "",
    rhythm_weeks: int | None = None,
    by: User | None,
    now: datetime,
) -> Community:
    """Creates an active community. Its address is made from its name."""
    try:
        with transaction.atomic():
            community = Community.objects.create(
                name=name.strip(),
                slug=slugify(name)[:60],
                purpose=purpose.strip(),
                host=host.strip(),
                founded=founded.strip(),
                rhythm_weeks=rhythm_weeks,
            )
    except IntegrityError:
        raise CommunityNameTaken(
            f"There is already a community called “{name.strip()}”, or one whose name is too like it.",
            code="community_name_taken",
        ) from None
    audit.record(event="community.created", by=by, target=community, at=now)
    return community
