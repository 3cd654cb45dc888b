"""How long answering takes, by a point budget.

One point is five seconds. A question costs a point for being put and taken up, one for every 20 words begun (that is
240 words a minute, as adults read plain text), and what its kind takes to answer:

    agreement, single choice, 0 to 10    2, and 1 for every 10 answers to choose from after the first 10
    several choices                      3, and 1 likewise
    number, date                         3
    short text                           6
    long text                           10
    information                          0

The shipped sets come out at 10, 4 and 2 minutes. The budget is ten minutes: what a member gives once a year.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

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
    AskedQuestion,
    Questionnaire,
)

SECONDS_A_POINT = 5
WORDS_A_POINT = 20
OPTIONS_A_POINT = 10
TO_ANSWER = {
    INFORMATION: 0,
    SINGLE: 2,
    LIKERT: 2,
    ZERO_TO_TEN: 2,
    MULTIPLE: 3,
    NUMBER: 3,
    DATE: 3,
    SHORT_TEXT: 6,
    LONG_TEXT: 10,
}
BUDGET = 10 * 60 // SECONDS_A_POINT


@dataclass(frozen=True)
class Effort:
    """Points of the shortest and of the longest way through."""

    least: int
    most: int

    @property
    def least_minutes(self) -> int:
        return minutes(self.least)

    @property
    def most_minutes(self) -> int:
        return minutes(self.most)

    @property
    def is_over_budget(self) -> bool:
        return self.most > BUDGET

    @property
    def words(self) -> str:
        """about 4 minutes; or: 1 to 2 minutes"""
        if self.least_minutes == self.most_minutes:
            return f"about {self.most_minutes} minute{'' if self.most_minutes == 1 else 's'}"
        return f"{self.least_minutes} to {self.most_minutes} minutes"


def points(question: AskedQuestion) -> int:
    words = len(question.text.split()) + len(question.hint.split())
    choosing = max(0, len(question.options) - 1) // OPTIONS_A_POINT if question.kind != ZERO_TO_TEN else 0
    return 1 + math.ceil(words / WORDS_A_POINT) + TO_ANSWER[question.kind] + choosing


def points_of(questions: Iterable[AskedQuestion]) -> int:
    return sum(points(question) for question in questions)


def minutes(some_points: int) -> int:
    """Whole minutes, never less than one, rounded up: nobody minds being done sooner."""
    return max(1, math.ceil(some_points * SECONDS_A_POINT / 60))


def effort_of(questionnaire: Questionnaire) -> Effort:
    """By what each answer leads to, without going through every way."""
    questions = {question.code: question for question in questionnaire.questions}
    below: dict[str, list[AskedQuestion]] = {}
    for question in questionnaire.questions:
        if question.show_if is not None and question.show_if.question in questions:
            below.setdefault(question.show_if.question, []).append(question)
    tops = [question for question in questionnaire.questions if question.show_if is None]
    most = sum(_most(question, below, frozenset()) for question in tops)
    return Effort(sum(_least(question, below, frozenset()) for question in tops), most)


Below = dict[str, list[AskedQuestion]]


def _most(question: AskedQuestion, below: Below, above: frozenset[str]) -> int:
    shown = _shown(question, below, above)
    costs = {one.code: _most(one, below, above | {question.code}) for one in shown}
    together = {option.code for option in question.options if not option.is_exclusive}
    answers = [{option.code} for option in question.options]
    if question.kind == MULTIPLE:
        answers.append(together)
    return points(question) + max((_cost(shown, codes, costs) for codes in answers), default=0)


def _least(question: AskedQuestion, below: Below, above: frozenset[str]) -> int:
    """Who may skip is asked nothing more; who must answer takes what leads to least."""
    shown = _shown(question, below, above) if question.is_required else []
    costs = {one.code: _least(one, below, above | {question.code}) for one in shown}
    answers = [{option.code} for option in question.options]
    return points(question) + min((_cost(shown, codes, costs) for codes in answers), default=0)


def _cost(shown: list[AskedQuestion], answered: set[str], costs: dict[str, int]) -> int:
    """What is asked besides of someone who gives these answers."""
    return sum(costs[one.code] for one in shown if one.show_if and one.show_if.codes & answered)


def _shown(question: AskedQuestion, below: Below, above: frozenset[str]) -> list[AskedQuestion]:
    return [one for one in below.get(question.code, []) if one.code not in above]
