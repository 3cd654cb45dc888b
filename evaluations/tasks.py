"""What the portal does by itself. Each task selects what is due and calls one service; it may run twice, or late."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from cop_portal.installation import clock
from evaluations.models import Survey, SurveyExport
from evaluations.services.closing import counting
from evaluations.services.closing.closing import close_survey
from evaluations.services.closing.wiping import wipe
from evaluations.services.instruments import files as instrument_files
from evaluations.services.keys import key_care, pseudonym_keys
from evaluations.services.survey_exports import keeping, making
from evaluations.services.surveys import mailing

logger = logging.getLogger(__name__)


@shared_task
def plan_due_mail() -> None:
    mailing.plan_due_mail(now=clock.now())


@shared_task
def close_due_surveys() -> None:
    now = clock.now()
    for survey in Survey.objects.due_to_close(now).order_by("closes_at", "pk"):
        try:
            close_survey(survey=survey, now=now)
        except Exception as failure:  # noqa: BLE001 (whatever stops one survey must not keep the others open)
            # Its kind only: the message of a database may quote what was being written, and that is someone's answer.
            logger.error("Survey %s could not be closed (%s). The next run tries again.", survey.pk, type(failure))  # noqa: TRY400
    for survey in Survey.objects.due_to_be_wiped().order_by("pk"):
        wipe(survey=survey)


@shared_task
def check_keys() -> None:
    key_care.check_keys(now=clock.now())


@shared_task
def refresh_counts() -> None:
    counting.refresh_counts(now=clock.now())


@shared_task
def destroy_keys() -> None:
    now = clock.now()
    key_care.destroy_backed_up_keys(now=now)
    key_care.destroy_due_keys(now=now)
    pseudonym_keys.end_due_keys(now=now)


@shared_task
def make_waiting_exports() -> int:
    """Makes what someone has asked for, the oldest first. Returns how many it did."""
    waiting = SurveyExport.objects.waiting().select_related("survey", "by").order_by("asked_at", "pk")
    return sum(making.make_export(export=export, now=clock.now()) for export in waiting)


@shared_task
def forget_exports() -> int:
    """Deletes archives that have been kept long enough, or whose data are others by now."""
    return keeping.forget_exports(now=clock.now())


@shared_task
def forget_instrument_files() -> int:
    """Deletes uploaded questionnaires of which nothing was made in 30 days."""
    return instrument_files.forget_instrument_files(now=clock.now())


@worker_ready.connect
def check_keys_at_start(**_: Any) -> None:
    check_keys.delay()
