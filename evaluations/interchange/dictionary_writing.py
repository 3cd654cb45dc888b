"""A questionnaire as a REDCap data dictionary: 18 columns, and what REDCap cannot hold, said in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.interchange.branching import logic_of
from evaluations.interchange.choices import Choices, labels_noted, written_choices
from evaluations.interchange.content import Content, content_of
from evaluations.interchange.dictionary_columns import (
    COLUMNS,
    RECORD_ID,
    Note,
    annotation,
    cell_of,
    text_of,
    variable_for,
    variable_stem,
)
from evaluations.models import InstrumentVersion
from evaluations.questionnaire import (
    DATE,
    INFORMATION,
    LIKERT,
    LONG_TEXT,
    MULTIPLE,
    NUMBER,
    SHORT_TEXT,
    SINGLE,
    ZERO_TO_TEN,
)

FIELD_TYPES = {
    INFORMATION: "descriptive",
    SINGLE: "radio",
    LIKERT: "radio",
    ZERO_TO_TEN: "radio",
    MULTIPLE: "checkbox",
    NUMBER: "text",
    DATE: "text",
    SHORT_TEXT: "text",
    LONG_TEXT: "notes",
}
# REDCap's check, and how our limits are written for it: whole numbers, and the years of a date.
LIMITS = {NUMBER: ("integer", "{}", "{}"), DATE: ("date_dmy", "{}-01-01", "{}-12-31")}
TO_TEN: Choices = [{"code": str(number), "label": str(number)} for number in range(11)]
ONLY_HERE = (
    "REDCap has no place for what each question is for (evaluation question and value cycle), nor for the "
    "questionnaire’s title, purpose, privacy and reminders. They stand in the column Field Annotation, which REDCap "
    "keeps, and come back when the file is imported here."
)


@dataclass(frozen=True)
class Dictionary:
    """The file, and what REDCap will not do as the portal does."""

    content: bytes
    notes: tuple[Note, ...]


def dictionary_of(version: InstrumentVersion) -> Dictionary:
    """The data dictionary of a version. The same version gives the same bytes."""
    return dictionary(content_of(version))


def dictionary(content: Content) -> Dictionary:
    """The data dictionary of a document with one questionnaire, in its normal form."""
    (instrument,) = content["instruments"]
    scales = {scale["code"]: scale["options"] for scale in content["scales"]}
    names = _variables(instrument)
    questions = {question["code"]: question for question in instrument["questions"]}
    form = variable_stem(instrument["code"])
    rows = [_record_row(instrument, form, content.get("attribution", ""))]
    notes: dict[str, list[str]] = {ONLY_HERE: []}
    for section in instrument["sections"]:
        header = section["title"]
        for code in section["questions"]:
            written = _Field(questions[code], scales, names, questions)
            rows.append({"form_name": form, **written.row(header)})
            for words in written.unkept():
                notes.setdefault(words, []).append(code)
            header = ""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([[row.get(column, "") for column in COLUMNS.values()] for row in rows])
    return Dictionary(
        content=text.getvalue().encode(),
        notes=tuple(Note(0, ", ".join(codes), words) for words, codes in notes.items()),
    )


def _variables(instrument: Content) -> dict[str, str]:
    names: dict[str, str] = {}
    for question in instrument["questions"]:
        names[question["code"]] = variable_for(question["code"], {RECORD_ID, *names.values()})
    return names


def _record_row(instrument: Content, form: str, attribution: str) -> dict[str, str]:
    """REDCap's first field is always the record's own number; ours carries what belongs to the whole questionnaire."""
    about = [
        ("instrument", instrument["code"]),
        ("version", str(instrument["version"])),
        ("title", instrument["title"]),
        ("purpose", instrument["purpose"]),
        ("privacy", instrument["default_privacy"]),
        ("opens-for-days", str(instrument["schedule"]["opens_for_days"])),
        ("reminder-days", ",".join(map(str, instrument["schedule"]["reminder_days"]))),
        ("notes", instrument["notes"]),
        ("attribution", attribution),
    ]
    return {
        "field_name": RECORD_ID,
        "form_name": form,
        "field_type": "text",
        "field_label": "Record ID",
        "field_annotation": annotation(about),
    }


@dataclass(frozen=True)
class _Field:
    """One question on its way into a row."""

    question: Content
    scales: Mapping[str, Choices]
    names: Mapping[str, str]
    questions: Mapping[str, Content]

    @property
    def options(self) -> Choices:
        if self.question["kind"] == ZERO_TO_TEN:
            return TO_TEN
        scale = self.question.get("scale")
        return self.scales[scale] if scale else self.question.get("options", [])

    def row(self, header: str) -> dict[str, str]:
        question, kind = self.question, self.question["kind"]
        rule = question.get("show_if")
        shown_by = self.questions[rule["question"]] if rule else {}
        return {
            "field_name": self.names[question["code"]],
            "section_header": cell_of(header.strip()),
            "field_type": FIELD_TYPES[kind],
            "field_label": cell_of(question["text"].strip()),
            "select_choices_or_calculations": cell_of(written_choices(self.options)),
            "field_note": cell_of(question.get("hint", "").strip()),
            **self.validation(),
            "branching_logic": (
                logic_of(self.names[rule["question"]], rule["in"], of_several=shown_by["kind"] == MULTIPLE)
                if rule
                else ""
            ),
            "required_field": "y" if question["required"] else "",
            "field_annotation": " ".join(filter(None, [annotation(self.noted(header)), self.tags()])),
        }

    def validation(self) -> dict[str, str]:
        if self.question["kind"] not in LIMITS:
            return {}
        rule, least, most = LIMITS[self.question["kind"]]
        minimum, maximum = self.question.get("minimum"), self.question.get("maximum")
        return {
            "text_validation_type_or_show_slider_number": rule,
            "text_validation_min": "" if minimum is None else least.format(minimum),
            "text_validation_max": "" if maximum is None else most.format(maximum),
        }

    def noted(self, header: str) -> Iterator[tuple[str, Any]]:
        question = self.question
        yield "code", question["code"]
        yield "kind", question["kind"]
        yield "scale", question.get("scale")
        yield "evaluation-question", question["evaluation_question"]
        yield "value-cycle", question["value_cycle"]
        if question["kind"] != ZERO_TO_TEN:
            yield "left-out", self._codes("excluded")
            yield "scores", ",".join(f"{one['code']}={one['score']}" for one in self.options if "score" in one)
            # On a checkbox REDCap knows these itself.
            if question["kind"] != MULTIPLE:
                yield "exclusive", self._codes("exclusive")
        yield "ordered", "yes" if question.get("ordered") else ""
        yield "two-sided", "yes" if question.get("two_sided") else ""
        yield "labels", labels_noted(self.options)
        texts = (("section", header), ("text", question["text"]), ("hint", question.get("hint", "")))
        yield from ((name, text) for name, text in texts if text_of(cell_of(text.strip())) != text)

    def _codes(self, what: str) -> str:
        return ",".join(option["code"] for option in self.options if option.get(what))

    def tags(self) -> str:
        """REDCap's own action tags. Never first in the cell: a spreadsheet may run what begins with @."""
        alone = self._codes("exclusive")
        limit = self.question.get("max_length")
        tags = [f"@CHARLIMIT={limit}"] if limit else []
        if alone and self.question["kind"] == MULTIPLE:
            tags.append(f"@NONEOFTHEABOVE='{alone}'")
        return " ".join(tags)

    def unkept(self) -> Iterator[str]:
        """What REDCap will not do as the portal does. Said alike, so that it is told once for many questions."""
        name, code = self.names[self.question["code"]], self.question["code"]
        if name != code.lower():
            yield f"REDCap allows no such name for a variable; there it is {name}."
        left_out = [option["label"] for option in self.options if option.get("excluded")]
        if left_out:
            yield f"REDCap counts every answer. Leave out of the base yourself: {'; '.join(left_out)}."
        if self.question.get("two_sided"):
            yield "It is two-sided. REDCap does not know that a mean says nothing here."
        if self.question["kind"] == ZERO_TO_TEN:
            yield "0 to 10 is a row of radio buttons there: a slider would have no place to begin."
        if labels_noted(self.options):
            yield "A label holds a character that REDCap reads as the end of it; there a / stands instead."
        texts = (self.question["text"], self.question.get("hint", ""))
        if any(text_of(cell_of(text.strip())) != text for text in texts):
            yield "The text looks like formatting to REDCap, which may show it otherwise."
