"""What a question says, and when that makes sense by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cop_portal.refusals import Refusal
from evaluations.models import EvaluationQuestion, Question
from evaluations.questionnaire import (
    DATE,
    FIRST_YEAR,
    LARGEST_NUMBER,
    LAST_YEAR,
    LIKERT,
    MULTIPLE,
    NUMBER,
    SINGLE,
    TEXTS,
)

CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
CHOICES = frozenset({SINGLE, MULTIPLE, LIKERT})
LIMITED = frozenset({NUMBER, DATE})
LONGEST_TEXT = 10_000
FEWEST_OPTIONS = 2
MOST_OPTIONS = 50


class QuestionNotValid(Refusal):
    """A question makes sense by itself before it is kept. `field` is the part that is wrong."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words, code=f"{field}_not_valid")
        self.field = field


@dataclass(frozen=True)
class QuestionContent:
    """Everything about a question but its place and who is asked it. `change` is what its author says of it compared
    with what was asked before; empty says nothing."""

    code: str
    kind: str
    text: str
    evaluation_question: EvaluationQuestion
    value_cycle: str
    hint: str = ""
    scale: str = ""
    options: Sequence[Mapping[str, Any]] = field(default_factory=list)
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    is_required: bool = False
    is_ordered: bool = False
    is_two_sided: bool = False
    change: str = ""


def require_well_formed(content: QuestionContent) -> None:
    """Raises QuestionNotValid."""
    if CODE.fullmatch(content.code) is None:
        raise QuestionNotValid("code", "A code has letters, figures, hyphens and underscores, at most 20.")
    if content.kind not in Question.Kind.values:
        raise QuestionNotValid("kind", "Choose what kind of question this is.")
    if not content.text.strip():
        raise QuestionNotValid("text", "Write the question.")
    if content.kind in CHOICES:
        require_options(content.options)
    elif content.options or content.scale:
        raise QuestionNotValid("options", "Only a choice has a scale or answers of its own.")
    _require_limits(content)
    if content.kind in TEXTS and not 1 <= (content.max_length or 0) <= LONGEST_TEXT:
        raise QuestionNotValid("max_length", f"Say how long the text may be: 1 to {LONGEST_TEXT:,} characters.")
    if content.is_two_sided and content.kind not in CHOICES - {MULTIPLE}:
        raise QuestionNotValid("is_two_sided", "Only a single choice or an agreement scale is two-sided.")


def require_options(options: Sequence[Mapping[str, Any]]) -> None:
    """Refuses answers that cannot be chosen from: too few or too many, without words, or with a code twice."""
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise QuestionNotValid("options", f"Give {FEWEST_OPTIONS} to {MOST_OPTIONS} answers to choose from.")
    codes = [str(option.get("code", "")) for option in options]
    labels = [str(option.get("label", "")).strip() for option in options]
    if not all(labels):
        raise QuestionNotValid("options", "Each answer needs words.")
    if not all(CODE.fullmatch(code) for code in codes):
        raise QuestionNotValid(
            "options", "Each answer needs a code of letters, figures, hyphens and underscores, at most 20."
        )
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise QuestionNotValid("options", f"Two answers have the code “{twice}”. Give each its own.")
    if len(set(labels)) < len(labels):
        raise QuestionNotValid("options", "Two answers have the same words: nobody could tell them apart.")
    if all(option.get("excluded") for option in options):
        raise QuestionNotValid("options", "All answers are left out of the base: there would be nothing to show.")


def _require_limits(content: QuestionContent) -> None:
    least, most = content.minimum, content.maximum
    if content.kind not in LIMITED:
        if least is not None or most is not None:
            raise QuestionNotValid("minimum", "Only a number or a date has a least and a greatest.")
        return
    lowest, highest = (FIRST_YEAR, LAST_YEAR) if content.kind == DATE else (-LARGEST_NUMBER, LARGEST_NUMBER)
    what = "first and last year" if content.kind == DATE else "least and greatest number"
    if least is None or most is None:
        raise QuestionNotValid("minimum", f"Give the {what} that can be answered: results are shown in groups of them.")
    if not lowest <= least <= most <= highest:
        raise QuestionNotValid("minimum", f"The {what} lie in that order between {lowest:,} and {highest:,}.")
