"""A questionnaire put to a community in a window, in one privacy mode; and who was asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from communities.models import Community, Person
from evaluations.models.instrument import InstrumentVersion, PrivacyMode

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class Wave(models.Model):
    """Surveys launched together."""

    name = models.CharField(max_length=100, unique=True)
    starts_on = models.DateField()

    objects = models.Manager()

    def __str__(self) -> str:
        return self.name


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=Survey.State.OPEN)

    def closed(self) -> Self:
        return self.filter(state=Survey.State.CLOSED)

    def due_to_close(self, now: datetime) -> Self:
        return self.filter(state__in=[Survey.State.OPEN, Survey.State.CLOSING], closes_at__lte=now)

    def newest_first(self) -> Self:
        return self.order_by("-opened_at", "-pk")


class Survey(models.Model):
    """One version, put to one community, in one window, in one privacy mode."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSING = "closing", "Closing"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="surveys")
    version = models.ForeignKey(InstrumentVersion, on_delete=models.PROTECT, related_name="surveys")
    wave = models.ForeignKey(Wave, null=True, blank=True, on_delete=models.PROTECT, related_name="surveys")
    mode = models.CharField(max_length=20, choices=PrivacyMode.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    reminder_days = models.JSONField(default=list)
    was_extended = models.BooleanField(default=False)
    is_shared_with_members = models.BooleanField(default=False)
    public_key = models.BinaryField()
    # Sealed at opening; that the key still opens it is checked at start and hourly.
    canary = models.BinaryField()
    box_size = models.PositiveIntegerField()
    halted_because = models.TextField(blank=True)
    # Counts for staff, refreshed nightly; never a running total.
    asked_count = models.PositiveIntegerField(default=0)
    answered_count = models.PositiveIntegerField(default=0)
    counted_on = models.DateField(null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "mode"], name="survey_and_mode"),
            models.UniqueConstraint(
                fields=["community", "version"],
                condition=Q(state__in=["open", "closing"]),
                name="one_open_survey_per_questionnaire",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="survey_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(mode__in=["anonymous", "confidential", "named"]), name="survey_mode_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closing", "closed", "cancelled"]), name="survey_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} for {self.community_id}"

    def get_absolute_url(self) -> str:
        return reverse("evaluations:survey", args=[self.community.slug, self.pk])

    def get_results_url(self) -> str:
        return reverse("evaluations:results", args=[self.community.slug, self.pk])


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> Self:
        return self.filter(is_answered=False)


class Invitation(models.Model):
    """One person asked once: answered, yes or no, nothing more. No time, no order, no link to an answer."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    generation = models.PositiveSmallIntegerField(default=1)
    token_hash = models.CharField(max_length=64, unique=True)
    # A member for 14 days when it opened: only these count towards the minimum base, so nobody can be planted.
    is_established = models.BooleanField()
    is_answered = models.BooleanField(default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "person"], name="one_invitation_per_person")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
