"""The mail that the demo "sends": letters in a folder, read here instead of by the people who do not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# The names that the file transport gives: a hash, so no dot and no slash can lead out of the folder.
NAME = re.compile(r"[0-9a-z]{1,64}")
ENDS_A_SENTENCE = ".,;:!?)"


@dataclass(frozen=True)
class Letter:
    """One mail as its reader would see it."""

    name: str
    to: str
    subject: str
    sent_at: datetime
    text: str

    @property
    def linked_text(self) -> SafeString:
        return linked(self.text)


def folder() -> Path:
    """The folder that EMAIL_URL names; in a demo that is always a folder."""
    return Path(unquote(urlsplit(settings.EMAIL_URL).path))


def letters(*, to: str = "") -> list[Letter]:
    """Newest first; only those to one address, where one is given."""
    paths = [path for path in folder().glob("*.eml") if _is_a_letter(path)]
    paths.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    found = map(_read, paths)
    return [letter for letter in found if not to or letter.to == to]


def letter(name: str) -> Letter | None:
    """The letter of this name; None when there is none, or the name is not one that a letter could have."""
    if not NAME.fullmatch(name):
        return None
    path = folder() / f"{name}.eml"
    return _read(path) if _is_a_letter(path) else None


def _is_a_letter(path: Path) -> bool:
    return NAME.fullmatch(path.stem) is not None and path.is_file() and not path.is_symlink()


def _read(path: Path) -> Letter:
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(preferencelist=("plain",))
    return Letter(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        text=body.get_content() if body else "",
    )


def linked(text: str) -> SafeString:
    """The text, escaped, with links to this portal made to work under whatever name it is open in. Others stay text."""
    base = settings.BASE_URL.rstrip("/")
    parts: list[str] = []
    last = 0
    for found in re.finditer(rf"{re.escape(base)}(?=[/\s]|$)\S*", text):
        address = found.group().rstrip(ENDS_A_SENTENCE)
        path = address.removeprefix(base) or "/"
        parts += [conditional_escape(text[last : found.start()]), format_html('<a href="{}">{}</a>', path, address)]
        last = found.start() + len(address)
    parts.append(conditional_escape(text[last:]))
    return mark_safe("".join(parts))  # noqa: S308 (each part was escaped above)
