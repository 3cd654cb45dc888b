"""Telling those who run a community that someone has left it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from communities.models import Action, Membership
from cop_portal import outbox

LEFT = "communities.left"
LEFT_WITHIN = timedelta(days=14)


def left(membership: Membership, *, to: str, now: datetime) -> outbox.Mail:
    """One mail to each facilitator."""
    return outbox.Mail(
        dedupe_key=f"membership:{membership.pk}:left:{to}",
        kind=LEFT,
        to=to,
        params={"membership": membership.pk},
        due_at=now,
        not_after=now + LEFT_WITHIN,
    )


def render_left(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    membership = Membership.objects.select_related("person__user", "community").get(pk=params["membership"])
    community = membership.community
    actions = Action.objects.open().filter(community=community, owner=membership.person).count()
    address = f"{settings.BASE_URL.rstrip('/')}{reverse('communities:action-list', args=[community.slug])}"
    words = {
        "person": membership.person,
        "community": community,
        "actions": actions,
        "address": address,
        "portal_name": settings.PORTAL_NAME,
    }
    name = " ".join(community.name.split())
    return outbox.Rendered(
        subject=f"Someone has left the {name} community", text=render_to_string("communities/mail/left.txt", words)
    )


def is_left_due(params: Mapping[str, Any]) -> bool:
    """Not once they have come back, nor when the record has been erased meanwhile."""
    found = Membership.objects.filter(pk=params["membership"], person__erased_on=None).first()
    if found is None:
        return False
    return not Membership.objects.current().filter(person=found.person, community=found.community).exists()


def register() -> None:
    outbox.register(outbox.MailKind(name=LEFT, render=render_left, is_still_due=is_left_due, in_doubt="resend_once"))
