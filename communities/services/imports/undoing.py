"""Taking an import back as a whole, within 30 days; or not at all, where something has been built on it since.

Asked for on a page or over the API; the worker does it, as it did the import.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.formats import date_format

from communities.models import ImportBatch
from communities.services.imports.batches import moved_on
from communities.services.imports.hindrances import hindrances
from communities.services.imports.progress import teller
from communities.services.imports.taking_back import take_members_back, take_organisations_back
from communities.services.imports.turns import Turn, as_a_whole, hand_over
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

State = ImportBatch.State

UNDOING = Turn(
    waits_as=State.UNDOING,
    handed_back_as=State.IMPORTED,
    event="import.undo_handed_back",
    overtaken=(
        "Something was recorded about someone in this import at the same moment, so nothing was undone. Look at the "
        "import again, then undo it."
    ),
    our_fault="Something went wrong on our side and nothing was undone. Try again; if it happens again, tell us.",
    stopped=(
        "Undoing broke off three times on its way, so nothing was undone and it is not tried again by itself. What was "
        "imported stays meanwhile. Tell us."
    ),
)
# Kept with the import, so it names nobody. The page that asks says who it is.
BUILT_ON_MEANWHILE = (
    "Something has been recorded since that is built on this import, so nothing was undone. “Undo this import” says "
    "what it is."
)


class TooLateToUndo(Refusal):
    """An import can be undone for 30 days."""


class ImportBuiltOn(Refusal):
    """An import is undone as a whole, so not once some of it is part of the record."""


@transaction.atomic
def ask_for_undo(*, batch: ImportBatch, version: int, by: User, now: datetime) -> ImportBatch:
    """Hands an import to the worker, to be taken back. Asked for in time is in time, however long the worker takes."""
    if not batch.may_be_undone(now):
        raise TooLateToUndo(_too_late(batch), code="too_late_to_undo")
    mine = ImportBatch.objects.filter(pk=batch.pk, version=version, state=State.IMPORTED)
    if not mine.update(state=State.UNDOING, asked_by=by, attempts=0, message="", version=F("version") + 1):
        raise moved_on(batch)
    if found := hindrances(batch):
        raise ImportBuiltOn(
            f"This import can no longer be undone as a whole. {' '.join(found)} "
            "End memberships one by one instead; what was recorded stays.",
            code="import_built_on",
        )
    hand_over(batch, asked="import.undo_asked", by=by, now=now)
    batch.refresh_from_db()
    return batch


def run_undo(*, batch: ImportBatch, now: datetime) -> bool:
    """Takes back everything a waiting import made and changed, in one transaction. True if it did; otherwise the import
    waits, or is handed back with the reason. People who have meanwhile become more than this import made of them, by
    signing in or by another community, stay known; those erased meanwhile are left out."""
    return as_a_whole(batch, UNDOING, _undo_as_a_whole, now=now)


@transaction.atomic
def _undo_as_a_whole(batch: ImportBatch, now: datetime) -> bool:
    tell = teller(batch.pk)
    # The row is held from here on: a second worker waits, and then finds it undone.
    mine = ImportBatch.objects.filter(pk=batch.pk, state=State.UNDOING)
    if not mine.update(state=State.UNDONE, undone_at=now, version=F("version") + 1):
        return False
    batch.refresh_from_db()
    by = batch.asked_by
    assert by is not None  # noqa: S101 - asking for an undo names who asks
    tell(5, "Making sure that nothing has been built on it")
    if hindrances(batch):
        raise ImportBuiltOn(BUILT_ON_MEANWHILE, code="import_built_on")
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        take_organisations_back(batch)
    else:
        take_members_back(batch, by=by, now=now, tell=tell)
    audit.record(event="import.undone", by=by, target=batch, at=now)
    return True


def _too_late(batch: ImportBatch) -> str:
    if batch.state == State.UNDOING:
        return "This import is being undone already."
    if batch.state == State.UNDONE:
        return "This import has been undone already."
    if batch.undo_until is None:
        return "This file has not been imported, so there is nothing to undo."
    return f"This import could be undone until {date_format(batch.undo_until)}. What it brought stays."
