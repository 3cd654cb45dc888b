"""A questionnaire as a document: what evaluations/data/instruments.schema.json describes, always in the same form.

`normal` is the one place where that form is written down: which fields stand, in which order, and which are left out
because they say nothing. A document that comes in and the questionnaire made from it give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evaluations.models import InstrumentVersion, Question

FORMAT = "cop-portal/instrument/1"
Content = dict[str, Any]

OPTION_FIELDS = ("code", "label", "score", "excluded", "exclusive")
# Those that stand whatever they hold; the others only where they say something.
ALWAYS_SAID = ("code", "label", "kind", "text", "evaluation_question", "value_cycle", "required")
QUESTION_FIELDS = (
    "code", "kind", "scale", "text", "hint", "options", "max_length", "minimum", "maximum", "evaluation_question",
    "value_cycle", "required", "ordered", "two_sided", "show_if",
)  # fmt: skip


def normal(content: Mapping[str, Any]) -> Content:
    """The same questionnaires in the form that is written: unused scales are left out, questions stand in order."""
    instruments = [_instrument(instrument) for instrument in content["instruments"]]
    used = {question.get("scale") for instrument in instruments for question in instrument["questions"]}
    scales = [
        {"code": scale["code"], "options": _options(scale["options"])}
        for scale in sorted(content["scales"], key=lambda scale: str(scale["code"]))
        if scale["code"] in used
    ]
    attribution = {"attribution": content["attribution"]} if content.get("attribution") else {}
    return {"schema": FORMAT, **attribution, "scales": scales, "instruments": instruments}


def _instrument(instrument: Mapping[str, Any]) -> Content:
    questions = {question["code"]: question for question in instrument["questions"]}
    order = [code for section in instrument["sections"] for code in section["questions"]]
    schedule = instrument["schedule"]
    return {
        "code": instrument["code"],
        "title": instrument["title"],
        "version": instrument["version"],
        "purpose": instrument.get("purpose", ""),
        "default_privacy": instrument["default_privacy"],
        "sections": [
            {"title": section["title"], "questions": list(section["questions"])} for section in instrument["sections"]
        ],
        "questions": [_question(questions[code]) for code in order],
        "schedule": {
            "opens_for_days": schedule["opens_for_days"],
            "reminder_days": list(schedule["reminder_days"]),
        },
        "notes": list(instrument.get("notes", [])),
    }


def _question(question: Mapping[str, Any]) -> Content:
    said = dict(question)
    said["required"] = bool(question.get("required"))
    if question.get("options"):
        said["options"] = _options(question["options"])
    if question.get("show_if"):
        said["show_if"] = {"question": question["show_if"]["question"], "in": list(question["show_if"]["in"])}
    return _in_order(QUESTION_FIELDS, said)


def _options(options: Iterable[Mapping[str, Any]]) -> list[Content]:
    return [_in_order(OPTION_FIELDS, option) for option in options]


def _in_order(fields: Iterable[str], said: Mapping[str, Any]) -> Content:
    return {field: said[field] for field in fields if field in said and (field in ALWAYS_SAID or says(said[field]))}


def says(value: Any) -> bool:
    """Nought is said; none, false and nothing are not."""
    return value is not None and value is not False and value not in ("", [], {})


def content_of(*versions: InstrumentVersion) -> Content:
    """The document of these versions. Two queries for each."""
    instruments = [_instrument_of(version) for version in versions]
    scales: dict[str, Any] = {}
    for instrument in instruments:
        for question in instrument["questions"]:
            _by_scale(question, scales)
    return normal(
        {
            "attribution": " ".join(dict.fromkeys(version.attribution for version in versions if version.attribution)),
            "scales": [{"code": code, "options": options} for code, options in scales.items()],
            "instruments": instruments,
        }
    )


def _by_scale(question: Content, scales: dict[str, Any]) -> None:
    """A question's options stand with its scale, once. Where the scale's name means others, they stay its own."""
    scale = question.get("scale")
    if not scale:
        return
    if scales.setdefault(scale, question["options"]) == question["options"]:
        del question["options"]
    else:
        del question["scale"]


def _instrument_of(version: InstrumentVersion) -> Content:
    sections: list[Content] = []
    questions: list[Content] = []
    for section in version.sections.order_by("position"):
        asked = list(section.questions.select_related("item", "evaluation_question").order_by("position"))
        sections.append({"title": section.title, "questions": [question.item.code for question in asked]})
        questions += [question_content(question) for question in asked]
    return {
        "code": version.instrument.code,
        "title": version.title,
        "version": version.number,
        "purpose": version.purpose,
        "default_privacy": version.default_privacy,
        "sections": sections,
        "questions": questions,
        "schedule": {"opens_for_days": version.opens_for_days, "reminder_days": version.reminder_days},
        "notes": version.notes,
    }


def question_content(question: Question) -> Content:
    """A question as the document words it, with its options whether or not they are those of a scale."""
    return {
        "code": question.item.code,
        "kind": question.kind,
        "scale": question.scale,
        "text": question.text,
        "hint": question.hint,
        # Those of a 0 to 10 are the same everywhere, so they are not said.
        "options": [] if question.kind == Question.Kind.ZERO_TO_TEN else question.options,
        "max_length": question.max_length,
        "minimum": question.minimum,
        "maximum": question.maximum,
        "evaluation_question": question.evaluation_question.code,
        "value_cycle": question.value_cycle,
        "required": question.is_required,
        "ordered": question.is_ordered,
        "two_sided": question.is_two_sided,
        "show_if": question.show_if,
    }
