"""A survey, and people to answer it, made by the product's own importers and services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from communities.imports.documents import read_document
from communities.models import Community, Person, RoleTerm
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework
from evaluations.imports.instruments import INSTRUMENTS_FILE, INSTRUMENTS_SCHEMA, load_instruments
from evaluations.links import token_for
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.opening import open_survey
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, PersonFactory, RoleTermFactory

Answers = Mapping[str, Any]

# The ten core questions, answered by someone who agrees with everything.
AGREES: Answers = dict.fromkeys(("M1", "M4", "M6", "R2", "R4", "C1", "C2", "C3"), "4") | {"V3": "3", "V4": "3"}
DISAGREES: Answers = dict.fromkeys(("M1", "M4", "M6", "R2", "R4", "C1", "C2", "C3"), "2") | {"V3": "1", "V4": "1"}


def questionnaire(code: str = "cop-core") -> InstrumentVersion:
    """A shipped questionnaire, loaded as an installation loads it."""
    load_framework(read_document(FRAMEWORK_FILE.read_text(), schema=FRAMEWORK_SCHEMA))
    load_instruments(read_document(INSTRUMENTS_FILE.read_text(), schema=INSTRUMENTS_SCHEMA), now=NOW)
    return InstrumentVersion.objects.get(instrument__code=code)


def community_of(members: int, **about: Any) -> Community:
    community: Community = CommunityFactory.create(**about)
    MembershipFactory.create_batch(members, community=community)
    return community


def person_in(community: Community, role: str = "member") -> Person:
    """Someone who is a member, facilitator or sponsor of the community."""
    person: Person = PersonFactory.create()
    if role == "member":
        MembershipFactory.create(community=community, person=person)
    else:
        RoleTermFactory.create(community=community, person=person, role=RoleTerm.Role(role))
    return person


def staff_user(role: str = "staff") -> Any:
    return PersonFactory.create(platform_role=role).user


def ask(
    community: Community,
    *,
    version: InstrumentVersion | None = None,
    at: datetime = NOW - timedelta(days=3),
    days: int = 21,
) -> Survey:
    version = version or questionnaire()
    return open_survey(
        community=community,
        version=version,
        mode=PrivacyMode.ANONYMOUS,
        closes_at=at + timedelta(days=days),
        reminder_days=version.reminder_days,
        by=staff_user(),
        now=at,
    )


def links_of(survey: Survey) -> list[str]:
    """The tokens of everyone asked, in the order of their names."""
    invitations = Invitation.objects.filter(survey=survey).select_related("survey").order_by("person__user__name")
    return [token_for(invitation) for invitation in invitations]


def link_of(survey: Survey, person: Person) -> str:
    return token_for(Invitation.objects.select_related("survey").get(survey=survey, person=person))


def ask_and_close(
    community: Community, given: Sequence[Answers], *, version: InstrumentVersion | None = None, days_ago: int = 2
) -> Survey:
    """A closed survey in which the first people asked gave these answers."""
    opened, closed = NOW - timedelta(days=days_ago + 21), NOW - timedelta(days=days_ago)
    survey = ask(community, version=version, at=opened, days=20)
    for token, answers in zip(links_of(survey), given, strict=False):
        submit_answers(token=token, answers=answers, now=opened + timedelta(days=1))
    # The one extension is behind it, so that a survey of few can close too.
    Survey.objects.filter(pk=survey.pk).update(was_extended=True)
    survey.refresh_from_db()
    return close_survey(survey=survey, now=closed)
