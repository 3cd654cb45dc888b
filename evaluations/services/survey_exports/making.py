"""Making an export: the worker's part. May run twice, late or not at all."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F

from communities.exports.formats import File
from communities.working_days import at_wall_time
from cop_portal import audit
from cop_portal.refusals import Refusal
from evaluations.exports.package import archive_of
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.services.retention.dates import kept_until
from evaluations.services.survey_exports.asking import check_export
from evaluations.services.survey_exports.contents import contents_of
from evaluations.services.survey_exports.progress import held, teller

logger = logging.getLogger(__name__)

# What makes the worker fail, or ends it altogether, must not do so for ever.
MOST_ATTEMPTS = 3
OUR_FAULT = "Something went wrong on our side and it was not made. Ask again; if it happens again, tell us."
STOPPED = (
    "The making of it broke off three times, so it is not tried again by itself. Ask again when less is going on; if "
    "it happens again, tell us."
)
State, What = SurveyExport.State, SurveyExport.What


def make_export(*, export: SurveyExport, now: datetime) -> bool:
    """Makes a waiting export. True if it is ready now; otherwise it waits on, or says why it could not be made."""
    with held(export) as is_mine:
        return is_mine and _begin(export, now) and _make(export, now)


def _begin(export: SurveyExport, now: datetime) -> bool:
    """Counted before it is begun: a worker that is killed in the middle of it counts nothing afterwards."""
    waiting = SurveyExport.objects.waiting().filter(pk=export.pk)
    if waiting.filter(attempts__gte=MOST_ATTEMPTS).exists():
        _fail(export, STOPPED, now)
    return bool(waiting.update(attempts=F("attempts") + 1))


def _make(export: SurveyExport, now: datetime) -> bool:
    survey = Survey.objects.select_related("community", "version__instrument", "release", "pseudonym_key").get(
        pk=export.survey_id
    )
    tell = teller(export)
    try:
        tell(5, "Reading what may be taken away")
        check_export(survey=survey, what=export.what, reason=export.reason, now=now)
        contents = contents_of(survey, export.what)
        return _keep(export, survey, archive_of(contents, tell=tell), contents.data.digest, now)
    except Refusal as refusal:
        _fail(export, " ".join(refusal.messages), now)
    except Exception as failure:  # noqa: BLE001 (whatever stops one export must not keep the others from being made)
        # Its kind only: the message may quote what was being written, and that is someone's answer.
        logger.error("Export %s could not be made (%s).", export.pk, type(failure))  # noqa: TRY400
        if SurveyExport.objects.waiting().filter(pk=export.pk, attempts__gte=MOST_ATTEMPTS).exists():
            _fail(export, OUR_FAULT, now)
    return False


@transaction.atomic
def _keep(export: SurveyExport, survey: Survey, file: File, data_digest: str, now: datetime) -> bool:
    mine = SurveyExport.objects.waiting().filter(pk=export.pk)
    is_mine = mine.update(
        state=State.READY,
        message="",
        made_at=now,
        kept_until=last_moment(export, survey, now),
        file_name=file.name,
        size=len(file.content),
        archive=file.content,
        archive_digest=sha256(file.content).hexdigest(),
        data_digest=data_digest,
    )
    if is_mine:
        audit.record(event=f"survey.{export.what}_exported", by=export.by, target=survey, at=now)
    return bool(is_mine)


def last_moment(export: SurveyExport, survey: Survey, now: datetime) -> datetime:
    """Until when the archive is kept: some days; rows no longer than the answers, nor past the end of the key that
    still lets people see, correct and erase theirs."""
    ends = [now + timedelta(days=settings.EXPORT_KEPT_DAYS)]
    if export.what == What.ROWS:
        ends += [end for end in (kept_until(survey), _end_of_key(survey)) if end is not None and end > now]
    return min(ends)


def _end_of_key(survey: Survey) -> datetime | None:
    key = survey.pseudonym_key if survey.mode == PrivacyMode.CONFIDENTIAL else None
    return at_wall_time(key.ends_on, time.min) if key is not None and key.is_living else None


@transaction.atomic
def _fail(export: SurveyExport, words: str, now: datetime) -> None:
    if SurveyExport.objects.waiting().filter(pk=export.pk).update(state=State.FAILED, message=words):
        audit.record(event=f"survey.{export.what}_export_failed", by=None, target=export.survey, at=now)
