"""Reading files as people have them: every encoding, every delimiter, and what is no table at all."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook
from pytest_django import Settings

from communities.imports.tables import FileNotReadable, FileTooLarge, read_table

ROWS = [["Name", "E-mail", "Organisation"], ["Zoë Müller", "zoe@example.org", "St George’s"]]
TEXT = "".join(",".join(row) + "\r\n" for row in ROWS)


def cells(content: bytes, file_name: str = "members.csv") -> list[list[str]]:
    return [list(row) for _, row in read_table(content, file_name=file_name).rows]


def workbook(*rows: list[Any], title: str = "Members", empty_first: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if empty_first:
        sheet = book.create_sheet(title)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("windows-1252"), "Windows-1252"),
    ],
)
def test_every_common_encoding_gives_the_same_rows_and_is_named(content: bytes, words: str) -> None:
    table = read_table(content, file_name="members.csv")
    assert [list(row) for _, row in table.rows] == ROWS
    assert table.read_as == f"{words}, columns separated by commas"


@pytest.mark.parametrize(("delimiter", "words"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_the_delimiter_is_found_though_the_others_stand_in_the_cells(delimiter: str, words: str) -> None:
    others = "".join(sorted({",", ";", "|"} - {delimiter}))
    text = "\n".join(delimiter.join((f"Okafor{others} Amara {at}", f"a{at}@example.org", "Trust")) for at in range(5))
    table = read_table(text.encode(), file_name="members.csv")
    assert {len(row) for _, row in table.rows} == {3}
    assert table.read_as.endswith(words)


def test_a_line_break_and_a_delimiter_in_quotation_marks_belong_to_their_cell() -> None:
    assert cells(b'Name,Note\n"Okafor, Amara","two\nlines"\n') == [["Name", "Note"], ["Okafor, Amara", "two\nlines"]]


def test_blank_rows_are_left_out_and_still_counted_as_a_spreadsheet_counts() -> None:
    table = read_table(b"Name,Mail\n\n,,\nAmara,a@example.org\n", file_name="members.csv")
    assert [number for number, _ in table.rows] == [1, 4]


def test_a_workbook_gives_dates_and_whole_numbers_as_text_and_the_first_sheet_with_anything_on_it() -> None:
    content = workbook(
        ["Name", "Since", "Number", "Share", "Here"],
        ["Amara", datetime.combine(date(2024, 3, 6), time.min), 12.0, 0.5, True],
        ["Ben", date(2024, 3, 7), None, None, False],
        empty_first=True,
    )
    table = read_table(content, file_name="Members.XLSX")
    assert [list(row) for _, row in table.rows[1:]] == [
        ["Amara", "2024-03-06", "12", "0.5", "yes"],
        ["Ben", "2024-03-07", "", "", "no"],
    ]
    assert table.read_as == "the sheet “Members” of an Excel workbook"


def test_a_workbook_is_known_by_its_content_whatever_it_is_called() -> None:
    assert cells(workbook(*ROWS), "members.csv") == ROWS


def test_what_our_own_export_put_before_a_formula_is_taken_off_again() -> None:
    assert cells(b"Name,Note\n'=1+1,'quoted\n")[1] == ["=1+1", "'quoted"]


def test_a_character_that_no_database_stores_is_marked_and_the_file_is_still_read() -> None:
    text = "Name,Mail\n" + "".join(f"Person {at},p{at}@example.org\n" for at in range(20)) + "A\x00b,n@example.org\n"
    assert cells(text.encode())[-1] == ["A\ufffdb", "n@example.org"]


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", b"0" * (201 * 1024 * 1024))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "file_empty"),
        (b"Name\nAmara\nBen\n", "one_column"),
        (b"name@example.org\nother@example.org\n", "one_column"),
        (zipped(a="b"), "not_a_workbook"),
        (zipped(a="b")[:30], "workbook_damaged"),
        (workbook(*ROWS)[:-200], "workbook_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "old_excel"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not_a_table"),
        (b'Name,Mail\n"Amara' + b"x" * 200_000, "unclosed_quote"),
        (b'Name,Mail\n"Amara,a@example.org\n' + b"Ben,b@example.org\n" * 200, "unclosed_quote"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(FileNotReadable) as refused:
        read_table(content, file_name="members.xlsx")
    assert refused.value.code == code
    assert refused.value.messages[0].endswith(".")


def test_a_workbook_whose_xml_is_no_workbook_is_called_damaged() -> None:
    names = {"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}
    with pytest.raises(FileNotReadable) as refused:
        read_table(zipped(**names), file_name="members.xlsx")
    assert refused.value.code == "workbook_damaged"


def test_a_file_that_is_too_large_in_any_way_is_refused(settings: Settings) -> None:
    settings.IMPORT_MAX_ROWS = 3
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    found = []
    for content in (b"x" * (1024 * 1024 + 1), b"a,b\n" * 5, b",".join([b"x"] * 101) + b"\n", bomb()):
        with pytest.raises(FileTooLarge) as refused:
            read_table(content, file_name="members.csv")
        found.append((refused.value.status, refused.value.code))
    assert found == [
        (413, "file_too_large"),
        (413, "too_many_rows"),
        (413, "too_many_columns"),
        (413, "file_too_large"),
    ]
    assert len(read_table(b"a,b\n" * 4, file_name="three and headings.csv").rows) == 4


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\lists\\members.csv", "members.csv"), ("../../etc/passwd", "passwd"), ("a\x00b.csv", "ab.csv"), ("", "file")],
)
def test_a_file_is_called_by_its_name_and_never_by_a_path(given: str, kept: str) -> None:
    assert read_table(TEXT.encode(), file_name=given).file_name == kept


def workbook_with(part: str, text: str) -> bytes:
    """A workbook one of whose parts is another."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(*ROWS))) as whole,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in whole.namelist():
            new.writestr(name, text if name == part else whole.read(name))
    return content.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
HEADED = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (
            "xl/worksheets/sheet1.xml",
            SHEET.format(HEADED + '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'),
        ),
        ("xl/worksheets/sheet1.xml", SHEET.format('<row r="2000000000"/>')),
        (
            "xl/worksheets/sheet1.xml",
            SHEET.format("".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 200))),
        ),
        ("xl/styles.xml", "<styleSheet>" + "<font/>" * 300_000 + "</styleSheet>"),
    ],
)
def test_a_small_workbook_that_makes_much_of_itself_is_refused_at_once(part: str, text: str) -> None:
    content = workbook_with(part, text)
    assert len(content) < 20_000
    with pytest.raises(FileTooLarge) as refused:
        read_table(content, file_name="members.xlsx")
    assert refused.value.code == "file_too_large"
