"""Scales: answers worded once and given to many questions."""

from __future__ import annotations

from django.db import models


class Scale(models.Model):
    """A set of answers with a name of its own. `options` are as in Question.

    A draft's questions say its code and follow it; what is published keeps its answers as they were. From the first
    published question on a scale never changes: other words are another scale.
    """

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=100)
    options = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)

    objects = models.Manager()

    def __str__(self) -> str:
        return self.title
