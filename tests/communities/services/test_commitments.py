"""What members said they would try: answered once, taken back if it was a mistake."""

import pytest

from communities.models import Commitment, Community
from communities.services.communities import CommunityClosed
from communities.services.promises.commitments import (
    CommitmentAlreadyAnswered,
    CommitmentNotAnswered,
    NotAnAnswerToCommitment,
    answer_commitment,
    reopen_commitment,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, CommunityFactory, member_of
from tests.factories.doing import CommitmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> User:
    return member_of(CommunityFactory.create(name="Sepsis"))


@pytest.fixture
def commitment(member: User) -> Commitment:
    community = Community.objects.get()
    return CommitmentFactory.create(community=community, person=member.person, text="I will try the sticker")


def test_a_commitment_is_answered_once_and_can_be_taken_back(commitment: Commitment, member: User) -> None:
    answer_commitment(commitment=commitment, state="kept", said=" It stuck ", by=member, now=NOW)
    assert (commitment.state, commitment.said, commitment.state_since) == ("kept", "It stuck", NOW)
    with pytest.raises(CommitmentAlreadyAnswered):
        answer_commitment(commitment=commitment, state="dropped", by=member, now=NOW)
    reopen_commitment(commitment=commitment, by=member, now=NOW)
    assert (commitment.state, commitment.said, commitment.version) == ("open", "", 3)
    with pytest.raises(CommitmentNotAnswered):
        reopen_commitment(commitment=commitment, by=member, now=NOW)
    events = AuditEntry.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["commitment.answered", "commitment.reopened"]


def test_open_is_no_answer(commitment: Commitment, member: User) -> None:
    with pytest.raises(NotAnAnswerToCommitment):
        answer_commitment(commitment=commitment, state="open", by=member, now=NOW)


def test_what_a_closed_community_committed_itself_to_stays_as_it_is(commitment: Commitment, member: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        answer_commitment(commitment=commitment, state="kept", by=member, now=NOW)
    with pytest.raises(CommunityClosed):
        reopen_commitment(commitment=commitment, by=member, now=NOW)
    assert Commitment.objects.get().version == 1
