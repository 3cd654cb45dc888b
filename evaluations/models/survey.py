"""A questionnaire put to a community in a window, in one privacy mode; and who was asked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Attendance, Community, Person, Session
from evaluations.models.instrument import InstrumentVersion, PrivacyMode
from evaluations.models.pseudonym_key import PseudonymKey

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class Wave(models.Model):
    """Surveys launched together."""

    name = models.CharField(max_length=100, unique=True)
    starts_on = models.DateField()

    objects = models.Manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evaluations:wave", args=[self.pk])


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=Survey.State.OPEN)

    def taking_their_questionnaire(self) -> Self:
        """While these have not closed, their questionnaires cannot be opened again where they are. Pulses can."""
        return self.filter(session=None, state__in=[Survey.State.OPEN, Survey.State.CLOSING])

    def closed(self) -> Self:
        return self.filter(state=Survey.State.CLOSED)

    def due_to_close(self, now: datetime) -> Self:
        """Past their closing time, or caught half-way through a close."""
        return self.filter(Q(state=Survey.State.OPEN, closes_at__lte=now) | Q(state=Survey.State.CLOSING))

    def can_be_cancelled(self) -> Self:
        """Open, or in a close that has halted and may never go on."""
        halted = Q(state=Survey.State.CLOSING) & ~Q(halted_because="")
        return self.filter(Q(state=Survey.State.OPEN) | halted)

    def due_to_be_wiped(self) -> Self:
        return self.filter(state__in=[Survey.State.CLOSED, Survey.State.CANCELLED], is_wiped=False)

    def due_to_lose_keys(self, closed_before: datetime) -> Self:
        """Closed so long ago; or cancelled, whenever."""
        is_due = Q(state=Survey.State.CANCELLED) | Q(state=Survey.State.CLOSED, closed_at__lte=closed_before)
        return self.filter(is_due, keys_destroyed_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-opened_at", "-pk")

    def with_turnout(self) -> Self:
        """With who answered, of those asked, and without the rest of the release: lists show nothing else of it."""
        parts = {key: F(f"release__content__{key}") for key in ("asked", "answered", "hidden")}
        return (
            self.select_related("release")
            .defer("release__content")
            .annotate(**{f"turnout_{key}": part for key, part in parts.items()})
        )


class Survey(models.Model):
    """One version, put to one community, in one window, in one privacy mode."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSING = "closing", "Closing"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    class SharedWith(models.TextChoices):
        LEADERS = "leaders", "Those who lead the community, and HIN staff"
        MEMBERS = "members", "The members too, once the facilitator shares them"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="surveys")
    version = models.ForeignKey(InstrumentVersion, on_delete=models.PROTECT, related_name="surveys")
    wave = models.ForeignKey(Wave, null=True, blank=True, on_delete=models.PROTECT, related_name="surveys")
    # Set makes it a pulse: asked of those who were at this session, in the room or by mail.
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="pulses")
    mode = models.CharField(max_length=20, choices=PrivacyMode.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    reminder_days = models.JSONField(default=list)
    was_extended = models.BooleanField(default=False)
    # Who may ever see the results, as those asked were told before they answered.
    shared_with = models.CharField(max_length=10, choices=SharedWith.choices, default=SharedWith.MEMBERS)
    is_shared_with_members = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = models.TextField(blank=True)
    # The one breakdown of the results, declared before anyone was asked; see evaluations/breakdowns.py.
    # An object: kind ("item", "profession", "organisation"), label, item, and groups, each with a code and a label.
    breakdown = models.JSONField(null=True, blank=True)
    # Names the files in the key directory; known before the survey is, so that keys are safe before anyone is asked.
    key_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    public_key = models.BinaryField()
    # Confidential only: makes the pseudonyms of its answers, and has an end date of its own.
    pseudonym_key = models.ForeignKey(
        PseudonymKey, null=True, blank=True, on_delete=models.PROTECT, related_name="surveys"
    )
    # Sealed at opening; that the key still opens it is checked at start and hourly.
    canary = models.BinaryField()
    # Every answer is padded to the largest that this questionnaire allows.
    box_size = models.PositiveIntegerField()
    # Why answering, or the close, has stopped; empty when all is well.
    halted_because = models.TextField(blank=True)
    asked_count = models.PositiveIntegerField(default=0)
    # How many have answered, as far as staff may know it ("5 to 9"), refreshed nightly; never a running total.
    answered_words = models.CharField(max_length=40, blank=True)
    counted_on = models.DateField(null=True, blank=True)
    # After the close: emptied pages of the database are wiped, later the keys are destroyed.
    is_wiped = models.BooleanField(default=False)
    keys_destroyed_at = models.DateTimeField(null=True, blank=True)
    # Since when the answers of single people are gone: an administrator destroyed them once their time was over.
    answers_destroyed_at = models.DateTimeField(null=True, blank=True)
    # Too few answered to show: these answers were released together with those of a later survey.
    released_with = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="includes")

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "mode"], name="survey_and_mode"),
            models.UniqueConstraint(
                fields=["community", "version"],
                condition=Q(state__in=["open", "closing"], session=None),
                name="one_open_survey_per_questionnaire",
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(session__isnull=False) & ~Q(state="cancelled"),
                name="one_pulse_per_session",
            ),
            models.CheckConstraint(condition=Q(session=None) | Q(mode="anonymous"), name="pulse_is_anonymous"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="survey_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(mode__in=["anonymous", "confidential", "named"]), name="survey_mode_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closing", "closed", "cancelled"]), name="survey_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(mode="confidential", pseudonym_key__isnull=False)
                | (~Q(mode="confidential") & Q(pseudonym_key=None)),
                name="confidential_survey_has_a_pseudonym_key",
            ),
            models.CheckConstraint(condition=Q(shared_with__in=["leaders", "members"]), name="survey_sharing_is_known"),
            models.CheckConstraint(
                condition=Q(answers_destroyed_at=None) | Q(state="closed"),
                name="only_a_closed_survey_outlives_its_answers",
            ),
            models.CheckConstraint(
                condition=Q(is_shared_with_members=False) | Q(shared_with="members"),
                name="survey_shared_as_it_was_said",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | (Q(cancelled_at__isnull=False) & ~Q(cancelled_because="")),
                name="cancelled_survey_says_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} for {self.community_id}"

    def get_absolute_url(self) -> str:
        return reverse("evaluations:survey", args=[self.community.slug, self.pk])

    def get_results_url(self) -> str:
        return reverse("evaluations:results", args=[self.community.slug, self.pk])

    @property
    def is_pulse(self) -> bool:
        return self.session_id is not None

    @property
    def asked_about(self) -> str:
        """What it is called; a pulse with the day of its session. Needs version and session loaded."""
        return f"{self.version.title}, {date_format(self.session.day)}" if self.session else self.version.title

    @property
    def can_be_cancelled(self) -> bool:
        """While it is open, or its close has halted and may never go on."""
        return self.state == self.State.OPEN or (self.state == self.State.CLOSING and bool(self.halted_because))

    @property
    def asked_words(self) -> str:
        return "1 person was asked." if self.asked_count == 1 else f"{self.asked_count} people were asked."

    @property
    def count_words(self) -> str:
        """How many have answered while it is open: counted once a night, no more exactly than results would say."""
        if self.counted_on is None:
            return "Answers are counted once a night; the first count is not in yet."
        return f"{self.answered_words} of {self.asked_count} had answered on {date_format(self.counted_on)}"

    @property
    def until_when(self) -> str:
        """Of one that has not closed: open until 4 December 2026"""
        return f"open until {self.closes_on}" if self.state == self.State.OPEN else "being closed"

    @property
    def closes_on(self) -> str:
        return date_format(timezone.localdate(self.closes_at))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> Self:
        return self.filter(is_answered=False)

    def not_in_the_room(self) -> Self:
        """Without those of a pulse that was answered in the room by whoever is recorded as having been there."""
        there = Attendance.objects.filter(
            session=OuterRef("survey__session"),
            membership__person=OuterRef("person"),
            status=Attendance.Status.ROOM,
        )
        return self.exclude(Q(survey__room__isnull=False) & Exists(there))


class Invitation(models.Model):
    """One person asked once: answered, yes or no, nothing more. No time, no order, no link to an answer."""

    # Random, so that the order of asking is nowhere, and known before the row is written: the link is derived from it.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    generation = models.PositiveSmallIntegerField(default=1)
    token_hash = models.CharField(max_length=64, unique=True)
    # A member, and entered as one, for 14 days when it opened. Only these count towards the minimum base, so nobody
    # can be planted.
    is_established = models.BooleanField()
    is_answered = models.BooleanField(default=False)
    # They want no more mail about this survey, or the mail reached someone else. Why is not kept.
    is_stopped = models.BooleanField(default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "person"], name="one_invitation_per_person")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class PlannedRequestQuerySet(models.QuerySet["PlannedRequest"]):
    def waiting(self) -> Self:
        return self.filter(is_handled=False)

    def due(self, now: datetime) -> Self:
        return self.waiting().filter(due_at__lte=now)


class PlannedRequest(models.Model):
    """When one person is asked, or reminded. Planned and handled for everyone alike, whether they answer or not.

    So the plan says nothing about anyone's answer, and the cap across communities can be kept from it alone.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", "Invitation"
        REMINDER = "reminder", "Reminder"
        EXTENSION = "extension", "Extension notice"
        MORE_TIME = "more_time", "Notice of more time"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="requests")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    due_at = models.DateTimeField()
    # Its mail is in the outbox, or was not wanted any more.
    is_handled = models.BooleanField(default=False)

    objects = PlannedRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "number"], name="one_request_per_number"),
            models.CheckConstraint(
                condition=Q(kind__in=["invitation", "reminder", "extension", "more_time"]),
                name="request_kind_is_known",
            ),
        ]
        indexes = [models.Index(fields=["is_handled", "due_at"], name="requests_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
