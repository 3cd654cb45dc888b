"""What members are told about a session: that it is planned, that it has moved, that it is off.

Each mail goes to one person and carries the session as a calendar entry for that person alone. Rows name the session's
sequence: a mail about a plan that has changed since is not due any more, so no invitation comes after its cancellation.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from communities import calendar, links
from communities.models import Reply, Session
from cop_portal import outbox

INVITATION = "communities.session_invitation"
CHANGED = "communities.session_changed"
CANCELLED = "communities.session_cancelled"

TEMPLATES = {INVITATION: "session_invitation", CHANGED: "session_changed", CANCELLED: "session_cancelled"}
METHODS: Mapping[str, Literal["REQUEST", "CANCEL"]] = {INVITATION: "REQUEST", CHANGED: "REQUEST", CANCELLED: "CANCEL"}
SUBJECTS = {
    INVITATION: "{community}: {when}",
    CHANGED: "{community}: now {when}",
    CANCELLED: "{community}: the session on {when} is cancelled",
}
# A word about a series lists no more days than a reader takes in.
MOST_DATES = 12


def mail(kind: str, reply: Reply, *, session: Session, to: str, due_at: datetime) -> outbox.Mail:
    """One of the three, once for each sequence of the session. After the session nobody needs it."""
    return outbox.Mail(
        dedupe_key=f"session:{session.pk}:{session.sequence}:{kind.rpartition('_')[2]}:{reply.pk}",
        kind=kind,
        to=to,
        params={"reply": reply.pk, "sequence": session.sequence, "kind": kind},
        due_at=due_at,
        not_after=max(session.starts_at, session.ends_at),
    )


def render(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    reply = Reply.objects.select_related("session__community", "session__series", "membership__person__user").get(
        pk=params["reply"]
    )
    session, kind = reply.session, params["kind"]
    text = render_to_string(
        f"communities/mail/{TEMPLATES[kind]}.txt",
        {
            "person": reply.membership.person,
            "community": session.community,
            "session": session,
            "later_days": _later_days(session),
            "notice_days": settings.SESSION_NOTICE_DAYS,
            "reply_address": links.address(links.REPLY, links.token_for(links.REPLY, reply.pk)),
            "address": f"{settings.BASE_URL.rstrip('/')}{session.get_absolute_url()}",
            "portal_name": settings.PORTAL_NAME,
            "base_url": settings.BASE_URL.rstrip("/"),
        },
    )
    method = METHODS[kind]
    entry = calendar.for_attendee(session, method=method, name=reply.membership.person.name, address=to)
    return outbox.Rendered(
        subject=SUBJECTS[kind].format(community=" ".join(session.community.name.split()), when=_when(session)),
        text=text,
        calendar=outbox.CalendarPart(method=method, content=entry),
    )


def _when(session: Session) -> str:
    return date_format(timezone.localtime(session.starts_at), "l j F Y, H:i")


def _later_days(session: Session) -> list[str]:
    """The other days of its series that lie ahead of it."""
    if session.series_id is None:
        return []
    later = Session.objects.planned().filter(series=session.series_id, starts_at__gt=session.starts_at)
    starts = later.order_by("starts_at").values_list("starts_at", flat=True)[:MOST_DATES]
    return [date_format(timezone.localtime(start), "l j F Y, H:i") for start in starts]


def is_still_due(params: Mapping[str, Any]) -> bool:
    """Only while the session is as the mail will say, and its reader still a member."""
    state = Session.State.CANCELLED if params["kind"] == CANCELLED else Session.State.PLANNED
    return Reply.objects.filter(
        pk=params["reply"], membership__ends_on=None, session__state=state, session__sequence=params["sequence"]
    ).exists()


def register() -> None:
    for kind in (INVITATION, CHANGED, CANCELLED):
        outbox.register(
            outbox.MailKind(
                name=kind, render=render, is_still_due=is_still_due, in_doubt="resend_once", can_be_declined=True
            )
        )
