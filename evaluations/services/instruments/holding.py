"""A draft while it is changed: held, so that two who write never overwrite each other, and whole when it is let go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F, QuerySet

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale
from evaluations.groups import are_whole_groups
from evaluations.models import InstrumentVersion, Question, Section
from evaluations.questionnaire import LIKERT, MULTIPLE, SINGLE, ZERO_TO_TEN, options_of

Row = TypeVar("Row", Section, Question)

# Answers that can decide who is asked something else.
DECIDING = frozenset({SINGLE, MULTIPLE, LIKERT, ZERO_TO_TEN})
# Further than any position: rows pass through here on their way to another place.
OUT_OF_THE_WAY = 10_000


class VersionPublished(Conflict):
    """A published version never changes: a changed questionnaire is a new version."""


class DraftChangedMeanwhile(Stale):
    """Two people writing in one draft never overwrite each other."""


class AskedByLaterAnswer(Refusal):
    """Who is asked a question depends on earlier answers only, so nothing goes round in a circle."""


def held(version: InstrumentVersion) -> InstrumentVersion:
    """The draft, held until the end of the transaction. Raises VersionPublished."""
    found = InstrumentVersion.objects.select_for_update(of=("self",)).select_related("instrument").get(pk=version.pk)
    if not found.is_draft:
        raise VersionPublished(
            f"Version {found.number} of “{found.title}” is published and never changes. Make a new version to change "
            "what is asked.",
            code="version_published",
        )
    return found


def require_unchanged(row: InstrumentVersion | Section | Question, read: int) -> None:
    """Refuses to write over what changed after the revision that the writer had read."""
    if row.revision > read:
        raise changed_meanwhile()


def changed_meanwhile() -> DraftChangedMeanwhile:
    return DraftChangedMeanwhile(
        "Someone else has changed this while you were writing. Nothing of theirs has been overwritten, and what "
        "you typed is still here. Compare the two, then save again.",
        code="draft_changed_meanwhile",
    )


def let_go(draft: InstrumentVersion, *, event: str = "instrument.draft_changed", by: User, now: datetime) -> int:
    """Counts a change to the draft and records it; returns the draft's revision from here on."""
    InstrumentVersion.objects.filter(pk=draft.pk).update(revision=F("revision") + 1)
    draft.refresh_from_db(fields=["revision"])
    audit.record(event=event, by=by, target=draft, at=now)
    return draft.revision


def questions_in_order(version: InstrumentVersion) -> QuerySet[Question]:
    asked = Question.objects.filter(section__version=version).select_related("item", "section", "evaluation_question")
    return asked.order_by("section__position", "position")


def require_earlier_answers(draft: InstrumentVersion) -> None:
    """Refuses, by undoing the transaction, what would leave a question to depend on no earlier answer."""
    for words in conditions_broken(questions_in_order(draft)).values():
        raise AskedByLaterAnswer(words, code="asked_by_later_answer")


def conditions_broken(questions: Iterable[Question]) -> dict[str, str]:
    """By the code of the question whose condition does not hold together: what is wrong with it."""
    broken: dict[str, str] = {}
    earlier: dict[str, Question] = {}
    for question in questions:
        code = question.item.code
        if question.show_if and (words := _broken(code, question.show_if, earlier)):
            broken[code] = words
        earlier[code] = question
    return broken


def _broken(code: str, rule: Mapping[str, Any], earlier: Mapping[str, Question]) -> str:
    asked = earlier.get(rule["question"])
    if asked is None:
        return f"{code} is asked by the answer to {rule['question']}, which must stand before it."
    if asked.kind not in DECIDING:
        return f"{code} is asked by the answer to {rule['question']}, so {rule['question']} must be a choice."
    codes = {option.code for option in options_of(asked.kind, asked.options)}
    missing = [given for given in rule["in"] if given not in codes]
    if missing:
        return f"{code} is asked by the answer “{missing[0]}” to {rule['question']}, which has no such answer."
    if asked.kind == ZERO_TO_TEN and not are_whole_groups(rule["in"]):
        return (
            f"{code} is asked by the answer to {rule['question']}: choose whole groups of it (0 to 3, 4 to 6, "
            "7 to 10). Results show nothing finer."
        )
    return ""


def put_in_order(rows: QuerySet[Row], order: Iterable[Row]) -> None:
    """Give these rows the positions 0, 1, 2 …: out of the way first, since no two may stand in one place."""
    rows.update(position=F("position") + OUT_OF_THE_WAY)
    for place, row in enumerate(order):
        rows.filter(pk=row.pk).update(position=place)
