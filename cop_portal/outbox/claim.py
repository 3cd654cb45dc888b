"""Who may send a mail: leases taken, kept, let go and taken away. Each function is one committed transaction.

A lease is a random id. Every later step names it, so a sender that was stopped for an hour and wakes up finds that the
mail is no longer its own, and cannot harm it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cop_portal.outbox.backoff import wait_after
from cop_portal.outbox.kinds import known_kinds
from cop_portal.outbox.models import OutboxMessage, OutboxState

State = OutboxMessage.State


@dataclass(frozen=True)
class Reaped:
    """What was taken from senders that are gone: mails that were certainly not sent, and mails that may have been."""

    unsent: int
    in_doubt: int


def claim(*, now: datetime, wall: datetime) -> OutboxMessage | None:
    """Take the next due mail: sign-in mail first, and only that while the outbox is paused. None if there is none."""
    urgent = [kind.name for kind in known_kinds() if kind.ignores_pauses]
    patient = [kind.name for kind in known_kinds() if not kind.ignores_pauses]
    with transaction.atomic(durable=True):
        state = OutboxState.load()
        for kinds in (urgent, [] if state.is_paused else patient):
            message = _next_due(kinds, state, now)
            if message is not None:
                return _lease(message, wall)
    return None


def _next_due(kinds: list[str], state: OutboxState, now: datetime) -> OutboxMessage | None:
    due = OutboxMessage.objects.due(now).filter(kind__in=kinds)
    if state.restored_at is not None:
        due = due.exclude(due_at__lte=state.restored_at, is_cleared=False)
    # On PostgreSQL senders pass over each other's rows; SQLite's transaction is immediate and holds the only pen.
    return due.order_by("next_try_at").select_for_update(skip_locked=True).first()


def _lease(message: OutboxMessage, wall: datetime) -> OutboxMessage | None:
    lease_id = uuid.uuid4()
    taken = OutboxMessage.objects.filter(pk=message.pk, state=State.READY).update(
        state=State.CLAIMED,
        lease_id=lease_id,
        lease_until=wall + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS),
        # Counted before sending: a mail that kills its worker must not be tried for ever without a pause.
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    message.refresh_from_db()
    return message


def raise_fence(message: OutboxMessage, *, mark: str, date: datetime, wall: datetime) -> bool:
    """claimed → transmitting, if the lease is still this sender's and still runs. In the fence's transaction."""
    return bool(
        OutboxMessage.objects.filter(
            pk=message.pk, state=State.CLAIMED, lease_id=message.lease_id, lease_until__gt=wall
        ).update(state=State.TRANSMITTING, content_mark=mark, date_header=date)
    )


def put_back(message: OutboxMessage, *, why: str, next_try_at: datetime) -> bool:
    """This sender knows that the mail was not taken: ready again, at that time. Also from in doubt."""
    return _settle(message, state=State.READY, last_error=why, next_try_at=next_try_at, is_cleared=True)


def fail(message: OutboxMessage, *, why: str) -> bool:
    """This sender knows that the mail will never be taken."""
    return _settle(message, state=State.FAILED, last_error=why)


def doubt(message: OutboxMessage, *, why: str) -> bool:
    """This sender handed the mail over and heard nothing."""
    return _settle(message, state=State.IN_DOUBT, last_error=why)


def withdraw(message: OutboxMessage) -> bool:
    """The mail is not due any more. Nothing says why: that it was answered is nobody's business."""
    return _settle(message, state=State.WITHDRAWN, last_error="")


def expire(message: OutboxMessage) -> bool:
    """The mail's time passed while it was being prepared."""
    return _settle(message, state=State.EXPIRED, last_error="")


def _settle(message: OutboxMessage, **changes: object) -> bool:
    """Change a mail that is still under this sender's lease; otherwise leave it to whoever has it now."""
    held = OutboxMessage.objects.filter(
        pk=message.pk, lease_id=message.lease_id, state__in=[State.CLAIMED, State.TRANSMITTING, State.IN_DOUBT]
    )
    return bool(held.update(**changes))


def record_sent(message: OutboxMessage, *, reference: str, now: datetime) -> bool:
    """The relay said yes. That is true whatever has happened to the row meanwhile, and whoever holds it."""
    rows = OutboxMessage.objects.filter(pk=message.pk).exclude(state=State.SENT)
    return bool(
        rows.update(
            state=State.SENT,
            sent_at=now,
            provider_reference=reference[:200],
            last_error="",
            lease_id=None,
            lease_until=None,
        )
    )


@transaction.atomic(durable=True)
def reap(*, now: datetime, wall: datetime) -> Reaped:
    """Take mails from senders that are gone. Running it twice, or in two places, changes nothing more."""
    lapsed = OutboxMessage.objects.filter(state=State.CLAIMED, lease_until__lte=wall)
    unsent = 0
    for message in lapsed.order_by("pk").only("pk", "attempts", "lease_id"):
        # The first lapse is somebody's restart; a mail whose senders keep dying waits longer and longer.
        wait = wait_after(message.attempts - 1) if message.attempts > 1 else timedelta()
        unsent += lapsed.filter(pk=message.pk, lease_id=message.lease_id).update(
            state=State.READY, next_try_at=now + wait, lease_id=None, lease_until=None, last_error="Its sender stopped."
        )
    silent_since = wall - timedelta(seconds=settings.OUTBOX_GRACE_SECONDS)
    in_doubt = OutboxMessage.objects.filter(state=State.TRANSMITTING, lease_until__lte=silent_since).update(
        state=State.IN_DOUBT, last_error="Its sender stopped while handing it over."
    )
    return Reaped(unsent=unsent, in_doubt=in_doubt)


def expire_overtaken(*, now: datetime) -> int:
    """Mails of no more use die: nobody wants yesterday's sign-in code."""
    return OutboxMessage.objects.overtaken(now).update(state=State.EXPIRED, lease_id=None, lease_until=None)
