"""The rows of a file that were not imported, as the file had them, each with the reason: to be put right and uploaded
again."""

from datetime import datetime

from communities.exports.formats import File, Format, write
from communities.exports.tables import Column, number
from communities.models import ImportBatch, ImportRow


def rejected_rows(batch: ImportBatch, *, now: datetime) -> File:
    """A CSV that Excel opens. The reasons stand behind the file's own columns, so that its first ones are as before."""
    rows = list(ImportRow.objects.filter(batch=batch).of_kind(*ImportRow.STAYING_OUT).in_order())
    called = headings(batch, max((len(row.cells) for row in rows), default=0))
    columns = [
        *(Column(f"column_{at + 1}", heading) for at, heading in enumerate(called)),
        number("row", "Row in the file"),
        Column("reason", "Why it was not imported"),
    ]
    cells = (
        [*row.cells, *[""] * (len(called) - len(row.cells)), row.number, row.reason or row.get_kind_display()]
        for row in rows
    )
    return write(Format.EXCEL_CSV, name="rows-not-imported", columns=columns, rows=cells, now=now)


def headings(batch: ImportBatch, width: int) -> list[str]:
    """What the columns were called. An imported file keeps no copy of itself, but what was understood of it."""
    known = batch.headings if batch.table else []
    named = {at: code.replace("_", " ").capitalize() for code, at in batch.mapping.items()}
    every = range(max(width, len(known), max(named, default=-1) + 1))
    return [known[at] if at < len(known) else named.get(at, f"Column {at + 1}") for at in every]
