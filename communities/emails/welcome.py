"""The first mail to someone whom another person added (Article 14)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from communities.models import Affiliation, Membership
from cop_portal import outbox
from cop_portal.accounts.models import User

WELCOME = "communities.welcome"
# A first mail that is a month late would only puzzle its reader; staff see that it could not be sent.
WELCOME_WITHIN = timedelta(days=30)


def welcome(membership: Membership, *, to: str, added_by: User, now: datetime) -> outbox.Mail:
    """The first mail to someone added by another person: who added them, what we hold, their rights (Article 14)."""
    return outbox.Mail(
        dedupe_key=f"membership:{membership.pk}:welcome",
        kind=WELCOME,
        to=to,
        params={"membership": membership.pk, "added_by": added_by.pk},
        due_at=now,
        not_after=now + WELCOME_WITHIN,
    )


def render_welcome(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    membership = Membership.objects.select_related("person__user", "community").get(pk=params["membership"])
    affiliation = (
        Affiliation.objects.current()
        .filter(person=membership.person)
        .select_related("organisation", "professional_group")
        .first()
    )
    text = render_to_string(
        "communities/mail/welcome.txt",
        {
            "to": to,
            "person": membership.person,
            "community": membership.community,
            "came_by": membership.came_by,
            "affiliation": affiliation,
            "added_by": User.objects.get(pk=params["added_by"]),
            "portal_name": settings.PORTAL_NAME,
            "controller": settings.CONTROLLER_NAME,
            "contact": settings.CONTACT_EMAIL,
            "base_url": settings.BASE_URL,
        },
    )
    name = " ".join(membership.community.name.split())
    was_added = membership.came_by in (Membership.CameBy.ADDED, Membership.CameBy.IMPORT)
    subject = f"You have been added to the {name} community" if was_added else f"Welcome to the {name} community"
    return outbox.Rendered(subject=subject, text=text)


def is_welcome_due(params: Mapping[str, Any]) -> bool:
    """Not once they have left again."""
    return Membership.objects.current().filter(pk=params["membership"]).exists()


def register() -> None:
    outbox.register(
        outbox.MailKind(name=WELCOME, render=render_welcome, is_still_due=is_welcome_due, in_doubt="resend_once")
    )
