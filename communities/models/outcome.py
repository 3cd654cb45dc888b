"""What a session leaves behind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from communities.models.community import Community
from communities.models.person import Person
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class LearningPoint(models.Model):
    """Something the community learned at a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="learning_points")
    text = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="learning_point_says_something"),
            models.UniqueConstraint(fields=["session", "position"], name="learning_points_in_order"),
        ]

    def __str__(self) -> str:
        return self.text


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=Action.State.OPEN)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner__user=user)

    def soonest_first(self) -> Self:
        return self.order_by("due_on", "pk")


class Action(models.Model):
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
