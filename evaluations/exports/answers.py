"""Answers as a table, a row for each person: of confidential surveys without anything that says who, of named ones
with the name.

The order of the rows is that of what stands in them, so it says nothing about anyone, and the same answers give the
same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from communities.exports.tables import Cells, Kind
from evaluations.exports.datasets import Dataset, Value, Variable, names_for, values_of
from evaluations.groups import DATE, GROUPED, NUMBER
from evaluations.questionnaire import INFORMATION, MULTIPLE, Answer, Answers, AskedQuestion, Option, Questionnaire

Reads: TypeAlias = Callable[[Answer | None], Any]
NAME = "respondent"
NO_ANSWER = "Blank: no answer, or not asked."
IN_GROUPS = "In the groups in which results are shown: an exact one could show whose it is."


@dataclass(frozen=True)
class NamedAnswers:
    """One person's answers in a named survey. `name` is what they are called in exports."""

    name: str
    answers: Answers


@dataclass(frozen=True)
class _Column:
    """A column before it has its name: what it is called after, and how it is read from an answer."""

    wanted: str
    label: str
    question: AskedQuestion
    reads: Reads
    kind: Kind = Kind.TEXT
    values: tuple[Value, ...] = ()
    note: str = ""


def confidential(questionnaire: Questionnaire, rows: Iterable[Answers]) -> Dataset:
    """Coded answers only: no texts, no person, no pseudonym, no order of arriving; numbers and days in groups."""
    asked = [question for question in questionnaire.questions if not question.is_text]
    columns = [column for question in asked for column in _columns(question, in_groups=True)]
    return Dataset(
        name="answers",
        title="Answers",
        about="One row for each person who answered. Nothing in it says who, and the order of the rows is that of "
        "their content.",
        variables=_variables(columns),
        rows=_in_order(tuple(_cells(columns, answers)) for answers in rows),
    )


def named(questionnaire: Questionnaire, rows: Iterable[NamedAnswers]) -> Dataset:
    """Everything that was answered, with the name of the person who did."""
    columns = [column for question in questionnaire.questions for column in _columns(question, in_groups=False)]
    who = Variable(NAME, "Who answered", note="A person with lived experience is not named.")
    return Dataset(
        name="answers",
        title="Answers",
        about="One row for each person who answered, by name.",
        variables=(who, *_variables(columns, taken=[NAME])),
        rows=_in_order((row.name, *_cells(columns, row.answers)) for row in rows),
    )


def _variables(columns: Sequence[_Column], taken: Sequence[str] = ()) -> tuple[Variable, ...]:
    names = list(names_for([*taken, *(column.wanted for column in columns)]))[len(taken) :]
    return tuple(
        Variable(
            name=name,
            label=column.label,
            kind=column.kind,
            values=column.values,
            is_ordered=bool(column.values) and column.question.is_ordered,
            note=" ".join(filter(None, [column.note, NO_ANSWER])),
            question=column.question,
        )
        for name, column in zip(names, columns, strict=True)
    )


def _columns(question: AskedQuestion, *, in_groups: bool) -> list[_Column]:
    if question.kind == INFORMATION:
        return []
    if question.kind == MULTIPLE:
        return [_choice(question, option) for option in question.options]
    if question.kind in (NUMBER, DATE) and in_groups:
        return [_grouped(question)] if question.groups else []
    if question.kind == NUMBER:
        return [_Column(question.code, question.text, question, _number, Kind.NUMBER)]
    if question.kind == DATE:
        return [_Column(question.code, question.text, question, _day, Kind.DATE)]
    return [_Column(question.code, question.text, question, _as_given, values=values_of(question))]


def _choice(question: AskedQuestion, option: Option) -> _Column:
    """One answer of a multiple choice: whether it was among those chosen."""
    return _Column(
        f"{question.code}_{option.code}",
        f"{question.text} {option.label}",
        question,
        partial(_is_chosen, option.code),
        Kind.YES_NO,
    )


def _grouped(question: AskedQuestion) -> _Column:
    values = tuple(Value(group.code, group.label, place) for place, group in enumerate(question.groups, start=1))
    return _Column(question.code, question.text, question, partial(_group, question), values=values, note=IN_GROUPS)


def _cells(columns: Sequence[_Column], answers: Answers) -> Iterable[Any]:
    return (column.reads(answers.get(column.question.code)) for column in columns)


def _as_given(answer: Answer | None) -> str | None:
    return answer if isinstance(answer, str) else None


def _number(answer: Answer | None) -> int | None:
    return int(answer) if isinstance(answer, str) else None


def _day(answer: Answer | None) -> date | None:
    return date.fromisoformat(answer) if isinstance(answer, str) else None


def _is_chosen(code: str, answer: Answer | None) -> bool | None:
    if answer is None:
        return None
    return code in ([answer] if isinstance(answer, str) else answer)


def _group(question: AskedQuestion, answer: Answer | None) -> str | None:
    return None if answer is None else next(iter(question.counted_codes(answer)), None)


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[Cells]:
    """By what stands in them, blanks first."""
    return sorted(rows, key=lambda row: [(cell is not None, "" if cell is None else str(cell)) for cell in row])


def are_grouped(questionnaire: Questionnaire) -> bool:
    """Whether any answer is given in groups only."""
    return any(question.kind in GROUPED - {"zero_to_ten"} for question in questionnaire.questions)
