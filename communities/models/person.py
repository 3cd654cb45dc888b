"""People, and where they work."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from communities.models.community import Organisation, ProfessionalGroup


class Person(models.Model):
    """Someone known to the network. The name and the addresses are kept once, with the User."""

    # From `with_people()` of memberships only: the affiliation of today, or none.
    current_affiliations: list[Affiliation]

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person")

    objects = models.Manager()

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.name


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def on_day(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)

    def current(self) -> Self:
        return self.filter(ends_on=None)


class Affiliation(models.Model):
    """Where a person works and as what, for a time. The day it ends is the first day it no longer holds."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="affiliations")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="affiliations")
    professional_group = models.ForeignKey(ProfessionalGroup, on_delete=models.PROTECT, related_name="affiliations")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ends_on=None), name="one_current_affiliation"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="affiliation_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.organisation_id}"
