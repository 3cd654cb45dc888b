"""One field of a REDCap data dictionary as a question of ours; whatever it cannot be is noted, with its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evaluations.interchange.choices import Choices, read_choices, reads_as
from evaluations.interchange.content import Content
from evaluations.interchange.dictionary_columns import (
    CHARACTER_LIMIT,
    MARKUP,
    NONE_OF_THE_ABOVE,
    Note,
    noted_json,
)
from evaluations.interchange.dictionary_rows import Row
from evaluations.models import ValueCycle
from evaluations.questionnaire import (
    DATE,
    DEFAULT_MAX_LENGTH,
    INFORMATION,
    LIKERT,
    LONG_TEXT,
    MULTIPLE,
    NUMBER,
    SHORT_TEXT,
    SINGLE,
    TEXTS,
    ZERO_TO_TEN,
)

LONGEST_CODE = 20
MOST_CHOICES = 50
LONGEST_TEXT = 10_000
TO_TEN = tuple(str(number) for number in range(11))
YES_NO = {"yesno": (("1", "Yes"), ("0", "No")), "truefalse": (("1", "True"), ("0", "False"))}
NO_QUESTION = {
    "calc": "REDCap works this field out; here nothing is worked out. Its calculation",
    "sql": "REDCap fills this list from its database. Its query",
    "file": "files cannot be sent as an answer. Its choices",
    "signature": "signatures cannot be given as an answer. Its choices",
}
SCORE = re.compile(r"([A-Za-z0-9_-]+)=(-?\d{1,9})(?=,|$)")
WHOLE = re.compile(r"-?\d{1,9}")
YEAR = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
PIPED = re.compile(r"\[[a-z][a-z0-9_:-]*(?:\([^()\[\]]*\))?\]|\{[a-z][a-z0-9_]*(?::[a-z]+)?\}")


@dataclass
class Read:
    """A question as far as its own row tells. `codes` are ours by REDCap's, where there are answers to choose from."""

    row: Row
    question: Content
    codes: dict[str, str] = field(default_factory=dict)
    # The scale it is on, if it still has that scale's answers.
    scale: str = ""
    is_unmapped: bool = False
    is_unlimited: bool = False
    notes: list[Note] = field(default_factory=list)

    def note(self, words: str) -> None:
        self.notes.append(Note(self.row.number, self.row.variable, words))


def read_field(row: Row, *, code: str, serves: str, value_cycle: str) -> Read | list[Note]:
    """The question of a row; where a row can be none, why."""
    kind = _kind(row)
    if kind is None:
        why = NO_QUESTION.get(row.type, f"the portal knows no field of the type “{row['field_type']}”. Its choices")
        said = (
            f"{why}: “{row['select_choices_or_calculations']}”."
            if row["select_choices_or_calculations"]
            else (f"{why.rsplit('. ', 1)[0]}.")
        )
        label = f" Its label: “{row['field_label']}”." if row["field_label"] else ""
        return [Note(row.number, row.variable, f"No question was made: {said}{label}")]
    read = Read(row, {"code": code, "kind": kind, "required": row["required_field"].lower() in {"y", "yes", "1"}})
    _words(read)
    _mapping(read, serves, value_cycle)
    BUILD[kind](read)
    _leftovers(read)
    return read


def _kind(row: Row) -> str | None:
    rule = row["text_validation_type_or_show_slider_number"].lower()
    if row.type == "text":
        if rule.startswith(("integer", "number")):
            return NUMBER
        return DATE if rule.startswith("date") else SHORT_TEXT
    if row.type in {"radio", "dropdown", "select"}:
        noted = row.notes.get("kind")
        if noted == ZERO_TO_TEN and _is_to_ten(row):
            return ZERO_TO_TEN
        return LIKERT if noted == LIKERT else SINGLE
    if row.type == "slider":
        limits = (row["text_validation_min"], row["text_validation_max"])
        return ZERO_TO_TEN if limits == ("0", "10") else NUMBER
    return KINDS.get(row.type)


