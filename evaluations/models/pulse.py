"""A session pulse in the room: as many places as there are heads, each taken once and answered by nobody known."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from communities.models import Session
from evaluations.models.survey import Survey

# More heads than any room of a community holds; whoever states more has mistyped.
MOST_HEADS = 300
# The code is on the screen while people are together, as the code to check in is.
OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=30)


def is_about_now(session: Session, now: datetime) -> bool:
    """Whether people are together for this session: not weeks before it, and not days after it."""
    is_on = session.state != Session.State.CANCELLED
    return is_on and session.starts_at - OPENS_BEFORE <= now < session.ends_at + CLOSES_AFTER


class PulseRoomQuerySet(models.QuerySet["PulseRoom"]):
    def open(self, now: datetime) -> Self:
        """Those whose code is on a screen now."""
        sessions = Session.objects.exclude(state=Session.State.CANCELLED)
        about_now = sessions.filter(starts_at__lte=now + OPENS_BEFORE, ends_at__gt=now - CLOSES_AFTER)
        return self.filter(
            closed_at=None,
            survey__state=Survey.State.OPEN,
            survey__closes_at__gt=now,
            survey__halted_because="",
            survey__session__in=about_now,
        )


class PulseRoom(models.Model):
    """The part of a pulse that is answered in the room. Its codes are worked out for each minute and never stored."""

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="room")
    # As stated by whoever started it. There are never more places than heads.
    heads = models.PositiveSmallIntegerField()
    # Kept so that the database itself refuses one place too many. No page shows it.
    taken = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = PulseRoomQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(heads__gte=1, heads__lte=MOST_HEADS), name="room_has_heads"),
            models.CheckConstraint(condition=Q(taken__lte=F("heads")), name="no_more_places_than_heads"),
        ]

    def __str__(self) -> str:
        return f"room of {self.survey_id}"

    def is_open(self, now: datetime) -> bool:
        """Needs the survey and its session loaded."""
        survey, session = self.survey, self.survey.session
        is_asked = survey.state == Survey.State.OPEN and survey.closes_at > now and not survey.halted_because
        return self.closed_at is None and is_asked and session is not None and is_about_now(session, now)

    @property
    def ends_at(self) -> datetime:
        """When its code opens nothing more. Needs the survey and its session loaded."""
        assert self.survey.session is not None  # noqa: S101 - a room is of a session
        return self.survey.session.ends_at + CLOSES_AFTER


class RoomPlaceQuerySet(models.QuerySet["RoomPlace"]):
    def unanswered(self) -> Self:
        return self.filter(is_answered=False)


class RoomPlace(models.Model):
    """One place: taken once, answered once. It points to no person, no moment and no order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="places")
    token_hash = models.CharField(max_length=64, unique=True)
    is_answered = models.BooleanField(default=False)
    # What an invitation would say: whose it is.
    person_id: ClassVar[None] = None

    objects = RoomPlaceQuerySet.as_manager()

    def __str__(self) -> str:
        return "place"
