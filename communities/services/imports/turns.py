"""What importing and undoing share: each is asked for, waits for the worker, and is done as a whole or not at all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F

from communities.models import ImportBatch
from communities.services.imports.progress import forget_progress
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.outbox.poke import poke
from cop_portal.refusals import Refusal

logger = logging.getLogger(__name__)

TASK = "communities.tasks.run_waiting_imports"
# A row that makes the worker fail, or ends it altogether, must not do so for ever.
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Turn:
    """One thing the worker does to an import: the state in which it waits, the one it is handed back to, and what is
    said then."""

    waits_as: str
    handed_back_as: str
    event: str
    overtaken: str
    our_fault: str
    stopped: str


def hand_over(batch: ImportBatch, *, asked: str, by: User, now: datetime) -> None:
    """Notes who asked, and wakes the worker once it is stored. Should that fail, a sweep finds what waits."""
    forget_progress(batch.pk)
    audit.record(event=asked, by=by, target=batch, at=now)
    transaction.on_commit(partial(poke, TASK), robust=True)


def as_a_whole(batch: ImportBatch, turn: Turn, work: Callable[[ImportBatch, datetime], bool], *, now: datetime) -> bool:
    """Does `work`, which is one transaction. True if it was done; otherwise the import waits on, or is handed back with
    the reason. May run twice at once: the second finds nothing waiting."""
    waiting = ImportBatch.objects.filter(pk=batch.pk, state=turn.waits_as)
    if batch.attempts >= MOST_ATTEMPTS:
        # Nobody was left to hand it back the last time.
        _hand_back(batch, turn, turn.stopped, now)
        return False
    # Counted before it is begun: a worker that is killed in the middle of it counts nothing afterwards. Two that begin
    # at once count as one.
    if not waiting.filter(attempts=batch.attempts).update(attempts=F("attempts") + 1):
        return False
    try:
        return work(batch, now)
    except Refusal as refusal:
        _hand_back(batch, turn, " ".join(refusal.messages), now)
    except IntegrityError:
        _hand_back(batch, turn, turn.overtaken, now)
    except Exception:
        # Nothing was written. It is tried again, but not for ever.
        logger.exception("An import, or the undoing of one, failed and was rolled back.")
        if waiting.filter(attempts__gte=MOST_ATTEMPTS).exists():
            _hand_back(batch, turn, turn.our_fault, now)
    return False


@transaction.atomic
def _hand_back(batch: ImportBatch, turn: Turn, words: str, now: datetime) -> None:
    waiting = ImportBatch.objects.filter(pk=batch.pk, state=turn.waits_as)
    if waiting.update(state=turn.handed_back_as, message=words, version=F("version") + 1):
        audit.record(event=turn.event, by=None, target=batch, at=now)
