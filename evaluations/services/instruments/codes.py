"""Codes of questions: each stands in a questionnaire once, and a new question takes one that was never used."""

from __future__ import annotations

from cop_portal.refusals import Conflict
from evaluations.models import Item, Question, Section
from evaluations.wordings import published_wordings


class QuestionThere(Conflict):
    """A question stands in a questionnaire once."""


def question_there(code: str) -> QuestionThere:
    return QuestionThere(f"{code} stands in this questionnaire already.", code="question_there")


def require_new_code(section: Section, code: str) -> None:
    """A code that nothing published has, and nothing else in this questionnaire. Raises QuestionThere."""
    if Question.objects.filter(section__version=section.version_id, item__code=code).exists():
        raise question_there(code)
    known = Item.objects.filter(code=code).first()
    if known and published_wordings(known):
        raise QuestionThere(
            f"{code} was asked before. Choose another code, or take that question from those asked before.",
            code="code_known",
        )
    if known:
        raise QuestionThere(f"{code} stands in another draft. Choose another code.", code="code_known")
