"""People, and where they work."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from communities.models.community import Organisation, ProfessionalGroup

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User) -> Self:
        """Staff see every record; anyone else their own. Who is in a community is asked of its memberships."""
        return self if user.is_hin_staff else self.filter(user=user)

    def known(self) -> Self:
        """People, not what is left of records that were erased or merged into another."""
        return self.filter(merged_into=None, erased_on=None)

    def found_by(self, words: str) -> Self:
        """Whose name or one of whose addresses holds `words`; each once."""
        return self.filter(
            Q(user__name__icontains=words)
            | Exists(EmailAddress.objects.filter(user=OuterRef("user"), email__icontains=words))
        )

    def by_name(self) -> Self:
        return self.select_related("user").order_by("user__name", "pk")


class Person(models.Model):
    """Someone known to the network. The name and the addresses are kept once, with the User."""

    # From `with_people()` of memberships only: the affiliation of today, or none.
    current_affiliations: list[Affiliation]

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person")
    # Set when this record turned out to be of someone who has another one, which holds everything from then on.
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    # Set when the name and the addresses were erased: what is left is a former member, so that counts stay right.
    erased_on = models.DateField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="nobody_is_merged_into_themselves"
            ),
        ]

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
