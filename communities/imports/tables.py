"""Reading a file of rows, whatever program wrote it: CSV in any common encoding and with any delimiter, or xlsx."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings

from cop_portal.refusals import Refusal

MOST_COLUMNS = 100
LONGEST_CELL = 2_000
NAME_LENGTH = 200
# What a spreadsheet program puts before a text so that it is not taken for a formula: ours does so too.
GUARDED = re.compile(r"^'(?=[=+\-@])")
# Characters that no name, address or date holds, and that a database may not store.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FileNotReadable(Refusal):
    """A file is taken only if it can be read as rows and columns without guessing."""


class FileTooLarge(Refusal):
    """A file has a size and a number of rows that a page can show and a person can check."""

    status = 413


@dataclass(frozen=True)
class SourceTable:
    """A file as rows of text. `rows` holds the number of each row in its file, from 1, and its cells; blank rows are
    left out, but counted. `read_as` says in words how it was read."""

    file_name: str
    file_hash: str
    read_as: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def width(self) -> int:
        return max(len(cells) for _, cells in self.rows)


def read_table(content: bytes, *, file_name: str, choose: Callable[[str], str | None] | None = None) -> SourceTable:
    """The rows of a file. Raises FileNotReadable or FileTooLarge, each saying what to do instead.

    `choose` may know the delimiter of a text better than `delimited.delimiter_of`.
    """
    from communities.imports import delimited, workbooks

    if len(content) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise FileNotReadable("This file is empty. Choose another one.", code="file_empty")
    if workbooks.looks_like_one(content):
        rows, read_as = workbooks.read(content)
    else:
        rows, read_as = delimited.read(content, choose)
    return SourceTable(
        file_name=plain_name(file_name),
        file_hash=hashlib.sha256(content).hexdigest(),
        read_as=read_as,
        rows=_checked(rows),
    )


def too_large() -> FileTooLarge:
    megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return FileTooLarge(
        f"This file is larger than {megabytes} MB. Split it, or leave out columns that are not needed.",
        code="file_too_large",
    )


def plain_name(file_name: str) -> str:
    """What a file is called, for people to recognise it by; never a path."""
    name = UNSTORABLE.sub("", PurePath(file_name.replace("\\", "/")).name).strip()
    return name[-NAME_LENGTH:] or "file"


def _checked(rows: Iterable[tuple[int, list[str]]]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    found: list[tuple[int, tuple[str, ...]]] = []
    most = settings.IMPORT_MAX_ROWS
    for number, cells in rows:
        tidy = _without_empty_end([_tidied(cell) for cell in cells])
        if not tidy:
            continue
        if len(tidy) > MOST_COLUMNS:
            raise FileTooLarge(
                f"Row {number} has more than {MOST_COLUMNS} columns. Keep only those that are needed.",
                code="too_many_columns",
            )
        found.append((number, tuple(tidy)))
        if len(found) > most + 1:
            raise FileTooLarge(
                f"This file has more than {most:,} rows. Split it into smaller files.", code="too_many_rows"
            )
    if not found:
        raise FileNotReadable("This file is empty. Choose another one.", code="file_empty")
    if all(len(cells) == 1 for _, cells in found):
        raise FileNotReadable(
            "This file has one column only. It needs at least a name and a code or a mail address, in columns of their "
            "own. If it does have more, save it again as “CSV (comma delimited)” or as an Excel workbook (.xlsx).",
            code="one_column",
        )
    return tuple(found)


def _tidied(cell: str) -> str:
    """A cell without the space around it. What no database can store is marked, so that its row is not taken."""
    return GUARDED.sub("", UNSTORABLE.sub("\ufffd", cell[:LONGEST_CELL].replace("\u00a0", " ").strip()))


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells
