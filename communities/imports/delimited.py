"""CSV and its relatives: the encoding and the delimiter are found out, and said."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator

from communities.imports.tables import LONGEST_CELL, UNSTORABLE, FileNotReadable

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_LINES, SAMPLE_CHARACTERS = 50, 50_000
# More control characters than this share of a text, and it is no text.
STRAY = 0.01
NOT_A_TABLE = (
    "This file is not one that can be read as rows and columns. Save it as an Excel workbook (.xlsx) or as CSV and "
    "try again."
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def read(
    content: bytes, choose: Callable[[str], str | None] | None = None
) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """The rows, each with its number, and how they were read. Raises FileNotReadable.

    `choose` may know the delimiter of a text better than `delimiter_of`.
    """
    text, encoding = decoded(content)
    delimiter = (choose(text) if choose else None) or delimiter_of(text)
    return _rows(text, delimiter), f"{encoding}, columns separated by {DELIMITERS[delimiter]}"


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its byte order mark, else UTF-16 by its zeros, UTF-8 where that fits,
    and Windows-1252 as what is left."""
    for mark, codec, name in MARKS:
        if content.startswith(mark):
            return _strictly(content, codec), name
    if unmarked := _utf_16_without_mark(content):
        return _strictly(content, unmarked), "UTF-16"
    try:
        text, name = content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text, name = _strictly(content, "windows-1252"), "Windows-1252"
    if len(UNSTORABLE.findall(text)) > len(text) * STRAY:
        # A stray one is its row's fault. This many mean a picture, a program or a document.
        raise FileNotReadable(NOT_A_TABLE, code="not_a_table")
    return text, name


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        raise FileNotReadable(NOT_A_TABLE, code="not_a_table") from None


def _utf_16_without_mark(content: bytes) -> str | None:
    """Text of Western languages in UTF-16 has a zero in nearly every second place, and none in the others."""
    sample = content[:4_000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def delimiter_of(text: str) -> str:
    """The delimiter that gives the most lines the same number of columns, and more than one."""
    lines = [line for line in text[:SAMPLE_CHARACTERS].splitlines()[:SAMPLE_LINES] if line.strip()]

    def steadiness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter, strict=False) if cells)
        width, agreeing = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (0.0, 0) if width == 1 else (agreeing / max(1, len(lines)), width)

    return max(DELIMITERS, key=steadiness)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begun = 1
    try:
        # Counted as a spreadsheet counts: a line break inside a cell begins no row.
        for number, row in enumerate(reader, start=1):
            if any(len(cell) > LONGEST_CELL and "\n" in cell for cell in row):
                raise _unclosed(begun)
            yield number, row
            begun = reader.line_num + 1
    except csv.Error:
        raise _unclosed(begun) from None


def _unclosed(line: int) -> FileNotReadable:
    return FileNotReadable(
        f"On line {line} a cell begins with a quotation mark that is not closed, so the rest cannot be read. "
        "Mend that line and try again.",
        code="unclosed_quote",
    )
