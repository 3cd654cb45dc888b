"""Asking for an export, and what refuses it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.outbox.poke import poke
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.services.answers import rows
from evaluations.services.retention.dates import destroyed_words, kept_until
from evaluations.services.survey_exports.progress import forget_progress

What = SurveyExport.What
TASK = "evaluations.tasks.make_waiting_exports"


class SurveyNotClosed(Conflict):
    """There is nothing to take away while people answer."""


class NoRows(Refusal):
    """An anonymous survey has figures, and no rows for anyone."""


class ReasonMissing(Refusal):
    """Whoever takes confidential answers away says why."""


class AnswersNotKept(Refusal):
    """Answers of single people are kept for a limited time."""


@transaction.atomic
def ask_for_export(*, survey: Survey, what: str, reason: str, by: User, now: datetime) -> SurveyExport:
    """Hands an export to the worker. Asked again while it waits, it is the same one.

    Raises SurveyNotClosed, NoRows, ReasonMissing, AnswersNotKept, and TooFewForRows from `rows`.
    """
    check_export(survey=survey, what=what, reason=reason, now=now)
    same = SurveyExport.objects.waiting().filter(survey=survey, what=what, by=by)
    if waiting := same.first():
        return waiting
    try:
        with transaction.atomic():
            export = SurveyExport.objects.create(
                survey=survey, mode=survey.mode, what=what, reason=reason.strip(), by=by, asked_at=now
            )
    except IntegrityError:
        # The same person, at the same moment, in another window.
        return same.get()
    forget_progress(export)
    audit.record(event=f"survey.{what}_export_asked", by=by, target=survey, at=now)
    transaction.on_commit(partial(poke, TASK), robust=True)
    return export


def check_export(*, survey: Survey, what: str, reason: str, now: datetime) -> None:
    """Refuses what could not be made, with the sentence for whoever asks."""
    if why := why_not_closed(survey):
        raise SurveyNotClosed(why, code="survey_not_closed")
    if what == What.FIGURES:
        return
    if survey.mode == PrivacyMode.ANONYMOUS:
        raise NoRows(
            "Of an anonymous survey only the results can be taken away: no row of answers is handed out to anyone.",
            code="no_rows",
        )
    check_still_kept(survey, now)
    if survey.mode == PrivacyMode.CONFIDENTIAL:
        if not reason.strip():
            raise ReasonMissing("Say what you need the answers for. It is kept with your name.", code="reason_missing")
        rows.confidential_rows(survey)


def why_not_closed(survey: Survey) -> str:
    """Why there is nothing to take away yet, or ever; empty once it has closed."""
    match survey.state:
        case Survey.State.CLOSED:
            return ""
        case Survey.State.CANCELLED:
            return "This survey was cancelled and its answers were destroyed: there is nothing to take away."
        case _:
            return f"This survey can be taken away after it has closed, on {survey.closes_on}."


def check_still_kept(survey: Survey, now: datetime) -> None:
    if survey.answers_destroyed_at is not None:
        raise AnswersNotKept(f"{destroyed_words(survey)} The results can still be taken away.", code="answers_not_kept")
    if (ended := kept_until(survey)) and ended <= now:
        raise AnswersNotKept(
            f"Answers of single people can be taken away for {settings.RESPONSES_KEPT_DAYS} days after the close, and "
            f"that was over on {date_format(localtime(ended))}. The results can still be taken away.",
            code="answers_not_kept",
        )
