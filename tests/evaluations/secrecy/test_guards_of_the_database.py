"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Model

from evaluations.models import Invitation, PrivacyMode, PseudonymKey, Question, Release, Section, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.inbox import InboxBox
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response
from tests.factories.communities import NOW
from tests.factories.evaluations import close, give_answers, open_survey_for, published

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def refused(sentence: str | None, write: Any) -> None:
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        write()


@pytest.mark.parametrize(
    "change",
    [
        {"mode": PrivacyMode.NAMED},
        {"mode": PrivacyMode.CONFIDENTIAL},
        {"public_key": b"x" * 32},
        {"canary": b"x" * 80},
        {"box_size": 10},
        {"breakdown": {"kind": "profession", "label": "Profession", "item": "", "groups": []}},
        {"key_id": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_what_an_opened_survey_promised_cannot_be_changed(change: dict[str, Any]) -> None:
    survey = open_survey_for(members=2)
    refused("What an opened survey promised", lambda: Survey.objects.filter(pk=survey.pk).update(**change))


def test_a_survey_cannot_be_moved_to_another_community_or_questionnaire() -> None:
    survey, other = open_survey_for(members=2), open_survey_for(members=2)
    refused(
        "What an opened survey promised",
        lambda: Survey.objects.filter(pk=survey.pk).update(community=other.community),
    )
    refused(
        "What an opened survey promised",
        lambda: Survey.objects.filter(pk=survey.pk).update(version=published("session-pulse")),
    )


def test_a_release_is_neither_changed_nor_deleted() -> None:
    survey = open_survey_for(members=6)
    give_answers(survey, count=6)
    close(survey)
    release = Release.objects.filter(survey=survey)
    refused("A release is never changed", lambda: release.update(content={}))
    refused("A release is never changed", release.delete)


def test_a_published_version_is_changed_in_none_of_its_parts() -> None:
    version = published()
    section = version.sections.order_by("position")[0]
    question = section.questions.order_by("position")[0]
    for write in (
        lambda: type(version).objects.filter(pk=version.pk).update(title="Better"),
        lambda: type(version).objects.filter(pk=version.pk).update(published_at=None),
        lambda: Section.objects.filter(pk=section.pk).update(title="Better"),
        lambda: Section.objects.create(version=version, title="One more", position=99),
        lambda: Question.objects.filter(pk=question.pk).update(text="Better?"),
        lambda: Question.objects.filter(pk=question.pk).delete(),
        lambda: Section.objects.filter(pk=section.pk).delete(),
    ):
        refused("A published version never changes", write)


def test_nobody_is_asked_twice_in_one_survey() -> None:
    survey = open_survey_for(members=2)
    invitation = Invitation.objects.filter(survey=survey).order_by("pk")[0]
    refused(
        None,
        lambda: Invitation.objects.create(
            survey=survey, person=invitation.person, is_established=True, token_hash="0" * 64
        ),
    )


ROWS_OF_MODES: dict[PrivacyMode, Callable[[Survey], Model]] = {
    PrivacyMode.ANONYMOUS: lambda survey: Response(survey=survey, mode="anonymous", answers={}),
    PrivacyMode.CONFIDENTIAL: lambda survey: ConfidentialResponse(survey=survey, pseudonym="a" * 64, answers={}),
    PrivacyMode.NAMED: lambda survey: NamedResponse(
        survey=survey, person=survey.invitations.order_by("pk")[0].person, answers={}
    ),
}
TEXTS_OF_MODES: dict[PrivacyMode, Callable[[Survey], Model]] = {
    PrivacyMode.ANONYMOUS: lambda survey: FreeText(survey=survey, item_code="P4", text="x"),
    PrivacyMode.CONFIDENTIAL: lambda survey: FreeText(
        survey=survey, mode="confidential", pseudonym="a" * 64, item_code="P4", text="x"
    ),
}


@pytest.mark.parametrize("mode", PrivacyMode)
def test_the_database_refuses_an_answer_or_a_text_in_the_table_of_another_mode(mode: PrivacyMode) -> None:
    survey = open_survey_for(members=2, mode=mode)
    for makers in (ROWS_OF_MODES, TEXTS_OF_MODES):
        for kind, make in makers.items():
            row = make(survey)
            if kind == mode:
                row.save(force_insert=True)
            else:
                refused(None, partial(row.save, force_insert=True))


@pytest.mark.parametrize("mode", PrivacyMode)
def test_an_answer_cannot_be_moved_to_a_survey_of_another_mode(mode: PrivacyMode) -> None:
    survey = open_survey_for(members=2, mode=mode)
    rows = [ROWS_OF_MODES[mode](survey), *([TEXTS_OF_MODES[mode](survey)] if mode in TEXTS_OF_MODES else [])]
    others = [open_survey_for(members=2, mode=other) for other in PrivacyMode if other != mode]
    for row in rows:
        row.save(force_insert=True)
        for other in others:
            refused(None, partial(type(row)._default_manager.filter(pk=row.pk).update, survey=other))
            said = {"survey": other, "mode": other.mode}
            refused(None, partial(type(row)._default_manager.filter(pk=row.pk).update, **said))


def test_nothing_is_sealed_where_answers_are_named() -> None:
    survey = open_survey_for(members=2, mode=PrivacyMode.NAMED)
    refused("This survey was not asked in this mode", lambda: InboxBox.objects.create(survey=survey, body=b"x"))


def test_only_a_confidential_text_has_a_pseudonym_and_each_of_those_has() -> None:
    anonymous, confidential = (
        open_survey_for(members=2, mode=mode) for mode in (PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL)
    )
    about = {"item_code": "P4", "text": "x"}
    refused(None, lambda: FreeText.objects.create(survey=anonymous, pseudonym="a" * 64, **about))
    refused(None, lambda: FreeText.objects.create(survey=confidential, mode="confidential", **about))


def test_the_key_that_was_promised_and_its_end_do_not_change() -> None:
    survey, other = (open_survey_for(members=2, mode=PrivacyMode.CONFIDENTIAL) for _ in range(2))
    surveys, keys = Survey.objects.filter(pk=survey.pk), PseudonymKey.objects.filter(pk=survey.pseudonym_key_id or 0)
    refused("What an opened survey promised", lambda: surveys.update(pseudonym_key=other.pseudonym_key))
    refused(None, lambda: surveys.update(pseudonym_key=None))
    for change in ({"ends_on": NOW.date()}, {"key_id": survey.key_id}, {"proof": "x"}, {"community": other.community}):
        refused("The end of a key was promised", partial(keys.update, **change))


def test_a_survey_that_is_not_confidential_gets_no_pseudonym_key() -> None:
    key = open_survey_for(members=2, mode=PrivacyMode.CONFIDENTIAL).pseudonym_key
    survey = open_survey_for(members=2)
    refused(None, lambda: Survey.objects.filter(pk=survey.pk).update(pseudonym_key=key))
