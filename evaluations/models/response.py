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
    """One text, apart from the rest of its answer. Shown only after a second reader has released it.

    What may be shown of it is kept apart from what was written: `redacted` is empty where it is shown as written.
    `text` is emptied at the retention date, unless it is itself what is shown. Keys are random, so that texts in the
    order of their keys stand in an order that says nothing, and always in the same one.

    Texts of a confidential survey have a pseudonym, by which their writer can find them until its key ends. No other
    text has one, and those of a named survey stay with the rest of their answer.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        RELEASED = "released", "Released"
        WITHHELD = "withheld", "Withheld"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20, default="anonymous", editable=False)
    pseudonym = models.CharField(max_length=64, blank=True)
    item_code = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    redacted = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Once the second reader has read all of a survey and said so: from then on it cannot be read again as if new.
    is_shown = models.BooleanField(default=False)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode="anonymous", pseudonym="")
                | (models.Q(mode="confidential") & ~models.Q(pseudonym="")),
                name="only_a_confidential_text_has_a_pseudonym",
            ),
            models.CheckConstraint(
                condition=models.Q(state="released") | models.Q(redacted="", is_shown=False),
                name="only_a_released_text_is_shown",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "released", "withheld"]), name="text_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["state", "survey"], name="texts_to_read")]

    def __str__(self) -> str:
        return "text"

    @property
    def words(self) -> str:
        """What of it may be shown."""
        return self.redacted or self.text


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
