"""A REDCap data dictionary as a document of ours. What does not fit is reported, with its content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluations.groups import are_whole_groups
from evaluations.instrument_checks.loops import loops_of
from evaluations.interchange.branching import Asked, DoesNotFit, rule_of
from evaluations.interchange.content import Content, normal
from evaluations.interchange.dictionary_columns import Note, noted_json, variable_stem
from evaluations.interchange.dictionary_fields import LONGEST_CODE, Read, read_field
from evaluations.interchange.dictionary_rows import DictionaryRefused, Row, rows_of
from evaluations.models import PrivacyMode
from evaluations.questionnaire import MULTIPLE, ZERO_TO_TEN

A_RECORDS_NUMBER = re.compile(r"(?:[a-z]+_)?(?:id|record|recordid|studyid)")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_TITLE, LONGEST_SLUG = 200, 60
OPENS_FOR_DAYS, REMINDER_DAYS = 21, [4, 9, 14]
MOST_DAYS = 365
NOT_KEPT = {
    "custom_alignment": "Custom Alignment",
    "question_number": "Question Number",
    "matrix_group_name": "Matrix Group Name (each line is a question of its own here)",
    "matrix_ranking": "Matrix Ranking",
}


@dataclass(frozen=True)
class Reading:
    """A document with one questionnaire, in its normal form, and what did not go through as it was."""

    content: Content
    notes: tuple[Note, ...]


def read(content: bytes, *, serves: str, value_cycle: str) -> Reading:
    """The questionnaire in a data dictionary. Raises DictionaryRefused or FileNotReadable.

    `serves` (the code of an evaluation question) and `value_cycle` are given to questions for which the file says none.
    """
    rows, notes = rows_of(content)
    about = rows[0] if rows and _is_record(rows[0]) else None
    reading = _Reading(serves, value_cycle, notes)
    if about is not None:
        rows = rows[1:]
        if "instrument" not in about.notes:
            reading.note(about, "it is the number of REDCap’s record, not a question, and was left out.")
    for row in rows:
        reading.take(row)
    if not reading.fields:
        raise DictionaryRefused("No field in this file can be asked as a question.", code="no_questions")
    reading.set_rules()
    reading.sum_up()
    return Reading(_document(reading, about), tuple(sorted(reading.notes, key=lambda note: note.line)))


def _is_record(row: Row) -> bool:
    """REDCap's first field is the record's number, except in a file with one form that was taken out of its project."""
    is_plain = row.type == "text" and not row["text_validation_type_or_show_slider_number"]
    return "instrument" in row.notes or (is_plain and A_RECORDS_NUMBER.fullmatch(row.variable) is not None)


@dataclass
class _Reading:
    serves: str
    value_cycle: str
    notes: list[Note]
    fields: list[Read] = field(default_factory=list)
    sections: list[Content] = field(default_factory=list)
    # A heading that waits for the next question: its own row made none.
    waiting: str = ""
    form: str = ""

    def note(self, row: Row, words: str) -> None:
        self.notes.append(Note(row.number, row.variable, words))

    def take(self, row: Row) -> None:
        self._begin_section(row)
        found = read_field(row, code=self._code(row), serves=self.serves, value_cycle=self.value_cycle)
        if isinstance(found, Read):
            self._place(found)
        else:
            self.notes += found

    def _begin_section(self, row: Row) -> None:
        header = row.text("section_header", "section")
        if len(header) > LONGEST_TITLE:
            self.note(row, f"the section’s heading was cut to {LONGEST_TITLE} characters. It was: “{header}”.")
            header = header[:LONGEST_TITLE]
        if row["form_name"] != self.form:
            self.form = row["form_name"]
            header = header or _as_words(self.form)
        self.waiting = header or self.waiting

    def _place(self, found: Read) -> None:
        if self.waiting or not self.sections:
            self.sections.append({"title": self.waiting or "Questions", "questions": []})
            self.waiting = ""
        self.sections[-1]["questions"].append(found.question["code"])
        self.fields.append(found)
        self.notes += found.notes

    def _code(self, row: Row) -> str:
        """The question's own code while its field is called after it; otherwise the name of the field."""
        taken = {found.question["code"] for found in self.fields}
        known = row.notes.get("code", "")
        stem = variable_stem(known) if known else ""
        if stem and row.variable.startswith(stem[:20]) and known not in taken and _is_code(known):
            return known
        plain = re.sub(r"[^a-z0-9_]", "_", row.variable)[:LONGEST_CODE]
        code, number = plain, 1
        while code in taken:
            number += 1
            code = f"{plain[: LONGEST_CODE - 4]}_{number}"
        if code != row.variable:
            self.note(row, f"its name is too long or has other characters, so its code is {code}.")
        return code

    def set_rules(self) -> None:
        """Branching logic, once every field is known."""
        asked = {found.row.variable: _asked(found) for found in self.fields}
        by_variable = {found.row.variable: found for found in self.fields}
        shown_by: dict[str, str] = {}
        for found in self.fields:
            logic = found.row["branching_logic"]
            if not logic:
                continue
            try:
                rule = rule_of(logic, asked)
            except DoesNotFit as reason:
                self._unfit(found, str(reason))
                continue
            other = by_variable[rule.variable]
            if other.question["kind"] == ZERO_TO_TEN and not are_whole_groups(rule.codes):
                self._unfit(found, f"it parts the answers to {rule.variable} finer than results are shown")
                continue
            shown_by[found.question["code"]] = other.question["code"]
            codes = [other.codes[code] for code in rule.codes]
            found.question["show_if"] = {"question": other.question["code"], "in": codes}
            if rule.holds_unanswered:
                self.note(
                    found.row, f"“{logic}” also shows it to those who have not answered {rule.variable}; here not."
                )
        self._refuse_loops(shown_by)
        self._drop_forward(shown_by)

    def _unfit(self, found: Read, reason: str) -> None:
        self.note(
            found.row,
            f"its branching logic does not fit because {reason}. Everyone is asked it now. It was: "
            f"“{found.row['branching_logic']}”.",
        )

    def _refuse_loops(self, shown_by: Mapping[str, str]) -> None:
        rows = {found.question["code"]: found.row.number for found in self.fields}
        loops = loops_of(shown_by)
        if loops:
            faults = [f"Row {rows[loop.codes[0]]}: {loop.words}" for loop in loops]
            raise DictionaryRefused(faults, code="loop")

    def _drop_forward(self, shown_by: Mapping[str, str]) -> None:
        order = [found.question["code"] for found in self.fields]
        for found in self.fields:
            code = found.question["code"]
            if code in shown_by and order.index(shown_by[code]) > order.index(code):
                del found.question["show_if"]
                self._unfit(found, f"it depends on {shown_by[code]}, which is asked later")

    def scales(self) -> dict[str, Any]:
        """Answers that the file says are a scale's, once; who has changed theirs since has answers of their own."""
        scales: dict[str, Any] = {}
        for found in self.fields:
            if not _is_scale(found.scale):
                continue
            options = found.question["options"]
            if scales.setdefault(found.scale, options) == options:
                found.question["scale"] = found.scale
                del found.question["options"]
            else:
                found.note(f"its answers are no longer those of the scale {found.scale}: they are its own now.")
                self.notes.append(found.notes[-1])
        return scales

    def sum_up(self) -> None:
        """What would be said of many rows is said once."""
        for column, words in NOT_KEPT.items():
            said = [f"{found.row.variable} ({found.row[column]})" for found in self.fields if found.row[column]]
            self._sum(said, f"The column {words} is not kept: {{}}.")
        unmapped = [found.question["code"] for found in self.fields if found.is_unmapped]
        self._sum(
            unmapped,
            f"The file does not say what these questions are for: {{}}. They serve {self.serves}, "
            f"{self.value_cycle}, until you change it.",
        )
        unlimited = [found.question["code"] for found in self.fields if found.is_unlimited]
        self._sum(unlimited, "No limit of characters is given for {}: the usual one was taken.")

    def _sum(self, said: Iterable[str], words: str) -> None:
        if named := ", ".join(said):
            self.notes.append(Note(0, "", words.format(named)))


