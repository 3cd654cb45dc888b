"""Communities of practice, and the reference lists their people are described with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from communities.models.rhythm import PlannedRhythm

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from cop_portal.accounts.models import User


class Organisation(models.Model):
    """A member organisation: a trust, a university, a charity. The ODS code is optional."""

    name = models.CharField(max_length=200, unique=True)
    ods_code = models.CharField("ODS code", max_length=10, unique=True, null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = models.Manager()

    def __str__(self) -> str:
        return self.name


class ProfessionalGroup(models.Model):
    """A staff group of the NHS, or one of the portal's own for people outside it."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager()

    def __str__(self) -> str:
        return self.name


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Staff see all; anyone else sees their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_hin_staff else self.belonging_to(user)

    def belonging_to(self, user: User) -> Self:
        """The communities this person is a member of or holds a role in, today."""
        from communities.models.membership import Membership, RoleTerm

        mine = Membership.objects.filter(person__user=user, ends_on=None).values("community")
        led = RoleTerm.objects.filter(person__user=user, ends_on=None).values("community")
        return self.filter(Q(pk__in=mine) | Q(pk__in=led))

    def open_to_ask(self, user: User) -> Self:
        """Those whose name and purpose anyone signed in may read, to ask to join: not those they are in already."""
        from communities.models.membership import Membership

        mine = Membership.objects.filter(person__user=user, ends_on=None).values("community")
        return self.filter(state=Community.State.ACTIVE, is_open_to_ask=True).exclude(pk__in=mine)

    def with_member_count(self, on: date) -> Self:
        from communities.models.membership import Membership

        counted = (
            Membership.objects.on_day(on)
            .filter(community=OuterRef("pk"))
            .order_by()
            .values("community")
            .annotate(n=models.Count("pk"))
            .values("n")
        )
        return self.annotate(member_count=models.functions.Coalesce(Subquery(counted), 0))

    def with_last_and_next_session(self, now: datetime) -> Self:
        from communities.models.session import Session

        held = Session.objects.filter(community=OuterRef("pk"), state=Session.State.HELD).order_by("-starts_at")
        ahead = Session.objects.filter(
            community=OuterRef("pk"), state=Session.State.PLANNED, starts_at__gte=now
        ).order_by("starts_at")
        return self.annotate(
            last_session_at=Subquery(held.values("starts_at")[:1]),
            next_session_at=Subquery(ahead.values("starts_at")[:1]),
        )


class Community(models.Model):
    """A community of practice."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        CLOSED = "closed", "Closed"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100, unique=True)
    purpose = models.TextField(blank=True)
    domain = models.CharField("what it is about", max_length=200, blank=True)
    host = models.CharField(max_length=200, blank=True)
    # As people say it, often a year only; the day itself where it is known.
    founded = models.CharField(max_length=10, blank=True)
    launched_on = models.DateField(null=True, blank=True)
    rhythm_weeks = models.PositiveSmallIntegerField("planned weeks between sessions", null=True, blank=True)
    # Or: on the nth weekday of each month (see models/rhythm.py).
    rhythm_nth = models.PositiveSmallIntegerField(null=True, blank=True)
    rhythm_weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    closed_on = models.DateField(null=True, blank=True)
    closing_note = models.TextField(blank=True)
    is_open_to_ask = models.BooleanField("listed for people who may ask to join", default=True)
    version = models.PositiveIntegerField(default=1)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "communities"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "closed"]), name="community_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(rhythm_weeks=None) | Q(rhythm_weeks__gte=1), name="community_rhythm_at_least_weekly"
            ),
            models.CheckConstraint(
                condition=Q(rhythm_nth=None, rhythm_weekday=None)
                | Q(
                    rhythm_weeks=None,
                    rhythm_nth__gte=1,
                    rhythm_nth__lte=5,
                    rhythm_weekday__gte=0,
                    rhythm_weekday__lte=6,
                ),
                name="community_has_one_rhythm",
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(closed_on=None, closing_note=""), name="only_a_closed_community_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("communities:community", args=[self.slug])

    @property
    def rhythm(self) -> PlannedRhythm:
        """How often it plans to meet. False in an `if` where nothing is planned."""
        return PlannedRhythm(weeks=self.rhythm_weeks, nth=self.rhythm_nth, weekday=self.rhythm_weekday)

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def is_paused(self) -> bool:
        return self.state == self.State.PAUSED


def drifting_since(today: date) -> date:
    """The day before which a last session means drifting: DRIFTING_AFTER_DAYS (a setting) ago."""
    return today - timedelta(days=settings.DRIFTING_AFTER_DAYS)


def is_drifting(*, last_session_on: date | None, next_session_on: date | None, today: date) -> bool:
    """Whether an active community is drifting: no session held for too long, and none planned."""
    if next_session_on is not None:
        return False
    return last_session_on is None or last_session_on < drifting_since(today)


def drifting_rule() -> str:
    """The rule in words, shown wherever a community is called alive or drifting."""
    return (
        f"Drifting: active, no session held in the last {settings.DRIFTING_AFTER_DAYS} days, and none planned. "
        "Every other active community is alive."
    )
