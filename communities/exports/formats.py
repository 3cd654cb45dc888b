"""Writing a table as a file: CSV as Excel opens it, CSV as a program reads it, and a workbook with real dates."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone

from communities.exports.archives import packed, unpacked
from communities.exports.tables import Cells, Column, Kind

# What makes a spreadsheet run a cell as a formula, also after a tab or a line break that it drops.
FORMULA = re.compile(r"^[\s]*[=+\-@|%]|^[\t\r\n]")
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
LONGEST_CELL = 32_767
SHEET_NAME = 31


class Format(StrEnum):
    """The ways to take a table away."""

    EXCEL_CSV = "csv-excel"
    CODE_CSV = "csv"
    WORKBOOK = "xlsx"


FORMAT_WORDS = {
    Format.EXCEL_CSV: ("CSV for Excel", "Accents come out right. A text that looks like a formula gets a ' in front."),
    Format.CODE_CSV: ("CSV for programs", "UTF-8 without a mark, times in ISO 8601, texts exactly as they were typed."),
    Format.WORKBOOK: ("Excel workbook", "Dates are dates and numbers are numbers."),
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file to be downloaded."""

    name: str
    content: bytes
    content_type: str


def write(format_: Format, *, name: str, columns: Iterable[Column], rows: Iterable[Cells], now: datetime) -> File:
    """A table as a file called `name`, with the ending of its format."""
    ending, content_type, writer = WRITERS[format_]
    return File(f"{name}.{ending}", writer(list(columns), rows, name, now), content_type)


def csv_for_excel(columns: list[Column], rows: Iterable[Cells], name: str, now: datetime) -> bytes:
    """With the mark by which Excel knows UTF-8, headings for people, and texts guarded against being formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(column.heading) for column in columns])
    for row in rows:
        writer.writerow([_for_excel(column, cell) for column, cell in zip(columns, row, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def _for_excel(column: Column, cell: Any) -> Any:
    if cell is None:
        return ""
    if column.kind is Kind.TEXT:
        return guarded(str(cell))
    if column.kind is Kind.YES_NO:
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return timezone.localtime(cell).strftime("%Y-%m-%d %H:%M")
    return cell.isoformat() if isinstance(cell, date) else cell


def guarded(text: str) -> str:
    """The text, with a ' in front where a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def csv_for_code(columns: list[Column], rows: Iterable[Cells], name: str, now: datetime) -> bytes:
    """The bare values: names of columns, ISO 8601 with the offset, true and false, texts as they are."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_for_code(column, cell) for column, cell in zip(columns, row, strict=True)])
    return text.getvalue().encode()


def _for_code(column: Column, cell: Any) -> Any:
    if cell is None:
        return ""
    if column.kind is Kind.YES_NO:
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else cell


def workbook(columns: list[Column], rows: Iterable[Cells], name: str, now: datetime) -> bytes:
    """One sheet with a fixed first row. Texts are typed as texts, so that none is a formula."""
    return book([Sheet(name, columns, rows)], now)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Cells]


def book(sheets: Iterable[Sheet], now: datetime) -> bytes:
    """A workbook of these sheets. It holds no clock but `now`: the same cells give the same bytes."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    workbook.properties.creator = "Communities of practice portal"
    workbook.properties.created = timezone.localtime(now).replace(tzinfo=None)
    for sheet in sheets:
        page = workbook.create_sheet(sheet.title[:SHEET_NAME])
        page.freeze_panes = "A2"
        page.append([_cell(page, Kind.TEXT, column.heading) for column in sheet.columns])
        for row in sheet.rows:
            page.append([_cell(page, column.kind, cell) for column, cell in zip(sheet.columns, row, strict=True)])
    content = io.BytesIO()
    workbook.save(content)
    # openpyxl writes its own time of saving, whatever it is told.
    moment = f"{timezone.localtime(now):%Y-%m-%dT%H:%M:%SZ}".encode()
    parts = ((name, SAVED_AT.sub(rb"\g<1>" + moment + rb"\g<2>", part)) for name, part in unpacked(content.getvalue()))
    return packed(parts, at=now)


def _cell(page: Any, kind: Kind, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None)
    if kind is Kind.TEXT:
        value = NOT_IN_XML.sub("\ufffd", str(value))[:LONGEST_CELL]
    cell = WriteOnlyCell(page, value)
    if kind is Kind.TEXT:
        # Said outright: a text that begins with = would be taken for a formula.
        cell.data_type = "s"
    elif kind is Kind.DATE:
        cell.number_format = "d mmm yyyy"
    elif kind is Kind.TIME:
        cell.number_format = "d mmm yyyy hh:mm"
    return cell


Writer = Callable[[list[Column], Iterable[Cells], str, datetime], bytes]
WRITERS: dict[Format, tuple[str, str, Writer]] = {
    Format.EXCEL_CSV: ("csv", "text/csv; charset=utf-8", csv_for_excel),
    Format.CODE_CSV: ("csv", "text/csv; charset=utf-8", csv_for_code),
    Format.WORKBOOK: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
}
