"""Asking for one's data to be erased, and what makes that wait: a legal hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from communities.models.person import Person

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def live(self) -> Self:
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """Nothing about this person is deleted while it lasts: an inquiry, a claim or a request for access needs it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=300)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="one_legal_hold_at_a_time"),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_says_why"),
        ]

    def __str__(self) -> str:
        return f"hold on {self.person_id}"


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def visible_to(self, user: User) -> Self:
        """Staff see all; anyone else their own."""
        return self if user.is_hin_staff else self.filter(person__user=user)

    def waiting(self) -> Self:
        return self.filter(state=ErasureRequest.State.ASKED)

    def oldest_first(self) -> Self:
        return self.order_by("asked_at", "pk")

    def with_hold(self) -> Self:
        """With `is_held`: whether a legal hold makes it wait."""
        return self.annotate(is_held=Exists(LegalHold.objects.live().filter(person=OuterRef("person"))))


class ErasureRequest(models.Model):
    """Someone asked for what is held about them to be erased; and what was decided."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DECLINED = "declined", "Declined"
        CARRIED_OUT = "carried_out", "Carried out"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="erasure_requests")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    # Staff, where someone asked by letter or by telephone.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("what they were told", max_length=500, blank=True)

    # From `with_hold()` only.
    is_held: bool

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="asked"), name="one_erasure_request_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn", "declined", "carried_out"]),
                name="erasure_request_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | (~Q(state="asked") & Q(decided_at__isnull=False)),
                name="erasure_request_is_decided_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer=""), name="declined_erasure_request_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.person_id}"
