"""Files on their way in, made by the product's own reader and services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from communities.imports.receiving import receive_file
from communities.models import Community, ImportBatch, ImportRow, ProfessionalGroup
from communities.services.imports.preview import preview_import
from communities.services.imports.running import ask_for_import, run_import
from communities.services.imports.undoing import ask_for_undo, run_undo
from cop_portal.accounts.models import User
from tests.factories.communities import NOW

HEADINGS = ("Name", "Email", "Organisation", "Professional group", "Member since")


def as_csv(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in (headings, *rows)).encode()


def received(
    content: bytes,
    *,
    community: Community | None,
    by: User,
    kind: str = ImportBatch.Kind.MEMBERS,
    file_name: str = "members.csv",
    now: datetime = NOW,
) -> ImportBatch:
    return receive_file(content=content, file_name=file_name, kind=kind, community=community, by=by, now=now)


def previewed(
    content: bytes,
    *,
    community: Community | None,
    by: User,
    kind: str = ImportBatch.Kind.MEMBERS,
    default_group: ProfessionalGroup | None = None,
    default_starts_on: date | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> ImportBatch:
    """A file whose columns were taken as guessed, with its rows sorted."""
    batch = received(content, community=community, by=by, kind=kind, now=now)
    return preview_import(
        batch=batch,
        version=batch.version,
        **{"has_headings": batch.has_headings, "mapping": batch.mapping, **changes},
        default_group=default_group,
        default_starts_on=default_starts_on,
        by=by,
        now=now,
    )


def imported(content: bytes, *, community: Community | None, by: User, now: datetime = NOW, **more: Any) -> ImportBatch:
    """A file that has been imported, as by the worker."""
    batch = previewed(content, community=community, by=by, now=now, **more)
    return do_import(batch, by=by, now=now)


def do_import(batch: ImportBatch, *, by: User, now: datetime = NOW) -> ImportBatch:
    ask_for_import(batch=batch, version=batch.version, by=by, now=now)
    run_import(batch=batch, now=now)
    batch.refresh_from_db()
    return batch


def undone(batch: ImportBatch, *, by: User, now: datetime = NOW) -> ImportBatch:
    """An import that has been taken back, as by the worker."""
    ask_for_undo(batch=batch, version=batch.version, by=by, now=now)
    run_undo(batch=batch, now=now)
    batch.refresh_from_db()
    return batch


def kinds(batch: ImportBatch) -> list[str]:
    """The class of each row, in the order of the file."""
    return list(ImportRow.objects.filter(batch=batch).in_order().values_list("kind", flat=True))


def reasons(batch: ImportBatch) -> Mapping[int, str]:
    return dict(ImportRow.objects.filter(batch=batch).in_order().values_list("number", "reason"))
