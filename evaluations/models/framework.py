"""The evaluation framework: the questions, the maturity dimensions, levels and statements."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q


class Framework(models.Model):
    """The framework as loaded: one row, with its credit and the digest of the file it came from."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    title = models.CharField(max_length=200)
    attribution = models.JSONField()
    maturity_note = models.TextField()
    digest = models.CharField(max_length=64)

    objects = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_framework")]

    def __str__(self) -> str:
        return self.title


class EvaluationQuestionQuerySet(models.QuerySet["EvaluationQuestion"]):
    def overarching(self) -> Self:
        return self.filter(parent=None)

    def in_order(self) -> Self:
        return self.order_by("code")


class EvaluationQuestion(models.Model):
    """One of the four overarching questions (quoted, with credit), or one of ours below it."""

    code = models.CharField(max_length=5, unique=True)
    name = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    is_quoted = models.BooleanField(default=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="subsidiary")

    objects = EvaluationQuestionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.code} {self.name or self.text}"


class MaturityDimension(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()

    objects = models.Manager()

    def __str__(self) -> str:
        return self.name


class MaturityLevel(models.Model):
    level = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=50)
    text = models.TextField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.level} {self.name}"


class MaturityStatement(models.Model):
    """What the records should say before a community is ready for the next level (or stays at the last)."""

    level = models.ForeignKey(MaturityLevel, on_delete=models.PROTECT, related_name="statements")
    dimension = models.ForeignKey(MaturityDimension, on_delete=models.PROTECT, related_name="statements")
    code = models.CharField(max_length=40, unique=True)
    text = models.TextField()
    threshold = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    objects = models.Manager()

    def __str__(self) -> str:
        return self.text
