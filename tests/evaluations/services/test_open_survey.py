"""Opening: who is asked, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from communities.models import Community
from communities.services.people.membership import add_member
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from cop_portal.refusals import Refusal
from evaluations import keys
from evaluations.models import InstrumentVersion, Invitation, PlannedRequest, PrivacyMode, Survey
from evaluations.services.answers.boxes import LENGTH, written
from evaluations.services.keys.fresh_keys import KeysNotSafe
from evaluations.services.surveys import opening
from evaluations.services.surveys.opening import open_survey, preview_opening
from tests.factories.communities import (
    NOW,
    TODAY,
    MembershipFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    sponsor_of,
    staff,
)
from tests.factories.evaluations import PULSE, community_of, open_survey_for, published

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def open_for(community: Community, **changes: Any) -> Survey:
    about: dict[str, Any] = {
        "community": community,
        "version": changes.pop("version", None) or published(),
        "mode": PrivacyMode.ANONYMOUS,
        "closes_at": NOW + timedelta(days=21),
        "reminder_days": [4, 9, 14],
        "by": staff(),
        "now": NOW,
    }
    return open_survey(**about | changes)


def asked_in(survey: Survey) -> set[str]:
    return set(Invitation.objects.filter(survey=survey).values_list("person__user__name", flat=True))


def test_members_of_that_day_are_asked_and_nobody_else() -> None:
    community = community_of(0)
    for name, starts_on, ends_on in [
        ("Amara", date(2024, 1, 1), None),
        ("Bela", TODAY, None),
        ("Left yesterday", date(2024, 1, 1), TODAY - timedelta(days=1)),
        ("Leaves tomorrow", date(2024, 1, 1), TODAY + timedelta(days=1)),
        ("Leaves today", date(2024, 1, 1), TODAY),
    ]:
        person = PersonFactory.create(name=name)
        MembershipFactory.create(community=community, person=person, starts_on=starts_on, ends_on=ends_on)
    sponsor_of(community, name="Only a sponsor")
    survey = open_for(community)
    assert asked_in(survey) == {"Amara", "Bela", "Leaves tomorrow"}
    assert survey.asked_count == 3


def test_the_list_is_frozen_someone_who_joins_later_is_not_asked() -> None:
    survey = open_survey_for(members=5)
    before = asked_in(survey)
    MembershipFactory.create(community=survey.community, person=PersonFactory.create(name="Later"))
    assert asked_in(survey) == before


def test_the_preview_says_who_is_not_asked_and_why_and_stores_nothing(key_dir: Path) -> None:
    community = community_of(0)
    without_mail = PersonFactory.create(name="No Mail")
    EmailAddress.objects.filter(user=without_mail.user).delete()
    closed = PersonFactory.create(name="Account Closed")
    closed.user.is_active = False
    closed.user.save()
    for person in (without_mail, closed, PersonFactory.create(name="Asked")):
        MembershipFactory.create(community=community, person=person)
    preview = preview_opening(community=community, version=published(), now=NOW)
    assert [(one.person.name, one.first_mail_at) for one in preview.asked] == [("Asked", NOW)]
    assert [(one.person.name, one.why) for one in preview.not_asked] == [
        ("Account Closed", "Their account has been closed"),
        ("No Mail", "No address that mail can be sent to"),
    ]
    assert Survey.objects.count() == 0
    assert list(key_dir.iterdir()) == []


@pytest.mark.parametrize(("days", "is_established"), [(13, False), (14, True)])
def test_only_members_of_fourteen_days_count_towards_the_minimum(days: int, is_established: bool) -> None:
    community = community_of(0)
    MembershipFactory.create(community=community, starts_on=TODAY - timedelta(days=days))
    assert Invitation.objects.get(survey=open_for(community)).is_established is is_established


def test_a_member_added_today_as_of_years_ago_does_not_count_towards_the_minimum() -> None:
    community = community_of(0)
    add_member(
        community=community,
        name="Invented Person",
        email="invented@example.org",
        organisation=None,
        professional_group=ProfessionalGroupFactory.create(),
        starts_on=date(2020, 1, 1),
        by=staff(),
        now=NOW,
    )
    assert Invitation.objects.get(survey=open_for(community)).is_established is False


def test_the_preview_warns_when_so_few_have_been_members_long_enough_that_nothing_could_be_shown() -> None:
    community = community_of(4)
    MembershipFactory.create(community=community, starts_on=TODAY - timedelta(days=13))
    assert preview_opening(community=community, version=published(), now=NOW).warning == (
        "Of these, 4 had been entered as members 14 days ago or longer. Results are shown only if at least 5 such "
        "members answer, so that nobody can be added to bring an answer to light. It may be better to wait."
    )

    MembershipFactory.create(community=community, starts_on=TODAY - timedelta(days=14))
    assert preview_opening(community=community, version=published(), now=NOW).warning == ""


def test_opening_is_in_the_trail_and_plans_every_request_but_sends_none_yet() -> None:
    survey = open_survey_for(members=3, reminder_days=[4, 9])
    assert AuditEntry.objects.get(event="survey.opened").target_id == str(survey.pk)
    assert PlannedRequest.objects.filter(invitation__survey=survey).count() == 9
    assert OutboxMessage.objects.count() == 0


def test_rows_hold_no_working_link_and_every_link_is_its_own(key_dir: Path) -> None:
    survey = open_survey_for(members=6)
    hashes = set(Invitation.objects.values_list("token_hash", flat=True))
    assert len(hashes) == 6
    assert all(len(one) == 64 for one in hashes)
    assert {path.suffix for path in key_dir.iterdir()} == {".private", ".link"}
    assert keys.link_key(survey.key_id).hex() not in str(Survey.objects.values().get())


def test_every_box_is_as_large_as_the_largest_answer_could_be() -> None:
    survey = open_survey_for(members=1, code=PULSE)
    largest = {"P1": "early", "P2": "early", "P3": "1", "P4": "😀" * 200}
    assert survey.box_size == LENGTH.size + len(written(largest))


def in_a_mode_that_is_none() -> dict[str, Any]:
    return {"mode": "secret"}


def a_draft_version() -> dict[str, Any]:
    version = published()
    return {
        "version": InstrumentVersion.objects.create(
            instrument=version.instrument, number=2, title="Not yet", digest="0" * 64
        )
    }


def closing_tonight() -> dict[str, Any]:
    return {"closes_at": NOW + timedelta(hours=23)}


def closing_in_another_year() -> dict[str, Any]:
    return {"closes_at": NOW + timedelta(days=366)}


@pytest.mark.parametrize(
    ("change", "refusal", "sentence"),
    [
        (
            in_a_mode_that_is_none,
            opening.ModeNotOffered,
            "Choose anonymous, confidential or named.",
        ),
        (
            a_draft_version,
            opening.VersionNotPublished,
            "This questionnaire is still a draft. Publish it before you put it to people.",
        ),
        (closing_tonight, opening.ClosesTooSoon, "Choose a last day that leaves people at least a day to answer."),
        (
            closing_in_another_year,
            opening.ClosesTooLate,
            "A survey is open for a year at most. Choose an earlier last day.",
        ),
    ],
)
def test_a_refused_opening_says_why_and_leaves_nothing(
    change: Any, refusal: type[Refusal], sentence: str, key_dir: Path
) -> None:
    with pytest.raises(refusal) as refused:
        open_for(community_of(3), **change())
    assert refused.value.messages == [sentence]
    assert Survey.objects.count() == 0
    assert list(key_dir.iterdir()) == []


@pytest.mark.parametrize("state", [Community.State.PAUSED, Community.State.CLOSED])
def test_only_an_active_community_is_asked(state: str, key_dir: Path) -> None:
    with pytest.raises(opening.CommunityNotActive):
        open_for(community_of(3, state=state))
    assert list(key_dir.iterdir()) == []


def test_a_community_without_members_has_nobody_to_ask(key_dir: Path) -> None:
    with pytest.raises(opening.NobodyToAsk):
        open_for(community_of(0))
    assert Survey.objects.count() == 0
    assert list(key_dir.iterdir()) == []


def test_the_same_questionnaire_is_open_once_at_a_time(key_dir: Path) -> None:
    survey = open_survey_for(members=3)
    with pytest.raises(opening.SurveyAlreadyOpen) as refused:
        open_for(survey.community)
    assert refused.value.status == 409
    assert Survey.objects.get() == survey
    assert len(list(key_dir.iterdir())) == 2


def gone(folder: Path) -> None:
    folder.rmdir()


def open_to_all(folder: Path) -> None:
    folder.chmod(0o755)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (gone, "The key directory is missing or cannot be reached."),
        (open_to_all, "The key directory can be read by other users. Make it private: chmod 700."),
    ],
)
def test_nothing_is_asked_while_keys_would_not_be_safe(spoil: Any, sentence: str, key_dir: Path) -> None:
    community = community_of(3)
    spoil(key_dir)
    with pytest.raises(KeysNotSafe) as refused:
        open_for(community)
    whole = "The survey was not opened, because the keys that protect the answers would not be safe."
    assert refused.value.messages == [f"{whole} {sentence} Ask your administrator."]
    assert Survey.objects.count() == 0
