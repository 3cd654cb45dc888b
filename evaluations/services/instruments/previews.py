"""What a questionnaire in a file would be as a draft: its checks, and how its questions compare. Nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluations.instrument_checks.checks import Checks, checks_of
from evaluations.models import EvaluationQuestion, Item, Question, Section
from evaluations.questionnaire import Questionnaire, asked
from evaluations.services.instruments.files import Plan, question_of
from evaluations.wordings import differences


@dataclass(frozen=True)
class Compared:
    """A question of a file, and how it compares with what was asked under its code. `differs`: in what, in words."""

    question: Question
    change: Question.Change
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Foreseen:
    questions: tuple[Compared, ...]
    checks: Checks


def foreseen(plan: Plan) -> Foreseen:
    """Three queries, whatever the number of questions."""
    questions = list(_questions(plan))
    before = _asked_before([question.item.code for question in questions], plan.code)
    compared = tuple(_compared(question, before.get(question.item.code)) for question in questions)
    questionnaire = Questionnaire(plan.instrument["title"], tuple(asked(question) for question in questions))
    return Foreseen(compared, checks_of(questionnaire))


def _questions(plan: Plan) -> Iterable[Question]:
    scales = {scale["code"]: scale["options"] for scale in plan.content["scales"]}
    questions = {question["code"]: question for question in plan.instrument["questions"]}
    serves = {question.code: question for question in EvaluationQuestion.objects.all()}
    for section in plan.instrument["sections"]:
        for code in section["questions"]:
            question = question_of(questions[code], scales, serves)
            question.item, question.section = Item(code=code), Section(title=section["title"])
            yield question


def _asked_before(codes: list[str], instrument: str) -> dict[str, Question]:
    """By code what was published last, first of all in the same questionnaire: as a draft would be compared."""
    published = (
        Question.objects.filter(item__code__in=codes, section__version__published_at__isnull=False)
        .select_related("item", "section__version__instrument")
        .order_by("section__version__published_at", "section__version__number")
    )
    ranked = sorted(published, key=lambda one: one.section.version.instrument.code == instrument)
    return {question.item.code: question for question in ranked}


def _compared(question: Question, before: Question | None) -> Compared:
    if before is None:
        return Compared(question, Question.Change.NEW, ())
    differs = tuple(differences(question, before))
    return Compared(question, Question.Change.REWORDED if differs else Question.Change.SAME, differs)


def becomes(plan: Plan) -> str:
    """What would be made of a questionnaire in a file, in one sentence."""
    if plan.same_as is not None:
        return f"It is published already, just as it stands: version {plan.same_as.number}. No draft is needed."
    if plan.draft is not None:
        return "It has a draft already. Publish or delete that first, then come back to this page."
    if plan.is_new:
        return f"It would become a new questionnaire, as a draft of version {plan.number}."
    return f"It would become a draft of version {plan.number}."
