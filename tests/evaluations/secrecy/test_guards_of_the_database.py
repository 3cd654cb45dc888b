"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from evaluations.models import Invitation, PrivacyMode, Question, Release, Section, Survey
from evaluations.models.response import Response
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


def test_an_answer_of_another_mode_has_no_place() -> None:
    survey = open_survey_for(members=2)
    refused(None, lambda: Response.objects.create(survey=survey, mode=PrivacyMode.NAMED, answers={}))
    # The row may say anonymous: what counts is what the survey promised.
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CANCELLED)
    named = Survey(**{field.attname: getattr(survey, field.attname) for field in Survey._meta.concrete_fields})
    named.pk, named.mode, named.key_id = None, PrivacyMode.NAMED, "00000000-0000-4000-8000-000000000001"
    named.save(force_insert=True)
    refused(
        "This survey was not asked in this mode",
        lambda: Response.objects.create(survey=named, mode=PrivacyMode.ANONYMOUS, answers={}),
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
