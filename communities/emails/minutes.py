"""What members are told when the minutes of a session are there to be read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format

from communities.models import Membership, Minutes
from cop_portal import outbox
from cop_portal.accounts.models import User

SHARED = "communities.minutes_shared"
# Later than this the next session is nearer than the last.
TOLD_WITHIN = timedelta(days=14)


def shared(minutes: Minutes, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Once to each member, however often the minutes are taken back and shared again."""
    return outbox.Mail(
        dedupe_key=f"minutes:{minutes.pk}:shared:{user_id}",
        kind=SHARED,
        to=to,
        params={"minutes": minutes.pk, "user": user_id},
        due_at=now,
        not_after=now + TOLD_WITHIN,
    )


def render(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    minutes = Minutes.objects.select_related("session__community").get(pk=params["minutes"])
    session = minutes.session
    text = render_to_string(
        "communities/mail/minutes_shared.txt",
        {
            "person": User.objects.get(pk=params["user"]),
            "session": session,
            "community": session.community,
            "address": f"{settings.BASE_URL.rstrip('/')}{minutes.get_absolute_url()}",
            "portal_name": settings.PORTAL_NAME,
            "base_url": settings.BASE_URL.rstrip("/"),
        },
    )
    name = " ".join(session.community.name.split())
    return outbox.Rendered(subject=f"{name}: the minutes of {date_format(session.day)}", text=text)


def is_due(params: Mapping[str, Any]) -> bool:
    """Only while the minutes are shared and their reader is a member."""
    shared_now = Minutes.objects.shared().filter(pk=params["minutes"])
    return (
        Membership.objects.current()
        .filter(person__user=params["user"], community__in=shared_now.values("session__community"))
        .exists()
    )


def register() -> None:
    outbox.register(
        outbox.MailKind(name=SHARED, render=render, is_still_due=is_due, in_doubt="hold", can_be_declined=True)
    )
