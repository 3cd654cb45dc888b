"""What members said they would try, and how it went."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from communities.models import Commitment
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class NotAnAnswerToCommitment(Refusal):
    """A commitment is answered with tried, did not get to it, or dropped."""


class CommitmentAlreadyAnswered(Conflict):
    """An open commitment is answered once."""


class CommitmentNotAnswered(Conflict):
    """Only a commitment that has been answered is opened again."""


@transaction.atomic
def answer_commitment(*, commitment: Commitment, state: str, said: str = "", by: User, now: datetime) -> Commitment:
    """Says how an open commitment went, in a word and, if anybody wishes, in a sentence."""
    locked(commitment.community)
    if state not in Commitment.ANSWERS:
        raise NotAnAnswerToCommitment(
            "Say whether it was tried, was not got to, or was dropped.", code="not_an_answer_to_commitment"
        )
    answered = {"state": state, "said": said.strip(), "state_since": now, "version": F("version") + 1}
    if not Commitment.objects.open().filter(pk=commitment.pk).update(**answered):
        commitment.refresh_from_db()
        raise CommitmentAlreadyAnswered(
            f"This commitment has already been answered: {commitment.get_state_display().lower()}.",
            code="commitment_already_answered",
        )
    commitment.refresh_from_db()
    audit.record(event="commitment.answered", by=by, target=commitment, at=now)
    return commitment


@transaction.atomic
def reopen_commitment(*, commitment: Commitment, by: User, now: datetime) -> Commitment:
    """Takes an answer back that was given by mistake or too soon."""
    locked(commitment.community)
    answered = Commitment.objects.exclude(state=Commitment.State.OPEN).filter(pk=commitment.pk)
    reopened = {"state": Commitment.State.OPEN, "said": "", "state_since": now, "version": F("version") + 1}
    if not answered.update(**reopened):
        raise CommitmentNotAnswered("This commitment is open already.", code="commitment_not_answered")
    commitment.refresh_from_db()
    audit.record(event="commitment.reopened", by=by, target=commitment, at=now)
    return commitment
