"""An archive of a closed survey, made by the worker for whoever asked, and kept for them for some days."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from evaluations.models.instrument import PrivacyMode
from evaluations.models.survey import Survey

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class SurveyExportQuerySet(models.QuerySet["SurveyExport"]):
    def visible_to(self, user: User) -> Self:
        """One's own, of communities one still sees. Another person makes another, under their own name."""
        return self.filter(by=user, survey__in=Survey.objects.visible_to(user))

    def without_archive(self) -> Self:
        """Without the file itself, which only a download needs."""
        return self.defer("archive")

    def waiting(self) -> Self:
        return self.filter(state=SurveyExport.State.WAITING)

    def kept(self) -> Self:
        return self.filter(state=SurveyExport.State.READY)

    def outlived(self, now: datetime) -> Self:
        return self.kept().filter(kept_until__lte=now)

    def newest_first(self) -> Self:
        return self.order_by("-asked_at", "-pk")


class SurveyExport(models.Model):
    """What was asked for, by whom and why; while it is ready, the archive too."""

    class What(models.TextChoices):
        FIGURES = "figures", "The results"
        ROWS = "rows", "The answers, a row for each person"

    class State(models.TextChoices):
        WAITING = "waiting", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"
        DELETED = "deleted", "Deleted"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="exports")
    # As the survey's, which never changes; beside `what`, so that the database can say what goes with what.
    mode = models.CharField(max_length=20, choices=PrivacyMode.choices)
    what = models.CharField(max_length=10, choices=What.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why it could not be made, or was deleted.
    message = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    kept_until = models.DateTimeField(null=True, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField(default=0)
    # Of the archive, and of the data in it: where the data are others by now, the archive is handed out no more.
    archive_digest = models.CharField(max_length=64, blank=True)
    data_digest = models.CharField(max_length=64, blank=True)
    archive = models.BinaryField(null=True, blank=True)

    objects = SurveyExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "ready", "failed", "deleted"]), name="export_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(what="figures", mode__in=["anonymous", "confidential", "named"])
                | Q(what="rows", mode__in=["confidential", "named"]),
                name="export_of_rows_is_never_anonymous",
            ),
            models.CheckConstraint(
                condition=~Q(what="rows", mode="confidential") | ~Q(reason=""),
                name="export_of_confidential_rows_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="ready", archive__isnull=False, made_at__isnull=False, kept_until__isnull=False)
                | (~Q(state="ready") & Q(archive=None)),
                name="export_is_kept_while_it_is_ready",
            ),
            models.UniqueConstraint(
                fields=["survey", "what", "by"], condition=Q(state="waiting"), name="one_export_waits_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="export_by_state")]

    def __str__(self) -> str:
        return f"export {self.pk} of survey {self.survey_id}"

    def get_absolute_url(self) -> str:
        return reverse("evaluations:export", args=[self.survey.community.slug, self.survey_id, self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY
