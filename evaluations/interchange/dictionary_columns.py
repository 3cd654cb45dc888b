"""The 18 columns of a REDCap data dictionary, what a field may be called there, and what is noted beside a field.

What REDCap has no place for stands in its column Field Annotation, which it keeps and does not read: `cop-code="M1"`.
There too stands any text that does not come through unharmed. A note counts only while the cell it belongs to is as it
was written, so that whatever is changed in REDCap wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from communities.exports.formats import FORMULA, guarded

# As REDCap's files name them, and as its API does.
COLUMNS = {
    "Variable / Field Name": "field_name",
    "Form Name": "form_name",
    "Section Header": "section_header",
    "Field Type": "field_type",
    "Field Label": "field_label",
    "Choices, Calculations, OR Slider Labels": "select_choices_or_calculations",
    "Field Note": "field_note",
    "Text Validation Type OR Show Slider Number": "text_validation_type_or_show_slider_number",
    "Text Validation Min": "text_validation_min",
    "Text Validation Max": "text_validation_max",
    "Identifier?": "identifier",
    "Branching Logic (Show field only if...)": "branching_logic",
    "Required Field?": "required_field",
    "Custom Alignment": "custom_alignment",
    "Question Number (surveys only)": "question_number",
    "Matrix Group Name": "matrix_group_name",
    "Matrix Ranking?": "matrix_ranking",
    "Field Annotation": "field_annotation",
}
LONGEST_VARIABLE = 26
RECORD_ID = "record_id"
NOTED = re.compile(r'\bcop-([a-z-]+)=("(?:[^"\\]|\\.)*")')
NONE_OF_THE_ABOVE = re.compile(r"@NONEOFTHEABOVE\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([\w,.-]+))", re.IGNORECASE)
CHARACTER_LIMIT = re.compile(r"@CHARLIMIT\s*=\s*[\"']?(\d{1,9})[\"']?", re.IGNORECASE)
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")


@dataclass(frozen=True)
class Note:
    """What did not go through as it was. `line` counts rows of the file from 1, the headings first; 0: all of it."""

    line: int
    field: str
    words: str

    def __str__(self) -> str:
        place = f"Row {self.line}, {self.field}: " if self.line else f"{self.field}: " if self.field else ""
        return place + self.words


def variable_for(code: str, taken: Collection[str]) -> str:
    """A name that REDCap takes: lower-case letters, digits and single underscores, a letter first, and no other's."""
    plain = variable_stem(code)
    name, number = plain, 1
    while name in taken:
        number += 1
        ending = f"_{number}"
        name = plain[: LONGEST_VARIABLE - len(ending)].rstrip("_") + ending
    return name


def variable_stem(code: str) -> str:
    plain = re.sub(r"_+", "_", re.sub(r"[^a-z0-9]", "_", code.lower())).strip("_")
    if not plain[:1].isalpha():
        plain = f"q_{plain}".rstrip("_")
    return plain[:LONGEST_VARIABLE].rstrip("_")


def annotation(about: Iterable[tuple[str, Any]]) -> str:
    """`cop-` notes, the empty ones left out. Values are JSON, so any text goes on one line."""
    return " ".join(f"cop-{key}={_quoted(value)}" for key, value in about if value not in ("", None, {}, []))


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(text, ensure_ascii=False)


def noted(cell: str) -> tuple[dict[str, str], str]:
    """The `cop-` notes of an annotation, and what else stands there."""
    notes: dict[str, str] = {}
    for key, quoted in NOTED.findall(cell):
        try:
            notes[key] = json.loads(quoted, strict=False)
        except json.JSONDecodeError:
            continue
    return notes, NOTED.sub("", cell).strip()


def noted_json(notes: dict[str, str], key: str) -> Any:
    """What a note holds that is more than a text; None where it is not there or no JSON."""
    try:
        return json.loads(notes[key])
    except (KeyError, ValueError, RecursionError):
        return None


def cell_of(text: str) -> str:
    """A text on its way into a cell: guarded against a spreadsheet that would run it."""
    return guarded(text)


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def text_of(cell: str) -> str:
    """A cell on its way in: our own guard taken off, formatting taken out."""
    return without_markup(unguarded(cell).replace("\r\n", "\n").replace("\r", "\n")).strip()


def without_markup(text: str) -> str:
    """REDCap's labels may be HTML: the words alone, with a line break where a block or a line ends."""
    if not MARKUP.search(text):
        return text
    words = _Words()
    words.feed(text)
    words.close()
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in "".join(words.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT and self.silent > 0
        if tag in self.BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)
