"""Confirming or refusing what people said at check-in. Only what is confirmed comes into the record."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from communities.models import CheckIn, CheckInClaim, CheckInPass, Session
from communities.services.communities import locked
from communities.services.records.said import NewGuest
from communities.services.sessions.presence import note_presence
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

KEPT_AFTER_DECISION = timedelta(days=30)
KEPT_AFTER_CHECK_IN = timedelta(days=1)


class ClaimDecided(Conflict):
    """What someone said at check-in is decided once."""


class NothingDecided(Refusal):
    """A decision is about somebody."""


class DecidedBothWays(Refusal):
    """Nobody is confirmed and refused at once."""


@transaction.atomic
def decide_claims(
    *, session: Session, confirmed: Collection[int] = (), refused: Collection[int] = (), by: User, now: datetime
) -> list[CheckInClaim]:
    """Confirms some claims (by id), which marks them in the record of the session, and refuses others. All or none."""
    locked(session.community)
    yes, no = set(confirmed), set(refused)
    if not yes and not no:
        raise NothingDecided("Choose for at least one person.", code="nothing_decided")
    if yes & no:
        raise DecidedBothWays("Confirm or refuse each person, not both.", code="decided_both_ways")
    waiting = CheckInClaim.objects.waiting().filter(session=session)
    claims = list(waiting.filter(pk__in=yes | no).with_people())
    if len(claims) < len(yes | no):
        raise ClaimDecided(
            "Someone else has decided about some of these meanwhile. Look at what is still waiting, then save again.",
            code="claim_decided",
        )
    if yes:
        _write_down(session, [claim for claim in claims if claim.pk in yes], by=by, now=now)
    waiting.filter(pk__in=yes).update(state=CheckInClaim.State.CONFIRMED, decided_at=now, decided_by=by)
    waiting.filter(pk__in=no).update(state=CheckInClaim.State.REFUSED, decided_at=now, decided_by=by)
    for claim in claims:
        claim.refresh_from_db(fields=["state", "decided_at", "decided_by"])
        audit.record(event=f"check_in.{claim.state}", by=by, target=claim, at=now)
    return claims


def _write_down(session: Session, claims: list[CheckInClaim], *, by: User, now: datetime) -> None:
    note_presence(
        session=session,
        marks={claim.membership_id: claim.how for claim in claims if claim.membership_id is not None},
        guests=[NewGuest(claim.name, claim.organisation) for claim in claims if claim.membership_id is None],
        by=by,
        now=now,
    )


@transaction.atomic
def forget_check_ins(*, now: datetime) -> int:
    """Forgets passes that are over, and what was decided a month ago. What waits for a facilitator stays."""
    passes, _ = CheckInPass.objects.filter(ends_at__lt=now - KEPT_AFTER_CHECK_IN).delete()
    claims = CheckInClaim.objects.filter(decided_at__lt=now - KEPT_AFTER_DECISION).delete()[0]
    over = CheckIn.objects.filter(session__ends_at__lt=now - KEPT_AFTER_DECISION, passes=None)
    return passes + claims + over.delete()[0]
