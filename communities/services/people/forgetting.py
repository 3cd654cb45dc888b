"""Taking an erased person out of what was typed about them before they were a member: invitations and requests."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from communities.models import Person
from communities.models.joining import JoinRequest, MemberInvitation


def forget_joining(person: Person, addresses: Sequence[str], *, now: datetime) -> None:
    """Takes back invitations and requests that wait, and empties those that are over of what was typed."""
    invitations = MemberInvitation.objects.filter(email__in=addresses)
    invitations.waiting().update(state=MemberInvitation.State.WITHDRAWN, answered_at=now, email="")
    invitations.update(email="")
    requests = JoinRequest.objects.filter(Q(user=person.user_id) | Q(email__in=addresses))
    requests.waiting().update(state=JoinRequest.State.WITHDRAWN, decided_at=now)
    requests.update(name="", email="", words="", organisation=None, professional_group=None)
