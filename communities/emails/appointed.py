"""Telling someone that they now run, or sponsor, a community."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from communities.models import RoleTerm
from cop_portal import outbox
from cop_portal.accounts.models import User

APPOINTED = "communities.appointed"
APPOINTED_WITHIN = timedelta(days=30)


def appointed(term: RoleTerm, *, to: str, by: User, now: datetime) -> outbox.Mail:
    """One mail for each term: who appointed them, what they can do now, and what we hold."""
    return outbox.Mail(
        dedupe_key=f"role_term:{term.pk}:appointed",
        kind=APPOINTED,
        to=to,
        params={"term": term.pk, "by": by.pk},
        due_at=now,
        not_after=now + APPOINTED_WITHIN,
    )


def render_appointed(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    term = RoleTerm.objects.select_related("person__user", "community").get(pk=params["term"])
    words = {
        "to": to,
        "term": term,
        "role": term.get_role_display().lower(),
        "is_facilitator": term.role == RoleTerm.Role.FACILITATOR,
        "by": User.objects.get(pk=params["by"]),
        "portal_name": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTACT_EMAIL,
        "address": f"{settings.BASE_URL.rstrip('/')}{term.community.get_absolute_url()}",
        "base_url": settings.BASE_URL,
    }
    name = " ".join(term.community.name.split())
    return outbox.Rendered(
        subject=f"You are now {words['role']} of the {name} community",
        text=render_to_string("communities/mail/appointed.txt", words),
    )


def is_appointed_due(params: Mapping[str, Any]) -> bool:
    """Not once the term has ended."""
    return RoleTerm.objects.current().filter(pk=params["term"]).exists()


def register() -> None:
    outbox.register(
        outbox.MailKind(name=APPOINTED, render=render_appointed, is_still_due=is_appointed_due, in_doubt="resend_once")
    )
