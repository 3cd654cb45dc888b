"""Questionnaires: instrument, version, question. A published version never changes."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from evaluations.models.framework import EvaluationQuestion


class PrivacyMode(models.TextChoices):
    ANONYMOUS = "anonymous", "Anonymous"
    CONFIDENTIAL = "confidential", "Confidential"
    NAMED = "named", "Named"


class ValueCycle(models.TextChoices):
    IMMEDIATE = "immediate", "Immediate"
    POTENTIAL = "potential", "Potential"
    APPLIED = "applied", "Applied"
    REALISED = "realised", "Realised"
    TRANSFORMATIVE = "transformative", "Transformative"
    STRATEGIC = "strategic", "Strategic"
    ENABLING = "enabling", "Enabling"


class Instrument(models.Model):
    """A questionnaire, whatever its version."""

    code = models.SlugField(max_length=60, unique=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return self.code


class InstrumentVersionQuerySet(models.QuerySet["InstrumentVersion"]):
    def published(self) -> Self:
        return self.exclude(published_at=None)


class InstrumentVersion(models.Model):
    """The questionnaire as it was, or will be, put to people."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    default_privacy = models.CharField(max_length=20, choices=PrivacyMode.choices, default=PrivacyMode.ANONYMOUS)
    opens_for_days = models.PositiveSmallIntegerField(default=21)
    reminder_days = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True, blank=True)
    # The canonical JSON this version came from, to the byte, so that loading it twice is seen to change nothing.
    digest = models.CharField(max_length=64)

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instrument", "number"], name="instrument_version_number")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"


class Section(models.Model):
    version = models.ForeignKey(InstrumentVersion, on_delete=models.CASCADE, related_name="sections")
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    objects = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="sections_in_order")]

    def __str__(self) -> str:
        return self.title


class Item(models.Model):
    """A question's identity across versions and instruments: trends compare only what is the same item."""

    code = models.CharField(max_length=20, unique=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return self.code


class Question(models.Model):
    """One question as worded in one version.

    `options` is a list of {"code", "label"} with, where they apply, "score", "excluded" (left out of the base) and
    "exclusive" (goes with no other). `show_if` is null or {"question": code, "in": [option codes]}.
    """

    class Kind(models.TextChoices):
        INFORMATION = "information", "Information"
        SINGLE = "single", "Single choice"
        MULTIPLE = "multiple", "Multiple choice"
        LIKERT = "likert", "Agreement scale"
        SHORT_TEXT = "short_text", "Short text"
        LONG_TEXT = "long_text", "Long text"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.TextField()
    hint = models.TextField(blank=True)
    scale = models.CharField(max_length=40, blank=True)
    options = models.JSONField(default=list)
    show_if = models.JSONField(null=True, blank=True)
    max_length = models.PositiveIntegerField(null=True, blank=True)
    is_required = models.BooleanField(default=False)
    is_ordered = models.BooleanField(default=False)
    is_two_sided = models.BooleanField(default=False)
    evaluation_question = models.ForeignKey(EvaluationQuestion, on_delete=models.PROTECT, related_name="questions")
    value_cycle = models.CharField(max_length=20, choices=ValueCycle.choices)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["section", "position"], name="questions_in_order"),
            models.CheckConstraint(
                condition=Q(kind__in=["information", "single", "multiple", "likert", "short_text", "long_text"]),
                name="question_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.text
