"""Decisions between two sessions, when to look at them again, and whether they held."""

from datetime import timedelta
from typing import Any

import pytest

from communities.models import Community, Decision
from communities.services.communities import CommunityClosed
from communities.services.promises.decisions import (
    DecidedInTheFuture,
    DecisionAlreadyJudged,
    DecisionChangedMeanwhile,
    DecisionNotJudged,
    DecisionSaysNothing,
    NotAVerdict,
    ReviewedTooEarly,
    edit_decision,
    judge_decision,
    note_decision,
    take_verdict_back,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, TODAY, CommunityFactory, facilitator_of
from tests.factories.doing import DecisionFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def decision(community: Community) -> Decision:
    return DecisionFactory.create(community=community, text="One form for all")


def test_a_decision_between_two_sessions_belongs_to_none(community: Community, facilitator: User) -> None:
    noted = note_decision(
        community=community, text=" One form ", decided_on=TODAY, review_on=TODAY + 90 * DAY, by=facilitator, now=NOW
    )
    assert (noted.text, noted.session, noted.verdict, noted.version) == ("One form", None, "", 1)
    assert AuditEntry.objects.get().event == "decision.noted"


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"text": " "}, DecisionSaysNothing),
        ({"decided_on": TODAY + DAY}, DecidedInTheFuture),
        ({"review_on": TODAY - DAY}, ReviewedTooEarly),
    ],
)
def test_a_decision_that_makes_no_sense_is_not_noted(
    community: Community, facilitator: User, told: dict[str, Any], refusal: type[Exception]
) -> None:
    facts = {"text": "One form", "decided_on": TODAY, **told}
    with pytest.raises(refusal):
        note_decision(community=community, by=facilitator, now=NOW, **facts)
    assert not Decision.objects.exists()


def test_a_correction_made_from_an_older_version_overwrites_nothing(decision: Decision, facilitator: User) -> None:
    told: Any = {"review_on": None, "is_private": False, "by": facilitator, "now": NOW}
    edit_decision(decision=decision, version=1, text="Two forms", **told)
    with pytest.raises(DecisionChangedMeanwhile):
        edit_decision(decision=decision, version=1, text="Three forms", **told)
    decision.refresh_from_db()
    assert (decision.text, decision.version) == ("Two forms", 2)


def test_a_verdict_is_given_once_and_can_be_taken_back(decision: Decision, facilitator: User) -> None:
    judge_decision(decision=decision, verdict="changed", note=" Two forms now ", by=facilitator, now=NOW)
    assert (decision.verdict, decision.verdict_note, decision.verdict_at) == ("changed", "Two forms now", NOW)
    with pytest.raises(DecisionAlreadyJudged):
        judge_decision(decision=decision, verdict="held", by=facilitator, now=NOW)
    with pytest.raises(DecisionAlreadyJudged):
        edit_decision(
            decision=decision, version=2, text="Mine", review_on=None, is_private=False, by=facilitator, now=NOW
        )
    take_verdict_back(decision=decision, by=facilitator, now=NOW)
    assert (decision.verdict, decision.verdict_note, decision.verdict_at, decision.version) == ("", "", None, 3)
    with pytest.raises(DecisionNotJudged):
        take_verdict_back(decision=decision, by=facilitator, now=NOW)


def test_a_verdict_is_one_of_three(decision: Decision, facilitator: User) -> None:
    with pytest.raises(NotAVerdict):
        judge_decision(decision=decision, verdict="forgotten", by=facilitator, now=NOW)


def test_due_for_review_are_those_whose_day_has_come_and_that_still_stand(community: Community) -> None:
    today = DecisionFactory.create(community=community, review_on=TODAY)
    DecisionFactory.create(community=community, review_on=TODAY + DAY)
    DecisionFactory.create(community=community)
    DecisionFactory.create(community=community, review_on=TODAY, verdict="held", verdict_at=NOW)
    assert list(Decision.objects.due_for_review(TODAY)) == [today]


def test_what_a_closed_community_decided_stays_as_it_is(decision: Decision, facilitator: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    told: Any = {"by": facilitator, "now": NOW}
    with pytest.raises(CommunityClosed):
        note_decision(community=decision.community, text="Mine", decided_on=TODAY, **told)
    with pytest.raises(CommunityClosed):
        edit_decision(decision=decision, version=1, text="Mine", review_on=None, is_private=False, **told)
    with pytest.raises(CommunityClosed):
        judge_decision(decision=decision, verdict="held", **told)
    with pytest.raises(CommunityClosed):
        take_verdict_back(decision=decision, **told)
    assert Decision.objects.get().version == 1
