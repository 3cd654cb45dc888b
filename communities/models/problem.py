"""Problems and their reach: where the knowledge is, who holds the lever, and the route taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse

from communities.models.community import Community, Organisation
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
    # A refusal or a silence may be followed by a second try; solved and changed are the end.
    MOVES: ClassVar[dict[str, tuple[str, ...]]] = {
        State.RAISED: (State.BEING_WORKED_ON, State.SOLVED, State.BEYOND_REACH),
        State.BEING_WORKED_ON: (State.SOLVED, State.BEYOND_REACH),
        State.BEYOND_REACH: (State.BEING_WORKED_ON, State.ESCALATED),
        State.ESCALATED: (State.ANSWERED, State.NO_REPLY),
        State.ANSWERED: (State.CHANGED, State.DECLINED, State.ESCALATED),
        State.DECLINED: (State.ESCALATED,),
        State.NO_REPLY: (State.ANSWERED, State.ESCALATED),
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

    def may_become(self, state: str) -> bool:
        return state in self.MOVES.get(self.state, ())


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


class LeverHolder(models.Model):
    """The person who can act. Not a member; has no account."""

    name = models.CharField(max_length=150)
    post = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.name}, {self.post}"

    @property
    def title(self) -> str:
        """What pages call the person who can act: post and organisation, never the name."""
        return f"{self.post}, {self.organisation}" if self.organisation else self.post


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def waiting(self) -> Self:
        return self.filter(answered_at=None, given_up_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("asked_at", "pk")


class Escalation(models.Model):
    """A problem put to a named lever-holder, and the answer."""

    class Verdict(models.TextChoices):
        WILL_ACT = "will_act", "Will act"
        DECLINED = "declined", "Declined"
        ELSEWHERE = "elsewhere", "Someone else can act"

    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="escalations")
    lever_holder = models.ForeignKey(LeverHolder, on_delete=models.PROTECT, related_name="escalations")
    ask = models.TextField("what we ask")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField("when we stopped waiting", null=True, blank=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    answer = models.TextField(blank=True)
    came_by = models.CharField("how the answer came", max_length=200, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["problem"],
                condition=Q(answered_at=None, given_up_at=None),
                name="one_escalation_waiting",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, verdict="") | (Q(answered_at__isnull=False) & ~Q(verdict="")),
                name="an_answer_has_a_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} to {self.lever_holder_id}"
