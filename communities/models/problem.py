"""Problems and their reach: where the knowledge is, who holds the lever, and the route taken.

What is asked of the person who can act, and their answer, stand in models/escalation.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse

from communities.models.community import Community
from communities.models.private import Keyed, seen_by
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user))

    def beyond_reach(self) -> Self:
        """Out of the community's own hands and not settled."""
        return self.filter(state__in=Problem.OUT_OF_OUR_HANDS)

    def unsettled(self) -> Self:
        return self.exclude(state__in=Problem.SETTLED)

    def came_to_something(self) -> Self:
        """Settled, whatever the end: what came of it can be read. The latest first."""
        return self.filter(state__in=Problem.SETTLED).order_by("-state_since", "-pk")

    def unsettled_first(self) -> Self:
        """Those not settled, the longest waiting first; then the settled ones."""
        rank = Case(When(state__in=Problem.SETTLED, then=Value(1)), default=Value(0))
        return self.order_by(rank, "state_since", "pk")


class Problem(Keyed):
    """Something in the way."""

    class Knowledge(models.TextChoices):
        IN_COMMUNITY = "in_community", "In the community"
        REACHABLE = "reachable", "Reachable through it"
        NOT_REACHABLE = "not_reachable", "Not reachable"
        NOT_KNOWN = "not_known", "Not known"

    class Lever(models.TextChoices):
        MEMBERS = "members", "Members"
        LOCAL_MANAGERS = "local_managers", "Local managers"
        SENIOR_LEADERSHIP = "senior_leadership", "Senior leadership of an organisation"
        COMMISSIONER = "commissioner", "Commissioner"
        NATIONAL_BODY = "national_body", "National body"
        NOT_KNOWN = "not_known", "Not known"

    class State(models.TextChoices):
        RAISED = "raised", "Raised"
        BEING_WORKED_ON = "being_worked_on", "Being worked on"
        SOLVED = "solved", "Solved"
        BEYOND_REACH = "beyond_reach", "Beyond our reach"
        ESCALATED = "escalated", "Put to someone who can act"
        ANSWERED = "answered", "Answered"
        CHANGED = "changed", "Changed"
        DECLINED = "declined", "Declined"
        NO_REPLY = "no_reply", "No reply"

    OUT_OF_OUR_HANDS = (State.BEYOND_REACH, State.ESCALATED, State.ANSWERED)
    SETTLED = (State.SOLVED, State.CHANGED, State.DECLINED, State.NO_REPLY)
    # What may be said to have happened next. A refusal or a silence may be followed by a second try, and the community
    # may take up again what it believed settled.
    MOVES: ClassVar[dict[str, tuple[str, ...]]] = {
        State.RAISED: (State.BEING_WORKED_ON, State.SOLVED, State.BEYOND_REACH),
        State.BEING_WORKED_ON: (State.SOLVED, State.BEYOND_REACH),
        State.BEYOND_REACH: (State.BEING_WORKED_ON, State.ESCALATED),
        State.ESCALATED: (State.ANSWERED, State.NO_REPLY),
        State.ANSWERED: (State.BEING_WORKED_ON, State.CHANGED, State.DECLINED, State.ESCALATED),
        State.SOLVED: (State.BEING_WORKED_ON,),
        State.CHANGED: (State.BEING_WORKED_ON,),
        State.DECLINED: (State.BEING_WORKED_ON, State.ESCALATED),
        State.NO_REPLY: (State.BEING_WORKED_ON, State.ANSWERED, State.ESCALATED),
    }

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="problems")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="problems")
    title = models.CharField("what is in the way", max_length=200)
    detail = models.TextField(blank=True)
    since_on = models.DateField()
    knowledge = models.CharField(max_length=20, choices=Knowledge.choices, default=Knowledge.NOT_KNOWN)
    lever = models.CharField(max_length=20, choices=Lever.choices, default=Lever.NOT_KNOWN)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RAISED)
    state_since = models.DateTimeField()
    came_of_it = models.TextField("what came of it", blank=True)
    is_private = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    # What has been said and done about it since; `session` is where it was raised.
    sessions = models.ManyToManyField(Session, blank=True, related_name="problems_discussed")
    actions = models.ManyToManyField("communities.Action", blank=True, related_name="problems")
    tests_of_change = models.ManyToManyField("communities.TestOfChange", blank=True, related_name="problems")

    objects = ProblemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "raised", "being_worked_on", "solved", "beyond_reach", "escalated", "answered", "changed",
                        "declined", "no_reply",
                    ]
                ),
                name="problem_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["solved", "changed", "declined", "no_reply"]) | ~Q(came_of_it=""),
                name="settled_problem_says_what_came_of_it",
            ),
            models.CheckConstraint(
                condition=Q(knowledge__in=["in_community", "reachable", "not_reachable", "not_known"]),
                name="problem_knowledge_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    lever__in=[
                        "members", "local_managers", "senior_leadership", "commissioner", "national_body", "not_known",
                    ]
                ),
                name="problem_lever_is_known",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["community", "state", "state_since"], name="problem_by_community")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("communities:problem", args=[self.community.slug, self.pk])

    @property
    def is_settled(self) -> bool:
        return self.state in self.SETTLED

    @property
    def is_waiting(self) -> bool:
        """Whether someone who can act has been asked and has not answered."""
        return self.state == self.State.ESCALATED

    @property
    def may_be_put_to_someone(self) -> bool:
        """Whether a brief about it can be written and sent now."""
        return self.may_become(self.State.ESCALATED)

    def may_become(self, state: str) -> bool:
        return state in self.MOVES[self.state]


class ProblemStep(models.Model):
    """A problem's change of state: the trail from which days in each state are worked out."""

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="steps")
    from_state = models.CharField(max_length=20, choices=Problem.State.choices, blank=True)
    to_state = models.CharField(max_length=20, choices=Problem.State.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
