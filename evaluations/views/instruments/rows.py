"""A question as those who write and read questionnaires see it: what it is for, and who is asked it, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.groups import ZERO_TO_TEN, groups_of
from evaluations.models import InstrumentVersion, Question

CHANGE_COLOURS = {
    Question.Change.SAME: "nhsuk-tag--grey",
    Question.Change.REWORDED: "nhsuk-tag--orange",
    Question.Change.NEW: "nhsuk-tag--blue",
}


@dataclass(frozen=True)
class QuestionRow:
    """A question in words. `changed_from` says which version it is compared with, empty where nothing was before."""

    question: Question
    kind: str
    options: str
    shown_if: str
    change_colour: str


def sections_of(version: InstrumentVersion, questions: Iterable[Question]) -> list[tuple[Any, list[QuestionRow]]]:
    """Every section with its questions in words, empty sections too. `questions` in order, with their items."""
    asked = list(questions)
    by_code = {question.item.code: question for question in asked}
    rows: dict[int, list[QuestionRow]] = {}
    for question in asked:
        rows.setdefault(question.section_id, []).append(question_row(question, by_code))
    return [(section, rows.get(section.pk, [])) for section in version.sections.order_by("position")]


def question_row(question: Question, by_code: Mapping[str, Question]) -> QuestionRow:
    return QuestionRow(
        question=question,
        kind=kind_words(question),
        options="; ".join(map(option_words, question.options)) or group_words(question),
        shown_if=show_if_words(question, by_code),
        change_colour=CHANGE_COLOURS[Question.Change(question.change)],
    )


def kind_words(question: Question) -> str:
    """Agreement scale; or: Single choice, two-sided: no mean"""
    notes = [", two-sided: no mean"] * question.is_two_sided + [", must be answered"] * question.is_required
    return f"{question.get_kind_display()}{''.join(notes)}"


def option_words(option: Mapping[str, Any]) -> str:
    """Does not apply to me (left out of the base)"""
    notes = [
        words
        for key, words in (("excluded", "left out of the base"), ("exclusive", "goes with no other"))
        if option.get(key)
    ]
    return f"{option['label']} ({', '.join(notes)})" if notes else str(option["label"])


def group_words(question: Question) -> str:
    """Of a number, a date or a 0 to 10: what results will show of it."""
    groups = groups_of(question.kind, question.minimum, question.maximum)
    return f"Shown as: {'; '.join(group.label for group in groups)}" if groups else ""


def show_if_words(question: Question, by_code: Mapping[str, Question]) -> str:
    """Everyone; or: those who answered V4 with “Being tried” or “In use in one place”"""
    rule = question.show_if
    if not rule:
        return "Everyone"
    labels = dict(answers_to(by_code[rule["question"]]))
    chosen = [f"“{label}”" for code, label in labels.items() if set(code.split(",")) <= set(rule["in"])]
    answers = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} or {chosen[-1]}" if chosen else "nothing"
    return f"Those who answered {rule['question']} with {answers}"


def answers_to(question: Question) -> list[tuple[str, str]]:
    """What can decide who is asked another: codes and words. Of a 0 to 10 its groups, each as the codes in it."""
    if question.kind == ZERO_TO_TEN:
        return [
            (",".join(str(number) for number in range(group.least, group.most + 1)), group.label)
            for group in groups_of(question.kind, None, None)
        ]
    return [(option["code"], option["label"]) for option in question.options]
