"""Sharing results with members, and telling them what came of what they said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from communities.models import Community, Escalation
from communities.services.communities import CommunityClosed
from cop_portal import outbox
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from evaluations.emails import heard as heard_mail
from evaluations.models import Heard, Invitation, Survey
from evaluations.services.results.sharing import (
    HeardChangedMeanwhile,
    HeardSaysNothing,
    HeardWords,
    HeardWrittenAlready,
    NothingToShareYet,
    NotOfThisSurvey,
    NotSharedNow,
    SharedAlready,
    SharedWithLeadersOnly,
    offered_actions,
    offered_escalations,
    share_results,
    stop_sharing,
    write_heard,
)
from tests.factories.communities import NOW, ActionFactory, LeverHolderFactory, ProblemFactory, facilitator_of
from tests.factories.evaluations import close, community_of, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

WORDS = HeardWords("You have too little time.", "It is the same everywhere.", "We asked the board for an hour a week.")


@pytest.fixture
def survey() -> Survey:
    survey = open_survey_for(members=6)
    give_answers(survey, count=5)
    return close(survey)


@pytest.fixture
def by(survey: Survey) -> User:
    return facilitator_of(survey.community)


def mailed(kind: str) -> int:
    return OutboxMessage.objects.filter(kind=kind).count()


def test_sharing_tells_everyone_asked_once_whether_they_answered_or_not(survey: Survey, by: User) -> None:
    shared = share_results(survey=survey, by=by, now=NOW)
    assert shared.is_shared_with_members
    assert mailed(heard_mail.SHARED) == 6
    assert AuditEntry.objects.filter(event="survey.shared").count() == 1
    stop_sharing(survey=survey, by=by, now=NOW)
    share_results(survey=survey, by=by, now=NOW + timedelta(days=1))
    assert mailed(heard_mail.SHARED) == 6


def test_those_who_left_or_want_only_their_own_mail_are_not_written_to(survey: Survey, by: User) -> None:
    first, second, third = (i.person for i in Invitation.objects.filter(survey=survey).order_by("pk")[:3])
    first.memberships.update(ends_on=survey.opened_at.date())
    User.objects.filter(pk=second.user_id).update(only_own_mail=True)
    User.objects.filter(pk=third.user_id).update(is_active=False)
    share_results(survey=survey, by=by, now=NOW)
    assert mailed(heard_mail.SHARED) == 3


def test_mail_stays_here_once_sharing_is_taken_back(survey: Survey, by: User) -> None:
    share_results(survey=survey, by=by, now=NOW)
    assert heard_mail.is_due({"survey": survey.pk})
    stop_sharing(survey=survey, by=by, now=NOW)
    assert not heard_mail.is_due({"survey": survey.pk})


def test_the_mail_says_what_came_of_it_and_leads_to_the_results(survey: Survey, by: User) -> None:
    write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)
    rendered = heard_mail.render_shared({"survey": survey.pk}, "a@example.org")
    assert rendered.subject == f"{survey.community.name}: what members said"
    why = f"You get this because you are a member of the {survey.community.name} community."
    for words in (WORDS.you_said, WORDS.we_heard, WORDS.we_did, survey.get_results_url(), why, "/me/mail/"):
        assert words in rendered.text
    assert "survey" not in rendered.subject.lower()
    assert isinstance(rendered, outbox.Rendered)


def test_an_open_survey_has_nothing_to_share() -> None:
    survey = open_survey_for(members=6)
    by = facilitator_of(survey.community)
    with pytest.raises(NothingToShareYet):
        share_results(survey=survey, by=by, now=NOW)
    with pytest.raises(NothingToShareYet):
        write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)


def test_results_are_shared_once_and_taken_back_once(survey: Survey, by: User) -> None:
    with pytest.raises(NotSharedNow):
        stop_sharing(survey=survey, by=by, now=NOW)
    share_results(survey=survey, by=by, now=NOW)
    with pytest.raises(SharedAlready):
        share_results(survey=survey, by=by, now=NOW)


def test_what_members_were_told_stays_with_leaders_is_never_shared(survey: Survey, by: User) -> None:
    Survey.objects.filter(pk=survey.pk).update(shared_with=Survey.SharedWith.LEADERS)
    survey.refresh_from_db()
    with pytest.raises(SharedWithLeadersOnly):
        share_results(survey=survey, by=by, now=NOW)
    assert mailed(heard_mail.SHARED) == 0


def test_a_closed_community_is_only_read(survey: Survey, by: User) -> None:
    Community.objects.filter(pk=survey.community_id).update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        share_results(survey=survey, by=by, now=NOW)
    with pytest.raises(CommunityClosed):
        write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)


def test_what_came_of_it_is_told_by_mail_once_where_results_were_shared_before(survey: Survey, by: User) -> None:
    share_results(survey=survey, by=by, now=NOW)
    heard = write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)
    write_heard(survey=survey, version=heard.version, words=HeardWords("Time."), by=by, now=NOW)
    assert mailed(heard_mail.HEARD) == 6


def test_what_came_of_it_waits_without_mail_until_results_are_shared(survey: Survey, by: User) -> None:
    write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)
    share_results(survey=survey, by=by, now=NOW)
    assert (mailed(heard_mail.HEARD), mailed(heard_mail.SHARED)) == (0, 6)


def test_two_who_write_at_once_never_overwrite_each_other(survey: Survey, by: User) -> None:
    first = write_heard(survey=survey, version=0, words=WORDS, by=by, now=NOW)
    for version, refusal in ((0, HeardWrittenAlready), (first.version + 1, HeardChangedMeanwhile)):
        with pytest.raises(refusal):
            write_heard(survey=survey, version=version, words=HeardWords("Theirs."), by=by, now=NOW)
    changed = write_heard(survey=survey, version=first.version, words=HeardWords("Mine."), by=by, now=NOW)
    assert (changed.you_said, changed.we_did, changed.version) == ("Mine.", "", 2)


def test_what_came_of_it_begins_with_what_members_said(survey: Survey, by: User) -> None:
    with pytest.raises(HeardSaysNothing):
        write_heard(survey=survey, version=0, words=HeardWords(" ", "Much."), by=by, now=NOW)
    assert not Heard.objects.exists()


def test_actions_and_escalations_of_the_community_that_members_can_read_are_tied_to_it(
    survey: Survey, by: User
) -> None:
    community, agreed_on = survey.community, survey.opened_at.date()
    action = ActionFactory.create(community=community, agreed_on=agreed_on, due_on=agreed_on + timedelta(days=9))
    problem = ProblemFactory.create(community=community)
    escalation = Escalation.objects.create(
        problem=problem, lever_holder=LeverHolderFactory.create(), ask="Time.", asked_at=survey.opened_at
    )
    assert (list(offered_actions(survey)), list(offered_escalations(survey))) == ([action], [escalation])
    heard = write_heard(
        survey=survey, version=0, words=HeardWords("Time.", actions=[action], escalations=[escalation]), by=by, now=NOW
    )
    assert (list(heard.actions.all()), list(heard.escalations.all())) == ([action], [escalation])


@pytest.mark.parametrize("how", ["private", "elsewhere", "before"])
def test_what_members_cannot_read_or_was_there_before_is_not_tied_to_it(how: str, survey: Survey, by: User) -> None:
    agreed_on = survey.opened_at.date()
    about: dict[str, Any] = {"community": survey.community, "agreed_on": agreed_on, "due_on": agreed_on}
    changes: dict[str, dict[str, Any]] = {
        "private": {"is_private": True},
        "elsewhere": {"community": community_of(1)},
        "before": {"agreed_on": agreed_on - timedelta(days=1)},
    }
    action = ActionFactory.create(**about | changes[how])
    with pytest.raises(NotOfThisSurvey):
        write_heard(survey=survey, version=0, words=HeardWords("Time.", actions=[action]), by=by, now=NOW)
    assert list(offered_actions(survey)) == []
    assert not Heard.objects.exists()
