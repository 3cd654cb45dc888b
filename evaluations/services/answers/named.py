"""Named surveys: answers are kept with the person who gave them, unsealed, and can be changed until the close."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from communities.models import Person
from cop_portal.refusals import Stale
from evaluations.models import PrivacyMode, Survey
from evaluations.models.named import NamedResponse
from evaluations.questionnaire import Answers
from evaluations.services.answers.boxes import Record
from evaluations.services.surveys import grouping


class AnswersSentMeanwhile(Stale):
    """Answers are changed only by someone who has seen them as they now are."""


def is_named(survey: Survey) -> bool:
    return survey.mode == PrivacyMode.NAMED


def sent_by(survey: Survey, person_id: int | None) -> tuple[Answers, int]:
    """What someone has sent, and its version; nothing, version 0."""
    found = NamedResponse.objects.filter(survey=survey, person=person_id).values_list("answers", "version").first()
    return found or ({}, 0)


def as_stored(person_id: int, answers: Answers) -> dict[str, Any]:
    """The very record that is kept: whose answers, and which."""
    person = Person.objects.select_related("user").get(pk=person_id)
    return {"person": person.name, "answers": answers}


def keep_named(survey: Survey, person_id: int, answers: Answers, *, version: int) -> None:
    """Keeps what someone sends, in place of what they sent before. `version` is what they had seen; 0, nothing.

    Within the caller's transaction. Raises AnswersSentMeanwhile.
    """
    mine = NamedResponse.objects.filter(survey=survey, person=person_id)
    if version:
        is_kept = bool(mine.filter(version=version).update(answers=answers, version=version + 1))
    else:
        is_kept = _insert(NamedResponse(survey=survey, person_id=person_id, answers=answers))
    if not is_kept:
        raise AnswersSentMeanwhile(
            "Your answers were sent, or changed, somewhere else meanwhile. Look at them as they are now, and send "
            "again if you want them otherwise.",
            code="answers_sent_meanwhile",
        )


def _insert(new: NamedResponse) -> bool:
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def records_of(survey: Survey) -> dict[object, Record]:
    """Everyone's answers, for the close."""
    rows = NamedResponse.objects.filter(survey=survey).values_list("pk", "version", "answers", "person")
    return {
        (pk, version): Record(answers, group=grouping.group_of(survey, person)) for pk, version, answers, person in rows
    }


def forget_named(survey: Survey) -> None:
    """A cancelled survey keeps nobody's answers."""
    NamedResponse.objects.filter(survey=survey).delete()
