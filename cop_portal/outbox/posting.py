"""Putting mail in the outbox, and forgetting it. Both happen in the caller's transaction."""

from collections import Counter
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cop_portal.outbox.kinds import Mail, kind_named
from cop_portal.outbox.message import message_id_for
from cop_portal.outbox.models import OutboxCount, OutboxMessage, OutboxMessageQuerySet
from cop_portal.outbox.poke import poke

BATCH = 500


@transaction.atomic
def post(mails: Iterable[Mail]) -> int:
    """Insert the mails whose keys are not yet known; return how many those were."""
    # In the order of their keys, so that planners who meet on the same occasions wait for each other, never in a ring.
    rows = [_row(mail) for mail in sorted(mails, key=lambda mail: mail.dedupe_key)]
    added = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        OutboxMessage.objects.bulk_create(batch, ignore_conflicts=True)
        added += OutboxMessage.objects.filter(pk__in=[row.pk for row in batch]).count()
    if added:
        transaction.on_commit(poke, robust=True)
    return added


def _row(mail: Mail) -> OutboxMessage:
    """The row of a mail. A mistake of the calling app is a `ValueError` here, in its own tests, not in the sender."""
    kind_named(mail.kind)
    try:
        validate_email(mail.to)
    except ValidationError:
        raise ValueError("A mail needs one plain e-mail address to go to.") from None
    if timezone.is_naive(mail.due_at) or (mail.not_after is not None and timezone.is_naive(mail.not_after)):
        raise ValueError("The times of a mail must say their time zone.")
    return OutboxMessage(
        dedupe_key=mail.dedupe_key,
        kind=mail.kind,
        recipient=mail.to,
        params=dict(mail.params),
        due_at=mail.due_at,
        next_try_at=mail.due_at,
        not_after=mail.not_after,
        message_id=message_id_for(mail.dedupe_key),
    )


def count_accepted(dedupe_prefix: str) -> int | None:
    """How many different recipients have a sent mail among the rows whose keys begin so; None without any row."""
    rows = OutboxMessage.objects.of_occasion(dedupe_prefix).order_by()
    sent = rows.filter(state=OutboxMessage.State.SENT).values("recipient").distinct().count()
    return sent if sent or rows.exists() else None


@transaction.atomic
def forget_rows(dedupe_prefix: str) -> int:
    """Delete the rows whose keys begin so, adding their number per kind and state to what is kept.

    A row that is being sent goes too: its sender finds no row at the fence, and sends no dot.
    """
    if not dedupe_prefix:
        raise ValueError("Name the occasion to forget: an empty prefix would forget every mail.")
    return _forget(OutboxMessage.objects.of_occasion(dedupe_prefix))


@transaction.atomic
def forget_rows_to(address: str) -> int:
    """Delete the rows of one recipient, whatever their occasion, and count them in the same way."""
    return _forget(OutboxMessage.objects.filter(recipient__iexact=address))


def _forget(rows: OutboxMessageQuerySet) -> int:
    # Locked first, so that what is counted is what is deleted.
    found = list(rows.select_for_update().values_list("pk", "kind", "state"))
    for (kind, state), number in sorted(Counter((kind, state) for _, kind, state in found).items()):
        OutboxCount.objects.get_or_create(kind=kind, state=state)
        OutboxCount.objects.filter(kind=kind, state=state).update(count=F("count") + number)
    ids = [pk for pk, _, _ in found]
    for start in range(0, len(ids), BATCH):
        OutboxMessage.objects.filter(pk__in=ids[start : start + BATCH]).delete()
    return len(ids)
