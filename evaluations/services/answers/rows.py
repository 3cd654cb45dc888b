"""Rows of answers for those who may have them: confidential ones without anyone behind them, named ones with.

Of anonymous surveys there are none, whoever asks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings

from communities.models import Person
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.questionnaire import Answers
from evaluations.services.answers import one_person


class NoRowsInThisMode(Refusal):
    """Rows leave the portal only in the mode that said so before anyone answered."""


class NotClosedYet(Conflict):
    """Answers are shown to others once the survey has closed, and not before."""


class TooFewRows(Refusal):
    """Among few rows, a person can be known by their answers alone."""


class RowsGiveAway(Refusal):
    """What results count and rows do not hold could be taken off: it is the answers of very few."""


@dataclass(frozen=True)
class NamedRow:
    """One person's answers, texts included. `version` 1: as first sent; higher: changed so many times less one."""

    person: Person
    answers: Answers
    version: int


def confidential_rows(survey: Survey) -> list[Answers]:
    """Coded answers, without pseudonym and texts, ordered by what they say: the same rows always in the same order.

    Raises NoRowsInThisMode, NotClosedYet, TooFewRows (under CONFIDENTIAL_ROWS_FROM), RowsGiveAway.
    """
    _require(survey, PrivacyMode.CONFIDENTIAL)
    rows: list[Answers] = list(ConfidentialResponse.objects.filter(survey=survey).values_list("answers", flat=True))
    _require_enough(survey, len(rows))
    _require_as_in_the_results(survey, len(rows))
    return sorted(rows, key=lambda answers: json.dumps(answers, sort_keys=True))


def _require_enough(survey: Survey, number: int) -> None:
    """People who joined just before the opening do not count: whoever added them knows their answers, and could tell
    whose the others are."""
    newcomers = survey.invitations.filter(is_answered=True, is_established=False).count()
    if number - newcomers < settings.CONFIDENTIAL_ROWS_FROM:
        raise TooFewRows(
            f"Rows of answers are given out from {settings.CONFIDENTIAL_ROWS_FROM} on, of people who were members well "
            "before the survey opened; this survey has fewer.",
            code="too_few_rows",
        )


def _require_as_in_the_results(survey: Survey, number: int) -> None:
    """Whatever rows are given out, at whatever time, results less rows and rows less rows leave nobody, or as many as
    a group that is shown."""
    if Survey.objects.filter(released_with=survey).exists():
        raise RowsGiveAway(
            "The results of this survey hold the answers to an earlier one too, which were too few to show alone. "
            "Beside rows of this one, those few could be worked out, so no rows are given out.",
            code="rows_give_away",
        )
    minimum = survey.release.minimum_base
    if (survey.release.content["answered"]["value"] - number) % minimum:
        raise RowsGiveAway(
            "Some of the answers that the results count have been erased. Beside rows without them, what those few had "
            f"answered could be worked out. Rows are given out only while none are missing, or {minimum} at a time.",
            code="rows_give_away",
        )


def named_rows(survey: Survey) -> list[NamedRow]:
    """Everyone's answers, in the order of their names. People erased meanwhile are not among them.

    Of someone who sent two, under records that were made one, those of the record kept.

    Raises NoRowsInThisMode, NotClosedYet.
    """
    _require(survey, PrivacyMode.NAMED)
    found = (
        NamedResponse.objects.filter(survey=survey, person__erased_on=None)
        .select_related("person__user")
        .order_by("person__user__name", "person")
    )
    counted = one_person.counted({one.pk: one.person_id for one in found})
    return [NamedRow(one.person, one.answers, one.version) for one in found if one.pk in counted]


def _require(survey: Survey, mode: PrivacyMode) -> None:
    if survey.mode != mode:
        raise NoRowsInThisMode(
            f"This survey is {survey.get_mode_display().lower()}: it has no such rows.", code="no_rows_in_this_mode"
        )
    if survey.state != Survey.State.CLOSED:
        raise NotClosedYet("Answers can be read after the survey has closed.", code="not_closed_yet")
