"""Handing an export out, and deleting it: after some days, or as soon as the data are others than those in it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.exports.formats import File
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import SurveyExport
from evaluations.services.survey_exports.asking import check_export
from evaluations.services.survey_exports.contents import data_of

State = SurveyExport.State
DELETED_BY_HAND = "You have deleted this. You can have it made again."
OUTDATED = "The data have changed since this was made, so it is not handed out any more. Make it again."


class ExportNotReady(Conflict):
    """Only an archive that is ready, and still says what the portal says, is handed out."""


class NothingToDelete(Conflict):
    """Only what is kept can be deleted."""


def archive_for(*, export: SurveyExport, now: datetime) -> File:
    """The archive, or why there is none (ExportNotReady). `export` has been loaded with its archive."""
    if why := trouble_with(export, now=now):
        raise ExportNotReady(why, code="export_not_ready")
    return File(export.file_name, bytes(export.archive or b""), "application/zip")


def trouble_with(export: SurveyExport, *, now: datetime) -> str:
    """Why an export is not handed out, in a sentence; empty when it is. Needs the survey with its version."""
    if export.is_waiting:
        return "This is still being made."
    if not export.is_ready:
        return export.message or "This has been deleted. Make it again."
    if export.kept_until is not None and export.kept_until <= now:
        return f"This was kept until {date_format(localtime(export.kept_until))}. Make it again."
    return _changed(export, now)


def _changed(export: SurveyExport, now: datetime) -> str:
    survey = export.survey
    try:
        check_export(survey=survey, what=export.what, reason=export.reason, now=now)
        is_same = data_of(survey, export.what).digest == export.data_digest
    except Refusal as refusal:
        return " ".join(refusal.messages)
    return "" if is_same else OUTDATED


def forget_exports(*, now: datetime) -> int:
    """Deletes archives that have been kept long enough, or whose data have changed. Returns how many.

    That they were asked for, by whom and why, stays.
    """
    ready = SurveyExport.objects.kept().without_archive().order_by("pk")
    related = ready.select_related(*(f"survey__{name}" for name in ("community", "version__instrument", "release")))
    return sum(_delete(export, why, now) for export in related if (why := trouble_with(export, now=now)))


@transaction.atomic
def delete_export(*, export: SurveyExport, by: User, now: datetime) -> None:
    """Deletes an archive before its time, because it has served. Raises NothingToDelete."""
    if not _delete(export, DELETED_BY_HAND, now, by=by):
        raise NothingToDelete("There is no file here any more.", code="nothing_to_delete")


@transaction.atomic
def _delete(export: SurveyExport, why: str, now: datetime, *, by: User | None = None) -> bool:
    is_mine = SurveyExport.objects.kept().filter(pk=export.pk).update(state=State.DELETED, archive=None, message=why)
    if is_mine:
        audit.record(event="survey.export_deleted", by=by, target=export.survey, at=now)
    return bool(is_mine)
