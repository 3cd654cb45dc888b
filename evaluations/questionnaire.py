"""A questionnaire as people meet it: which questions are shown, in what order, and what counts as an answer.

Pure rules: pages, API, submission and close all ask here, so `show_if` has one evaluator. Only `questionnaire_of`,
at the end, asks the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from evaluations.groups import GROUPED, TEN, Group, groups_of
from evaluations.models import InstrumentVersion, Question

# A code, the codes of several options, a text, a whole number ("12"), or a day ("2026-08-06"); by the code of the
# question.
Answer = str | list[str]
Answers = dict[str, Answer]

INFORMATION, SINGLE, MULTIPLE, LIKERT = "information", "single", "multiple", "likert"
SHORT_TEXT, LONG_TEXT = "short_text", "long_text"
NUMBER, DATE, ZERO_TO_TEN = "number", "date", "zero_to_ten"
TEXTS = frozenset({SHORT_TEXT, LONG_TEXT})
DEFAULT_MAX_LENGTH = {SHORT_TEXT: 200, LONG_TEXT: 2000}
LINE_BREAKS = {"\n", "\t"}
# Where a question says no limits.
LARGEST_NUMBER, FIRST_YEAR, LAST_YEAR = 999_999_999, 1900, 2100
A_WHOLE_NUMBER = re.compile(r"-?([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})")


@dataclass(frozen=True)
class Option:
    """One thing to choose. `is_excluded`: left out of the base. `is_exclusive`: goes with no other."""

    code: str
    label: str
    score: int | None = None
    is_excluded: bool = False
    is_exclusive: bool = False


@dataclass(frozen=True)
class ShowIf:
    """Shown only to those whose (shown) answer to `question` has one of these codes."""

    question: str
    codes: frozenset[str]


@dataclass(frozen=True)
class AskedQuestion:
    """One question as worded in this questionnaire."""

    code: str
    kind: str
    text: str
    section: str
    evaluation_question: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    show_if: ShowIf | None = None
    max_length: int = 0
    is_required: bool = False
    is_ordered: bool = False
    is_two_sided: bool = False
    minimum: int | None = None
    maximum: int | None = None
    # See Question.wording; None in a draft.
    wording: int | None = None

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS

    @property
    def groups(self) -> tuple[Group, ...]:
        """Of a 0–10, a number or a date: the groups in which its answers are counted and shown, and no finer."""
        return groups_of(self.kind, self.minimum, self.maximum)

    @property
    def counted_options(self) -> tuple[Option, ...]:
        """What is counted, and makes up the base: the options that are not left out, or the groups."""
        if self.kind in GROUPED:
            return tuple(Option(group.code, group.label) for group in self.groups)
        return tuple(option for option in self.options if not option.is_excluded)

    def counted_codes(self, answer: Answer) -> frozenset[str]:
        """The codes of `counted_options` that this answer counts towards. Anything else about it is forgotten."""
        if self.kind in GROUPED:
            return frozenset(group.code for group in self.groups if group.holds(str(answer)))
        given = {answer} if isinstance(answer, str) else set(answer)
        return frozenset(option.code for option in self.counted_options if option.code in given)


@dataclass(frozen=True)
class Checked:
    """Answers that may be stored, in the order of the questions, and what is wrong with the others, in words."""

    answers: Answers
    errors: dict[str, str]


@dataclass(frozen=True)
class Questionnaire:
    """All questions of one version, in order."""

    title: str
    questions: tuple[AskedQuestion, ...]

    def question(self, code: str) -> AskedQuestion | None:
        return next((question for question in self.questions if question.code == code), None)

    def shown(self, answers: Mapping[str, Any]) -> tuple[AskedQuestion, ...]:
        """The questions someone with these answers is asked. The answer to a hidden question shows nothing else."""
        shown: list[AskedQuestion] = []
        codes: set[str] = set()
        for question in self.questions:
            if _is_asked(question, codes, answers):
                shown.append(question)
                codes.add(question.code)
        return tuple(shown)

    def check(self, answers: Mapping[str, Any]) -> Checked:
        """What of these answers may be stored. Answers to questions they hide are dropped, whatever they hold."""
        checked = Checked({}, {})
        for code in answers:
            if self.question(code) is None:
                # The code came from outside: it is not repeated in the sentence.
                checked.errors["*"] = "One of the answers belongs to no question here. Nothing was stored."
        shown: set[str] = set()
        for question in self.questions:
            # By what is accepted so far: an answer that is refused shows nothing else.
            if not _is_asked(question, shown, checked.answers):
                continue
            shown.add(question.code)
            try:
                answer = parsed(question, answers.get(question.code))
            except AnswerRefused as refused:
                checked.errors[question.code] = str(refused)
                continue
            if answer:
                checked.answers[question.code] = answer
            elif question.is_required:
                checked.errors[question.code] = "Answer this question, or choose the answer closest to yours."
        return checked


class AnswerRefused(ValueError):
    """This is not an answer to this question; the message says why, to the person."""


def _is_asked(question: AskedQuestion, shown: AbstractSet[str], answers: Mapping[str, Any]) -> bool:
    """Whether someone who was shown these questions, and answered so, is asked this one."""
    rule = question.show_if
    return rule is None or (rule.question in shown and bool(rule.codes & _chosen(answers.get(rule.question))))


def _chosen(answer: Any) -> set[str]:
    if isinstance(answer, str):
        return {answer}
    return {code for code in answer if isinstance(code, str)} if isinstance(answer, list) else set()


def parsed(question: AskedQuestion, raw: Any) -> Answer | None:
    """The answer in the form that is stored, or None when there is none. Raises AnswerRefused."""
    if raw is None or raw in ("", []):
        return None
    if question.kind == INFORMATION:
        raise AnswerRefused("This is information, not a question: there is nothing to answer.")
    if question.kind == MULTIPLE:
        return _several(question, raw)
    if not isinstance(raw, str):
        raise AnswerRefused("Give one answer to this question.")
    if question.is_text:
        return _text(question, raw)
    if question.kind == NUMBER:
        return _number(question, raw)
    return _day(question, raw) if question.kind == DATE else _one(question, raw)


def _one(question: AskedQuestion, raw: str) -> str:
    if raw not in {option.code for option in question.options}:
        raise AnswerRefused("Choose one of the answers in the list.")
    return raw


def _several(question: AskedQuestion, raw: Any) -> list[str]:
    codes = [raw] if isinstance(raw, str) else raw
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise AnswerRefused("Choose from the answers in the list.")
    if not set(codes) <= {option.code for option in question.options}:
        raise AnswerRefused("Choose from the answers in the list.")
    chosen = [option for option in question.options if option.code in codes]
    alone = next((option for option in chosen if option.is_exclusive), None)
    if alone and len(chosen) > 1:
        raise AnswerRefused(f"“{alone.label}” goes with no other answer. Choose it alone, or the others without it.")
    return [option.code for option in chosen]


def _number(question: AskedQuestion, raw: str) -> str | None:
    typed = raw.strip().replace("\u2212", "-")
    if not typed:
        return None
    least = -LARGEST_NUMBER if question.minimum is None else question.minimum
    most = LARGEST_NUMBER if question.maximum is None else question.maximum
    if A_WHOLE_NUMBER.fullmatch(typed) is None:
        raise AnswerRefused("Type a whole number, in figures, such as 12.")
    number = int(typed.replace(",", ""))
    if not least <= number <= most:
        raise AnswerRefused(f"Type a whole number from {least:,} to {most:,}.")
    return str(number)


def _day(question: AskedQuestion, raw: str) -> str | None:
    """A day as YYYY-MM-DD and in no other way: what a person types is put so by the form."""
    if not raw.strip():
        return None
    first = FIRST_YEAR if question.minimum is None else question.minimum
    last = LAST_YEAR if question.maximum is None else question.maximum
    try:
        day = date.fromisoformat(raw.strip())
    except ValueError:
        raise AnswerRefused("Enter a real date, such as 6 8 2026.") from None
    if not first <= day.year <= last:
        raise AnswerRefused(f"Enter a date from {first} to {last}." if first != last else f"Enter a date in {first}.")
    return day.isoformat()


def _text(question: AskedQuestion, raw: str) -> str | None:
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > question.max_length:
        raise AnswerRefused(
            f"Your answer has {len(text):,} characters. Shorten it to {question.max_length:,} or fewer."
        )
    if any(_is_control(character) for character in text):
        raise AnswerRefused("Your answer has characters that cannot be stored. Type it again, without pasting.")
    return text or None


def _is_control(character: str) -> bool:
    """Control characters other than a line break or a tab, and halves of characters (surrogates)."""
    point = ord(character)
    return (point < 0x20 and character not in LINE_BREAKS) or 0x7F <= point <= 0x9F or 0xD800 <= point <= 0xDFFF


def questionnaire_of(version: InstrumentVersion) -> Questionnaire:
    """The questionnaire of a version, in order. One query."""
    questions = (
        Question.objects.filter(section__version=version)
        .select_related("section", "item", "evaluation_question")
        .order_by("section__position", "position")
    )
    return Questionnaire(title=version.title, questions=tuple(asked(question) for question in questions))


@lru_cache(maxsize=64)
def _published(version: InstrumentVersion) -> Questionnaire:
    return questionnaire_of(version)


def fielded(version: InstrumentVersion) -> Questionnaire:
    """The questionnaire of a version that people are asked. What is published never changes, so that each process
    reads it once: sending an answer then costs little more than noting that it came."""
    return questionnaire_of(version) if version.published_at is None else _published(version)


def forget_fielded() -> None:
    """For tests, in which one version after another has the same number."""
    _published.cache_clear()


def asked(question: Question) -> AskedQuestion:
    rule = question.show_if
    return AskedQuestion(
        code=question.item.code,
        kind=question.kind,
        text=question.text,
        section=question.section.title,
        evaluation_question=question.evaluation_question.code,
        hint=question.hint,
        options=options_of(question.kind, question.options),
        show_if=ShowIf(rule["question"], frozenset(rule["in"])) if rule else None,
        max_length=question.max_length or DEFAULT_MAX_LENGTH.get(question.kind, 0),
        is_required=question.is_required,
        is_ordered=question.is_ordered,
        is_two_sided=question.is_two_sided,
        minimum=question.minimum,
        maximum=question.maximum,
        wording=question.wording,
    )


def options_of(kind: str, stored: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """The options of a question: those stored with it, or, of a 0–10, the eleven that every one of them has."""
    if kind == ZERO_TO_TEN:
        return tuple(Option(code, code, int(code)) for code in TEN)
    return tuple(option_of(option) for option in stored)


def option_of(option: Mapping[str, Any]) -> Option:
    return Option(
        code=option["code"],
        label=option["label"],
        score=option.get("score"),
        is_excluded=bool(option.get("excluded")),
        is_exclusive=bool(option.get("exclusive")),
    )
