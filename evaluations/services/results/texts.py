"""What people wrote, as far as it is shown. The only door to a released text, for pages, API and exports.

Texts belong to a closed survey whose results are shown; where earlier answers, too few alone, are in its figures, their
texts are among its texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from evaluations import results
from evaluations.models import Invitation, PrivacyMode, PulseRoom, Survey
from evaluations.models.response import FreeText
from evaluations.questionnaire import TEXTS
from evaluations.services.results.turnouts import Asked, asked_of, established_among, number_of, turnout_of


@dataclass(frozen=True)
class TextsOfQuestion:
    """What is shown of what was written about one question; `is_waiting` while the second reader has not finished."""

    shown: Sequence[str]
    is_waiting: bool


def released_texts(survey: Survey) -> dict[str, list[str]]:
    """The texts that are shown, by question, each question's in an order of their own that never changes.

    Only questions of which so many are shown that nobody planted among the answers can tell whose the others are.
    """
    found = texts_by_question(survey)
    return {code: list(texts.shown) for code, texts in found.items() if texts.shown}


def texts_by_question(survey: Survey) -> dict[str, TextsOfQuestion]:
    """What is shown of what was written, for every question of a closed survey that may have texts to show."""
    if not (codes := codes_shown(survey)):
        return {}
    rows: dict[str, list[FreeText]] = {code: [] for code in codes}
    for row in texts_of(survey).filter(item_code__in=codes).order_by("pk"):
        rows[row.item_code].append(row)
    enough = needed(survey) if any(rows.values()) else 0
    return {code: _shown(texts, enough) for code, texts in rows.items()}


def _shown(rows: Sequence[FreeText], enough: int) -> TextsOfQuestion:
    shown = [row.words for row in rows if row.is_shown]
    left = [row for row in rows if row.state != FreeText.State.WITHHELD]
    is_waiting = len(left) >= enough and any(not row.is_shown for row in left)
    return TextsOfQuestion(shown if len(shown) >= enough else (), is_waiting)


def needed(survey: Survey) -> int:
    """From how many texts on a question's are shown: so many that five different people must have written them.

    Apart from those who do not count towards the minimum, and from answers beyond the first that somebody gave to the
    surveys shown together.
    """
    return survey.release.minimum_base + newcomers_in([survey])[survey.pk]


def newcomers_in(surveys: Iterable[Survey]) -> Counter[int]:
    """How many answers are of nobody who counts towards the minimum, or of somebody who counts by another one.

    By the survey that shows them. One query, and one more where somebody was asked under a record that was merged
    since; for pulses one more, and some for each that was answered in a room: there it depends on who is recorded as
    having been in it.
    """
    surveys = list(surveys)
    showing_in = [survey.pk for survey in surveys]
    answered: dict[int, list[Asked]] = {showing: [] for showing in showing_in}
    for one in asked_of(_shown_by(Invitation.objects.filter(is_answered=True), showing_in), showing="showing"):
        answered[one.showing].append(one)
    found = Counter({pk: number_of(asked) - len(established_among(asked)) for pk, asked in answered.items()})
    pulses = [survey.pk for survey in surveys if survey.session_id]
    rooms = _shown_by(PulseRoom.objects.all(), pulses).values_list("showing", flat=True) if pulses else ()
    for showing in set(rooms):
        pool = Survey.objects.filter(Q(pk=showing) | Q(released_with=showing)).values_list("pk", flat=True)
        found[showing] = turnout_of(list(pool)).newcomers
    return found


def _shown_by(rows: QuerySet[Any], showing_in: list[int]) -> QuerySet[Any]:
    showing: QuerySet[Any] = rows.annotate(showing=Coalesce("survey__released_with", "survey"))
    return showing.filter(showing__in=showing_in).order_by()


def codes_shown(survey: Survey) -> list[str]:
    """The questions of a closed survey whose texts may be shown, in order; none while its results are hidden."""
    if survey.state != Survey.State.CLOSED or survey.mode == PrivacyMode.NAMED:
        return []
    found = results.of(survey)
    may_be = [q for q in found.questions if q.kind in TEXTS and not isinstance(q.headline, results.Suppressed)]
    return [] if found.hidden else [question.code for question in may_be]


def texts_of(survey: Survey) -> QuerySet[FreeText]:
    """The texts of a survey, and of those whose answers were released together with it."""
    return FreeText.objects.filter(Q(survey=survey) | Q(survey__released_with=survey))
