"""Named surveys: answers are kept with the person who gave them, unsealed, and can be changed until the close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from communities.models import Person
from communities.services.people.journal import Journal
from cop_portal.refusals import Stale
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.named import NamedResponse
from evaluations.questionnaire import Answers
from evaluations.services.answers import one_person
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


def records_of(survey: Survey) -> dict[object, Record | None]:
    """Everyone's answers, for the close; None where the same person has sent others under a record that is one with
    this one now: a person counts once."""
    rows = NamedResponse.objects.filter(survey=survey).values_list("pk", "version", "answers", "person")
    counted = one_person.counted({pk: person for pk, _, _, person in rows})
    return {
        (pk, version): Record(answers, group=grouping.group_of(survey, person)) if pk in counted else None
        for pk, version, answers, person in rows
    }


def follow_invitations(people: Sequence[Person], journal: Journal) -> None:
    """After a merge or its undoing: answers stand with whichever of these records holds the invitation they answer.

    Rows move one by one, and an invitation stays where the other record was asked the same; its answers stay with it.
    """
    asked = Invitation.objects.filter(person__in=people, is_answered=True, survey__mode=PrivacyMode.NAMED)
    answered = set(asked.values_list("survey", "person"))
    rows = {(row.survey_id, row.person_id): row for row in NamedResponse.objects.filter(person__in=people)}
    astray = {survey: row for (survey, person), row in rows.items() if (survey, person) not in answered}
    for survey, person in sorted(answered - rows.keys()):
        if survey in astray:
            journal.change(astray[survey], person_id=person)


def take_out(invitation: Invitation) -> None:
    """What was sent behind a link that reached someone else is not this person's: it goes, as if never sent.

    Within the caller's transaction, which holds the survey open.
    """
    if NamedResponse.objects.filter(survey=invitation.survey_id, person=invitation.person_id).delete()[0]:
        Invitation.objects.filter(pk=invitation.pk).update(is_answered=False)


def forget_named(survey: Survey) -> None:
    """A cancelled survey keeps nobody's answers."""
    NamedResponse.objects.filter(survey=survey).delete()
