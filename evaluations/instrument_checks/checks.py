"""All that is checked of a questionnaire, together: one answer for pages, API and tests."""

from __future__ import annotations

from dataclasses import dataclass

from evaluations.instrument_checks.effort import Effort, effort_of, points
from evaluations.instrument_checks.paths import Ways, ways_through
from evaluations.instrument_checks.reading import Reading, reading_of
from evaluations.questionnaire import AskedQuestion, Questionnaire


@dataclass(frozen=True)
class QuestionCheck:
    """One question: what it costs to answer, and how hard its words and its hint are to read."""

    question: AskedQuestion
    points: int
    reading: Reading


@dataclass(frozen=True)
class Checks:
    effort: Effort
    ways: Ways
    questions: tuple[QuestionCheck, ...]

    @property
    def hard_to_read(self) -> tuple[QuestionCheck, ...]:
        return tuple(check for check in self.questions if check.reading.is_hard)


def checks_of(questionnaire: Questionnaire) -> Checks:
    return Checks(
        effort=effort_of(questionnaire),
        ways=ways_through(questionnaire),
        questions=tuple(
            QuestionCheck(question, points(question), reading_of(f"{question.text}\n{question.hint}"))
            for question in questionnaire.questions
        ),
    )
