"""A problem put to the person who can act: the one page they read, what they are asked, and what they answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from communities.models.community import Organisation
from communities.models.problem import Problem

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

NOT_SETTLED_YET = Q(answered_at=None, given_up_at=None, withdrawn_at=None)


class LeverHolder(models.Model):
    """The person who can act. Not a member; has no account."""

    name = models.CharField(max_length=150)
    post = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # None is needed where they were asked in person.
    email = models.EmailField(blank=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.name}, {self.post}"

    @property
    def title(self) -> str:
        """What pages call the person who can act: post and organisation, never the name."""
        return f"{self.post}, {self.organisation}" if self.organisation else self.post


class BriefQuerySet(models.QuerySet["Brief"]):
    def drafts(self) -> Self:
        return self.filter(sent_at=None)


class Brief(models.Model):
    """One page about a problem, made from its trail and put right by a facilitator. Once sent it never changes."""

    PARTS = ("in_the_way", "tried", "evidence", "ask", "waiting_costs")

    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="briefs")
    in_the_way = models.TextField("what is in the way")
    tried = models.TextField("what we tried", blank=True)
    evidence = models.TextField("what we know", blank=True)
    ask = models.TextField("what we ask")
    waiting_costs = models.TextField("what waiting costs", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BriefQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem"], condition=Q(sent_at=None), name="one_brief_in_draft"),
            models.CheckConstraint(condition=Q(sent_at=None) | ~Q(ask=""), name="a_brief_that_is_sent_asks_something"),
        ]

    def __str__(self) -> str:
        return f"About {self.problem_id}"

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Heading and words of each part that says something, in the order in which it is read."""
        named = ((self._meta.get_field(name), getattr(self, name)) for name in self.PARTS)
        return [(_heading(str(getattr(field, "verbose_name", ""))), words) for field, words in named if words]


def _heading(words: str) -> str:
    return words[:1].upper() + words[1:]


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(NOT_SETTLED_YET)

    def answered(self) -> Self:
        return self.filter(answered_at__isnull=False)

    def oldest_first(self) -> Self:
        return self.order_by("asked_at", "pk")


class Escalation(models.Model):
    """A problem put to a named lever-holder, and the answer as it stands now; every answer given is in `answers`."""

    class Verdict(models.TextChoices):
        WILL_ACT = "will_act", "Will act"
        DECLINED = "declined", "Declined"
        ELSEWHERE = "elsewhere", "Someone else can act"

    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="escalations")
    lever_holder = models.ForeignKey(LeverHolder, on_delete=models.PROTECT, related_name="escalations")
    brief = models.OneToOneField(Brief, null=True, blank=True, on_delete=models.PROTECT, related_name="escalation")
    ask = models.TextField("what we ask")
    asked_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Of the link in their mail; none where they were asked in person. Another generation makes the old link useless.
    link_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    generation = models.PositiveSmallIntegerField(default=1)
    answered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField("when we stopped waiting", null=True, blank=True)
    withdrawn_at = models.DateTimeField("when it was taken back", null=True, blank=True)
    disputed_at = models.DateTimeField("when they said an answer was not theirs", null=True, blank=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    answer = models.TextField(blank=True)
    came_by = models.CharField("how the answer came", max_length=400, blank=True)
    correctable_until = models.DateTimeField(null=True, blank=True)
    # Raised by each answer, correction and dispute.
    version = models.PositiveIntegerField(default=1)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem"], condition=NOT_SETTLED_YET, name="one_escalation_waiting"),
            models.CheckConstraint(
                condition=Q(answered_at=None, verdict="") | (Q(answered_at__isnull=False) & ~Q(verdict="")),
                name="an_answer_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "will_act", "declined", "elsewhere"]), name="verdict_is_known"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(answered_at=None), name="what_was_taken_back_is_not_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} to {self.lever_holder_id}"

    def get_absolute_url(self) -> str:
        return reverse("communities:escalation", args=[self.problem.community.slug, self.problem_id, self.pk])

    @property
    def community_id(self) -> int:
        """Where permissions about it are held. Needs the problem."""
        return self.problem.community_id

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None and self.given_up_at is None and self.withdrawn_at is None

    @property
    def has_link(self) -> bool:
        return self.link_hash is not None

    def may_be_corrected(self, now: datetime) -> bool:
        """Whether whoever answered may still put the answer right."""
        return self.correctable_until is not None and now < self.correctable_until


class AnswerQuerySet(models.QuerySet["EscalationAnswer"]):
    def in_order(self) -> Self:
        return self.order_by("number")


class EscalationAnswer(models.Model):
    """One answer as it was given: the first, a correction, or one after an answer that was disputed. Never changed."""

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=20, choices=Escalation.Verdict.choices)
    answer = models.TextField(blank=True)
    came_by = models.CharField(max_length=400, blank=True)
    # Who said it, where somebody else wrote it down: a name, which is not for members.
    said_by = models.CharField("who answered", max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    disputed_at = models.DateTimeField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["escalation", "number"], name="answers_in_order"),
            models.CheckConstraint(
                condition=Q(verdict__in=["will_act", "declined", "elsewhere"]), name="given_verdict_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.escalation_id}: {self.verdict}"
