"""Excel workbooks (.xlsx). Values only: formulas are not run, and what they last gave is taken."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from communities.imports.tables import FileNotReadable, FileTooLarge

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
# Ten megabytes of xlsx unpack to this when they hold data, and to a hundred times as much when they are a trap.
MOST_UNPACKED = 200 * 1024 * 1024
# Rows that are not there count too: a sheet can say that its second row is the two thousand millionth.
MOST_CELLS = 2_500_000
# Fonts, colours and the like are held as objects, and cost far more than their size.
MOST_OF_STYLES = 1024 * 1024
MOST_OF_TEXTS = 20 * 1024 * 1024
HELD = ("xl/styles.xml", "xl/workbook.xml", "xl/theme/theme1.xml", "xl/_rels/workbook.xml.rels", "[content_types].xml")
# What the libraries raise, one or another, when the parts of a workbook do not fit together.
BROKEN = (
    AttributeError, EOFError, LookupError, NotImplementedError, OSError, OverflowError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
SAVE_AS = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as CSV."


def looks_like_one(content: bytes) -> bool:
    return content.startswith((ZIP, OLD_EXCEL, b"PK\x05\x06"))


def read(content: bytes) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """The rows of the first sheet that has any, and how they were read. Raises FileNotReadable or FileTooLarge."""
    if content.startswith(OLD_EXCEL):
        raise FileNotReadable(f"This is an old or a protected Excel file. {SAVE_AS}", code="old_excel")
    _refuse_other_zips(content)
    from openpyxl import load_workbook

    reading = _Reading()
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            # What a sheet says of its own size may be wrong, or a million empty rows.
            sheet.reset_dimensions()
            if any(any(cell is not None for cell in row) for row in reading.rows_of(sheet)):
                return _rows(reading, sheet), f"the sheet “{sheet.title}” of an Excel workbook"
    except BROKEN:
        raise _damaged() from None
    raise FileNotReadable("This workbook has no sheet with anything on it. Choose another one.", code="file_empty")


def _refuse_other_zips(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except BROKEN:
        raise _damaged() from None
    if not {entry.filename for entry in entries} >= PARTS:
        raise FileNotReadable(f"This is a zip file, not an Excel workbook. {SAVE_AS}", code="not_a_workbook")
    size = {entry.filename.lower(): entry.file_size for entry in entries}
    if (
        sum(entry.file_size for entry in entries) > MOST_UNPACKED
        or size.get("xl/sharedstrings.xml", 0) > MOST_OF_TEXTS
        or any(size.get(part, 0) > MOST_OF_STYLES for part in HELD)
    ):
        raise _too_large()


def _too_large() -> FileTooLarge:
    return FileTooLarge(
        "This workbook unpacks to far more than a list of people can hold. Copy the rows that are needed into a "
        "new workbook.",
        code="file_too_large",
    )


@dataclass
class _Reading:
    """What may still be read of a workbook, over all its sheets."""

    left: int = MOST_CELLS

    def rows_of(self, sheet: Any) -> Iterator[tuple[Any, ...]]:
        for row in sheet.iter_rows(values_only=True):
            self.left -= 2 + len(row)
            if self.left < 0:
                raise _too_large()
            yield row


def _rows(reading: _Reading, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, row in enumerate(reading.rows_of(sheet), start=1):
            yield number, [as_text(value) for value in row]
    except BROKEN:
        raise _damaged() from None


def _damaged() -> FileNotReadable:
    return FileNotReadable(f"This Excel workbook is damaged and cannot be read. {SAVE_AS}", code="workbook_damaged")


def as_text(value: Any) -> str:
    """A cell as the file of text it might have been: dates as ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
