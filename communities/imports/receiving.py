"""From the bytes that someone uploads to a batch with its columns guessed: the one way, for pages and API alike."""

from datetime import datetime

from communities.imports.columns import guessed, has_headings
from communities.imports.tables import read_table
from communities.models import Community, ImportBatch
from communities.services.imports.batches import take_file
from communities.services.imports.fields import fields_for
from cop_portal.accounts.models import User


def receive_file(
    *, content: bytes, file_name: str, kind: str, community: Community | None, by: User, now: datetime
) -> ImportBatch:
    """Reads and keeps a file. Raises FileNotReadable or FileTooLarge, and then nothing is kept."""
    table = read_table(content, file_name=file_name)
    cells = [row for _, row in table.rows]
    is_headed = has_headings(kind, cells)
    body = cells[1:] if is_headed else cells
    headings = [cells[0][at] if is_headed and at < len(cells[0]) else "" for at in range(table.width)]
    fields = fields_for(kind, names_community=community is None)
    return take_file(
        kind=kind,
        community=community,
        file_name=table.file_name,
        file_hash=table.file_hash,
        read_as=table.read_as,
        has_headings=is_headed,
        rows=table.rows,
        mapping=guessed(fields, headings, body),
        by=by,
        now=now,
    )
