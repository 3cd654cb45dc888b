"""The hash chain: each entry seals the one before it, so that a changed or missing entry shows."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Model

from cop_portal.audit.models import AuditEntry

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# The hash before the first entry.
GENESIS = "0" * 64
# Names the lock that serialises writers on PostgreSQL. Any constant does, as long as nothing else uses it.
LOCK = 0x41554449


def entry_hash(*, previous: str, at: datetime, event: str, by_id: int | None, target_type: str, target_id: str) -> str:
    """SHA-256, in hex, over the previous hash and the entry's content in one canonical form."""
    content = [previous, at.astimezone(UTC).isoformat(timespec="microseconds"), event, by_id, target_type, target_id]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _wait_for_other_writers() -> None:
    # SQLite needs nothing here: its transactions are IMMEDIATE, so there is one writer at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def append(*, event: str, by: "User | None", target: Model, at: datetime) -> AuditEntry:
    """Adds one entry to the end of the chain."""
    _wait_for_other_writers()
    last = AuditEntry.objects.order_by("-pk").values_list("entry_hash", flat=True).first()
    previous = last or GENESIS
    by_id = by.pk if by is not None else None
    target_type, target_id = target._meta.label_lower, str(target.pk)
    return AuditEntry.objects.create(
        at=at,
        event=event,
        by_id=by_id,
        target_type=target_type,
        target_id=target_id,
        previous_hash=previous,
        entry_hash=entry_hash(
            previous=previous, at=at, event=event, by_id=by_id, target_type=target_type, target_id=target_id
        ),
    )


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold, and why, in words."""

    entry_id: int
    why: str


def verify() -> tuple[int, Break | None]:
    """How many entries hold, counted from the first, and the first that does not (None when all do).

    Entries cut off the end leave no mark in the chain itself: keep the last hash elsewhere to notice that.
    """
    previous, sound = GENESIS, 0
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous_hash != previous:
            return sound, Break(entry.pk, "the entry before it is missing or was changed")
        expected = entry_hash(
            previous=previous,
            at=entry.at,
            event=entry.event,
            by_id=entry.by_id,
            target_type=entry.target_type,
            target_id=entry.target_id,
        )
        if entry.entry_hash != expected:
            return sound, Break(entry.pk, "its content was changed")
        previous, sound = entry.entry_hash, sound + 1
    return sound, None
