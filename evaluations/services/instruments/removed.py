"""What was removed from a draft is kept with it until it is published, and can be put back where it stood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict
from evaluations.models import EvaluationQuestion, InstrumentVersion, Item, Question, Scale, Section
from evaluations.services.instruments.codes import question_there, require_new_code
from evaluations.services.instruments.holding import (
    held,
    let_go,
    put_in_order,
    questions_in_order,
    require_earlier_answers,
)
from evaluations.wordings import NEW, baseline_of, change_of

# The oldest of more than these are forgotten.
MOST_KEPT = 50
# Of a question, beside its code and what it serves.
KEPT = (
    "kind", "text", "hint", "scale", "options", "show_if", "max_length", "minimum", "maximum", "is_required",
    "is_ordered", "is_two_sided", "value_cycle", "change",
)  # fmt: skip


class NotRemoved(Conflict):
    """What was removed is put back once."""


@dataclass(frozen=True)
class Removed:
    """Something that can be put back: a question, or a section with its questions. `section` is where it stood."""

    key: str
    is_section: bool
    section: str
    questions: Sequence[tuple[str, str]]


def removed_from(draft: InstrumentVersion) -> list[Removed]:
    """What was removed from a draft and can be put back, the newest first."""
    return [
        Removed(
            key=one["key"],
            is_section=one["is_section"],
            section=one["section"]["title"],
            questions=[(question["code"], question["text"]) for question in one["questions"]],
        )
        for one in draft.removed
    ]


def keep_removed(
    draft: InstrumentVersion, section: Section, questions: Iterable[Question], *, is_section: bool
) -> None:
    """Keeps what is about to be removed from a draft that is held."""
    kept = {
        "key": uuid4().hex,
        "is_section": is_section,
        "section": {"pk": section.pk, "title": section.title, "position": section.position},
        "questions": [_kept(question) for question in questions],
    }
    _write(draft, [kept, *draft.removed][:MOST_KEPT])


def _kept(question: Question) -> dict[str, Any]:
    return {
        **{name: getattr(question, name) for name in KEPT},
        "code": question.item.code,
        "position": question.position,
        "evaluation_question": question.evaluation_question.code,
    }


def _write(draft: InstrumentVersion, removed: list[dict[str, Any]]) -> None:
    InstrumentVersion.objects.filter(pk=draft.pk).update(removed=removed)
    draft.removed = removed


@transaction.atomic
def put_back(*, version: InstrumentVersion, key: str, by: User, now: datetime) -> list[str]:
    """Puts a question or a section back where it stood, as near as that still is; returns the codes of its questions.

    A condition comes back where its earlier question stands here; otherwise everyone is asked. Raises NotRemoved, and
    QuestionThere where a code has been used elsewhere meanwhile.
    """
    draft = held(version)
    kept = next((one for one in draft.removed if one["key"] == key), None)
    if kept is None:
        raise NotRemoved("This has been put back already, or is not kept any more.", code="not_removed")
    revision = let_go(draft, event="instrument.put_back", by=by, now=now)
    section = _section(draft, kept, revision)
    for question in kept["questions"]:
        _put_question(draft, section, question, revision)
    require_earlier_answers(draft)
    _write(draft, [one for one in draft.removed if one["key"] != key])
    return [question["code"] for question in kept["questions"]]


def _section(draft: InstrumentVersion, kept: Mapping[str, Any], revision: int) -> Section:
    """Of a question the section in which it stood, or the last; a removed section is made anew in its place."""
    rows = Section.objects.filter(version=draft)
    in_order = list(rows.order_by("position"))
    if not kept["is_section"]:
        return next((one for one in in_order if one.pk == kept["section"]["pk"]), in_order[-1])
    section = Section.objects.create(
        version=draft, title=kept["section"]["title"], position=len(in_order), revision=revision
    )
    in_order.insert(kept["section"]["position"], section)
    put_in_order(rows, in_order)
    return section


def _put_question(draft: InstrumentVersion, section: Section, kept: Mapping[str, Any], revision: int) -> None:
    here = {other.item.code for other in questions_in_order(draft)}
    if kept["code"] in here:
        raise question_there(kept["code"])
    if kept["change"] == NEW:
        require_new_code(section, kept["code"])
    item, _ = Item.objects.get_or_create(code=kept["code"])
    in_order = list(section.questions.order_by("position"))
    question = Question(section=section, item=item, position=len(in_order), revision=revision)
    for name in KEPT:
        setattr(question, name, kept[name])
    question.evaluation_question = EvaluationQuestion.objects.get(code=kept["evaluation_question"])
    if kept["show_if"] and kept["show_if"]["question"] not in here:
        question.show_if = None
    # Its scale may have changed since, or be gone: then its answers are its own.
    scale = Scale.objects.filter(code=kept["scale"]).first() if kept["scale"] else None
    question.scale, question.options = (scale.code, scale.options) if scale else ("", kept["options"])
    question.change = change_of(question, baseline_of(question))
    question.save(force_insert=True)
    in_order.insert(kept["position"], question)
    put_in_order(section.questions.all(), in_order)
