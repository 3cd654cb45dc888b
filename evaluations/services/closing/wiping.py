"""Wiping what a close, or the end of keeping, has emptied, so that the database's own files no longer hold it."""

import time

from django.db import connection

from cop_portal.outbox.models import OutboxMessage
from evaluations.models import Invitation, RoomPlace, Survey, SurveyExport
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.inbox import Draft, InboxBox
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response

ATTEMPTS = 20
PAUSE_SECONDS = 0.1


def wipe(*, survey: Survey) -> bool:
    """Vacuum the tables that were emptied; whether it is done. If not, the next run tries again.

    PostgreSQL: VACUUM of inbox, drafts, invitations and mail, and of answers that are corrected, erased or
    destroyed, with the archives made of them.
    SQLite: deleted content is overwritten at once (secure_delete); the write-ahead log is brought into the database
    and emptied, as soon as nobody reads from it.
    Neither can be done inside a transaction.
    """
    if connection.in_atomic_block:
        return False
    is_done = _vacuum() if connection.vendor == "postgresql" else _checkpoint()
    if is_done:
        Survey.objects.due_to_be_wiped().filter(pk=survey.pk).update(is_wiped=True)
    return is_done


def _vacuum() -> bool:
    emptied = (
        InboxBox, Draft, Invitation, RoomPlace, OutboxMessage, Response, ConfidentialResponse, FreeText, NamedResponse,
        SurveyExport,
    )  # fmt: skip
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in emptied)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (FREEZE) {tables}")
    return True


def _checkpoint() -> bool:
    for _ in range(ATTEMPTS):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, _, _ = cursor.fetchone()
        if not is_busy:
            return True
        time.sleep(PAUSE_SECONDS)
    return False