KINDS = {
    "notes": LONG_TEXT,
    "textarea": LONG_TEXT,
    "checkbox": MULTIPLE,
    "yesno": SINGLE,
    "truefalse": SINGLE,
    "descriptive": INFORMATION,
}


def _is_to_ten(row: Row) -> bool:
    choices, others = read_choices(row["select_choices_or_calculations"])
    return not others and [(one.code, one.label) for one in choices] == [(number, number) for number in TO_TEN]


def _words(read: Read) -> None:
    row = read.row
    text, hint = row.text("field_label", "text"), row.text("field_note", "hint")
    if not text:
        text = row.variable
        read.note("it has no label, so its name stands there.")
    read.question["text"] = text
    if hint:
        read.question["hint"] = hint
    for column, kept in (("field_label", "text" in row.notes), ("field_note", "hint" in row.notes)):
        if MARKUP.search(row[column]) and not kept:
            read.note(f"formatting was taken out of “{row[column]}”.")
        if PIPED.search(row[column]) and not kept:
            read.note(f"“{PIPED.findall(row[column])[0]}” stands as it is: answers are not put into other questions.")


def _mapping(read: Read, serves: str, value_cycle: str) -> None:
    said, cycle = read.row.notes.get("evaluation-question"), read.row.notes.get("value-cycle")
    read.question["evaluation_question"] = said or serves
    read.question["value_cycle"] = cycle if cycle in ValueCycle.values else value_cycle
    read.is_unmapped = not said or cycle not in ValueCycle.values


def _choices(read: Read) -> None:
    row = read.row
    if row.type in YES_NO:
        read.question["options"] = [{"code": code, "label": label} for code, label in YES_NO[row.type]]
        read.codes = {code: code for code, _ in YES_NO[row.type]}
        return
    choices, others = read_choices(row["select_choices_or_calculations"])
    for part in others:
        read.note(f"“{part}” is no choice: a code, a comma and a label are.")
    if len(choices) > MOST_CHOICES:
        read.note(
            f"it has {len(choices)} choices; the first {MOST_CHOICES} were taken. All: "
            f"“{row['select_choices_or_calculations']}”."
        )
    originals = noted_json(row.notes, "labels")
    options: Choices = []
    for choice in choices[:MOST_CHOICES]:
        code = _code(read, choice.code)
        option = {"code": code, "label": choice.label or choice.code}
        before = originals.get(code) if isinstance(originals, dict) else None
        if isinstance(before, str) and reads_as({"code": code, "label": before}, choice.label):
            option["label"] = before
        elif MARKUP.search(choice.written):
            read.note(f"formatting was taken out of “{choice.written}”.")
        options.append(option)
    if not options:
        read.note("it has no choices, so nobody could answer it: give it some.")
        options = [{"code": "1", "label": "?"}]
    read.question["options"] = options
    _about_choices(read)


