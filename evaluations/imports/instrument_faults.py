"""What a schema cannot say of a document of instruments: whether its parts fit together, and fit the portal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from communities.imports.documents import Document, Fault, Where, repeated_codes
from evaluations.groups import TEN, ZERO_TO_TEN, are_whole_groups
from evaluations.instrument_checks.loops import loops_of
from evaluations.models import EvaluationQuestion, Question, Scale
from evaluations.questionnaire import FIRST_YEAR, LAST_YEAR

CHOICE_KINDS = {Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.LIKERT}
TEXT_KINDS = {Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT}
LIMITED_KINDS = {Question.Kind.NUMBER, Question.Kind.DATE}


def faults_of(document: Document, *, is_for_draft: bool = False) -> list[Fault]:
    """Every fault, in no particular order. A draft may leave limits open: publishing asks for them."""
    data = document.data
    scales = {scale["code"]: scale["options"] for scale in data["scales"]}
    faults = [
        *repeated_codes(document, ["scales"], data["scales"], "code"),
        *repeated_codes(document, ["instruments"], data["instruments"], "code"),
    ]
    standing = dict(Scale.objects.values_list("code", "options"))
    for position, scale in enumerate(data["scales"]):
        faults += repeated_codes(document, ["scales", position, "options"], scale["options"], "code")
        if standing.get(scale["code"], scale["options"]) != scale["options"]:
            other = f"the scale {scale['code']!r} is there already with other answers. Give this one another code."
            faults.append(document.fault(["scales", position], other))
    evaluation_questions = set(EvaluationQuestion.objects.values_list("code", flat=True))
    for position, instrument in enumerate(data["instruments"]):
        where: Where = ["instruments", position]
        faults += repeated_codes(document, [*where, "questions"], instrument["questions"], "code")
        faults += section_faults(document, where, instrument)
        faults += show_if_faults(document, where, instrument, scales)
        for place, question in enumerate(instrument["questions"]):
            stands = [*where, "questions", place]
            faults += question_faults(document, stands, question, scales, evaluation_questions)
            faults += limit_faults(document, stands, question, may_be_open=is_for_draft)
    faults += item_faults(document)
    return faults


def section_faults(document: Document, where: Where, instrument: dict[str, Any]) -> Iterator[Fault]:
    """Each question stands in exactly one section."""
    known = {question["code"] for question in instrument["questions"]}
    placed: set[str] = set()
    for position, section in enumerate(instrument["sections"]):
        for place, code in enumerate(section["questions"]):
            stands = [*where, "sections", position, "questions", place]
            if code not in known:
                yield document.fault(stands, f"there is no question {code!r}.")
            elif code in placed:
                yield document.fault(stands, f"{code!r} is in a section already.")
            placed.add(code)
    for place, question in enumerate(instrument["questions"]):
        if question["code"] not in placed:
            yield document.fault([*where, "questions", place, "code"], f"{question['code']!r} is in no section.")


def show_if_faults(
    document: Document, where: Where, instrument: dict[str, Any], scales: dict[str, Any]
) -> Iterator[Fault]:
    """A question may depend on an earlier one only (so there is no loop), and on options that it has."""
    order = [code for section in instrument["sections"] for code in section["questions"]]
    questions = {question["code"]: question for question in instrument["questions"]}
    shown_by = {code: asked["show_if"]["question"] for code, asked in questions.items() if "show_if" in asked}
    circles = {code: loop for loop in loops_of(shown_by) for code in loop.codes}
    for place, question in enumerate(instrument["questions"]):
        condition = question.get("show_if")
        if condition is None or question["code"] not in order:
            continue
        stands = [*where, "questions", place, "show_if"]
        if (loop := circles.get(question["code"])) is not None:
            if question["code"] == loop.codes[0]:
                yield document.fault([*stands, "question"], loop.words)
            continue
        earlier = order[: order.index(question["code"])]
        if condition["question"] not in earlier:
            yield document.fault([*stands, "question"], f"{condition['question']!r} is not an earlier question.")
            continue
        asked = questions.get(condition["question"], {})
        codes = {option["code"] for option in options_of(asked, scales)}
        for spot, code in enumerate(condition["in"]):
            if code not in codes:
                yield document.fault([*stands, "in", spot], f"{condition['question']} has no option {code!r}.")
        if asked.get("kind") == ZERO_TO_TEN and not are_whole_groups(condition["in"]):
            whole = "of a 0 to 10, choose whole groups: 0 to 3, 4 to 6, 7 to 10. Results show nothing finer."
            yield document.fault([*stands, "in"], whole)


def question_faults(
    document: Document,
    where: Where,
    question: dict[str, Any],
    scales: dict[str, Any],
    evaluation_questions: set[str],
) -> Iterator[Fault]:
    kind = question["kind"]
    if question["evaluation_question"] not in evaluation_questions:
        yield document.fault(
            [*where, "evaluation_question"],
            f"there is no evaluation question {question['evaluation_question']!r}. Load the framework first.",
        )
    if "scale" in question and "options" in question:
        yield document.fault(where, "a question has a scale or options of its own, not both.")
    elif "scale" in question and question["scale"] not in scales:
        yield document.fault([*where, "scale"], f"there is no scale {question['scale']!r}.")
    elif kind in CHOICE_KINDS and not options_of(question, scales):
        yield document.fault(where, "a choice needs a scale or options.")
    elif kind not in CHOICE_KINDS and ("scale" in question or "options" in question):
        yield document.fault(where, "only a choice has a scale or options.")
    if kind in TEXT_KINDS and "max_length" not in question:
        yield document.fault(where, "max_length is missing: every text has a limit.")
    yield from repeated_codes(document, [*where, "options"], question.get("options", []), "code")


def limit_faults(
    document: Document, where: Where, question: dict[str, Any], *, may_be_open: bool = False
) -> Iterator[Fault]:
    """A number and a date have both limits (a date's are years): the groups of its results are made from them."""
    least, most = question.get("minimum"), question.get("maximum")
    if question["kind"] not in LIMITED_KINDS:
        if least is not None or most is not None:
            yield document.fault(where, "only a number or a date has a minimum and a maximum.")
    elif least is None or most is None:
        if not may_be_open:
            yield document.fault(where, "a number needs a minimum and a maximum, a date its first and last year.")
    elif least > most:
        yield document.fault([*where, "minimum"], "the minimum is greater than the maximum.")
    elif question["kind"] == Question.Kind.DATE and not FIRST_YEAR <= least <= most <= LAST_YEAR:
        yield document.fault([*where, "minimum"], f"years lie from {FIRST_YEAR} to {LAST_YEAR}.")


def item_faults(document: Document) -> Iterator[Fault]:
    """A question used in two instruments is one item: the same words, kind and options wherever it stands."""
    seen: dict[str, tuple[str, dict[str, Any]]] = {}
    for position, instrument in enumerate(document.data["instruments"]):
        for place, question in enumerate(instrument["questions"]):
            said = {part: question.get(part) for part in ("kind", "text", "scale", "options", "minimum", "maximum")}
            first = seen.setdefault(question["code"], (instrument["code"], said))
            if first[1] != said:
                yield document.fault(
                    ["instruments", position, "questions", place],
                    f"{question['code']} is worded or built differently in {first[0]}: give it a code of its own.",
                )


def options_of(question: dict[str, Any], scales: dict[str, Any]) -> list[dict[str, Any]]:
    if question.get("kind") == ZERO_TO_TEN:
        return [{"code": code, "label": code} for code in TEN]
    options: list[dict[str, Any]] = question.get("options") or scales.get(question.get("scale", ""), [])
    return options
