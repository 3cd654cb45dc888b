"""A person's own confidential answers: to see, correct and erase until the key to their pseudonym ends.

Only the person themselves gets this far. Who did what here is noted nowhere: no entry of the trail, and every row of a
survey's answers is rewritten with the one that changes, so that none stands out by the transaction that wrote it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.formats import date_format
from django.utils.timezone import localdate

from communities.models import LegalHold, Person, PersonMerge
from communities.models.merge import UNDO_WITHIN
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale
from evaluations import keys
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Tally
from evaluations.questionnaire import Answers, Questionnaire, questionnaire_of
from evaluations.services.answers import one_person
from evaluations.services.answers.answering import AnswersNotValid, NothingAnswered
from evaluations.services.answers.confidential import coded_of, text_of
from evaluations.services.closing.settling import tally_rows
from evaluations.services.keys.pseudonyms import pseudonym_of, read_key
from evaluations.services.survey_exports.forgetting import forget_rows_of

SHORTENED = 2**31


class AnswersNotFound(Refusal):
    """There are no answers here that can be told to be this person's."""

    status = HTTPStatus.NOT_FOUND


class AnswersChangedMeanwhile(Stale):
    """Answers are corrected only by someone who has seen them as they now are."""


class AnswersOnHold(Refusal):
    """A legal hold pauses every deletion, and a correction deletes what stood there."""


class AnswersWithheld(Refusal):
    """Nobody comes by what another person has answered by having two records made one."""

    status = HTTPStatus.FORBIDDEN


class MergeCanBeUndone(Conflict):
    """While a merge can be undone, nothing is destroyed that may be somebody else's."""


@dataclass(frozen=True)
class OwnAnswers:
    """What someone sent in one confidential survey, texts included, as it now stands.

    `is_withheld`: there, and not shown, because two records were made one after it was asked, or while it was: nobody
    can tell which of the two answered. It can be erased, unread, from `erasable_from` on.
    """

    survey: Survey
    pseudonyms: tuple[str, ...]
    answers: Answers
    is_withheld: bool = False
    erasable_from: datetime | None = None

    @property
    def version(self) -> int:
        """A number for exactly these answers. It is made of them, so that no row says how often they were changed."""
        content = json.dumps(self.answers, sort_keys=True).encode()
        return int.from_bytes(hashlib.sha256(content).digest()[:8]) % SHORTENED

    def can_be_erased(self, now: datetime) -> bool:
        return self.erasable_from is None or self.erasable_from <= now


def surveys_with_own_answers(person: Person) -> QuerySet[Survey]:
    """The confidential surveys that this person answered, closed, and whose key lives. The newest first.

    Each with `is_withheld` and, where a merge that stands is why, `merged_last_at`.
    """
    return _surveys_of(one_person.records_of(person))


def _surveys_of(records: Sequence[int]) -> QuerySet[Survey]:
    answered = Invitation.objects.filter(survey=OuterRef("pk"), person__in=records, is_answered=True)
    merges = PersonMerge.objects.filter(Q(kept__in=records) | Q(merged__in=records))
    standing = merges.filter(undone_at=None, merged_at__gt=OuterRef("opened_at"))
    undone = merges.filter(undone_at__gt=OuterRef("opened_at"), merged_at__lt=OuterRef("closed_at"))
    return (
        Survey.objects.closed()
        .filter(Exists(answered), mode=PrivacyMode.CONFIDENTIAL, pseudonym_key__destroyed_at=None)
        .annotate(
            is_withheld=Exists(standing) | Exists(undone),
            merged_last_at=Subquery(standing.order_by("-merged_at").values("merged_at")[:1]),
        )
        .select_related("community", "version__instrument", "pseudonym_key")
        .newest_first()
    )


def find_answers(person: Person) -> list[OwnAnswers]:
    """What this person has sent in confidential surveys and can still find, the newest first.

    Nothing where a key cannot be read; what is withheld without its content.
    """
    records = one_person.records_of(person)
    return _found(records, _surveys_of(records))