def _code(read: Read, raw: str) -> str:
    """Ours for REDCap's code of a choice: the same wherever ours may be so written."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", raw)[:LONGEST_CODE]
    code, number = plain, 1
    while code in read.codes.values():
        number += 1
        code = f"{plain[: LONGEST_CODE - 4]}_{number}"
    read.codes.setdefault(raw, code)
    if code != raw:
        read.note(f"the code “{raw}” of a choice became “{code}”.")
    return code


def _about_choices(read: Read) -> None:
    notes, options = read.row.notes, read.question["options"]
    tag = NONE_OF_THE_ABOVE.search(read.row.tags)
    alone = {code.strip() for code in next(filter(None, tag.groups()), "").split(",")} if tag else set()
    alone |= set(notes.get("exclusive", "").split(","))
    left_out = set(notes.get("left-out", "").split(","))
    scores = dict(SCORE.findall(notes.get("scores", "")))
    raw = {ours: theirs for theirs, ours in read.codes.items()}
    for option in options:
        code = option["code"]
        if code in scores:
            option["score"] = int(scores[code])
        if code in left_out:
            option["excluded"] = True
        if {code, raw.get(code)} & alone:
            option["exclusive"] = True
    read.scale = notes.get("scale", "")
    read.question["ordered"] = "ordered" in notes
    read.question["two_sided"] = "two-sided" in notes


def _to_ten(read: Read) -> None:
    read.codes = {code: code for code in TO_TEN}
    ends = read.row["select_choices_or_calculations"]
    if read.row.type == "slider":
        read.note(f"the slider is asked as 0 to 10.{f' Its ends, “{ends}”, are not shown.' if ends else ''}")


def _text(read: Read) -> None:
    limit = CHARACTER_LIMIT.search(read.row.tags)
    length = int(limit[1]) if limit else 0
    if 0 < length <= LONGEST_TEXT:
        read.question["max_length"] = length
    else:
        read.question["max_length"] = DEFAULT_MAX_LENGTH[read.question["kind"]]
        read.is_unlimited = True
    rule = read.row["text_validation_type_or_show_slider_number"]
    if rule:
        read.note(f"what is typed is not checked to be “{rule}”.")
    for word, column in (("least", "text_validation_min"), ("most", "text_validation_max")):
        if read.row[column]:
            read.note(f"its {word}, “{read.row[column]}”, is not kept.")


def _number(read: Read) -> None:
    row = read.row
    rule = row["text_validation_type_or_show_slider_number"].lower()
    if row.type == "slider":
        read.note(
            "a slider that does not go from 0 to 10 is asked as a number. Its ends: "
            f"“{row['select_choices_or_calculations']}”."
        )
    elif not rule.startswith("integer"):
        read.note(f"whole numbers only are asked here, not “{rule}”.")
    least, most = row["text_validation_min"], row["text_validation_max"]
    if row.type == "slider":
        least, most = least or "0", most or "100"
    _limits(read, {"minimum": (least, WHOLE), "maximum": (most, WHOLE)})


def _date(read: Read) -> None:
    row = read.row
    if row["text_validation_type_or_show_slider_number"].lower().startswith("datetime"):
        read.note("the day is asked, not the time of day.")
    _limits(read, {"minimum": (row["text_validation_min"], YEAR), "maximum": (row["text_validation_max"], YEAR)})


def _limits(read: Read, limits: Mapping[str, tuple[str, re.Pattern[str]]]) -> None:
    for name, (cell, pattern) in limits.items():
        found = pattern.match(cell)
        if found is None or (pattern is WHOLE and found[0] != cell):
            if cell:
                read.note(f"“{cell}” is no limit that can be kept here.")
            continue
        read.question[name] = int(found[1] if pattern is YEAR else found[0])
        if pattern is YEAR and found[0][5:] != {"minimum": "01-01", "maximum": "12-31"}[name]:
            read.note(f"of its limit “{cell}” the year is kept.")
    least, most = read.question.get("minimum"), read.question.get("maximum")
    if least is not None and most is not None and least > most:
        del read.question["minimum"], read.question["maximum"]
        read.note(f"its least, {least}, is greater than its most, {most}: neither was taken.")


def _information(read: Read) -> None:
    read.question["required"] = False


BUILD: Mapping[str, Callable[[Read], None]] = {
    SINGLE: _choices,
    LIKERT: _choices,
    MULTIPLE: _choices,
    ZERO_TO_TEN: _to_ten,
    NUMBER: _number,
    DATE: _date,
    SHORT_TEXT: _text,
    LONG_TEXT: _text,
    INFORMATION: _information,
}


def _leftovers(read: Read) -> None:
    tags = NONE_OF_THE_ABOVE.sub("", read.row.tags) if read.question["kind"] == MULTIPLE else read.row.tags
    tags = CHARACTER_LIMIT.sub("", tags) if read.question["kind"] in TEXTS and not read.is_unlimited else tags
    if tags.strip():
        read.note(f"its annotation, “{tags.strip()}”, does nothing here.")
    if read.row["identifier"].lower() in {"y", "yes", "1"}:
        read.note("REDCap marks it as identifying a person. Ask for nothing here that does.")
    if read.row.type == "dropdown":
        read.note("its choices are shown as a list to choose from, not as a drop-down.")
