"""Answering step by step: one question at a time, or, where the screen is wide, a section at a time.

Pure rules. A section is broken before a question that an answer in the same step would show or hide, so that nothing
appears or vanishes on a page that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evaluations.questionnaire import INFORMATION, AskedQuestion, Questionnaire


class Pace(StrEnum):
    """How much a page asks at once."""

    QUESTION = "question"
    SECTION = "section"


@dataclass(frozen=True)
class Step:
    """One page of answering: its questions, their numbers among all that are asked, and the steps around it.

    `previous` and `next` are codes of questions, None at either end. Information has no number.
    """

    questions: tuple[AskedQuestion, ...]
    numbers: Mapping[str, int]
    total: int
    previous: str | None
    next: str | None

    @property
    def code(self) -> str:
        return self.questions[0].code

    @property
    def part(self) -> str:
        return self.questions[0].section

    @property
    def is_single(self) -> bool:
        return len(self.questions) == 1

    @property
    def is_needed(self) -> bool:
        """Whether the page holds a question that is marked as needed."""
        return any(question.is_required for question in self.questions)

    @property
    def progress(self) -> str:
        """Question 3 of 9, or Questions 3 to 6 of 9; empty where there is only something to read."""
        numbers = list(self.numbers.values())
        if not numbers:
            return ""
        if len(numbers) == 1:
            return f"Question {numbers[0]} of {self.total}"
        return f"Questions {numbers[0]} to {numbers[-1]} of {self.total}"


def steps(questionnaire: Questionnaire, answers: Mapping[str, Any], pace: Pace) -> tuple[Step, ...]:
    """Every page that someone with these answers goes through, in order."""
    shown = questionnaire.shown(answers)
    number = {question.code: at for at, question in enumerate(filter(_is_asked, shown), start=1)}
    blocks = [[question] for question in shown] if pace == Pace.QUESTION else _blocks(questionnaire, shown)
    return tuple(
        Step(
            questions=tuple(block),
            numbers={question.code: number[question.code] for question in block if question.code in number},
            total=len(number),
            previous=blocks[at - 1][0].code if at else None,
            next=blocks[at + 1][0].code if at + 1 < len(blocks) else None,
        )
        for at, block in enumerate(blocks)
    )


def step_of(questionnaire: Questionnaire, code: str, answers: Mapping[str, Any], pace: Pace) -> Step | None:
    """The page that asks this question; None when these answers hide it, or there is no such question."""
    return next((step for step in steps(questionnaire, answers, pace) if _has(step.questions, code)), None)


def where_to_go_on(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> str | None:
    """The question to go on with: the very first page, or the first question left open; None when all are answered."""
    shown = questionnaire.shown(answers)
    waiting = (question.code for question in shown if not answers or _is_open(question, answers))
    return next(waiting, None)


def follow_up(questionnaire: Questionnaire, code: str, answers: Mapping[str, Any]) -> str | None:
    """An open question that is asked because of the answer to this one, or of the one that this hangs on too."""
    question = questionnaire.question(code)
    if question is None:
        return None
    because_of = {code, question.show_if.question} if question.show_if else {code}
    shown = questionnaire.shown(answers)
    later = shown[shown.index(question) + 1 :] if question in shown else ()
    waiting = (
        other.code
        for other in later
        if other.show_if and other.show_if.question in because_of and _is_open(other, answers)
    )
    return next(waiting, None)


def _blocks(questionnaire: Questionnaire, shown: Iterable[AskedQuestion]) -> list[list[AskedQuestion]]:
    """Sections, broken where a question hangs on an answer of the same block; made from all questions, shown or not,
    so that a page does not change its questions by being answered."""
    blocks: list[list[AskedQuestion]] = []
    for question in questionnaire.questions:
        block = blocks[-1] if blocks else []
        hangs_on_it = question.show_if is not None and _has(block, question.show_if.question)
        if not block or block[0].section != question.section or hangs_on_it:
            blocks.append([])
        blocks[-1].append(question)
    visible = {question.code for question in shown}
    kept = ([question for question in block if question.code in visible] for block in blocks)
    return [block for block in kept if block]


def _has(questions: Iterable[AskedQuestion], code: str) -> bool:
    return any(question.code == code for question in questions)


def _is_asked(question: AskedQuestion) -> bool:
    return question.kind != INFORMATION


def _is_open(question: AskedQuestion, answers: Mapping[str, Any]) -> bool:
    return _is_asked(question) and question.code not in answers
