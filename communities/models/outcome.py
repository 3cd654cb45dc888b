"""What a session leaves behind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from communities.models.community import Community
from communities.models.person import Person
from communities.models.private import Keyed, seen_by
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# A commitment has no date of its own. Where no session comes to ask, it is asked after this time.
ASKED_AFTER = timedelta(weeks=8)


class LearningPointQuerySet(models.QuerySet["LearningPoint"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user, community="session__community"))

    def in_order(self) -> Self:
        return self.order_by("position", "pk")


class LearningPoint(Keyed):
    """Something the community learned at a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="learning_points")
    text = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)
    is_private = models.BooleanField(default=False)

    objects = LearningPointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="learning_point_says_something"),
            models.UniqueConstraint(fields=["session", "position"], name="learning_points_in_order"),
        ]

    def __str__(self) -> str:
        return self.text


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user))

    def open(self) -> Self:
        return self.filter(state=Action.State.OPEN)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner__user=user)

    def stuck(self) -> Self:
        """Open ones that need a facilitator: the owner waits for help, or says that it is not theirs."""
        from communities.models.problem import Problem

        helped = Problem.objects.unsettled().filter(actions__isnull=False).values("actions")
        return self.open().filter(Q(disowned_at__isnull=False) | Q(help_asked_at__isnull=False, pk__in=helped))

    def soonest_first(self) -> Self:
        return self.order_by("due_on", "pk")


class Action(Keyed):
    """Something a member said they would do, by when."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"
        HANDED_OVER = "handed_over", "Handed over"

    ANSWERS = (State.DONE, State.DROPPED, State.HANDED_OVER)

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="actions")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField("what", max_length=300)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="actions")
    agreed_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    state_since = models.DateTimeField()
    is_private = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    # Its owner asked for help; the problem that was opened for it is among `problems`.
    help_asked_at = models.DateTimeField(null=True, blank=True)
    # Its owner said that it is not theirs; whoever runs the community finds it another.
    disowned_at = models.DateTimeField(null=True, blank=True)
    # The action that another member had before and handed over.
    handed_on_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="handed_on_to"
    )
    # SHA-256 of the token in the link that its owner is mailed, once there is one; a new owner gets a new link.
    link_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    link_generation = models.PositiveSmallIntegerField(default=1, editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("agreed_on")), name="action_due_after_agreed"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "dropped", "handed_over"]), name="action_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "due_on"], name="action_by_community")]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("communities:action", args=[self.community.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user))

    def standing(self) -> Self:
        """Those of which nobody has said yet whether they held."""
        return self.filter(verdict="")

    def due_for_review(self, today: date) -> Self:
        return self.standing().filter(review_on__lte=today)

    def newest_first(self) -> Self:
        return self.order_by("-decided_on", "-pk")

    def review_first(self) -> Self:
        return self.order_by("review_on", "pk")


class Decision(Keyed):
    """Something the community decided. It can carry a date to look again, and later whether it held."""

    class Verdict(models.TextChoices):
        HELD = "held", "It held"
        CHANGED = "changed", "Changed since"
        REVERSED = "reversed", "Reversed"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="decisions")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    text = models.CharField("what was decided", max_length=500)
    decided_on = models.DateField()
    review_on = models.DateField("look at it again on", null=True, blank=True)
    verdict = models.CharField("did it hold?", max_length=10, choices=Verdict.choices, blank=True)
    verdict_note = models.CharField(max_length=500, blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)
    is_private = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="decision_says_something"),
            models.CheckConstraint(
                condition=Q(review_on=None) | Q(review_on__gte=F("decided_on")), name="decision_reviewed_later"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "held", "changed", "reversed"]), name="decision_verdict_is_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", verdict_at=None) | (~Q(verdict="") & Q(verdict_at__isnull=False)),
                name="decision_verdict_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["community", "verdict", "review_on"], name="decision_by_community")]

    def __str__(self) -> str:
        return self.text


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user))

    def open(self) -> Self:
        return self.filter(state=Commitment.State.OPEN)

    def made_by(self, user: User) -> Self:
        return self.filter(person__user=user)

    def due(self, now: datetime) -> Self:
        """Open ones whose day has come: the next session of their community, where it is asked how they went; without
        one, some weeks after they were made."""
        today = timezone.localdate(now)
        end_of_today = timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))
        later = Session.objects.exclude(state=Session.State.CANCELLED).filter(
            community=OuterRef("community"), starts_at__gt=OuterRef("session__starts_at"), starts_at__lt=end_of_today
        )
        long_ago = Q(made_on__lte=today - ASKED_AFTER)
        return self.open().filter(long_ago | Exists(later))

    def oldest_first(self) -> Self:
        return self.order_by("made_on", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-made_on", "-pk")


class Commitment(Keyed):
    """ "I will try …": what a member told the others they would try, and how it went."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Tried it"
        NOT_KEPT = "not_kept", "Did not get to it"
        DROPPED = "dropped", "Dropped"

    ANSWERS = (State.KEPT, State.NOT_KEPT, State.DROPPED)

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="commitments")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="commitments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="commitments")
    text = models.CharField("I will try …", max_length=300)
    made_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    said = models.CharField("how it went", max_length=500, blank=True)
    state_since = models.DateTimeField()
    is_private = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="commitment_says_something"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "kept", "not_kept", "dropped"]), name="commitment_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "made_on"], name="commitment_by_community")]

    def __str__(self) -> str:
        return self.text
