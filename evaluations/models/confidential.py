"""Answers of confidential surveys, once closed. Only the services that close, look after and export them come here."""

import uuid

from django.db import models

from evaluations.models.survey import Survey


class ConfidentialResponse(models.Model):
    """One person's coded answers under a pseudonym, with no time and no texts. {"M1": "4", "M5": ["1", "7"]}

    Only the pseudonym key can tell whose it is, until that is destroyed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20, default="confidential", editable=False)
    pseudonym = models.CharField(max_length=64)
    answers = models.JSONField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "pseudonym"], name="one_response_per_pseudonym"),
            models.CheckConstraint(condition=models.Q(mode="confidential"), name="response_is_confidential"),
        ]

    def __str__(self) -> str:
        return "confidential response"
