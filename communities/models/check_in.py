"""Checking in at a session by the code on the screen: who said they are there, until a facilitator confirms it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from communities.models.community import Community
from communities.models.membership import Membership, RoleTerm
from communities.models.session import Attendance, Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# The room fills before the session begins, and empties after it ends.
OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=30)


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def open(self, now: datetime) -> Self:
        sessions = Session.objects.exclude(state=Session.State.CANCELLED)
        about_now = sessions.filter(starts_at__lte=now + OPENS_BEFORE, ends_at__gt=now - CLOSES_AFTER)
        return self.filter(closed_at=None, session__in=about_now)

    def of_member(self, user: User, now: datetime) -> Self:
        """Open ones of sessions to which this person belongs as a member."""
        mine = Membership.objects.current().filter(person__user=user).values("community")
        open_now = self.open(now).filter(session__community__in=mine)
        return open_now.exclude(session__community__state=Community.State.CLOSED)

    def not_said_by(self, user: User) -> Self:
        """Those at which nobody has said that this person is there, and the record does not say so either."""
        at_it = {"session": OuterRef("session"), "membership__person__user": user}
        claimed = CheckInClaim.objects.exclude(state=CheckInClaim.State.REFUSED).filter(**at_it)
        marked = Attendance.objects.filter(status__in=Attendance.PRESENT, **at_it)
        return self.exclude(Exists(claimed) | Exists(marked))


class CheckIn(models.Model):
    """A session's check-in, opened by a facilitator. Its codes are worked out for each minute and never stored."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="check_ins")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(closed_at=None), name="one_open_check_in_per_session"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} at {self.session_id}"

    @property
    def opens_at(self) -> datetime:
        """Needs the session loaded: when that is moved, this moves too."""
        return self.session.starts_at - OPENS_BEFORE

    @property
    def ends_at(self) -> datetime:
        return self.session.ends_at + CLOSES_AFTER

    def is_open(self, now: datetime) -> bool:
        """Needs the session loaded."""
        is_on = self.session.state != Session.State.CANCELLED
        return is_on and self.closed_at is None and self.opens_at <= now < self.ends_at


class CheckInClaimQuerySet(models.QuerySet["CheckInClaim"]):
    def visible_to(self, user: User) -> Self:
        """Who says they came is for those who run the community, until it stands in the record."""
        if user.is_hin_staff:
            return self
        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return self.filter(session__community__in=run)

    def waiting(self) -> Self:
        return self.filter(state=CheckInClaim.State.WAITING)

    def with_people(self) -> Self:
        """With the name of each, in the order in which they came."""
        return self.select_related("membership__person__user").order_by("pk")


class CheckInClaim(models.Model):
    """Someone says that they are at a session: a member, or a guest by name. It changes nothing until confirmed.

    When it was said is not kept.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"

    class How(models.TextChoices):
        ROOM = Attendance.Status.ROOM.value, "In the room"
        ONLINE = Attendance.Status.ONLINE.value, "Online"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="claims")
    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="check_in_claims"
    )
    name = models.CharField(max_length=150, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=10, choices=How.choices)
    # How often the same was said: twice may be two people, of whom one chose the wrong name.
    times = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CheckInClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(membership__isnull=False, name="", organisation="")
                | (Q(membership__isnull=True) & ~Q(name="")),
                name="claim_is_of_a_member_or_a_guest",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (Q(state__in=["confirmed", "refused"]) & Q(decided_at__isnull=False)),
                name="claim_is_decided_or_waits",
            ),
            models.CheckConstraint(condition=Q(how__in=["room", "online"]), name="claim_says_how"),
            models.UniqueConstraint(
                fields=["session", "membership"], condition=Q(state="waiting"), name="one_waiting_claim_per_member"
            ),
            models.UniqueConstraint(
                fields=["session", "name", "organisation"],
                condition=Q(state="waiting", membership=None),
                name="one_waiting_claim_per_guest",
            ),
        ]
        indexes = [models.Index(fields=["session", "state"], name="claim_by_session")]

    def __str__(self) -> str:
        return f"{self.pk} at {self.session_id}"

    @property
    def who(self) -> str:
        """Needs the member's name loaded."""
        if self.membership is not None:
            return self.membership.person.name
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


class CheckInPass(models.Model):
    """What one browser may still do in its ten minutes. Made at its first look-up, and known by a hash."""

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="passes")
    pass_hash = models.CharField(max_length=64, unique=True)
    ends_at = models.DateTimeField()
    look_ups = models.PositiveSmallIntegerField(default=0)
    claim = models.ForeignKey(CheckInClaim, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.pk} of {self.check_in_id}"
