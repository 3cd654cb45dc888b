"""A file on its way in: taken, given columns and decisions, thrown away, forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from communities.models import Community, ImportBatch, ImportRow
from communities.services.communities import locked
from communities.services.imports.fields import fields_of
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal, Stale

# A file that was uploaded and never imported.
FORGOTTEN_UNUSED_AFTER = timedelta(days=7)
State = ImportBatch.State


class ImportMovedOn(Stale):
    """What one person has looked at, another has changed, imported or thrown away."""


class ColumnsMissing(Refusal):
    """A row can be recognised only by certain columns."""


class ColumnsShared(Refusal):
    """One column holds one thing."""


class NoSuchColumn(Refusal):
    """A column is one of the file."""


@transaction.atomic
def take_file(
    *,
    kind: str,
    community: Community | None,
    file_name: str,
    file_hash: str,
    read_as: str,
    has_headings: bool,
    rows: Sequence[tuple[int, Sequence[str]]],
    mapping: Mapping[str, int],
    by: User,
    now: datetime,
) -> ImportBatch:
    """Keeps a file that has been read, with the columns as they were guessed. Nothing is sorted yet."""
    if community is not None:
        locked(community)
    batch = ImportBatch.objects.create(
        kind=kind,
        community=community,
        by=by,
        file_name=file_name,
        file_hash=file_hash,
        read_as=read_as,
        has_headings=has_headings,
        table=[[number, list(cells)] for number, cells in rows],
        mapping=dict(mapping),
        uploaded_at=now,
    )
    audit.record(event="import.uploaded", by=by, target=batch, at=now)
    return batch


def earlier_import_of(batch: ImportBatch) -> ImportBatch | None:
    """The last time the very same file was imported into the same place and not undone."""
    same = ImportBatch.objects.filter(kind=batch.kind, community=batch.community_id, file_hash=batch.file_hash)
    return same.filter(state=State.IMPORTED).exclude(pk=batch.pk).newest_first().first()


def checked_mapping(batch: ImportBatch, mapping: Mapping[str, int]) -> dict[str, int]:
    """The columns as someone gave them. Refuses what could not be sorted by."""
    fields = {field.code: field for field in fields_of(batch)}
    width = len(batch.headings)
    if unknown := [code for code, at in mapping.items() if code not in fields or not 0 <= at < width]:
        raise NoSuchColumn(f"There is no such column or field: {', '.join(sorted(unknown))}.", code="no_such_column")
    if len(set(mapping.values())) < len(mapping):
        raise ColumnsShared(
            "The same column is chosen twice. Choose a column of its own for each.", code="columns_shared"
        )
    if missing := _missing(batch, mapping):
        raise ColumnsMissing(f"Choose the column that holds {' and '.join(missing)}.", code="columns_missing")
    return dict(mapping)


def _missing(batch: ImportBatch, mapping: Mapping[str, int]) -> list[str]:
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        return [] if "name" in mapping else ["the name"]
    missing = [] if {"name", "first_name", "last_name"} & mapping.keys() else ["the name"]
    if "email" not in mapping:
        missing.append("the mail address")
    if batch.community_id is None and "community" not in mapping:
        missing.append("the community")
    return missing


def take_turn(batch: ImportBatch, version: int, *, become: str, **changes: object) -> None:
    """Moves an unfinished batch to its next version, or refuses because it is not what was looked at any more."""
    mine = ImportBatch.objects.unfinished().filter(pk=batch.pk, version=version)
    if not mine.update(state=become, version=F("version") + 1, **changes):
        raise moved_on(batch)
    batch.refresh_from_db()


def moved_on(batch: ImportBatch) -> ImportMovedOn:
    batch.refresh_from_db(fields=["state"])
    return ImportMovedOn(
        f"This import has moved on meanwhile: {batch.get_state_display().lower()}. Look at it again first.",
        code="import_moved_on",
    )


@transaction.atomic
def discard_import(*, batch: ImportBatch, version: int, by: User, now: datetime) -> ImportBatch:
    """Throws away a file that has not been imported, and everything that was read from it."""
    take_turn(batch, version, become=State.DISCARDED, table=[], decisions={}, is_forgotten=True)
    ImportRow.objects.filter(batch=batch).delete()
    audit.record(event="import.discarded", by=by, target=batch, at=now)
    return batch


@transaction.atomic
def forget_imports(*, now: datetime) -> int:
    """Forgets what was in files once it serves nothing: unused ones after a week, imported ones when they can no
    longer be undone. That there was an import stays. Returns how many were forgotten."""
    from communities.models.imports import UNDONE_WITHIN

    kept = ImportBatch.objects.filter(is_forgotten=False)
    unused = kept.unfinished().filter(uploaded_at__lte=now - FORGOTTEN_UNUSED_AFTER)
    settled = kept.filter(state__in=[State.IMPORTED, State.UNDONE], imported_at__lte=now - UNDONE_WITHIN)
    forgotten = 0
    for batch in [*unused, *settled]:
        is_unused = batch.state in ImportBatch.UNFINISHED
        # Someone may be importing it at this moment: then it is not unused.
        mine = ImportBatch.objects.filter(pk=batch.pk, version=batch.version, state=batch.state)
        changes = {"state": State.DISCARDED} if is_unused else {}
        if mine.update(table=[], decisions={}, is_forgotten=True, **changes):
            ImportRow.objects.filter(batch=batch).delete()
            audit.record(event="import.forgotten", by=None, target=batch, at=now)
            forgotten += 1
    return forgotten
