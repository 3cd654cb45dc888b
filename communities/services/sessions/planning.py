"""Planning a session, and entering one that was held without having been planned here."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Community, Membership, Person, RoleTerm, Series, Session
from communities.services.communities import locked
from communities.services.sessions.session_mail import invite
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

FURTHEST_AHEAD = timedelta(days=3 * 366)


class SessionInThePast(Refusal):
    """What is planned lies ahead."""


class SessionTooFarAhead(Refusal):
    """A date decades away is a slip of the finger."""


class SessionEndsBeforeItStarts(Refusal):
    """A session ends after it starts."""


class SessionClash(Conflict):
    """A community meets in one place at a time."""


class LeaderNotInCommunity(Refusal):
    """A session is led by a member or a facilitator of its community."""


class SessionNotYet(Refusal):
    """A session is recorded once it has begun."""


@transaction.atomic
def plan_session(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    joining_link: str = "",
    led_by: Person | None = None,
    tells_members: bool = True,
    by: User,
    now: datetime,
) -> Session:
    """Plans a session that lies ahead and, unless `tells_members` is off, writes to the members about it."""
    refuse_past(starts_at, now)
    community = locked(community)
    session = enter(
        community=community,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        joining_link=joining_link,
        led_by=led_by,
        tells_members=tells_members,
        now=now,
    )
    audit.record(event="session.planned", by=by, target=session, at=now)
    invite(session=session, now=now)
    return session


@transaction.atomic
def enter_past_session(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    led_by: Person | None = None,
    by: User,
    now: datetime,
) -> Session:
    """Enters a session that has already begun and was never planned here, so that it can be recorded."""
    if starts_at > now:
        raise SessionNotYet("This session has not started yet. Plan it instead.", code="session_not_yet")
    community = locked(community)
    session = enter(
        community=community,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        led_by=led_by,
        tells_members=False,
        now=now,
    )
    audit.record(event="session.entered", by=by, target=session, at=now)
    return session


def enter(
    *,
    community: Community,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    joining_link: str = "",
    led_by: Person | None,
    tells_members: bool,
    series: Series | None = None,
    now: datetime,
) -> Session:
    """The row of a new session, within the caller's transaction and under the community's lock."""
    refuse_impossible(starts_at, ends_at, now)
    refuse_clash(community, starts_at, ends_at)
    if led_by is not None:
        refuse_stranger(community, led_by)
    return Session.objects.create(
        community=community,
        series=series,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place.strip(),
        joining_link=joining_link,
        led_by=led_by,
        tells_members=tells_members,
        sequence_at=now,
    )


def refuse_past(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise SessionInThePast(
            "This date has passed. To record a session that has already happened, "
            "choose “Record a past session” on the community’s sessions page.",
            code="session_in_the_past",
        )


def refuse_impossible(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise SessionEndsBeforeItStarts("The session must end after it starts.", code="session_ends_before_it_starts")
    if starts_at > now + FURTHEST_AHEAD:
        raise SessionTooFarAhead(
            f"{date_format(timezone.localtime(starts_at))} is more than three years away. Check the year.",
            code="session_too_far_ahead",
        )


def refuse_clash(
    community: Community, starts_at: datetime, ends_at: datetime, *, besides: frozenset[int] = frozenset()
) -> None:
    """Refuses a time at which the community has another session; those in `besides` are about to move away."""
    others = Session.objects.filter(community=community).exclude(pk__in=besides)
    clash = others.overlapping(starts_at, ends_at).order_by("starts_at").first()
    if clash is not None:
        start, end = timezone.localtime(clash.starts_at), timezone.localtime(clash.ends_at)
        raise SessionClash(
            f"{community.name} already has a session on {date_format(start)}, "
            f"from {date_format(start, 'TIME_FORMAT')} to {date_format(end, 'TIME_FORMAT')}. Choose another time.",
            code="session_clash",
        )


def refuse_stranger(community: Community, person: Person) -> None:
    is_member = Membership.objects.current().filter(community=community, person=person).exists()
    if not is_member and not RoleTerm.objects.current().filter(community=community, person=person).exists():
        raise LeaderNotInCommunity(
            f"The person who leads must be a member or facilitator of {community.name}.", code="leader_not_in_community"
        )
