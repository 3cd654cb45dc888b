"""Questionnaires that came as a file: what it held, and what of it did not fit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from evaluations.models.instrument import InstrumentVersion

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

KEPT_UNUSED = timedelta(days=30)


class InstrumentFileQuerySet(models.QuerySet["InstrumentFile"]):
    def visible_to(self, user: User) -> Self:
        """HIN staff make questionnaires from files."""
        return self if user.is_hin_staff else self.none()

    def unused(self) -> Self:
        """Those from which nothing was made, or whose drafts have been deleted since."""
        return self.filter(drafts=None)

    def forgotten_at(self, now: datetime) -> Self:
        return self.unused().filter(uploaded_at__lt=now - KEPT_UNUSED)

    def newest_first(self) -> Self:
        return self.order_by("-uploaded_at", "-pk")


class InstrumentFile(models.Model):
    """One file as it was read. Drafts are made of it only when someone who has looked at it says so.

    `content` is a document after evaluations/data/instruments.schema.json in its normal form; `notes` a list of
    {"line", "field", "words"}: what did not go through as it was.
    """

    class Form(models.TextChoices):
        JSON = "json", "Questionnaire file"
        REDCAP = "redcap", "REDCap data dictionary"

    form = models.CharField(max_length=10, choices=Form.choices)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    content = models.JSONField()
    notes = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    drafts = models.ManyToManyField(InstrumentVersion, related_name="+")

    objects = InstrumentFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=["json", "redcap"]), name="instrument_file_form_is_known")
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("evaluations:instrument-file", args=[self.pk])
