"""What a community decided, and whether it held."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Community, Decision
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale


class NotAVerdict(Refusal):
    """A decision is looked at again with one of three answers."""


class DecisionAlreadyJudged(Conflict):
    """Whether a decision held is said once."""


class DecisionSaysNothing(Refusal):
    """A decision says what was decided."""


class DecidedInTheFuture(Refusal):
    """What has not been decided yet is a plan."""


class ReviewedTooEarly(Refusal):
    """A decision is looked at again after it was made."""


class DecisionChangedMeanwhile(Stale):
    """Two people correcting the same decision never overwrite each other."""


class DecisionNotJudged(Conflict):
    """Only a verdict that was given is taken back."""


@transaction.atomic
def note_decision(
    *,
    community: Community,
    text: str,
    decided_on: date,
    review_on: date | None = None,
    is_private: bool = False,
    by: User,
    now: datetime,
) -> Decision:
    """Notes what was decided between two sessions."""
    community = locked(community)
    if decided_on > timezone.localdate(now):
        raise DecidedInTheFuture("Choose the day on which it was decided, today or earlier.", code="in_the_future")
    _refuse_nonsense(text, decided_on, review_on)
    decision = Decision.objects.create(
        community=community, text=text.strip(), decided_on=decided_on, review_on=review_on, is_private=is_private
    )
    audit.record(event="decision.noted", by=by, target=decision, at=now)
    return decision


@transaction.atomic
def edit_decision(
    *, decision: Decision, version: int, text: str, review_on: date | None, is_private: bool, by: User, now: datetime
) -> Decision:
    """Corrects a decision that still stands, or when it is to be looked at again."""
    locked(decision.community)
    _refuse_nonsense(text, decision.decided_on, review_on)
    facts = {"text": text.strip(), "review_on": review_on, "is_private": is_private}
    standing = Decision.objects.standing().filter(pk=decision.pk)
    if not standing.filter(version=version).update(version=F("version") + 1, **facts):
        if standing.exists():
            raise DecisionChangedMeanwhile(
                "Someone else has changed this decision while you were writing. Nothing of theirs has been "
                "overwritten, and what you typed is still here. Compare the two, then save again.",
                code="decision_changed_meanwhile",
            )
        raise _already_judged(decision)
    decision.refresh_from_db()
    audit.record(event="decision.edited", by=by, target=decision, at=now)
    return decision


def _refuse_nonsense(text: str, decided_on: date, review_on: date | None) -> None:
    if not text.strip():
        raise DecisionSaysNothing("Say what was decided.", code="decision_says_nothing")
    if review_on is not None and review_on < decided_on:
        raise ReviewedTooEarly(
            f"Choose {date_format(decided_on)}, the day it was decided, or a later one.", code="reviewed_too_early"
        )


@transaction.atomic
def judge_decision(*, decision: Decision, verdict: str, note: str = "", by: User, now: datetime) -> Decision:
    """Says of a decision that still stands whether it held, was changed since or was reversed."""
    locked(decision.community)
    if verdict not in Decision.Verdict.values:
        raise NotAVerdict("Say whether the decision held, was changed or was reversed.", code="not_a_verdict")
    judged = {"verdict": verdict, "verdict_note": note.strip(), "verdict_at": now, "version": F("version") + 1}
    if not Decision.objects.standing().filter(pk=decision.pk).update(**judged):
        raise _already_judged(decision)
    decision.refresh_from_db()
    audit.record(event="decision.judged", by=by, target=decision, at=now)
    return decision


def _already_judged(decision: Decision) -> DecisionAlreadyJudged:
    decision.refresh_from_db()
    return DecisionAlreadyJudged(
        f"This decision has already been looked at again: {decision.get_verdict_display().lower()}.",
        code="decision_already_judged",
    )


@transaction.atomic
def take_verdict_back(*, decision: Decision, by: User, now: datetime) -> Decision:
    """The decision stands again, as if nobody had looked at it: a verdict given by mistake."""
    locked(decision.community)
    judged = Decision.objects.exclude(verdict="").filter(pk=decision.pk)
    if not judged.update(verdict="", verdict_note="", verdict_at=None, version=F("version") + 1):
        raise DecisionNotJudged("Nobody has said yet whether this decision held.", code="decision_not_judged")
    decision.refresh_from_db()
    audit.record(event="decision.verdict_taken_back", by=by, target=decision, at=now)
    return decision
