"""Which questions ask the same: an item keeps its code for as long as it is one question, and its wording for as long
as nobody can tell the two apart.

*Same*: nothing of what people read or can answer differs, nor who is asked. *Reworded*: the same item, but the trend
starts again. *New*: a code that was never published. Wordings are numbered across all questionnaires, so that an item
used in two of them is one item, and a trend may use every question of one item with one wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from evaluations.groups import ZERO_TO_TEN
from evaluations.models import InstrumentVersion, Item, Question

SAME, REWORDED, NEW = Question.Change.SAME, Question.Change.REWORDED, Question.Change.NEW
OPTION_PARTS = ("code", "label", "score", "excluded", "exclusive")
# What is compared, in the words in which a difference is told.
PARTS = {
    "kind": "its kind",
    "text": "its words",
    "hint": "its hint",
    "options": "its answers",
    "limits": "its limits",
    "is_ordered": "the order of its answers",
    "is_two_sided": "whether its scale is two-sided",
    "show_if": "who is asked it",
}


def as_read(question: Question) -> dict[str, Any]:
    """What people read and can answer, in parts that can be compared."""
    stored = [] if question.kind == ZERO_TO_TEN else question.options
    rule = question.show_if
    return {
        "kind": question.kind,
        "text": question.text,
        "hint": question.hint,
        "options": [tuple(option.get(part) or None for part in OPTION_PARTS) for option in stored],
        "limits": (question.minimum, question.maximum),
        "is_ordered": question.is_ordered,
        "is_two_sided": question.is_two_sided,
        "show_if": (rule["question"], frozenset(rule["in"])) if rule else None,
    }


def differences(one: Question, other: Question) -> list[str]:
    """In which parts they differ, in words; empty when they are the same."""
    first, second = as_read(one), as_read(other)
    return [words for part, words in PARTS.items() if first[part] != second[part]]


def published_wordings(item: Item) -> dict[int, Question]:
    """Each published wording of an item, by its number, as it was first asked."""
    asked = Question.objects.filter(item=item, wording__isnull=False, section__version__published_at__isnull=False)
    found: dict[int, Question] = {}
    for question in asked.order_by("wording", "pk"):
        found.setdefault(question.wording or 0, question)
    return found


def wording_for(question: Question) -> int:
    """The number of this question's wording: that of an equal one already published, or the next."""
    known = published_wordings(question.item)
    equal = (number for number, asked in known.items() if not differences(question, asked))
    return next(equal, max(known, default=0) + 1)


def baselines_of(version: InstrumentVersion) -> dict[int, Question]:
    """What the questions of a draft are compared with, by item: the newest published version of the same questionnaire
    that has the item, or else wherever it was published last. An item that was never published has none. One query."""
    here = Question.objects.filter(section__version=version).values("item")
    return _newest(Question.objects.filter(item__in=here), version)


def baseline_of(question: Question) -> Question | None:
    """The same for one question."""
    return _newest(Question.objects.filter(item=question.item_id), question.section.version).get(question.item_id)


def _newest(questions: QuerySet[Question], version: InstrumentVersion) -> dict[int, Question]:
    published = (
        questions.filter(section__version__published_at__isnull=False)
        .exclude(section__version=version)
        .select_related("section__version__instrument", "item")
        .order_by("section__version__published_at", "section__version__number")
    )
    ranked = sorted(published, key=lambda one: one.section.version.instrument_id == version.instrument_id)
    return {question.item_id: question for question in ranked}


def change_of(question: Question, baseline: Question | None) -> Question.Change:
    """What may be said of a draft's question: there is one answer."""
    if baseline is None:
        return NEW
    return REWORDED if differences(question, baseline) else SAME


def settle_wordings(version: InstrumentVersion) -> None:
    """Number the wording of each question of a draft, and say how it compares with what was asked before."""
    baselines = baselines_of(version)
    for question in Question.objects.filter(section__version=version).select_related("item"):
        question.wording = wording_for(question)
        question.change = change_of(question, baselines.get(question.item_id))
        question.save(update_fields=["wording", "change"])


def wordings_of(version: InstrumentVersion) -> dict[str, int]:
    """The wording of each item of a published version, by its code. One query."""
    asked = Question.objects.filter(section__version=version).values_list("item__code", "wording")
    return {code: wording for code, wording in asked if wording is not None}


def compared(earlier: Mapping[str, int], later: Mapping[str, int]) -> dict[str, Question.Change]:
    """How each item of the later of two versions, of one questionnaire or of two, compares with the earlier.

    Both as `wordings_of` gives them. A trend may join only what is SAME; at what is REWORDED it breaks.
    """
    return {
        code: NEW if code not in earlier else SAME if earlier[code] == wording else REWORDED
        for code, wording in later.items()
    }
