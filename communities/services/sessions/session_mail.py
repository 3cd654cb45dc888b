"""Writing to members about a session: that it is planned, that it has changed, that it is off.

Nobody is written to about a session more often than it changes, and nobody about a change to what they were never told.
A change waits a few minutes before it leaves: whoever corrects a slip at once sends one mail and not two, and a
cancellation cannot overtake the invitation that a sender is just handing over.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from communities import links
from communities.emails import sessions as emails
from communities.models import Community, Membership, Reply, Session
from communities.services.telling import addresses_of
from communities.working_days import next_working_moment
from cop_portal import outbox

CHANGES_WAIT = timedelta(minutes=5)


def invite(*, session: Session, now: datetime) -> int:
    """Writes to those members who have not been told of a planned session. Returns how many are written to.

    Within the caller's transaction.
    """
    if not session.tells_members or session.state != Session.State.PLANNED or session.starts_at <= now:
        return 0
    told = Reply.objects.filter(session=session).exclude(told_at=None)
    members = Membership.objects.current().filter(community=session.community_id, person__user__is_active=True)
    untold = list(members.exclude(pk__in=told.values("membership")).order_by("pk"))
    replies = replies_for(session, untold)
    return _tell(session, replies, emails.INVITATION, due_at=_working_moment(session, now))


def replies_for(session: Session, memberships: Iterable[Membership]) -> list[Reply]:
    """The rows of these members, made where there are none yet, each with the hash of its link."""
    memberships = list(memberships)
    Reply.objects.bulk_create(
        (Reply(session=session, membership=membership) for membership in memberships), ignore_conflicts=True
    )
    replies = list(Reply.objects.filter(session=session, membership__in=memberships).order_by("pk"))
    without_link = [reply for reply in replies if reply.link_hash is None]
    for reply in without_link:
        reply.link_hash = links.hash_of(links.token_for(links.REPLY, reply.pk))
    Reply.objects.bulk_update(without_link, ["link_hash"])
    return replies


def tell_of_change(*, session: Session, now: datetime) -> None:
    """Tells those who know of the session when and where it is now. Within the caller's transaction."""
    if session.starts_at <= now:
        return
    told = Reply.objects.filter(session=session, membership__ends_on=None).exclude(told_at=None)
    waiting, written_to = list(told.filter(told_at__gt=now)), list(told.filter(told_at__lte=now))
    # An invitation that has not left yet names the old time, and will not leave any more.
    _tell(session, waiting, emails.INVITATION, due_at=_working_moment(session, now))
    _tell(session, written_to, emails.CHANGED, due_at=_soon(session, now))


def tell_of_cancellation(*, session: Session, now: datetime) -> None:
    """Tells those who know of the session that it is off. An invitation that has not left yet never does."""
    if session.starts_at <= now:
        return
    told = Reply.objects.filter(session=session, membership__ends_on=None, told_at__lte=now)
    _tell(session, list(told), emails.CANCELLED, due_at=_soon(session, now))


def _working_moment(session: Session, now: datetime) -> datetime:
    """In working hours, unless the session is before the next of them."""
    due_at = next_working_moment(now)
    return due_at if due_at < session.starts_at else now


def _soon(session: Session, now: datetime) -> datetime:
    """At any hour: a change matters more than a quiet evening."""
    return min(now + CHANGES_WAIT, session.starts_at)


def _tell(session: Session, replies: list[Reply], kind: str, *, due_at: datetime) -> int:
    members = Membership.objects.filter(pk__in=[reply.membership_id for reply in replies])
    user_of = dict(members.values_list("pk", "person__user"))
    addresses = addresses_of(user_of.values())
    reachable = [reply for reply in replies if user_of[reply.membership_id] in addresses]
    outbox.enqueue(
        *(
            emails.mail(kind, reply, session=session, to=addresses[user_of[reply.membership_id]], due_at=due_at)
            for reply in reachable
        )
    )
    if kind == emails.INVITATION:
        Reply.objects.filter(pk__in=[reply.pk for reply in reachable]).update(told_at=due_at)
    return len(reachable)


@transaction.atomic
def invite_to(*, session: Session, now: datetime) -> int:
    """`invite`, for a session that the sweep has found; the community is held so that nobody moves it meanwhile."""
    Community.objects.select_for_update().get(pk=session.community_id)
    session.refresh_from_db()
    return invite(session=session, now=now)


def invite_to_what_is_near(*, now: datetime) -> int:
    """Writes about sessions that have come near: those of a series, and to members who joined since. May run twice."""
    near = Session.objects.planned().filter(
        tells_members=True,
        starts_at__gt=now,
        starts_at__lte=now + timedelta(days=settings.SESSION_NOTICE_DAYS),
    )
    open_ones = near.exclude(community__state=Community.State.CLOSED)
    return sum(invite_to(session=session, now=now) for session in open_ones.order_by("starts_at", "pk"))
