"""Noting that records were taken away: who, when, which table. What was in them is not noted."""

from datetime import datetime

from django.db import transaction

from communities.models import Community
from cop_portal import audit
from cop_portal.accounts.models import User


@transaction.atomic
def note_export(*, table: str, community: Community | None, by: User, now: datetime) -> None:
    """`community` is None for the whole network: then the trail names whoever took it."""
    audit.record(event=f"{table}.exported", by=by, target=community or by, at=now)
