"""Members saying whether they mean to come: signed in, or behind the link in their mail."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities import links
from communities.models import Community, Membership, Reply, Session
from communities.services.communities import CommunityClosed
from communities.services.sessions.session_mail import replies_for
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

EVENT = "session.replied"


class ReplyLinkNotKnown(Refusal):
    """A link that leads to no reply says nothing about why."""


class ReplyTooLate(Conflict):
    """Whether someone means to come is asked before the session and not after."""


class SessionCalledOff(Conflict):
    """Nobody comes to a session that is off."""


class NotAReply(Refusal):
    """Coming, not coming, or not known yet."""


class NotAMemberHere(Refusal):
    """Members say whether they come."""


@transaction.atomic
def reply_to_session(*, session: Session, answer: str, by: User, now: datetime) -> Reply:
    """Notes what a member who is signed in says. It can be changed until the session begins."""
    membership = Membership.objects.current().filter(community=session.community_id, person__user=by).first()
    if membership is None:
        raise NotAMemberHere("Only members of the community are asked whether they come.", code="not_a_member_here")
    _refuse_unaskable(session, now)
    (reply,) = replies_for(session, [membership])
    return _note(reply, answer, by=by, now=now)


@transaction.atomic
def reply_by_link(*, token: str, answer: str, now: datetime) -> Reply:
    """Notes what came through the link in a member's mail. Whose browser it came from is neither known nor asked."""
    reply = reply_behind(token, now=now)
    return _note(reply, answer, by=None, now=now)


def reply_behind(token: str, *, now: datetime) -> Reply:
    """The reply that a link leads to, while it can still be given. Otherwise a Refusal that ends the visit."""
    replies = Reply.objects.select_related("session__community", "membership__person__user")
    reply = replies.filter(link_hash=links.hash_of(token), membership__ends_on=None).first()
    if reply is None:
        raise ReplyLinkNotKnown(
            "This link is not one of ours, or no longer. The newest mail about the session has one that works.",
            code="reply_link_not_known",
        )
    _refuse_unaskable(reply.session, now)
    return reply


def _refuse_unaskable(session: Session, now: datetime) -> None:
    if session.community.state == Community.State.CLOSED:
        raise CommunityClosed(f"{session.community.name} is closed. Nobody meets any more.", code="community_closed")
    start = timezone.localtime(session.starts_at)
    if session.state == Session.State.CANCELLED:
        raise SessionCalledOff(
            f"The session on {date_format(start)} is cancelled: {session.cancelled_because}", code="session_called_off"
        )
    if session.state == Session.State.HELD or session.starts_at <= now:
        raise ReplyTooLate(
            f"The session on {date_format(start)} has begun or is over, so there is nothing left to say.",
            code="reply_too_late",
        )


def _note(reply: Reply, answer: str, *, by: User | None, now: datetime) -> Reply:
    if answer not in Reply.Answer.values:
        raise NotAReply("Choose whether you come.", code="not_a_reply")
    Reply.objects.filter(pk=reply.pk).update(answer=answer, answered_at=now)
    reply.answer, reply.answered_at = answer, now
    audit.record(event=EVENT, by=by, target=reply, at=now)
    return reply
