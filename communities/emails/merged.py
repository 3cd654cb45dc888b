"""Telling both records of a person that they have been made one: whoever reads one of them may be somebody else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from communities.models import PersonMerge
from cop_portal import outbox

MERGED = "communities.records_merged"
TOLD_WITHIN = timedelta(days=14)


def records_merged(merge: PersonMerge, *, to: str, now: datetime) -> outbox.Mail:
    """One mail to the main address of each record, as it was before."""
    return outbox.Mail(
        dedupe_key=f"merge:{merge.pk}:told:{to}",
        kind=MERGED,
        to=to,
        params={"merge": merge.pk},
        due_at=now,
        not_after=now + TOLD_WITHIN,
    )


def render_merged(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    merge = PersonMerge.objects.get(pk=params["merge"])
    words = {
        "undo_until": timezone.localtime(merge.undo_until),
        "portal_name": settings.PORTAL_NAME,
        "contact": settings.CONTACT_EMAIL,
        "base_url": settings.BASE_URL.rstrip("/"),
    }
    return outbox.Rendered(
        subject="Two records of you have been made one", text=render_to_string("communities/mail/merged.txt", words)
    )


def is_merged_due(params: Mapping[str, Any]) -> bool:
    """Not once it has been undone, nor when the record has been erased meanwhile."""
    return PersonMerge.objects.filter(pk=params["merge"], undone_at=None, kept__erased_on=None).exists()


def register() -> None:
    outbox.register(
        outbox.MailKind(name=MERGED, render=render_merged, is_still_due=is_merged_due, in_doubt="resend_once")
    )
