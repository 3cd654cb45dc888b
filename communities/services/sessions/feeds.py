"""A person's own calendar address: made, shown once, revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from communities.models import CalendarFeed, Community, Session
from communities.models.session import SessionQuerySet
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict

# Calendars forget what a feed no longer names: a cancelled session stays long enough to be seen as cancelled.
CANCELLED_STAY = timedelta(days=30)
PAST_STAYS = timedelta(days=90)


class FeedAlreadyRevoked(Conflict):
    """An address is revoked once."""


def _hash_of(token: str) -> str:
    # 256 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def make_feed(*, user: User, now: datetime) -> tuple[CalendarFeed, str]:
    """Makes a new address for a person's calendar; an older one stops working.

    Returns it with its token, which is kept nowhere and cannot be shown again.
    """
    # Held, so that two requests at once make one address and not two.
    User.objects.select_for_update().get(pk=user.pk)
    CalendarFeed.objects.live().filter(user=user).update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=user, token_hash=_hash_of(token), made_at=now)
    audit.record(event="calendar_feed.made", by=user, target=feed, at=now)
    return feed, token


def addresses_of(token: str) -> dict[str, str]:
    """The address for calendar programs that ask for one, and the same as a link that opens them. In memory only."""
    https = f"{settings.BASE_URL.rstrip('/')}{reverse('communities:calendar-feed', args=[token])}"
    return {"https": https, "webcal": urlsplit(https)._replace(scheme="webcal").geturl()}


@transaction.atomic
def revoke_feed(*, feed: CalendarFeed, by: User, now: datetime) -> None:
    """Ends an address at once."""
    if not CalendarFeed.objects.live().filter(pk=feed.pk).update(revoked_at=now):
        raise FeedAlreadyRevoked("This calendar address has already been revoked.", code="feed_already_revoked")
    audit.record(event="calendar_feed.revoked", by=by, target=feed, at=now)


def owner_of(token: str) -> User | None:
    """Whose calendar a live address is, if that person is still active. Notes nothing."""
    feed = CalendarFeed.objects.live().select_related("user").filter(token_hash=_hash_of(token)).first()
    return feed.user if feed and feed.user.is_active else None


def sessions_for(user: User, now: datetime) -> SessionQuerySet:
    """What a person's calendar shows: the sessions of their own communities, the last months' and all ahead."""
    shown = Q(starts_at__gte=now - PAST_STAYS) & ~Q(state=Session.State.CANCELLED)
    called_off = Q(state=Session.State.CANCELLED, sequence_at__gt=now - CANCELLED_STAY)
    own = Session.objects.filter(community__in=Community.objects.belonging_to(user))
    return own.filter(shown | called_off).select_related("community", "led_by__user").order_by("starts_at", "pk")
