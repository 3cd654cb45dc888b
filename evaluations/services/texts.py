"""What people wrote, as far as it is shown. The only door to a released text, for pages, API and exports.

Texts belong to a closed survey whose results are shown; where earlier answers, too few alone, are in its figures, their
texts are among its texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.response import FreeText
from evaluations.questionnaire import TEXTS


def released_texts(survey: Survey) -> dict[str, list[str]]:
    """The texts that are shown, by question, each question's in an order of their own that never changes.

    Only questions of which so many are shown that nobody planted among the answers can tell whose the others are.
    """
    if not (codes := codes_shown(survey)):
        return {}
    found: dict[str, list[str]] = {code: [] for code in codes}
    for text in texts_of(survey).filter(item_code__in=codes, is_shown=True).order_by("pk"):
        found[text.item_code].append(text.words)
    if not any(found.values()):
        return {}
    enough = needed(survey)
    return {code: texts for code, texts in found.items() if len(texts) >= enough}


def needed(survey: Survey) -> int:
    """From how many texts on a question's are shown: the minimum, apart from people who do not count towards it."""
    return survey.release.minimum_base + newcomers_in([survey])[survey.pk]


def newcomers_in(surveys: Iterable[Survey]) -> Counter[int]:
    """How many of those who answered do not count towards the minimum, by the survey that shows their answers."""
    answered = Invitation.objects.filter(is_answered=True, is_established=False)
    showing = answered.annotate(showing=Coalesce("survey__released_with", "survey")).filter(
        showing__in=[survey.pk for survey in surveys]
    )
    return Counter(dict(showing.order_by().values_list("showing").annotate(number=Count("pk"))))


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
