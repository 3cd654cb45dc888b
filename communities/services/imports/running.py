"""The import itself: asked for on a page or over the API, done by the worker, as a whole or not at all."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from communities.models import Community, ImportBatch, ImportRow
from communities.services.communities import locked
from communities.services.imports.batches import earlier_import_of, take_turn
from communities.services.imports.preview import essence, keep_rows, sort_rows
from communities.services.imports.progress import Tell, teller
from communities.services.imports.turns import Turn, as_a_whole, hand_over
from communities.services.imports.writing import write_members, write_organisations
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

State = ImportBatch.State

OUTDATED = (
    "Something this file is about has changed since its rows were sorted, so nothing was imported. They have been "
    "sorted again: look at them, then import."
)
IMPORTING = Turn(
    waits_as=State.WAITING,
    handed_back_as=State.PREVIEWED,
    event="import.handed_back",
    overtaken=(
        "Someone in this file was entered by somebody else at the same moment, so nothing was imported. Have the rows "
        "sorted again, then import."
    ),
    our_fault="Something went wrong on our side and nothing was imported. Try again; if it happens again, tell us.",
    stopped=(
        "The import broke off three times on its way, so nothing was imported and it is not tried again by itself. "
        "Throw this file away and upload it in smaller parts: if one of them breaks off again, tell us which."
    ),
)


class NothingToImport(Refusal):
    """An import changes something."""


@transaction.atomic
def ask_for_import(*, batch: ImportBatch, version: int, by: User, now: datetime) -> ImportBatch:
    """Hands a previewed file to the worker."""
    if not ImportRow.objects.filter(batch=batch, kind__in=ImportRow.WRITTEN).exists():
        raise NothingToImport(nothing_to_import(batch), code="nothing_to_import")
    take_turn(batch, version, become=State.WAITING, asked_by=by, attempts=0, message="")
    hand_over(batch, asked="import.asked", by=by, now=now)
    return batch


def nothing_to_import(batch: ImportBatch) -> str:
    """Why there is nothing to import, in a sentence."""
    if ImportRow.objects.filter(batch=batch).exclude(kind=ImportRow.Kind.ALREADY).exists():
        return "None of these rows would change anything, so there is nothing to import."
    same = "This is the file you imported before, and everything" if earlier_import_of(batch) else "Everything"
    return f"{same} in it is here already. There is nothing to import."


def run_import(*, batch: ImportBatch, now: datetime) -> bool:
    """Imports a waiting file in one transaction. True if it did; otherwise the file waits, or is handed back with the
    reason."""
    return as_a_whole(batch, IMPORTING, _import_as_a_whole, now=now)


@transaction.atomic
def _import_as_a_whole(batch: ImportBatch, now: datetime) -> bool:
    tell = teller(batch.pk)
    # The row is held from here on: a second worker waits, and then finds it imported.
    mine = ImportBatch.objects.waiting().filter(pk=batch.pk)
    if not mine.update(state=State.IMPORTED, imported_at=now, version=F("version") + 1):
        return False
    batch.refresh_from_db()
    for community in _communities_in(batch):
        locked(community)
    tell(2, "Reading the file again")
    rows = sort_rows(batch, today=timezone.localdate(now))
    if not _is_as_previewed(batch, rows):
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.PREVIEWED, imported_at=None, message=OUTDATED)
        keep_rows(batch, rows)
        return False
    _write(batch, rows, now, tell)
    return True


def _write(batch: ImportBatch, rows: list[ImportRow], now: datetime, tell: Tell) -> None:
    by = batch.asked_by
    assert by is not None  # noqa: S101 - asking for an import names who asks
    tell(15, "Adding what is new")
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        write_organisations(rows, tell=tell)
    else:
        write_members(rows, by=by, now=now, tell=tell)
    tell(90, "Noting what was done")
    keep_rows(batch, rows)
    ImportBatch.objects.filter(pk=batch.pk).update(table=[])
    audit.record(event=f"{batch.kind}.imported", by=by, target=batch, at=now)


def _communities_in(batch: ImportBatch) -> list[Community]:
    """The communities that rows would be written into, always in the same order."""
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        return []
    if batch.community is not None:
        return [batch.community]
    named = ImportRow.objects.filter(batch=batch, kind__in=ImportRow.WRITTEN).order_by()
    wanted = set(named.values_list("facts__community", flat=True).distinct())
    return list(Community.objects.filter(pk__in=wanted).order_by("pk"))


def _is_as_previewed(batch: ImportBatch, rows: list[ImportRow]) -> bool:
    previewed = ImportRow.objects.filter(batch=batch).in_order().only("number", "kind", "facts")
    return [essence(row) for row in previewed] == [essence(row) for row in rows]
