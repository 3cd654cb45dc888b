"""Sealed answers on their way, and encrypted drafts. Nothing here points to a person, a moment or an order."""

import uuid

from django.db import models

from evaluations.models.survey import Survey


class InboxBox(models.Model):
    """One sealed, padded answer. Only the survey's private key, kept outside the database, opens it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    format = models.PositiveSmallIntegerField(default=1)
    body = models.BinaryField()

    objects = models.Manager()

    def __str__(self) -> str:
        return "sealed answer"


class Draft(models.Model):
    """Answers not yet sent, encrypted under the token of the link; the locator is derived from the token too."""

    locator = models.CharField(primary_key=True, max_length=64)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    body = models.BinaryField()

    objects = models.Manager()

    def __str__(self) -> str:
        return "draft"
