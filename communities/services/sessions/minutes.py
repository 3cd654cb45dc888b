"""Writing on top of a session's minutes, and sharing them with members."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from communities.emails import minutes as emails
from communities.models import Membership, Minutes, Session
from communities.services.communities import locked
from communities.services.telling import addresses_of
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale


class NothingToMinute(Refusal):
    """Minutes are made from the record of a session that was held."""


class MinutesChangedMeanwhile(Stale):
    """Two people writing on the same minutes never overwrite each other."""


class MinutesAlreadyShared(Conflict):
    """What members can read already need not be shared."""


class MinutesNotShared(Conflict):
    """What members cannot read cannot be taken back."""


def minutes_of(session: Session) -> Minutes:
    """A session's minutes: the row there is, or what it would be before anybody has written or shared anything."""
    found = Minutes.objects.filter(session=session).first() or Minutes(session=session)
    found.session = session
    return found


def _locked_minutes(session: Session) -> Minutes:
    """The row, made if need be, with the community held so that a closed one is only read."""
    community = locked(session.community)
    if session.state != Session.State.HELD:
        raise NothingToMinute(
            "This session has not been recorded, so there is nothing to make minutes of. Record it first.",
            code="nothing_to_minute",
        )
    minutes, _ = Minutes.objects.get_or_create(session=session)
    minutes.session = session
    session.community = community
    return minutes


@transaction.atomic
def edit_minutes(*, session: Session, summary: str, version: int, by: User, now: datetime) -> Minutes:
    """Writes the words on top of the minutes. `version` is the one that the writer had read; 1 where there was none."""
    minutes = _locked_minutes(session)
    mine = Minutes.objects.filter(pk=minutes.pk, version=version)
    if not mine.update(summary=summary.strip(), version=F("version") + 1):
        raise MinutesChangedMeanwhile(
            "Someone else has changed these minutes while you were writing. Nothing of theirs has been overwritten, "
            "and what you typed is still here. Compare the two, then save again.",
            code="minutes_changed_meanwhile",
        )
    audit.record(event="minutes.edited", by=by, target=minutes, at=now)
    minutes.refresh_from_db(fields=["summary", "version"])
    return minutes


@transaction.atomic
def share_minutes(*, session: Session, tells_members: bool = False, by: User, now: datetime) -> Minutes:
    """Lets members and sponsors read the minutes, without what is private; with `tells_members` members are mailed."""
    minutes = _locked_minutes(session)
    unshared = Minutes.objects.filter(pk=minutes.pk, shared_at=None)
    if not unshared.update(shared_at=now, shared_by=by, version=F("version") + 1):
        raise MinutesAlreadyShared("Members can read these minutes already.", code="minutes_already_shared")
    minutes.refresh_from_db(fields=["shared_at", "shared_by", "version"])
    audit.record(event="minutes.shared", by=by, target=minutes, at=now)
    if tells_members:
        _tell_members(minutes, by=by, now=now)
    return minutes


def _tell_members(minutes: Minutes, *, by: User, now: datetime) -> None:
    members = Membership.objects.current().filter(community=minutes.session.community, person__user__is_active=True)
    users = members.exclude(person__user=by).values_list("person__user_id", flat=True)
    addresses = addresses_of(users)
    outbox.enqueue(*(emails.shared(minutes, user_id=pk, to=to, now=now) for pk, to in sorted(addresses.items())))


@transaction.atomic
def take_back_minutes(*, session: Session, by: User, now: datetime) -> Minutes:
    """Hides the minutes from members and sponsors again. Whoever has read them has read them."""
    minutes = _locked_minutes(session)
    shared = Minutes.objects.shared().filter(pk=minutes.pk)
    if not shared.update(shared_at=None, shared_by=None, version=F("version") + 1):
        raise MinutesNotShared("Members cannot read these minutes now.", code="minutes_not_shared")
    minutes.refresh_from_db(fields=["shared_at", "shared_by", "version"])
    audit.record(event="minutes.taken_back", by=by, target=minutes, at=now)
    return minutes
