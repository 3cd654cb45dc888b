"""Reminding people of what they said they would do: once before the day it is due, and once after it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from communities.emails.actions import AFTER, BEFORE, reminder
from communities.models import Action, Community, Membership, RoleTerm
from communities.services.promises.action_links import with_link
from communities.services.telling import addresses_of
from communities.working_days import next_working_moment
from cop_portal import outbox

BATCH = 200
# Someone who has only just agreed to something has not forgotten it.
JUST_AGREED = timedelta(days=2)
# A reminder that is late by more than this, because the portal stood still, is not sent any more.
STILL_WORTH_IT = timedelta(days=7)


def remind_of_actions(*, now: datetime) -> int:
    """Puts in the outbox the reminders that are due; returns how many were new. May run twice, late or not at all."""
    # A mail leaves in working hours only, and one that says "is due" leaves before that day is over.
    leaves_on = timezone.localdate(next_working_moment(now))
    before = _in_touch().filter(
        due_on__gte=leaves_on,
        due_on__lte=timezone.localdate(now) + timedelta(days=settings.ACTION_REMINDER_DAYS_BEFORE),
        agreed_on__lte=leaves_on - JUST_AGREED,
    )
    latest = timezone.localdate(now) - timedelta(days=settings.ACTION_REMINDER_DAYS_AFTER)
    after = _in_touch().filter(due_on__lte=latest, due_on__gt=latest - STILL_WORTH_IT)
    return _enqueue(before, BEFORE, now) + _enqueue(after, AFTER, now)


def _in_touch() -> QuerySet[Action]:
    """Open actions of active communities whose owners belong to them still. What is private is in no mail."""
    theirs = {"community": OuterRef("community"), "person": OuterRef("owner")}
    belongs = Q(Exists(Membership.objects.current().filter(**theirs))) | Q(
        Exists(RoleTerm.objects.current().facilitators().filter(**theirs))
    )
    active = Action.objects.open().filter(community__state=Community.State.ACTIVE, is_private=False, disowned_at=None)
    return active.filter(belongs).select_related("owner").order_by("pk")


def _enqueue(due: QuerySet[Action], which: str, now: datetime) -> int:
    planned, last = 0, 0
    while batch := list(due.filter(pk__gt=last)[:BATCH]):
        planned += _enqueue_batch(batch, which, now)
        last = batch[-1].pk
    return planned


@transaction.atomic
def _enqueue_batch(batch: Sequence[Action], which: str, now: datetime) -> int:
    addresses = addresses_of(action.owner.user_id for action in batch)
    return outbox.enqueue(
        *(
            reminder(with_link(action), which, to=addresses[action.owner.user_id], now=now)
            for action in batch
            if action.owner.user_id in addresses
        )
    )
