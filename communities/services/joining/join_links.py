"""A join link: shown at a session, by address or as a code to type, it lets whoever is there ask to join."""

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities import links
from communities.models import JoinLink, JoinRequest, Membership, Organisation, ProfessionalGroup, Session
from communities.services.communities import locked
from communities.services.joining.join_requests import TooManyAsk, tell_facilitators
from communities.services.people.membership import NameNotSaid, ProfessionNotSaid, user_known_by
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

PURPOSE = "join-link"
# Letters and figures that nobody mistakes for one another when they are read off a screen (Crockford's 32).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
CODE_LENGTH = 12
# A room has fewer people; whoever sends more is not in one.
MOST_WAITING = 200


class SessionOver(Refusal):
    """A join link is shown at a session that takes place and is not long past."""


class JoinLinkNotKnown(Refusal):
    """A code that leads nowhere."""


class JoinLinkClosed(Refusal):
    """A join link opens until the day after the session, unless it is stopped."""


class JoinLinkStopped(Conflict):
    """A join link is stopped once."""


def code_of(link: JoinLink) -> str:
    """What the link's address ends with, and what can be typed. Worked out when it is shown, and never stored."""
    token = links.token_for(PURPOSE, link.pk)
    number = int.from_bytes(hashlib.sha256(token.encode()).digest())
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(CODE_LENGTH))


def in_groups(code: str) -> str:
    """“K7QP-2M9X-4TRW”: as a person reads it off a screen."""
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def as_meant(typed: str) -> str:
    """A code as it was meant, however it was typed."""
    return typed.strip().upper().translate(MISREAD)


@transaction.atomic
def make_join_link(*, session: Session, by: User, now: datetime) -> JoinLink:
    """The session's join link: the one there is, or a new one."""
    community = locked(session.community)
    if session.state == Session.State.CANCELLED:
        raise SessionOver("This session has been cancelled, so nobody will be there to join.", code="session_over")
    link = JoinLink(community=community, session=session, made_by=by, made_at=now)
    if link.closes_at <= now:
        raise SessionOver("This session is over. People can ask to join at the next one.", code="session_over")
    existing = JoinLink.objects.filter(session=session, stopped_at=None).select_related("session").first()
    if existing is not None:
        return existing
    link.save()
    link.link_hash = links.hash_of(code_of(link))
    link.save(update_fields=["link_hash"])
    audit.record(event="join_link.made", by=by, target=link, at=now)
    return link


@transaction.atomic
def stop_join_link(*, link: JoinLink, by: User, now: datetime) -> JoinLink:
    """Stops a link. What was asked through it stays asked; a new link for the session is another one."""
    locked(link.community)
    if not JoinLink.objects.filter(pk=link.pk, stopped_at=None).update(stopped_at=now):
        raise JoinLinkStopped("This join link has been stopped already.", code="join_link_stopped")
    link.refresh_from_db()
    audit.record(event="join_link.stopped", by=by, target=link, at=now)
    return link


def join_link_behind(typed: str, now: datetime) -> JoinLink:
    """The link of a code. Refuses one that is not known, or opens no more."""
    known = JoinLink.objects.filter(link_hash=links.hash_of(as_meant(typed)))
    link = known.select_related("community", "session").first()
    if link is None:
        raise JoinLinkNotKnown(
            "There is no session with this code. Check it on the screen: it has 12 letters and figures.",
            code="code_not_known",
        )
    if link.community.is_closed or not link.is_open(now):
        until = date_format(timezone.localtime(link.closes_at), "j F Y, H:i")
        raise JoinLinkClosed(
            f"People could ask to join by this code until {until}, or until it was stopped. Ask a facilitator.",
            code="join_link_closed",
        )
    return link


@transaction.atomic
def ask_by_link(
    *,
    code: str,
    name: str,
    email: str,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup | None,
    words: str = "",
    now: datetime,
) -> JoinLink:
    """Notes that someone at the session asks to join. Asking twice asks once.

    Gives the link and not the request: nobody learns here whether an address is known, or a member's already.
    """
    link = join_link_behind(code, now)
    locked(link.community)
    if not name.strip():
        raise NameNotSaid("Enter your full name.", code="name_not_said")
    if professional_group is None:
        raise ProfessionNotSaid("Choose your professional group.", code="profession_not_said")
    waiting = JoinRequest.objects.waiting().filter(community=link.community)
    if waiting.filter(brought_by=link.session).count() >= MOST_WAITING:
        raise TooManyAsk("Too many people are asking by this code. Speak to a facilitator.", code="too_many_ask")
    user = user_known_by(email)
    if user and Membership.objects.current().filter(person__user=user, community=link.community).exists():
        return link
    try:
        with transaction.atomic():
            request = JoinRequest.objects.create(
                community=link.community,
                name=name.strip(),
                email=email.strip().lower(),
                organisation=organisation,
                professional_group=professional_group,
                words=words.strip(),
                came_by=Membership.CameBy.JOIN_LINK,
                brought_by=link.session,
                asked_at=now,
            )
    except IntegrityError:
        return link
    audit.record(event="joining.asked", by=None, target=request, at=now)
    tell_facilitators(link.community, now)
    return link
