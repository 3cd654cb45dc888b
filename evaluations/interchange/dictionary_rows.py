"""A REDCap data dictionary as rows by the names of its columns: any encoding, any order of columns."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from communities.imports.delimited import DELIMITERS, decoded, delimiter_of
from communities.imports.tables import UNSTORABLE
from communities.imports.workbooks import looks_like_one
from cop_portal.refusals import Refusal
from evaluations.interchange.dictionary_columns import COLUMNS, Note, cell_of, noted, text_of

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 500
NEEDED = ("field_name", "form_name", "field_type", "field_label")
NO_DICTIONARY = (
    "This is not a REDCap data dictionary: it has no column {column}. In REDCap, take it from Designer › Data "
    "Dictionary › Download the current Data Dictionary."
)


class DictionaryRefused(Refusal):
    """The file is not a data dictionary, or contradicts itself; nothing of it has been taken."""


@dataclass(frozen=True)
class Row:
    """One field as REDCap describes it. `cells` by the names that REDCap's API gives the columns."""

    number: int
    cells: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    # What else stands in the annotation.
    tags: str = ""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def variable(self) -> str:
        return self["field_name"].lower()

    @property
    def type(self) -> str:
        return self["field_type"].lower()

    def text(self, column: str, note: str) -> str:
        """A text as it was before it was written there; as it stands now where someone has changed it since."""
        now, before = text_of(self[column]), self.notes.get(note)
        return before if before is not None and text_of(cell_of(before.strip())) == now else now


def rows_of(content: bytes) -> tuple[list[Row], list[Note]]:
    """The fields of the file, and what its shape leaves over. Raises DictionaryRefused or FileNotReadable."""
    if len(content) > MOST_BYTES:
        raise DictionaryRefused("This file is larger than 2 MB. A data dictionary is text only.", code="too_large")
    if looks_like_one(content):
        raise DictionaryRefused(
            "This is a workbook or a zip file. Choose the CSV file that REDCap gave, or save it as CSV.", code="no_csv"
        )
    text, _ = decoded(content)
    lines = _cells(text)
    if not lines:
        raise DictionaryRefused("This file is empty. Choose another one.", code="file_empty")
    (_, headings), *body = lines
    names = [_column(heading) for heading in headings]
    for column, name in COLUMNS.items():
        if name in NEEDED and name not in names:
            raise DictionaryRefused(NO_DICTIONARY.format(column=column), code="no_dictionary")
    if len(body) > MOST_ROWS:
        raise DictionaryRefused(f"This file has more than {MOST_ROWS} fields. Split it.", code="too_many_rows")
    rows = [_row(number, names, cells) for number, cells in body]
    _require_names(rows)
    return rows, _left_over(headings, names, body)


def _cells(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(UNSTORABLE.search(cell) for cell in cells):
                raise DictionaryRefused(f"Row {number} holds characters that cannot be stored.", code="characters")
            if any(cell.strip() for cell in cells):
                rows.append((number, [cell.strip() for cell in cells]))
    except csv.Error:
        raise DictionaryRefused(
            f"After row {number} the file cannot be read as CSV. A quotation mark may be missing.", code="no_csv"
        ) from None
    return rows


def _delimiter(text: str) -> str:
    """What follows the first heading; where that is no heading of REDCap's, what cuts the lines evenly."""
    found = re.match(r'"?(?:Variable / Field Name|field_name)"?([,;\t|])', text, re.IGNORECASE)
    return found[1] if found and found[1] in DELIMITERS else delimiter_of(text)


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z]", "", heading.lower())


BY_HEADING = {_plain(name): name for pair in COLUMNS.items() for name in pair} | {
    _plain(heading): name for heading, name in COLUMNS.items()
}


def _column(heading: str) -> str:
    return BY_HEADING.get(_plain(heading), "")


def _row(number: int, names: list[str], cells: list[str]) -> Row:
    by_name = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    notes, tags = noted(by_name.get("field_annotation", ""))
    return Row(number, by_name, notes, tags)


def _require_names(rows: list[Row]) -> None:
    seen: dict[str, int] = {}
    faults: list[str] = []
    for row in rows:
        if not row.variable:
            faults.append(f"Row {row.number} names no field.")
        elif row.variable in seen:
            faults.append(f"Row {row.number} names {row.variable}, as row {seen[row.variable]} does.")
        seen.setdefault(row.variable, row.number)
    if faults:
        raise DictionaryRefused(faults, code="names")


def _left_over(headings: list[str], names: list[str], body: list[tuple[int, list[str]]]) -> list[Note]:
    """What stands in columns that REDCap's dictionaries do not have, or beyond the last heading."""
    notes: list[Note] = []
    for number, cells in body:
        for place, cell in enumerate(cells):
            if cell and (place >= len(names) or not names[place]):
                heading = headings[place] if place < len(headings) and headings[place] else f"column {place + 1}"
                notes.append(Note(number, heading, f"this column is not one of REDCap’s. It says: “{cell}”."))
    return notes
