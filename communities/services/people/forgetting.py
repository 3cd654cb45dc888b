"""Taking an erased person out of what was typed about them before they were a member: invitations and requests."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from communities.models import Person
from communities.models.joining import JoinRequest, JoinRequestQuerySet, MemberInvitation
from cop_portal import audit
from cop_portal.accounts.models import User


def requests_of(records: Sequence[Person], addresses: Sequence[str]) -> JoinRequestQuerySet:
    """What someone asked, signed in with any of their records or in a room with any of their addresses."""
    return JoinRequest.objects.filter(Q(user__in=[one.user_id for one in records]) | Q(email__in=addresses))


def forget_joining(records: Sequence[Person], addresses: Sequence[str], *, by: User, now: datetime) -> None:
    """Takes back invitations and requests that wait, and empties those that are over of what was typed."""
    invitations = MemberInvitation.objects.filter(email__in=addresses)
    invitations.waiting().update(state=MemberInvitation.State.WITHDRAWN, answered_at=now, email="")
    invitations.update(email="")
    requests = JoinRequest.objects.filter(pk__in=[*requests_of(records, addresses).values_list("pk", flat=True)])
    for request in requests.waiting().order_by("pk"):
        audit.record(event="joining.withdrawn", by=by, target=request, at=now)
    requests.waiting().update(state=JoinRequest.State.WITHDRAWN, decided_at=now, decided_by=by)
    requests.update(name="", email="", words="", organisation=None, professional_group=None)
