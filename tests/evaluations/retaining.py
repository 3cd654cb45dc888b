"""Closed surveys whose single answers are due, or nearly, made by the product's own services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from communities.models import Community
from cop_portal.accounts.models import User
from evaluations.models import PrivacyMode, Release, Survey
from evaluations.models.named import NamedResponse
from evaluations.services.keys.pseudonym_keys import end_due_keys
from evaluations.services.results.text_review import release_text, show_texts, texts_to_read, withhold_text
from evaluations.services.retention.dates import due_at
from tests.factories.communities import NOW, PersonFactory, staff
from tests.factories.evaluations import CORE, FULL, PULSE, close, community_of, core_answers, give_answers
from tests.factories.evaluations import open_survey_for as opened

MARKER = "Zanzibar-4711-whistle"


def administrator() -> User:
    user: User = PersonFactory.create(platform_role=User.Role.ADMINISTRATOR).user
    return user


def closed(
    answers: Sequence[Mapping[str, Any]] | int = 12,
    *,
    mode: PrivacyMode = PrivacyMode.ANONYMOUS,
    code: str = CORE,
    community: Community | None = None,
    now: datetime = NOW,
) -> Survey:
    """A closed survey with these answers; of so many people who answered the core questions."""
    given = [core_answers("4")] * answers if isinstance(answers, int) else answers
    survey = opened(community or community_of(len(given) + 4), code=code, mode=mode, now=now)
    give_answers(survey, answers=given)
    return related(close(survey))


def pulse(mode: PrivacyMode, number: int = 12) -> Survey:
    """Three questions, one of them answered in words."""
    answers = [{"P1": str(1 + place % 5), "P3": "1", "P4": f"{MARKER} {place}"} for place in range(number)]
    return closed(answers, mode=mode, code=PULSE)


def related(survey: Survey) -> Survey:
    return Survey.objects.select_related("community", "version", "pseudonym_key", "release").get(pk=survey.pk)


def due_day(survey: Survey) -> datetime:
    """When the single answers are due; the key to pseudonyms, where there is one, has ended by then."""
    if survey.pseudonym_key is not None and survey.pseudonym_key.is_living:
        end_due_keys(now=due_at(survey))
    return due_at(related(survey))


def with_texts(number: int = 7) -> Survey:
    """Of 12 answers so many with a text; all but one are shown, the first with words left out, and one is withheld."""
    answers = [{"M1": "4", "V9": f"{MARKER} {place}."} if place < number else {"M1": "4"} for place in range(12)]
    survey, by = closed(answers, code=FULL), staff()
    first, second, *others = texts_to_read(survey=survey, by=by)
    redacted = first.text.replace(MARKER, "[a place]")
    release_text(survey=survey, text=first.pk, redacted=redacted, by=by, now=NOW)
    for text in others:
        release_text(survey=survey, text=text.pk, by=by, now=NOW)
    withhold_text(survey=survey, text=second.pk, by=by, now=NOW)
    show_texts(survey=survey, by=by, now=NOW)
    return survey


def another_like(survey: Survey) -> Survey:
    """A named survey like this one, closed at the same moment, in a community of its own."""
    again, release = Survey.objects.get(pk=survey.pk), Release.objects.get(survey=survey)
    again.pk, again.community, again.key_id = None, community_of(0), uuid4()
    again._state.adding = True
    again.save(force_insert=True)
    release.pk, release.survey, release._state.adding = None, again, True
    release.save(force_insert=True)
    given = NamedResponse.objects.filter(survey=survey).order_by("pk")[0]
    NamedResponse.objects.create(survey=again, person=given.person, answers=given.answers)
    return again
