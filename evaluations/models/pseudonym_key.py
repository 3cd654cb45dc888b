"""The key that makes pseudonyms in the confidential surveys of one community and questionnaire, and its promised end.

The key itself is a file in the key directory; here is only which, and until when.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from communities.models import Community
from evaluations.models.instrument import Instrument


class PseudonymKeyQuerySet(models.QuerySet["PseudonymKey"]):
    def living(self) -> Self:
        return self.filter(destroyed_at=None)

    def ended(self, today: date) -> Self:
        """Living, though their day has come."""
        return self.living().filter(ends_on__lte=today)

    def held(self) -> Self:
        return self.exclude(held_because="")

    def free(self) -> Self:
        return self.filter(held_because="")

    def newest_first(self) -> Self:
        return self.order_by("-made_at", "-pk")


class PseudonymKey(models.Model):
    """Until its end a person can see, correct and erase their own answers; after it nobody can tell whose they are."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    # Names the file in the key directory.
    key_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Made with the key: that it is still the same key is checked at start and hourly.
    proof = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    # Printed in every mail that asked under it; it never changes.
    ends_on = models.DateField()
    destroyed_at = models.DateTimeField(null=True, blank=True)
    # A legal hold: while it says why, the key is not destroyed on its day.
    held_because = models.CharField(max_length=300, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Since when its end has been delayed, and those asked have been told so.
    delayed_since = models.DateField(null=True, blank=True)

    objects = PseudonymKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(held_because="", held_at=None, held_by=None)
                | (~Q(held_because="") & Q(held_at__isnull=False, held_by__isnull=False)),
                name="pseudonym_key_held_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.pk}"

    @property
    def is_living(self) -> bool:
        return self.destroyed_at is None

    @property
    def end_words(self) -> str:
        """When it ends, ended, or why it has not."""
        if self.destroyed_at:
            return f"Destroyed on {date_format(self.destroyed_at)}"
        if self.delayed_since:
            return f"Was to end on {date_format(self.ends_on)}; a legal hold delays it"
        return f"Ends on {date_format(self.ends_on)}"
