"""Sessions: the meetings of a community. (Django's own `Session` is never imported beside this one.)"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone

from communities.models.community import Community
from communities.models.membership import Membership
from communities.models.person import Person
from communities.models.series import Series

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


def _number_of(rows: models.QuerySet[Any], *, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def held(self) -> Self:
        return self.filter(state=Session.State.HELD)

    def planned(self) -> Self:
        return self.filter(state=Session.State.PLANNED)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> Self:
        return self.exclude(state=Session.State.CANCELLED).filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def upcoming(self, now: datetime) -> Self:
        return self.planned().filter(starts_at__gte=now).order_by("starts_at")

    def newest_first(self) -> Self:
        return self.order_by("-starts_at", "-pk")

    def with_recount(self) -> Self:
        """With `recounted_members` and `recounted_present`: what the two kept counts should say."""
        members = Membership.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=OuterRef("local_day")),
            community=OuterRef("community"),
            starts_on__lte=OuterRef("local_day"),
        )
        present = Attendance.objects.present().filter(
            Q(membership__ends_on=None) | Q(membership__ends_on__gt=OuterRef("local_day")),
            session=OuterRef("pk"),
            membership__starts_on__lte=OuterRef("local_day"),
        )
        return self.annotate(
            local_day=TruncDate("starts_at", tzinfo=timezone.get_default_timezone()),
            recounted_members=_number_of(members, by="community"),
            recounted_present=_number_of(present, by="session"),
        )


class Session(models.Model):
    """One meeting of a community: planned, held or cancelled."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        CONVENING = "convening", "Convening"
        DESIGN_GROUP = "design_group", "Design group"
        CORE_GROUP = "core_group", "Core group"
        VISIT = "visit", "Visit"
        OTHER = "other", "Other"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="sessions")
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.CONVENING)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    joining_link = models.URLField(blank=True)
    led_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="led_sessions")
    focus = models.CharField("In one line", max_length=200, blank=True)
    head_count = models.PositiveSmallIntegerField("how many were there in all", null=True, blank=True)
    notes = models.TextField(blank=True)
    # For those who may record the session; see models/private.py.
    private_note = models.TextField(blank=True)
    cancelled_because = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    # Kept by the services that change attendance and checked nightly against a recount.
    member_count = models.PositiveIntegerField("members on that day", default=0)
    present_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    # The plan has a version of its own: whoever moves a session is not in the way of whoever writes its record.
    plan_version = models.PositiveIntegerField(default=1)
    # What calendars know it by, for ever; the sequence rises when its time or place changes or it is cancelled.
    calendar_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    sequence_at = models.DateTimeField()
    tells_members = models.BooleanField("members are written to", default=True)

    # From `with_recount()` only.
    recounted_members: int
    recounted_present: int

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "held", "cancelled"]), name="session_state_is_known"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_because=""), name="cancelled_session_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state="held", recorded_at__isnull=False) | (~Q(state="held") & Q(recorded_at=None)),
                name="held_session_is_recorded",
            ),
            models.CheckConstraint(
                condition=Q(present_count__lte=F("member_count")), name="those_present_were_members"
            ),
            models.UniqueConstraint(
                fields=["community", "starts_at"],
                condition=~Q(state="cancelled"),
                name="one_session_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "starts_at"], name="session_by_community")]

    def __str__(self) -> str:
        return f"{self.community_id} {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("communities:session", args=[self.community.slug, self.pk])

    def shows_count(self, *, exactly: bool) -> bool:
        """Whether a reader may see how many came: those who may not know who, from the minimum (five) on."""
        return exactly or self.present_count >= settings.MINIMUM_BASE

    def came(self, *, exactly: bool) -> str:
        """“12 of 19”, or “Fewer than 5” for readers who may not see so small a number."""
        if self.shows_count(exactly=exactly):
            return f"{self.present_count} of {self.member_count}"
        return f"Fewer than {settings.MINIMUM_BASE}"

    @property
    def day(self) -> date:
        """The date on the wall, in Europe/London."""
        return timezone.localdate(self.starts_at)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def present(self) -> Self:
        return self.filter(status__in=Attendance.PRESENT)


class Attendance(models.Model):
    """Whether a member was at a session. Unknown is not absent."""

    class Status(models.TextChoices):
        ROOM = "room", "In the room"
        ONLINE = "online", "Online"
        APOLOGIES = "apologies", "Apologies"
        ABSENT = "absent", "Absent"
        UNKNOWN = "unknown", "Not known"

    PRESENT = (Status.ROOM, Status.ONLINE)

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNKNOWN)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "membership"], name="one_attendance_per_member"),
            models.CheckConstraint(
                condition=Q(status__in=["room", "online", "apologies", "absent", "unknown"]),
                name="attendance_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.status}"
