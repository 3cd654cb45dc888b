"""Surveys and answers for tests, made by the product's own importers and services; never by writing rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from communities.imports.documents import read_file
from communities.models import Community
from cop_portal.accounts.models import User
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework
from evaluations.imports.instruments import INSTRUMENTS_FILE, INSTRUMENTS_SCHEMA, load_instruments
from evaluations.links import token_for
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.opening import open_survey
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, staff

CORE, FULL, PULSE = "cop-core", "cop-full", "session-pulse"
LIKERT_CODES = ("M1", "M4", "M6", "R2", "R4", "C1", "C2", "C3")


def published(code: str = CORE) -> InstrumentVersion:
    """A shipped questionnaire, loaded as an installation loads it."""
    if not InstrumentVersion.objects.exists():
        load_framework(read_file(FRAMEWORK_FILE, schema=FRAMEWORK_SCHEMA))
        load_instruments(read_file(INSTRUMENTS_FILE, schema=INSTRUMENTS_SCHEMA), now=NOW - timedelta(days=365))
    return InstrumentVersion.objects.get(instrument__code=code)


def community_of(members: int, **about: Any) -> Community:
    community: Community = CommunityFactory.create(**about)
    MembershipFactory.create_batch(members, community=community)
    return community


def open_survey_for(
    community: Community | None = None,
    *,
    members: int = 12,
    code: str = CORE,
    now: datetime = NOW,
    days: int = 21,
    reminder_days: Sequence[int] | None = None,
    by: User | None = None,
    mode: PrivacyMode = PrivacyMode.ANONYMOUS,
) -> Survey:
    """An open survey, anonymous unless said otherwise: of this community, or of a new one with so many members."""
    version = published(code)
    return open_survey(
        community=community or community_of(members),
        version=version,
        mode=mode,
        closes_at=now + timedelta(days=days),
        reminder_days=version.reminder_days if reminder_days is None else reminder_days,
        by=by or staff(),
        now=now,
    )


def core_answers(agree: str = "4", **changes: Any) -> dict[str, Any]:
    """The ten core questions, answered; `changes` by code."""
    return dict.fromkeys(LIKERT_CODES, agree) | {"V3": "3", "V4": "4"} | changes


def tokens_of(survey: Survey) -> list[str]:
    """The tokens of everyone asked, in the order of their names."""
    invitations = Invitation.objects.filter(survey=survey).select_related("survey").order_by("person__user__name", "pk")
    return [token_for(invitation) for invitation in invitations]


def unanswered_tokens(survey: Survey) -> list[str]:
    invitations = Invitation.objects.unanswered().filter(survey=survey).select_related("survey")
    return [token_for(invitation) for invitation in invitations.order_by("person__user__name", "pk")]


def give_answers(
    survey: Survey,
    *,
    count: int | None = None,
    answers: Sequence[Mapping[str, Any]] | None = None,
    now: datetime | None = None,
) -> None:
    """So many people who have not answered yet answer; or one for each of these answers."""
    given = answers if answers is not None else [core_answers()] * (count or 0)
    for token, answer in zip(unanswered_tokens(survey), given, strict=False):
        submit_answers(token=token, answers=answer, now=now or survey.opened_at + timedelta(days=1))


def close(survey: Survey) -> Survey:
    """Close for good: where it is extended first, also at the end of its extension."""
    survey = close_survey(survey=survey, now=survey.closes_at)
    return close_survey(survey=survey, now=survey.closes_at) if survey.state == Survey.State.OPEN else survey