def answered_by_name(person: Person) -> tuple[QuerySet[Survey], list[OwnAnswers]]:
    """The confidential and named surveys that someone answered, the newest first; and what can be found of them."""
    records = one_person.records_of(person)
    answered = Invitation.objects.filter(person__in=records, is_answered=True)
    surveys = Survey.objects.filter(pk__in=answered.values("survey")).exclude(mode=PrivacyMode.ANONYMOUS)
    surveys = surveys.exclude(state=Survey.State.CANCELLED)
    return surveys.newest_first(), _found(records, _surveys_of(records))


def all_own_answers(person: Person) -> list[OwnAnswers]:
    """Of what someone can find, what is shown to them."""
    return [one for one in find_answers(person) if not one.is_withheld]


def found_in(person: Person, survey_id: int) -> OwnAnswers:
    """What this person sent in one survey; without its content where it is withheld. Raises AnswersNotFound."""
    records = one_person.records_of(person)
    found = _found(records, _surveys_of(records).filter(pk=survey_id))
    if not found:
        raise AnswersNotFound(
            "There are no answers of yours to be found here: you sent none, you erased them, or the key to them has "
            "been destroyed on its day.",
            code="answers_not_found",
        )
    return found[0]


def own_answers(person: Person, survey_id: int) -> OwnAnswers:
    """What this person sent in one survey. Raises AnswersNotFound, AnswersWithheld."""
    mine = found_in(person, survey_id)
    if mine.is_withheld:
        raise AnswersWithheld(
            "These answers are not shown, and cannot be changed: two records were made one after they were asked for, "
            "and nobody but the one who answered may read them.",
            code="answers_withheld",
        )
    return mine


def own_named_answers(person: Person) -> list[tuple[Survey, Answers]]:
    """What this person has sent under their name, the newest survey first.

    Of someone who has sent two, under records that are one now, what the record that was kept sent comes first.
    """
    sent = NamedResponse.objects.filter(person__in=one_person.records_of(person)).exclude(answers={})
    own_first = sent.order_by(Case(When(person=person, then=0), default=1), "pk")
    rows = list(own_first.values_list("survey", "answers"))
    surveys = Survey.objects.filter(pk__in=[pk for pk, _ in rows]).select_related("community", "version__instrument")
    return [(survey, answers) for survey in surveys.newest_first() for pk, answers in rows if pk == survey.pk]


def _found(records: Sequence[int], surveys: Iterable[Survey]) -> list[OwnAnswers]:
    places = {survey: _pseudonyms(survey, records) for survey in surveys}
    which = {
        "survey__in": list(places),
        "pseudonym__in": {pseudonym for pseudonyms in places.values() for pseudonym in pseudonyms},
    }
    coded = ConfidentialResponse.objects.filter(**which).values_list("survey", "pseudonym", "answers")
    found = {(pk, pseudonym): dict(answers) for pk, pseudonym, answers in coded}
    texts = FreeText.objects.filter(mode=PrivacyMode.CONFIDENTIAL, **which)
    for text in texts.order_by("item_code"):
        if text.words and (text.survey_id, text.pseudonym) in found:
            found[text.survey_id, text.pseudonym][text.item_code] = text.text or text.redacted
    there = {survey: [one for one in mine if (survey.pk, one) in found] for survey, mine in places.items()}
    return [
        _withheld(survey, mine) if _is_withheld(survey) else OwnAnswers(survey, (mine[0],), found[survey.pk, mine[0]])
        for survey, mine in there.items()
        if mine
    ]


def _is_withheld(survey: Survey) -> bool:
    return bool(vars(survey)["is_withheld"])


