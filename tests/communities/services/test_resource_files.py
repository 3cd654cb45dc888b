"""A file is what is in it, and not what it is called."""

import pytest

from communities.services.resources.files import (
    LONGEST_NAME,
    NotWhatItIsCalled,
    ResourceFileEmpty,
    ResourceFileTooLarge,
    TypeNotListed,
    checked,
)
from cop_portal.refusals import Refusal
from tests.communities.resource_files import DOCM, DOCX, EXE, JPG, ODT, PDF, PNG, PPTX, XLSX, ZIP


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pptx", PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("a.png", PNG, "image/png"),
        ("a.jpeg", JPG, "image/jpeg"),
        ("a.txt", "Zoë’s notes".encode(), "text/plain"),
        ("a.csv", "Name;Größe\n".encode("windows-1252"), "text/csv"),
        ("a.txt", "Notes".encode("utf-16"), "text/plain"),
    ],
)
def test_a_file_of_a_listed_type_is_taken_as_that_type(name: str, content: bytes, kept: str) -> None:
    assert checked(content, file_name=name).type == kept


@pytest.mark.parametrize(
    ("name", "content", "refusal", "words"),
    [
        ("a.pdf", ZIP, NotWhatItIsCalled, "called .pdf, but it is not a PDF document: it seems to be .zip"),
        ("a.docx", ZIP, NotWhatItIsCalled, "it is not a Word document"),
        ("a.docx", XLSX, NotWhatItIsCalled, "it is not a Word document"),
        ("a.docx", DOCM, NotWhatItIsCalled, "it holds macros"),
        ("a.xlsx", DOCX, NotWhatItIsCalled, "it is not an Excel workbook"),
        ("a.odt", ZIP, NotWhatItIsCalled, "it is not an OpenDocument text"),
        ("a.docx", b"PK\x03\x04 broken", NotWhatItIsCalled, "it is not a Word document"),
        ("a.txt", EXE, NotWhatItIsCalled, "it is not a text file"),
        ("a.csv", PDF, NotWhatItIsCalled, "it is not a CSV file: it seems to be .pdf"),
        ("a.png", JPG, NotWhatItIsCalled, "it is not a PNG picture"),
        ("a.exe", EXE, TypeNotListed, "Files of this type are not taken"),
        ("a.html", b"<script>", TypeNotListed, "Files of this type are not taken"),
        ("a.svg", b"<svg/>", TypeNotListed, "Files of this type are not taken"),
        ("pdf", PDF, TypeNotListed, "Files of this type are not taken"),
        ("a.pdf", b"", ResourceFileEmpty, "This file is empty"),
        ("a.txt", b" \n\t", ResourceFileEmpty, "This file is empty"),
        ("a.pdf", PDF + b" " * 10 * 1024 * 1024, ResourceFileTooLarge, "larger than 10 MB"),
    ],
)
def test_any_other_is_refused_with_what_it_seems_to_be(
    name: str, content: bytes, refusal: type[Refusal], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        checked(content, file_name=name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/pass\x00wd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\Plan.pdf", "Plan.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', 'a"Set-Cookie: x.pdf'),
        (" .pdf.pdf", "pdf.pdf"),
        (f"{'n' * 300}.pdf", f"{'n' * (LONGEST_NAME - 4)}.pdf"),
    ],
)
def test_a_name_is_made_safe_and_keeps_its_ending(given: str, kept: str) -> None:
    assert checked(PDF, file_name=given).name == kept
