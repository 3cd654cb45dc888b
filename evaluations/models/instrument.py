"""Questionnaires: instrument, version, question. A published version never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from evaluations.models.framework import EvaluationQuestion

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


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

    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def visible_to(self, user: User) -> Self:
        """What is published; and drafts: to staff all, to others their own."""
        if user.is_hin_staff:
            return self
        return self.filter(~Q(published_at=None) | Q(drafted_by=user))


class InstrumentVersion(models.Model):
    """The questionnaire as it was, or will be, put to people. A draft until it is published."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    default_privacy = models.CharField(max_length=20, choices=PrivacyMode.choices, default=PrivacyMode.ANONYMOUS)
    opens_for_days = models.PositiveSmallIntegerField(default=21)
    reminder_days = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    # Whose wording it is, as the document says that it came in.
    attribution = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # The canonical JSON this version came from, to the byte, so that loading it twice is seen to change nothing. A
    # draft has none.
    digest = models.CharField(max_length=64, blank=True)
    # Counts every change to anything in a draft, so that two people who write never overwrite each other.
    revision = models.PositiveIntegerField(default=1)
    # The revision in which its headings (title, purpose, window …) were last changed.
    headings_revision = models.PositiveIntegerField(default=1)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    drafted_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # A facilitator's draft that waits for HIN staff to publish it.
    is_offered = models.BooleanField(default=False)
    # What was removed from a draft, the newest first, and can be put back until it is published: see
    # services/instruments/removed.py.
    removed = models.JSONField(default=list, blank=True)

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="instrument_version_number"),
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(published_at=None), name="one_draft_per_instrument"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    def get_absolute_url(self) -> str:
        """Where it is read once it is published."""
        return reverse("evaluations:instrument-version", args=[self.instrument.code, self.number])

    def get_draft_url(self) -> str:
        return reverse("evaluations:draft", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class Section(models.Model):
    version = models.ForeignKey(InstrumentVersion, on_delete=models.CASCADE, related_name="sections")
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    # The revision of the draft in which it was last changed.
    revision = models.PositiveIntegerField(default=1)

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
    "exclusive" (goes with no other); where `scale` says a code, they are that scale's. 0–10 has none: its codes are
    "0" to "10" by rule. `show_if` is null or {"question": code, "in": [option codes]}. `minimum` and `maximum` are the
    least and greatest whole number, or for a date the first and last year: from them the groups are made in which
    answers are shown.

    `wording` numbers what people read and can answer: two questions of one item with the same wording ask the same,
    wherever they stand, and only those make a trend. A draft has none yet. `change` says how the question compares
    with the version before (evaluations/wordings.py).
    """

    class Kind(models.TextChoices):
        INFORMATION = "information", "Information"
        SINGLE = "single", "Single choice"
        MULTIPLE = "multiple", "Multiple choice"
        LIKERT = "likert", "Agreement scale"
        SHORT_TEXT = "short_text", "Short text"
        LONG_TEXT = "long_text", "Long text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        ZERO_TO_TEN = "zero_to_ten", "0 to 10"

    class Change(models.TextChoices):
        SAME = "same", "Same"
        REWORDED = "reworded", "Reworded"
        NEW = "new", "New"

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
    minimum = models.IntegerField(null=True, blank=True)
    maximum = models.IntegerField(null=True, blank=True)
    is_required = models.BooleanField(default=False)
    is_ordered = models.BooleanField(default=False)
    is_two_sided = models.BooleanField(default=False)
    evaluation_question = models.ForeignKey(EvaluationQuestion, on_delete=models.PROTECT, related_name="questions")
    value_cycle = models.CharField(max_length=20, choices=ValueCycle.choices)
    wording = models.PositiveSmallIntegerField(null=True, blank=True)
    change = models.CharField(max_length=10, choices=Change.choices, default=Change.NEW)
    # The revision of the draft in which it was last changed.
    revision = models.PositiveIntegerField(default=1)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["section", "position"], name="questions_in_order"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "information",
                        "single",
                        "multiple",
                        "likert",
                        "short_text",
                        "long_text",
                        "number",
                        "date",
                        "zero_to_ten",
                    ]
                ),
                name="question_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(minimum=None, maximum=None) | Q(kind__in=["number", "date"], minimum__lte=F("maximum")),
                name="question_limits_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(change__in=["same", "reworded", "new"]), name="question_change_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text
