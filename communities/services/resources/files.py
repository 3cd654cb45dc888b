"""What a file is, found out from what is in it: its name is only what it is called."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath

import filetype  # type: ignore[import-untyped]
from django.conf import settings

from cop_portal.refusals import Refusal

LONGEST_NAME = 120
OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
# By ending: what it is called, and how it is handed out.
TYPES: dict[str, tuple[str, str]] = {
    "pdf": ("a PDF document", "application/pdf"),
    "docx": ("a Word document", f"{OFFICE}wordprocessingml.document"),
    "xlsx": ("an Excel workbook", f"{OFFICE}spreadsheetml.sheet"),
    "pptx": ("a PowerPoint presentation", f"{OFFICE}presentationml.presentation"),
    "odt": ("an OpenDocument text", f"{ODF}text"),
    "ods": ("an OpenDocument spreadsheet", f"{ODF}spreadsheet"),
    "odp": ("an OpenDocument presentation", f"{ODF}presentation"),
    "txt": ("a text file", "text/plain"),
    "csv": ("a CSV file", "text/csv"),
    "png": ("a PNG picture", "image/png"),
    "jpg": ("a JPEG picture", "image/jpeg"),
}
SAME = {"jpeg": "jpg"}
# The part that makes an archive a document of its kind.
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MACROS = "vbaproject.bin"
BROKEN = (
    EOFError, LookupError, NotImplementedError, OSError, OverflowError, RuntimeError, ValueError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
LISTED = ", ".join(TYPES)


class ResourceFileEmpty(Refusal):
    """A file has something in it."""


class ResourceFileTooLarge(Refusal):
    """A file has a size that a phone can load."""

    status = 413


class TypeNotListed(Refusal):
    """Files are of types that people share and that do nothing by themselves."""


class NotWhatItIsCalled(Refusal):
    """A file is what its name says."""


@dataclass(frozen=True)
class CheckedFile:
    """A file that was looked into."""

    content: bytes
    name: str
    type: str


def checked(content: bytes, *, file_name: str) -> CheckedFile:
    """The file, with a name that is safe everywhere and the type that its content has. Raises a Refusal otherwise."""
    if len(content) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    stem, ending = _parts_of(file_name)
    ending = SAME.get(ending, ending)
    if ending not in TYPES:
        raise TypeNotListed(f"Files of this type are not taken. Choose one of: {LISTED}.", code="type_not_listed")
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise ResourceFileEmpty("This file is empty. Choose another one.", code="file_empty")
    words, content_type = TYPES[ending]
    if not _is(ending, content):
        raise NotWhatItIsCalled(
            f"This file is called .{ending}, but it is not {words}{_seems(content)}. Open it in the program it was "
            f"made with, save it as one of these and try again: {LISTED}.",
            code="not_what_it_is_called",
        )
    return CheckedFile(content, f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip()}.{ending}", content_type)


def too_large() -> ResourceFileTooLarge:
    megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return ResourceFileTooLarge(
        f"This file is larger than {megabytes} MB. Make it smaller, or put it where it can be linked to and add the "
        "link.",
        code="file_too_large",
    )


def _parts_of(file_name: str) -> tuple[str, str]:
    """The name without its folder and its ending, and the ending. What cannot be shown or stored is left out."""
    path = PurePath("".join(letter for letter in file_name.replace("\\", "/") if letter.isprintable()))
    return path.stem.strip(" .") or "file", path.suffix.lower().removeprefix(".")


def _is(ending: str, content: bytes) -> bool:
    if ending in ("txt", "csv"):
        return _is_text(content)
    if ending in MAIN_PARTS:
        names = {name.lower() for name in _parts_inside(content)}
        return {"[content_types].xml", MAIN_PARTS[ending]} <= names and not any(MACROS in name for name in names)
    if ending in ("odt", "ods", "odp"):
        return _declares(content) == TYPES[ending][1].encode()
    return _guessed(content) == TYPES[ending][1]


def _guessed(content: bytes) -> str:
    kind = filetype.guess(content)
    return str(kind.mime) if kind else ""


def _is_text(content: bytes) -> bool:
    """No zero in it, unless it is UTF-16; and not the beginning of anything known."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "\x00" not in content.decode("utf-16")
        except UnicodeDecodeError:
            return False
    return b"\x00" not in content and not _guessed(content)


def _parts_inside(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except BROKEN:
        return []


def _declares(content: bytes) -> bytes:
    """What an OpenDocument says it is: its first part, which is never compressed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            first = archive.infolist()[0]
            # Not unpacked before it is known to be short.
            is_short = first.filename == "mimetype" and first.file_size < 200
            return archive.read(first).strip() if is_short else b""
    except BROKEN:
        return b""


def _seems(content: bytes) -> str:
    """What it seems to be instead, where that can be told."""
    if any(MACROS in name.lower() for name in _parts_inside(content)):
        return ": it holds macros"
    kind = filetype.guess(content)
    return f": it seems to be .{kind.extension}" if kind else ""
