"""Calendar feeds: an address, known to one person only, under which their calendar program finds their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: User) -> Self:
        """One's own only, whatever one's role."""
        return self.filter(user=user)

    def live(self) -> Self:
        return self.filter(revoked_at=None)


class CalendarFeed(models.Model):
    """Only the SHA-256 of the address is kept: it is shown once. One at a time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="one_live_feed_per_person"),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.user_id}"
