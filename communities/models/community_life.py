"""What happens to a community as such: what it belongs to, when it paused, what about it was changed and by whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from communities.models.community import Community

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class Programme(models.Model):
    """An improvement programme that a community belongs to or works with."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="programmes")
    name = models.CharField(max_length=150)
    url = models.URLField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="one_programme_of_a_name_per_community")
        ]

    def __str__(self) -> str:
        return self.name


class PauseQuerySet(models.QuerySet["Pause"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def running(self) -> Self:
        return self.filter(ends_on=None)

    def to_look_at(self, today: date) -> Self:
        """Those that someone wanted looked at again by now, the longest overdue first."""
        return self.running().filter(look_again_on__lte=today).order_by("look_again_on", "pk")


class Pause(models.Model):
    """A time in which a community does not meet, and why. The day it ends is the first day it no longer holds."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="pauses")
    because = models.CharField(max_length=300)
    starts_on = models.DateField()
    look_again_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community"], condition=Q(ends_on=None), name="one_pause_at_a_time"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="pause_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(because=""), name="pause_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} from {self.starts_on}"


class CommunityChangeQuerySet(models.QuerySet["CommunityChange"]):
    def since(self, version: int) -> Self:
        """What was changed after a community's `version`, the oldest first."""
        return self.filter(version__gt=version).order_by("version", "pk")


class CommunityChange(models.Model):
    """Something about a community was changed. `facts` holds [what it was, what it became] by the fact's name."""

    class What(models.TextChoices):
        CREATED = "created", "Set up"
        EDITED = "edited", "Changed"
        PAUSED = "paused", "Paused"
        LOOK_AGAIN = "look_again", "Pause continued"
        RESUMED = "resumed", "Resumed"
        CLOSED = "closed", "Closed"
        REOPENED = "reopened", "Opened again"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=10, choices=What.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    facts = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    objects = CommunityChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "version"], name="one_change_per_version"),
            models.CheckConstraint(
                condition=Q(what__in=["created", "edited", "paused", "look_again", "resumed", "closed", "reopened"]),
                name="community_change_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.what}"
