"""What ends by itself: all ways in when a community closes, and what need not be kept of those who did not join."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from communities.models import Community, JoinLink, JoinRequest, MemberInvitation
from cop_portal import audit

# So long a facilitator can still see that somebody was turned down, or said no.
REMEMBERED_FOR = timedelta(days=30)


def end_all_joining(community: Community, now: datetime) -> None:
    """Takes back what waits and stops the links, within the caller's transaction."""
    MemberInvitation.objects.waiting().filter(community=community).update(
        state=MemberInvitation.State.WITHDRAWN, answered_at=now
    )
    end_requests(JoinRequest.objects.filter(community=community), now)
    JoinLink.objects.filter(community=community, stopped_at=None).update(stopped_at=now)


def end_requests(requests: QuerySet[JoinRequest], now: datetime) -> None:
    """Takes back those of these requests that wait, because their community has closed."""
    requests.filter(state=JoinRequest.State.WAITING).update(
        state=JoinRequest.State.WITHDRAWN, decided_at=now, because="The community has closed.", email=""
    )


@transaction.atomic
def forget_joining(*, now: datetime) -> int:
    """Deletes what is held of people who were invited, or asked, and did not join. Returns how many they were."""
    before = now - REMEMBERED_FOR
    over = Q(expires_on__lt=timezone.localdate(now)) | Q(answered_at__lt=before)
    invitations = MemberInvitation.objects.exclude(state=MemberInvitation.State.ACCEPTED).filter(over)
    turned_down = [JoinRequest.State.DECLINED, JoinRequest.State.WITHDRAWN]
    requests = JoinRequest.objects.filter(state__in=turned_down, decided_at__lt=before)
    forgotten = 0
    for gone in (*invitations.order_by("pk"), *requests.order_by("pk")):
        audit.record(event="joining.forgotten", by=None, target=gone, at=now)
        gone.delete()
        forgotten += 1
    return forgotten
