"""You said, we heard, we did: what a facilitator tells members came of a survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from communities.models import Action, Escalation
from evaluations.models.survey import Survey

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class HeardQuerySet(models.QuerySet["Heard"]):
    def visible_to(self, user: User) -> Self:
        """Of the surveys this reader can see. Members read it once the results are shared; see permissions.py."""
        return self.filter(survey__in=Survey.objects.visible_to(user))

    def told(self) -> Self:
        """Of surveys whose results are shared with members."""
        return self.filter(survey__is_shared_with_members=True)

    def newest_first(self) -> Self:
        return self.order_by("-survey__closed_at", "-pk")


class Heard(models.Model):
    """What came of one survey, in the facilitator's words, with the actions and escalations that followed."""

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="heard")
    you_said = models.TextField()
    we_heard = models.TextField(blank=True)
    we_did = models.TextField(blank=True)
    actions = models.ManyToManyField(Action, blank=True, related_name="+")
    escalations = models.ManyToManyField(Escalation, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = HeardQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(you_said=""), name="heard_says_something")]

    def __str__(self) -> str:
        return self.you_said

    def get_absolute_url(self) -> str:
        return reverse("evaluations:survey", args=[self.survey.community.slug, self.survey_id])
