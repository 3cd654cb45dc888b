"""A draft of a questionnaire, written by the product's own services."""

from __future__ import annotations

from typing import Any

from evaluations.models import EvaluationQuestion, InstrumentVersion, Question, Section
from evaluations.services.instruments.content import QuestionContent
from evaluations.services.instruments.drafts import begin_next_version, begin_questionnaire
from evaluations.services.instruments.publishing import publish_version
from evaluations.services.instruments.questions import add_question, edit_question
from tests.evaluations.asking import questionnaire, staff_user
from tests.factories.communities import NOW

YES_NO = ({"code": "1", "label": "Yes"}, {"code": "2", "label": "No"})


def said(code: str, kind: str = "single", **about: Any) -> QuestionContent:
    """What a question says; a single choice of yes and no, unless it says otherwise."""
    usual: dict[str, Any] = {
        "text": f"Question {code}?",
        "evaluation_question": EvaluationQuestion.objects.get(code="1a"),
        "value_cycle": "immediate",
    }
    if kind in ("single", "multiple", "likert"):
        usual["options"] = YES_NO
    if kind in ("short_text", "long_text"):
        usual["max_length"] = 200
    if kind in ("number", "date"):
        usual |= {"minimum": 2000, "maximum": 2030}
    return QuestionContent(code=code, kind=kind, **{**usual, **about})


def blank(*codes: str, code: str = "after-the-visit") -> InstrumentVersion:
    """A new questionnaire with these questions in one section."""
    questionnaire()
    draft = begin_questionnaire(code=code, title="After the visit", by=staff_user(), now=NOW)
    for one in codes:
        add(draft, said(one))
    draft.refresh_from_db()
    return draft


def next_version(code: str = "session-pulse") -> InstrumentVersion:
    return begin_next_version(version=questionnaire(code), by=staff_user(), now=NOW)


def add(draft: InstrumentVersion, content: QuestionContent) -> Question:
    section = Section.objects.filter(version=draft).order_by("position").last()
    assert section
    return add_question(section=section, content=content, by=staff_user(), now=NOW)


def asked_in(draft: InstrumentVersion, code: str) -> Question:
    found = Question.objects.select_related("item", "section__version", "evaluation_question")
    return found.get(section__version=draft, item__code=code)


def edit(question: Question, **changes: Any) -> Question:
    """Change parts of a question, as someone does who has just read it."""
    from dataclasses import replace

    from evaluations.services.instruments.publishing import content_from

    question = asked_in(question.section.version, question.item.code)
    content = replace(content_from(question), **changes)
    return edit_question(question=question, revision=question.revision, content=content, by=staff_user(), now=NOW)


def publish(draft: InstrumentVersion) -> InstrumentVersion:
    draft.refresh_from_db()
    return publish_version(version=draft, revision=draft.revision, by=staff_user(), now=NOW)


def order_of(draft: InstrumentVersion) -> list[list[str]]:
    """The codes of the questions, section by section."""
    sections = Section.objects.filter(version=draft).order_by("position")
    return [list(one.questions.order_by("position").values_list("item__code", flat=True)) for one in sections]
