"""Series: sessions that were planned together, in one rhythm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from communities.models.community import Community
from communities.models.rhythm import Nth, PlannedRhythm, Weekday

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))


class Series(models.Model):
    """Sessions planned in one go. Each is a session of its own, with its own place in every calendar."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="series")
    weeks = models.PositiveSmallIntegerField("weeks between sessions", null=True, blank=True)
    nth = models.PositiveSmallIntegerField("which of the month", choices=Nth.choices, null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, null=True, blank=True)
    planned_at = models.DateTimeField()

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(
                condition=Q(weeks__gte=1, nth=None, weekday=None)
                | Q(weeks=None, nth__range=(1, 5), weekday__range=(0, 6)),
                name="series_has_one_rhythm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.rhythm.words}"

    @property
    def rhythm(self) -> PlannedRhythm:
        return PlannedRhythm(weeks=self.weeks, nth=self.nth, weekday=self.weekday)