def _asked(found: Read) -> Asked | None:
    if not found.codes:
        return None
    return Asked(tuple(found.codes), has_several=found.question["kind"] == MULTIPLE)


def _is_scale(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text) is not None


def _is_code(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{1,20}", text) is not None


def _as_words(form: str) -> str:
    words = form.replace("_", " ").replace("-", " ").strip()
    return (words[:1].upper() + words[1:])[:LONGEST_TITLE]


def _document(reading: _Reading, about: Row | None) -> Content:
    form = reading.fields[0].row["form_name"]
    notes = about.notes if about is not None else {}
    said = notes.get("instrument", "")
    plain = re.sub(r"[^a-z0-9]+", "-", form.lower()).strip("-")[:LONGEST_SLUG].rstrip("-") or "from-redcap"
    code = said if _is_slug(said) and variable_stem(said) == form else plain
    scales = reading.scales()
    instrument = {
        "code": code,
        "title": notes.get("title", "")[:LONGEST_TITLE] or _as_words(form) or code,
        "version": _whole(notes.get("version", ""), 1, 32_767, 1),
        "purpose": notes.get("purpose", ""),
        "default_privacy": _of(notes.get("privacy", ""), PrivacyMode.values, PrivacyMode.ANONYMOUS.value),
        "sections": reading.sections,
        "questions": [found.question for found in reading.fields],
        "schedule": {
            "opens_for_days": _whole(notes.get("opens-for-days", ""), 1, MOST_DAYS, OPENS_FOR_DAYS),
            "reminder_days": _days(notes),
        },
        "notes": [one for one in noted_json(notes, "notes") or [] if isinstance(one, str)],
    }
    return normal(
        {
            "attribution": notes.get("attribution", ""),
            "scales": [{"code": scale, "options": options} for scale, options in scales.items()],
            "instruments": [instrument],
        }
    )


def _is_slug(text: str) -> bool:
    return len(text) <= LONGEST_SLUG and SLUG.fullmatch(text) is not None


def _whole(text: str, least: int, most: int, otherwise: int) -> int:
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most else otherwise
    )


def _of(text: str, values: Iterable[str], otherwise: str) -> str:
    return text if text in values else otherwise


def _days(notes: Mapping[str, str]) -> list[int]:
    if "opens-for-days" not in notes:
        return list(REMINDER_DAYS)
    days = (_whole(day, 1, MOST_DAYS, 0) for day in notes.get("reminder-days", "").split(","))
    return [day for day in days if day]