def _withheld(survey: Survey, pseudonyms: Sequence[str]) -> OwnAnswers:
    merged_at: datetime | None = vars(survey)["merged_last_at"]
    erasable_from = merged_at + UNDO_WITHIN if merged_at else None
    return OwnAnswers(survey, tuple(pseudonyms), {}, is_withheld=True, erasable_from=erasable_from)


def _pseudonyms(survey: Survey, records: Sequence[int]) -> list[str]:
    """All under which answers of these records to a survey may be kept: also those of a record that held an invitation
    of theirs only until a merge was undone."""
    try:
        key = read_key(survey.pseudonym_key) if survey.pseudonym_key else b""
    except keys.KeyTrouble:
        return []
    if _is_withheld(survey):
        held = one_person.stand_ins(records)
        asked = survey.invitations.filter(person__in=records).values_list("pk", flat=True) if held else ()
        others = {other for invitation in asked for other in held.get(str(invitation), ())}
        records = [*records, *sorted(others.difference(records))]
    return [pseudonym_of(key, str(record)) for record in records]


@transaction.atomic
def correct_own_answers(*, survey: Survey, answers: Mapping[str, Any], seen: int, by: User) -> OwnAnswers:
    """Puts these answers in place of what someone had sent. `seen` is the version that they had read.

    What has been shown of the survey stays as it is; a text is read by a second reader again before it is shown.
    Raises AnswersNotFound, AnswersWithheld, AnswersOnHold, AnswersChangedMeanwhile, AnswersNotValid, NothingAnswered.
    """
    person = _locked(survey, by)
    mine = own_answers(person, survey.pk)
    _require_no_hold(mine.survey, [person])
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
    _rewrite(
        responses, responses.get(pseudonym=mine.pseudonyms[0]).pk, answers=coded_of(questionnaire, checked.answers)
    )
    _put_texts(mine, questionnaire, checked.answers)
    _count_again(mine.survey, questionnaire)
    return own_answers(by.person, mine.survey.pk)


@transaction.atomic
def erase_own_answers(*, survey: Survey, by: User, now: datetime) -> None:
    """Destroys what someone sent. What has been shown stays as it is; no row or text of theirs is shown or given out.

    Raises AnswersNotFound, AnswersOnHold; MergeCanBeUndone, where that of two records is why they are withheld.
    """
    person = _locked(survey, by)
    mine = found_in(person, survey.pk)
    if not mine.can_be_erased(now):
        raise MergeCanBeUndone(
            "Two records were made one after these answers were asked for, and until "
            f"{date_format(localdate(mine.erasable_from))} that can be undone. Nothing is destroyed meanwhile.",
            code="merge_can_be_undone",
        )
    _require_no_hold(mine.survey, [person])
    _erase(mine)


def _locked(survey: Survey, by: User) -> Person:
    """Who it is; the survey's answers are changed by one at a time, for what is counted again is of what is there."""
    person = Person.objects.filter(user=by).first()
    if person is None:
        raise AnswersNotFound("There are no answers of yours here.", code="answers_not_found")
    Survey.objects.select_for_update().get(pk=survey.pk)
    return person


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
        rows.filter(pseudonym__in=mine.pseudonyms).delete()
        rows.update(mode=F("mode"))
    _count_again(mine.survey, questionnaire_of(mine.survey.version))


def erase_answers_of(person: Person) -> None:
    """What the erasure of a person takes away of answers: the named ones, and confidential ones that can be found.

    Where a survey is still open, sealed answers are left out when it closes. Raises AnswersOnHold.
    """
    for mine in find_answers(person):
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
        there = rows.filter(pseudonym=mine.pseudonyms[0], item_code=question.code)
        if new and old:
            fresh = {"redacted": "", "state": FreeText.State.WAITING, "is_shown": False}
            _rewrite(rows, there.get().pk, text=new, **fresh)
            continue
        there.delete()
        if new:
            text_of(mine.survey, mine.pseudonyms[0], question.code, new).save(force_insert=True)
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
