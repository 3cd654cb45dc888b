"""What a close leaves of confidential answers: each under a pseudonym, whatever their number, with no time or order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import SystemRandom
from typing import TypeVar

from communities.models import Person
from evaluations.models import PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.response import FreeText
from evaluations.questionnaire import Answers, Questionnaire
from evaluations.services.answers import one_person
from evaluations.services.answers.boxes import Record
from evaluations.services.keys.pseudonyms import key_at_close, pseudonym_of

_random = SystemRandom()
Place = TypeVar("Place")


def under_pseudonyms(survey: Survey, opened: Mapping[Place, Record]) -> dict[Place, Record | None]:
    """The same records, each with a pseudonym for its subject; without one, those of people erased meanwhile.

    None where the same person has sent another one, under a record that is one with this one now: a person counts
    once, and what does not count is not kept. Raises keys.KeyMissing.
    """
    key = key_at_close(survey)
    subjects = {place: int(record.subject) for place, record in opened.items()}
    erased = _erased(survey, subjects.values())
    counted = one_person.counted(subjects)
    return {
        place: replace(record, subject="" if subjects[place] in erased else pseudonym_of(key, record.subject))
        if place in counted
        else None
        for place, record in opened.items()
    }


def _erased(survey: Survey, subjects: Iterable[int]) -> set[int]:
    """The subjects whose answers are of somebody who was erased meanwhile."""
    erased = set(Person.objects.filter(pk__in=subjects).exclude(erased_on=None).values_list("pk", flat=True))
    asked = dict(survey.invitations.exclude(person__erased_on=None).values_list("pk", "person"))
    held = one_person.stand_ins(asked.values())
    return erased.union(*(held.get(str(invitation), set()) for invitation in asked))


def keep_confidential(survey: Survey, questionnaire: Questionnaire, shuffled: Sequence[Record]) -> None:
    """Keeps coded answers and texts, apart, under the pseudonyms that they come with. One without is not kept."""
    kept = [record for record in shuffled if record.subject]
    ConfidentialResponse.objects.bulk_create(
        ConfidentialResponse(survey=survey, pseudonym=record.subject, answers=coded_of(questionnaire, record.answers))
        for record in kept
    )
    for question in questionnaire.questions:
        if question.is_text:
            written = [record for record in kept if question.code in record.answers]
            _random.shuffle(written)
            FreeText.objects.bulk_create(
                text_of(survey, record.subject, question.code, str(record.answers[question.code])) for record in written
            )


def coded_of(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """These answers without texts."""
    texts = {question.code for question in questionnaire.questions if question.is_text}
    return {code: answer for code, answer in answers.items() if code not in texts}


def text_of(survey: Survey, pseudonym: str, item_code: str, text: str) -> FreeText:
    return FreeText(survey=survey, mode=PrivacyMode.CONFIDENTIAL, pseudonym=pseudonym, item_code=item_code, text=text)
