"""Mail as rows: what is owed to whom, how far each mail has come, and whether the outbox is open."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    def ready(self) -> Self:
        return self.filter(state=OutboxMessage.State.READY)

    def due(self, now: datetime) -> Self:
        """Ready, and its time has come and not gone by."""
        return self.ready().filter(next_try_at__lte=now).filter(Q(not_after=None) | Q(not_after__gt=now))

    def overtaken(self, now: datetime) -> Self:
        """Not known to be sent, and no longer of any use: past `not_after`."""
        waiting = [OutboxMessage.State.READY, OutboxMessage.State.IN_DOUBT]
        return self.filter(state__in=waiting, not_after__lte=now)

    def in_doubt(self) -> Self:
        return self.filter(state=OutboxMessage.State.IN_DOUBT)

    def doubtful_since(self, restored_at: datetime) -> Self:
        """Owed before a restore was noticed: the database cannot know whether these were sent meanwhile."""
        return self.filter(due_at__lte=restored_at, is_cleared=False)

    def of_occasion(self, dedupe_prefix: str) -> Self:
        return self.filter(dedupe_key__startswith=dedupe_prefix)


class OutboxMessage(models.Model):
    """One mail to one person on one occasion. It holds what is needed to word the mail, never the words.

    Times in `lease_until` are of the real clock; all others are of the portal's clock (see `claim`).
    """

    class State(models.TextChoices):
        READY = "ready", "Waiting to be sent"
        CLAIMED = "claimed", "Being prepared"
        TRANSMITTING = "transmitting", "Being handed over"
        SENT = "sent", "Accepted by the mail server"
        FAILED = "failed", "Refused for good"
        IN_DOUBT = "in_doubt", "Nobody knows whether it was accepted"
        WITHDRAWN = "withdrawn", "Not due any more"
        EXPIRED = "expired", "Its time passed"

    LEASED = (State.CLAIMED, State.TRANSMITTING)

    # A random id: neither the order nor the number of rows says who was mailed first.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedupe_key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField()
    params = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=12, choices=State.choices, default=State.READY)
    next_try_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    resends = models.PositiveSmallIntegerField(default=0)
    is_cleared = models.BooleanField(default=False)
    lease_id = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    message_id = models.CharField(max_length=200)
    date_header = models.DateTimeField(null=True, blank=True)
    content_mark = models.CharField(max_length=64, blank=True)
    provider_reference = models.CharField(max_length=200, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "ready",
                        "claimed",
                        "transmitting",
                        "sent",
                        "failed",
                        "in_doubt",
                        "withdrawn",
                        "expired",
                    ]
                ),
                name="outbox_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "transmitting"])
                | Q(lease_id__isnull=False, lease_until__isnull=False),
                name="outbox_who_sends_holds_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="transmitting") | (Q(date_header__isnull=False) & ~Q(content_mark="")),
                name="outbox_what_is_sent_is_marked",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(not_after__isnull=True) | Q(not_after__gt=models.F("due_at")),
                name="outbox_dies_after_it_is_due",
            ),
            models.CheckConstraint(condition=~Q(dedupe_key="") & ~Q(message_id=""), name="outbox_occasion_is_named"),
        ]
        indexes = [
            # The sweep asks for these states only; sent rows, by far the most, stay out of its index.
            models.Index(fields=["next_try_at"], name="outbox_ready", condition=Q(state="ready")),
            models.Index(
                fields=["state", "lease_until"],
                name="outbox_unfinished",
                condition=Q(state__in=["claimed", "transmitting", "in_doubt"]),
            ),
            models.Index(fields=["kind", "state"], name="outbox_kind_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.get_state_display().lower()}"


class OutboxState(models.Model):
    """Whether the outbox is open, and the half of the restore counter that travels with the database. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    database_id = models.UUIDField(default=uuid.uuid4, editable=False)
    is_paused = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    fences = models.PositiveBigIntegerField(default=0)
    restored_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_outbox"),
            models.CheckConstraint(
                condition=Q(is_paused=False) | (~Q(why="") & Q(paused_at__isnull=False)),
                name="outbox_pause_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Paused: {self.why}" if self.is_paused else "Open"

    @classmethod
    def load(cls) -> "OutboxState":
        """The one row. A migration made it; in a database emptied since, it is made again, as of a new one."""
        return cls.objects.get_or_create(pk=1)[0]


class OutboxCount(models.Model):
    """How many mails of a kind ended in a state, of those whose rows have been forgotten."""

    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=OutboxMessage.State.choices)
    count = models.PositiveBigIntegerField(default=0)

    objects = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "state"], name="one_outbox_count_per_kind_and_state")]

    def __str__(self) -> str:
        return f"{self.kind}, {self.state}: {self.count}"
