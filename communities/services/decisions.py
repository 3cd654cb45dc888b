"""What a community decided, and whether it held."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from communities.models import Decision
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class NotAVerdict(Refusal):
    """A decision is looked at again with one of three answers."""


class DecisionAlreadyJudged(Conflict):
    """Whether a decision held is said once."""


@transaction.atomic
def judge_decision(*, decision: Decision, verdict: str, note: str = "", by: User, now: datetime) -> Decision:
    """Says of a decision that still stands whether it held, was changed since or was reversed."""
    locked(decision.community)
    if verdict not in Decision.Verdict.values:
        raise NotAVerdict("Say whether the decision held, was changed or was reversed.", code="not_a_verdict")
    judged = {"verdict": verdict, "verdict_note": note.strip(), "verdict_at": now, "version": F("version") + 1}
    if not Decision.objects.standing().filter(pk=decision.pk).update(**judged):
        decision.refresh_from_db()
        raise DecisionAlreadyJudged(
            f"This decision has already been looked at again: {decision.get_verdict_display().lower()}.",
            code="decision_already_judged",
        )
    decision.refresh_from_db()
    audit.record(event="decision.judged", by=by, target=decision, at=now)
    return decision
