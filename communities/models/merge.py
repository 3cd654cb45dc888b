"""Two records of one person, made one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from communities.models.person import Person

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

UNDO_WITHIN = timedelta(days=30)


class PersonMergeQuerySet(models.QuerySet["PersonMerge"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_hin_staff else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-merged_at", "-pk")


class PersonMerge(models.Model):
    """What was moved from one record to another, so that it can be moved back. Holds identifiers and dates only."""

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The steps taken, in order: see services/people/journal.py.
    journal = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="a_merge_has_two_records"),
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merged_into_one_record"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"

    @property
    def undo_until(self) -> datetime:
        return self.merged_at + UNDO_WITHIN

    def can_be_undone(self, now: datetime) -> bool:
        return self.undone_at is None and now < self.undo_until
