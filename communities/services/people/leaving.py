"""Leaving a community oneself."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from communities.emails.left import left
from communities.models import Action, Attendance, Community, Membership, RoleTerm, Session
from communities.services.communities import locked
from communities.services.people.roles import end_term
from communities.services.sessions.counts import mend_counts
from communities.services.telling import addresses_of_facilitators
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict


class NotInThisCommunity(Conflict):
    """One leaves a community once."""


@dataclass(frozen=True)
class Ties:
    """What holds someone to a community today."""

    membership: Membership | None
    terms: list[RoleTerm]
    open_actions: int


def ties_of(user: User, community: Community) -> Ties:
    """What leaving would end, and what it would leave behind."""
    mine = Membership.objects.current().filter(person__user=user, community=community)
    terms = RoleTerm.objects.current().filter(person__user=user, community=community)
    return Ties(
        membership=mine.select_related("person__user").first(),
        terms=list(terms.order_by("role").select_related("person__user", "community")),
        open_actions=Action.objects.open().filter(community=community).owned_by(user).count(),
    )


@transaction.atomic
def leave_community(*, community: Community, by: User, now: datetime) -> None:
    """Ends one's own membership and roles in a community, from now on. The facilitators are told, once."""
    community = locked(community)
    ties = ties_of(by, community)
    if ties.membership is None and not ties.terms:
        raise NotInThisCommunity(f"You are no longer in {community.name}.", code="not_in_this_community")
    for term in ties.terms:
        end_term(term=term, ends_on=timezone.localdate(now), by=by, now=now)
    if ties.membership is not None:
        end_from_now_on(ties.membership, by=by, now=now)
        facilitators = addresses_of_facilitators(community, but=by)
        outbox.enqueue(*(left(ties.membership, to=to, now=now) for to in facilitators.values()))


def end_from_now_on(membership: Membership, *, by: User, now: datetime) -> None:
    """Ends a membership on the first day that leaves every attendance as it is: today, or tomorrow for someone who was
    present today. Within the caller's transaction."""
    today = timezone.localdate(now)
    seen = Attendance.objects.present().filter(membership=membership, session__starts_at__gte=_midnight(today))
    ends_on = max(today + timedelta(days=1) if seen.exists() else today, membership.starts_on)
    if Membership.objects.current().filter(pk=membership.pk).update(ends_on=ends_on):
        sessions = Session.objects.filter(community=membership.community_id, starts_at__gte=_midnight(ends_on))
        mend_counts(sessions=sessions, by=by, now=now)
        audit.record(event="membership.ended", by=by, target=membership, at=now)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
