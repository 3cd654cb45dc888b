"""A person's own confidential answers: to see, correct and erase until the key to their pseudonym ends.

Only the person themselves gets this far. Who did what here is noted nowhere: no entry of the trail, and every row of a
survey's answers is rewritten with the one that changes, so that none stands out by the transaction that wrote it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, Model, OuterRef, QuerySet, Value, When

from communities.models import LegalHold, Person
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal, Stale
from evaluations import keys
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Tally
from evaluations.questionnaire import Answers, Questionnaire, questionnaire_of
from evaluations.services.answers.answering import AnswersNotValid, NothingAnswered
from evaluations.services.answers.confidential import coded_of, text_of
from evaluations.services.closing.settling import tally_rows
from evaluations.services.keys.pseudonyms import pseudonym_of, read_key, subjects_of
from evaluations.services.survey_exports.forgetting import forget_rows_of

SHORTENED = 2**31


class AnswersNotFound(Refusal):
    """There are no answers here that can be told to be this person's."""

    status = HTTPStatus.NOT_FOUND


class AnswersChangedMeanwhile(Stale):
    """Answers are corrected only by someone who has seen them as they now are."""


class AnswersOnHold(Refusal):
    """A legal hold pauses every deletion, and a correction deletes what stood there."""


@dataclass(frozen=True)
class OwnAnswers:
    """What someone sent in one confidential survey, texts included, as it now stands."""

    survey: Survey
    pseudonym: str
    answers: Answers

    @property
    def version(self) -> int:
        """A number for exactly these answers. It is made of them, so that no row says how often they were changed."""
        content = json.dumps(self.answers, sort_keys=True).encode()
        return int.from_bytes(hashlib.sha256(content).digest()[:8]) % SHORTENED


def surveys_with_own_answers(person: Person) -> QuerySet[Survey]:
    """The confidential surveys that this person answered, closed, and whose key lives. The newest first."""
    answered = Invitation.objects.filter(survey=OuterRef("pk"), person=person, is_answered=True)
    return (
        Survey.objects.closed()
        .filter(Exists(answered), mode=PrivacyMode.CONFIDENTIAL, pseudonym_key__destroyed_at=None)
        .select_related("community", "version__instrument", "pseudonym_key")
        .newest_first()
    )


def all_own_answers(person: Person) -> list[OwnAnswers]:
    """What this person has sent in confidential surveys and can still find; nothing where a key cannot be read."""
    return _found(person, surveys_with_own_answers(person))


def own_answers(person: Person, survey_id: int) -> OwnAnswers:
    """What this person sent in one survey. Raises AnswersNotFound."""
    found = _found(person, surveys_with_own_answers(person).filter(pk=survey_id))
    if not found:
        raise AnswersNotFound(
            "There are no answers of yours to be found here: you sent none, you erased them, or the key to them has "
            "been destroyed on its day.",
            code="answers_not_found",
        )
    return found[0]


def own_named_answers(person: Person) -> list[tuple[Survey, Answers]]:
    """What this person has sent under their name, the newest survey first."""
    sent = NamedResponse.objects.filter(person=person).exclude(answers={})
    by_survey = dict(sent.values_list("survey", "answers"))
    surveys = Survey.objects.filter(pk__in=by_survey).select_related("community", "version__instrument")
    return [(survey, by_survey[survey.pk]) for survey in surveys.newest_first()]


def _found(person: Person, surveys: Iterable[Survey]) -> list[OwnAnswers]:
    subjects = subjects_of(person)
    wanted = {(survey.pk, one): survey for survey in surveys for one in _pseudonyms(survey, subjects)}
    which = {"survey__in": {pk for pk, _ in wanted}, "pseudonym__in": {pseudonym for _, pseudonym in wanted}}
    coded = ConfidentialResponse.objects.filter(**which).values_list("survey", "pseudonym", "answers")
    found = {(pk, pseudonym): dict(answers) for pk, pseudonym, answers in coded}
    texts = FreeText.objects.filter(mode=PrivacyMode.CONFIDENTIAL, **which)
    for text in texts.order_by("item_code"):
        if text.words and (text.survey_id, text.pseudonym) in found:
            found[text.survey_id, text.pseudonym][text.item_code] = text.text or text.redacted
    return [OwnAnswers(survey, place[1], found[place]) for place, survey in wanted.items() if place in found]


def _pseudonyms(survey: Survey, subjects: Iterable[str]) -> list[str]:
    try:
        key = read_key(survey.pseudonym_key) if survey.pseudonym_key else b""
    except keys.KeyTrouble:
        return []
    return [pseudonym_of(key, subject) for subject in subjects]


