"""Noticing that the database is older than what has been sent.

Every fence raises a number in the database, and then, before the dot, in a small file outside it. A database restored
from a backup brings back an old number; the file does not. Then nobody can tell which of the mails due by now went out
in the time that was lost: they become in doubt, and the outbox waits for a person.
"""

import fcntl
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cop_portal.outbox.models import OutboxMessage, OutboxMessageQuerySet, OutboxState
from cop_portal.outbox.pausing import pause

WIDTH = 20


def count_fence() -> int:
    """Raise the database's number, in the fence's transaction. Senders queue here for the length of that commit."""
    OutboxState.objects.filter(pk=1).update(fences=F("fences") + 1)
    return OutboxState.objects.values_list("fences", flat=True).get(pk=1)


def remember(number: int, state: OutboxState) -> None:
    """Write the number outside the database, on the disk before this returns; a lower one never replaces a higher."""
    path = _path(state)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if number > (_parsed(os.pread(handle, WIDTH, 0)) or 0):
            os.pwrite(handle, f"{number:0{WIDTH}d}".encode(), 0)
            os.fdatasync(handle)
    finally:
        os.close(handle)


def notice_restore(*, now: datetime) -> bool:
    """Whether the database has been restored since the last sweep. If so: everything due is in doubt, and a pause.

    A file that is missing although mail has been sent means the same: the database was moved or restored without it.
    """
    if not _looks_restored(OutboxState.load()):
        return False
    with transaction.atomic(durable=True):
        state = OutboxState.objects.select_for_update().get(pk=1)
        if not _looks_restored(state):
            return False  # another sender noticed first
        number = max(_remembered(state) or 0, state.fences) + 1
        OutboxState.objects.filter(pk=1).update(fences=number, restored_at=now)
        pause(why="The database looks restored from a backup: mail that was due may have been sent already.", now=now)
        # Also what was cleared before: that was true of the database this one has replaced.
        _doubt(OutboxMessage.objects.filter(due_at__lte=now))
    remember(number, state)
    return True


def doubt_what_was_due() -> int:
    """Put mails that were due before a restore, but were planned again after it, in doubt as well."""
    restored_at = OutboxState.load().restored_at
    return 0 if restored_at is None else _doubt(OutboxMessage.objects.doubtful_since(restored_at))


def _looks_restored(state: OutboxState) -> bool:
    outside = _remembered(state)
    return state.fences > 0 if outside is None else outside > state.fences


def _doubt(messages: OutboxMessageQuerySet) -> int:
    return messages.filter(state__in=[OutboxMessage.State.READY, OutboxMessage.State.CLAIMED]).update(
        state=OutboxMessage.State.IN_DOUBT,
        last_error="The database was restored; this may have been sent meanwhile.",
        lease_id=None,
        lease_until=None,
    )


def _path(state: OutboxState) -> Path:
    # Named after the database, so that a new database in an old folder is not taken for a restored one.
    return Path(settings.DATA_DIR) / "outbox" / f"{state.database_id}.fences"


def _remembered(state: OutboxState) -> int | None:
    try:
        return _parsed(_path(state).read_bytes())
    except FileNotFoundError:
        return None


def _parsed(content: bytes) -> int | None:
    return int(content) if content.strip().isdigit() else None
