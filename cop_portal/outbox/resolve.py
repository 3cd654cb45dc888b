"""What becomes of mail in doubt: the transport is asked if it can say; else it is sent once more, or held."""

from datetime import datetime
from enum import StrEnum

from cop_portal.outbox.backoff import wait_after
from cop_portal.outbox.kinds import known_kinds
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.transports.base import Transport
from cop_portal.refusals import Conflict

State = OutboxMessage.State


class MailMovedOn(Conflict):
    """A decision about a mail that is no longer waiting for one."""


class Decision(StrEnum):
    """What staff can say of a mail that is held."""

    SENT = "sent"  # it has arrived
    AGAIN = "again"  # send it once more, as it is worded now
    DROP = "drop"  # leave it


def resolve(*, now: datetime, transport: Transport) -> int:
    """Settle what can be settled without a person; return how many mails moved. The rest stay in doubt: they are held.

    Each change names the state it leaves, so two sweeps at once settle a mail once.
    """
    is_paused = OutboxState.load().is_paused
    may_leave = [kind for kind in known_kinds() if kind.ignores_pauses or not is_paused]
    again = {kind.name for kind in may_leave if kind.in_doubt == "resend_once"}
    settled = 0
    for message in OutboxMessage.objects.in_doubt().filter(kind__in=[kind.name for kind in may_leave]).order_by("pk"):
        was_accepted = transport.has(message.message_id)
        if was_accepted:
            settled += _settle(message, state=State.SENT, sent_at=now, last_error="", lease_id=None, lease_until=None)
        elif was_accepted is False:
            settled += _make_ready(message, now, resends=message.resends)
        elif message.kind in again and not message.resends:
            settled += _make_ready(message, now + wait_after(message.attempts), resends=1)
    return settled


def decide(*, message: OutboxMessage, decision: Decision, now: datetime) -> None:
    """Settle one held or failed mail as a person says.

    Raises `MailMovedOn` if it is not in doubt (or, to send it again, refused for good) any more.
    """
    match decision:
        case Decision.SENT:
            moved = _settle(message, state=State.SENT, sent_at=now, last_error="", lease_id=None, lease_until=None)
        case Decision.DROP:
            moved = _settle(message, state=State.WITHDRAWN, last_error="", lease_id=None, lease_until=None)
        case Decision.AGAIN:
            # Without the mark of the old bytes: a person has decided, so it goes as it is worded now.
            moved = _make_ready(message, now, resends=message.resends + 1, content_mark="")
    if not moved:
        raise MailMovedOn("This mail is not waiting for a decision any more.", code="mail_moved_on")


def _make_ready(message: OutboxMessage, next_try_at: datetime, **changes: object) -> bool:
    return _settle(
        message,
        state=State.READY,
        next_try_at=next_try_at,
        is_cleared=True,
        lease_id=None,
        lease_until=None,
        **changes,
    )


def _settle(message: OutboxMessage, **changes: object) -> bool:
    """Change a mail that is still as it was read: in doubt (or failed), and not sent again meanwhile."""
    unchanged = OutboxMessage.objects.filter(pk=message.pk, state=message.state, resends=message.resends)
    return bool(unchanged.filter(state__in=[State.IN_DOUBT, State.FAILED]).update(**changes))
