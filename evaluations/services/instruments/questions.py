"""The questions of a draft: added, taken from those asked before, changed, moved, removed; and who is asked each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal
from evaluations.models import Item, Question, Section
from evaluations.services.instruments.codes import question_there, require_new_code
from evaluations.services.instruments.content import QuestionContent, require_well_formed
from evaluations.services.instruments.drafts import forget_unused_items
from evaluations.services.instruments.holding import (
    held,
    let_go,
    put_in_order,
    questions_in_order,
    require_earlier_answers,
    require_unchanged,
)
from evaluations.services.instruments.removed import keep_removed
from evaluations.wordings import NEW, REWORDED, SAME, baseline_of, change_of, differences


class NotTheSame(Refusal):
    """What is said of a question compared with what was asked before is checked."""


class NeverAsked(Refusal):
    """Only what was published is taken from elsewhere."""


@transaction.atomic
def add_question(*, section: Section, content: QuestionContent, by: User, now: datetime) -> Question:
    """Adds a question, with a code that was never used, at the end of a section."""
    draft = held(section.version)
    require_well_formed(content)
    require_new_code(section, content.code)
    item, _ = Item.objects.get_or_create(code=content.code)
    question = Question(section=section, item=item, position=section.questions.count())
    _write(question, content)
    question.change, question.revision = NEW, let_go(draft, by=by, now=now)
    question.save()
    return question


@transaction.atomic
def add_known_question(*, section: Section, question: Question, by: User, now: datetime) -> Question:
    """Adds a question asked before, as it was asked: it stays the same item, and its trend goes on.

    Its condition comes with it where its earlier question stands here too; otherwise everyone is asked.
    """
    draft = held(section.version)
    if question.wording is None:
        raise NeverAsked("This question was never published. Write it anew.", code="never_asked")
    here = {other.item.code: other for other in questions_in_order(draft)}
    if question.item.code in here:
        raise question_there(question.item.code)
    rule = question.show_if if question.show_if and question.show_if["question"] in here else None
    taken = Question.objects.get(pk=question.pk)
    taken.pk, taken.section, taken.position = None, section, section.questions.count()
    taken.show_if, taken.wording, taken.revision = rule, None, let_go(draft, by=by, now=now)
    taken.change = change_of(taken, baseline_of(taken))
    taken.save(force_insert=True)
    require_earlier_answers(draft)
    return taken


@transaction.atomic
def edit_question(*, question: Question, revision: int, content: QuestionContent, by: User, now: datetime) -> Question:
    """Changes a question of a draft. What is said about sameness (`content.change`) is checked against the words.

    A code that was published stays with its question; a *new* question takes a code that was never used. Where others
    are asked by the answer to this one, they follow its code, and the answers that they name must stay.
    """
    draft = held(question.section.version)
    question.refresh_from_db()
    require_unchanged(question, revision)
    require_well_formed(content)
    _take_code(question, content)
    _write(question, content)
    _require_true(question, content.change)
    question.change, question.revision = change_of(question, baseline_of(question)), let_go(draft, by=by, now=now)
    question.save()
    forget_unused_items()
    require_earlier_answers(draft)
    return question


@transaction.atomic
def ask_only(*, question: Question, revision: int, of: str, codes: list[str], by: User, now: datetime) -> Question:
    """Ask this only of those who gave one of these answers to an earlier question; with no `of`, ask everyone."""
    draft = held(question.section.version)
    question.refresh_from_db()
    require_unchanged(question, revision)
    if of and not codes:
        raise Refusal("Choose at least one answer, or ask everyone.", code="no_answer_chosen")
    question.show_if = {"question": of, "in": codes} if of else None
    question.change, question.revision = change_of(question, baseline_of(question)), let_go(draft, by=by, now=now)
    question.save(update_fields=["show_if", "change", "revision"])
    require_earlier_answers(draft)
    return question


@transaction.atomic
def move_question(*, question: Question, up: bool, by: User, now: datetime) -> None:
    """Moves a question one place up or down; past the end of its section into the next one. At the very end it stays.

    Refused where a question would come to stand before the one whose answer decides who is asked it.
    """
    draft = held(question.section.version)
    question.refresh_from_db()
    section = question.section
    order = list(section.questions.order_by("position"))
    place = order.index(question)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        put_in_order(section.questions.all(), order)
    elif not _move_across(question, up=up):
        return
    require_earlier_answers(draft)
    let_go(draft, by=by, now=now)


def _move_across(question: Question, *, up: bool) -> bool:
    """Into the section above, as its last; or into the one below, as its first."""
    section = question.section
    beside = Section.objects.filter(version=section.version_id)
    before = beside.filter(position__lt=section.position).order_by("-position")
    after = beside.filter(position__gt=section.position).order_by("position")
    target = (before if up else after).first()
    if target is None:
        return False
    there = list(target.questions.order_by("position"))
    Question.objects.filter(pk=question.pk).update(section=target, position=len(there))
    put_in_order(target.questions.all(), [*there, question] if up else [question, *there])
    put_in_order(section.questions.all(), section.questions.order_by("position"))
    return True


@transaction.atomic
def remove_question(*, question: Question, by: User, now: datetime) -> None:
    """Removes a question, which can be put back. Refused where who is asked another depends on it."""
    draft = held(question.section.version)
    section = question.section
    keep_removed(draft, section, [Question.objects.get(pk=question.pk)], is_section=False)
    # By its key, so that a refusal leaves the question in hand as it was.
    Question.objects.filter(pk=question.pk).delete()
    put_in_order(section.questions.all(), section.questions.order_by("position"))
    require_earlier_answers(draft)
    forget_unused_items()
    let_go(draft, by=by, now=now)


def _write(question: Question, content: QuestionContent) -> None:
    said = asdict(content)
    for name in ("code", "change"):
        said.pop(name)
    for name, value in said.items():
        setattr(question, name, value)


def _take_code(question: Question, content: QuestionContent) -> None:
    """The code that a question has after a change, and in the conditions of those who depend on it."""
    old = question.item.code
    if content.code == old:
        return
    if content.change != NEW and baseline_of(question):
        raise NotTheSame(
            f"{old} was asked before and keeps its code. Say that this is a new question to give it another.",
            code="code_stays",
        )
    require_new_code(question.section, content.code)
    question.item, _ = Item.objects.get_or_create(code=content.code)
    for other in questions_in_order(question.section.version).exclude(show_if=None).exclude(pk=question.pk):
        if other.show_if and other.show_if["question"] == old:
            other.show_if = {**other.show_if, "question": content.code}
            other.save(update_fields=["show_if"])


def _require_true(question: Question, said: str) -> None:
    """Refuses a statement about sameness that the words do not bear out."""
    baseline = baseline_of(question)
    if baseline is None or not said:
        return
    code, where = question.item.code, baseline.section.version
    changed = differences(question, baseline)
    if said == NEW:
        raise NotTheSame(
            f"A new question has a code of its own: {code} was asked in “{where}”. Give this one another code.",
            code="new_needs_new_code",
        )
    if said == SAME and changed:
        raise NotTheSame(
            f"{code} is no longer the same as in “{where}”: {_listed(changed)} changed. Say that it is reworded, so "
            "that its trend starts again, or new.",
            code="not_the_same",
        )
    if said == REWORDED and not changed:
        raise NotTheSame(f"{code} is word for word as in “{where}”: it is the same.", code="not_reworded")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
