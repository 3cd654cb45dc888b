"""Answers given under one's name. Only the services that receive, close and show them may import this module."""

from django.db import models

from communities.models import Person
from evaluations.models.survey import Survey


class NamedResponse(models.Model):
    """One person's answers, texts included, as they last sent them. They can change them until the survey closes."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20, default="named", editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "person"], name="one_named_response_per_person"),
            models.CheckConstraint(condition=models.Q(mode="named"), name="response_is_named"),
        ]

    def __str__(self) -> str:
        return "named response"
