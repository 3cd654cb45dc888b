"""What came back, once a survey has closed. Only the services that close and export may import this module."""

import uuid

from django.db import models

from evaluations.models.survey import Survey


class Response(models.Model):
    """One person's coded answers, with no name, no time and no texts. {"M1": "4", "M5": ["1", "7"]}"""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20)
    answers = models.JSONField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(mode="anonymous"), name="response_is_anonymous"),
        ]

    def __str__(self) -> str:
        return "response"


class FreeText(models.Model):
    """One text, apart from the rest of its answer. Shown only after a second reader has released it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        RELEASED = "released", "Released"
        WITHHELD = "withheld", "Withheld"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=20)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    objects = models.Manager()

    def __str__(self) -> str:
        return "text"


class Tally(models.Model):
    """How many chose an option. Written at the close; read only to make a release."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=20)
    option_code = models.CharField(max_length=20)
    count = models.PositiveIntegerField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "item_code", "option_code"], name="one_tally_per_option")
        ]

    def __str__(self) -> str:
        return "tally"