@transaction.atomic
def correct_own_answers(*, survey: Survey, answers: Mapping[str, Any], seen: int, by: User) -> OwnAnswers:
    """Puts these answers in place of what someone had sent. `seen` is the version that they had read.

    What has been shown of the survey stays as it is; a text is read by a second reader again before it is shown.
    Raises AnswersNotFound, AnswersOnHold, AnswersChangedMeanwhile, AnswersNotValid, NothingAnswered.
    """
    mine = _to_change(survey, by)
    if mine.version != seen:
        raise AnswersChangedMeanwhile(
            "These answers were changed somewhere else meanwhile. Look at them as they are now.",
            code="answers_changed_meanwhile",
        )
    questionnaire = questionnaire_of(mine.survey.version)
    checked = questionnaire.check(answers)
    if checked.errors:
        raise AnswersNotValid(checked.errors)
    if not checked.answers:
        raise NothingAnswered("Nothing would be left. To take all of it back, erase it.", code="nothing_answered")
    responses = ConfidentialResponse.objects.filter(survey=mine.survey)
    _rewrite(responses, responses.get(pseudonym=mine.pseudonym).pk, answers=coded_of(questionnaire, checked.answers))
    _put_texts(mine, questionnaire, checked.answers)
    _count_again(mine.survey, questionnaire)
    return own_answers(by.person, mine.survey.pk)


@transaction.atomic
def erase_own_answers(*, survey: Survey, by: User) -> None:
    """Destroys what someone sent. What has been shown stays as it is; no row or text of theirs is shown or given out.

    Raises AnswersNotFound, AnswersOnHold.
    """
    mine = _to_change(survey, by)
    _erase(mine)


def _to_change(survey: Survey, by: User) -> OwnAnswers:
    person = Person.objects.filter(user=by).first()
    if person is None:
        raise AnswersNotFound("There are no answers of yours here.", code="answers_not_found")
    # One at a time: what is counted again is counted of what is there.
    Survey.objects.select_for_update().get(pk=survey.pk)
    mine = own_answers(person, survey.pk)
    _require_no_hold(mine.survey, [person])
    return mine


def _require_no_hold(survey: Survey, people: Iterable[Person]) -> None:
    is_held = bool(survey.pseudonym_key and survey.pseudonym_key.held_because)
    if is_held or LegalHold.objects.live().filter(person__in=people).exists():
        raise AnswersOnHold(
            "A legal hold is in place, so nothing can be changed or deleted until it is lifted.", code="on_legal_hold"
        )


def _erase(mine: OwnAnswers) -> None:
    responses = ConfidentialResponse.objects.filter(survey=mine.survey)
    texts = FreeText.objects.filter(survey=mine.survey)
    for rows in (responses, texts):
        rows.filter(pseudonym=mine.pseudonym).delete()
        rows.update(mode=F("mode"))
    _count_again(mine.survey, questionnaire_of(mine.survey.version))


def erase_answers_of(person: Person) -> None:
    """What the erasure of a person takes away of answers: the named ones, and confidential ones that can be found.

    Where a survey is still open, sealed answers are left out when it closes. Raises AnswersOnHold.
    """
    for mine in all_own_answers(person):
        Survey.objects.select_for_update().get(pk=mine.survey.pk)
        _require_no_hold(mine.survey, [])
        _erase(mine)
    # The row stays, empty: that an answer came goes on counting in the share who answered.
    named = NamedResponse.objects.filter(person=person)
    forget_rows_of(named.values_list("survey", flat=True))
    named.update(answers={}, version=F("version") + 1)


def _put_texts(mine: OwnAnswers, questionnaire: Questionnaire, answers: Answers) -> None:
    """Texts that changed: one that was read before waits to be read again, in its place."""
    rows = FreeText.objects.filter(survey=mine.survey)
    for question in questionnaire.questions:
        new, old = str(answers.get(question.code, "")), str(mine.answers.get(question.code, ""))
        if not question.is_text or new == old:
            continue
        there = rows.filter(pseudonym=mine.pseudonym, item_code=question.code)
        if new and old:
            fresh = {"redacted": "", "state": FreeText.State.WAITING, "is_shown": False}
            _rewrite(rows, there.get().pk, text=new, **fresh)
            continue
        there.delete()
        if new:
            text_of(mine.survey, mine.pseudonym, question.code, new).save(force_insert=True)
        rows.update(mode=F("mode"))


def _rewrite(rows: QuerySet[Any], pk: object, **new: Any) -> None:
    """Changes one row, and writes all of them, in one statement: none is newer than the others, or lies elsewhere."""
    model: type[Model] = rows.model

    fields = {field.name: field for field in model._meta.concrete_fields}
    rows.update(
        **{
            name: Case(When(pk=pk, then=Value(value, output_field=fields[name])), default=F(name))
            for name, value in new.items()
        }
    )


def _count_again(survey: Survey, questionnaire: Questionnaire) -> None:
    """Tallies that nobody has seen yet follow what is there now, archives of rows go, and what changed is wiped from
    the files."""
    if survey.release.content["hidden"] and survey.released_with_id is None:
        there = ConfidentialResponse.objects.filter(survey=survey).values_list("pseudonym", "answers")
        found = {pseudonym: dict(answers) for pseudonym, answers in there}
        for text in FreeText.objects.filter(survey=survey, pseudonym__in=found):
            found[text.pseudonym][text.item_code] = text.text
        Tally.objects.filter(survey=survey).delete()
        Tally.objects.bulk_create(tally_rows(survey, questionnaire, list(found.values())))
    forget_rows_of([survey])
    Survey.objects.filter(pk=survey.pk).update(is_wiped=False)
