"""The review list: closed surveys whose single answers have passed their date, or will within some weeks.

Nothing here deletes anything. A survey of which nothing of single people is kept is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from communities.models import LegalHold, Person
from evaluations.models import Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response
from evaluations.models.survey import SurveyQuerySet
from evaluations.services.retention.dates import due_at, kept_for

AHEAD = timedelta(days=60)
HELD_PERSON = "A legal hold on the record of someone who answered under their name."


class Stage(StrEnum):
    """Where the single answers of a closed survey stand."""

    DUE = "due"
    PAUSED = "paused"
    COMING = "coming"
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class Reviewed:
    """A closed survey of which something of single people is, or was, kept. `paused_because` names a legal hold."""

    survey: Survey
    stage: Stage
    due_at: datetime
    paused_because: str

    @property
    def is_due(self) -> bool:
        return self.stage == Stage.DUE


def with_single_answers() -> SurveyQuerySet:
    """Closed surveys of which single answers are kept: `has_rows`, and `has_texts` that are not shown as written."""
    kept = Survey.objects.closed().filter(answers_destroyed_at=None).annotate(**_kept())
    return kept.filter(Q(has_rows=True) | Q(has_texts=True))


def _kept() -> dict[str, Any]:
    rows = [
        Exists(model._default_manager.filter(survey=OuterRef("pk")))
        for model in (Response, ConfidentialResponse, NamedResponse)
    ]
    texts = texts_that_go().filter(survey=OuterRef("pk"))
    return {"has_rows": rows[0] | rows[1] | rows[2], "has_texts": Exists(texts)}


def texts_that_go() -> QuerySet[FreeText]:
    """Texts of which something is kept that is not shown: words nobody sees, or the original of what is shown."""
    is_as_shown = Q(is_shown=True) & (Q(redacted="") | Q(text=""))
    return FreeText.objects.exclude(is_as_shown).exclude(text="", redacted="")


def survey_to_review(surveys: SurveyQuerySet) -> SurveyQuerySet:
    """The closed ones of these, with all that a dry run needs."""
    related = ("community", "version__instrument", "session", "pseudonym_key", "release", "released_with__release")
    return surveys.closed().annotate(**_kept()).select_related(*related)


def listed(*, now: datetime) -> SurveyQuerySet:
    """What is due, paused by a legal hold, or due within AHEAD; the longest closed on top."""
    horizon = now + AHEAD
    without_key = Q(pseudonym_key=None) | Q(pseudonym_key__destroyed_at__isnull=False)
    return (
        with_single_answers()
        .filter(closed_at__lte=horizon - kept_for())
        .filter(without_key | Q(pseudonym_key__ends_on__lte=localdate(horizon)))
        .order_by("closed_at", "pk")
    )


def due(*, now: datetime) -> SurveyQuerySet:
    """What may be destroyed now; the longest closed on top."""
    held = NamedResponse.objects.filter(survey=OuterRef("pk"), person__in=held_people())
    return (
        with_single_answers()
        .filter(closed_at__lte=now - kept_for())
        .filter(Q(pseudonym_key=None) | Q(pseudonym_key__destroyed_at__isnull=False))
        .exclude(Exists(held))
        .order_by("closed_at", "pk")
    )


def held_people() -> QuerySet[Person]:
    """People nothing of whom may be deleted: a hold on a record covers those that were merged into it."""
    held = LegalHold.objects.live().values("person")
    return Person.objects.filter(Q(pk__in=held) | Q(merged_into__in=held) | Q(merged_into__merged_into__in=held))


def reviewed(surveys: Iterable[Survey], *, now: datetime) -> list[Reviewed]:
    """These closed surveys, with where each stands. Needs their pseudonym keys loaded; one query for all of them."""
    surveys = list(surveys)
    answers = NamedResponse.objects.filter(survey__in=[survey.pk for survey in surveys], person__in=held_people())
    held = set(answers.values_list("survey", flat=True))
    return [_reviewed(survey, now, HELD_PERSON if survey.pk in held else _hold_on_key(survey)) for survey in surveys]


def _hold_on_key(survey: Survey) -> str:
    key = survey.pseudonym_key
    if key is None or not key.is_living or not key.held_because:
        return ""
    return f"A legal hold on the key to its pseudonyms: {key.held_because}"


def _reviewed(survey: Survey, now: datetime, paused_because: str) -> Reviewed:
    return Reviewed(survey, _stage(survey, now, paused_because), due_at(survey), paused_because)


def _stage(survey: Survey, now: datetime, paused_because: str) -> Stage:
    if survey.answers_destroyed_at is not None:
        return Stage.DESTROYED
    if due_at(survey) > now:
        return Stage.COMING
    if paused_because:
        return Stage.PAUSED
    key = survey.pseudonym_key
    # Its day has come, and within the hour the worker destroys it.
    return Stage.COMING if key is not None and key.is_living else Stage.DUE
