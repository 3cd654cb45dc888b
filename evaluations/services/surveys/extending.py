"""Giving a survey that is still open more time, by hand: a new last day, a notice and a reminder."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal
from evaluations.models import PlannedRequest, Survey
from evaluations.services.closing.closing import SurveyNotOpen
from evaluations.services.keys.pseudonyms import require_time_to_use_key
from evaluations.services.surveys import planning
from evaluations.services.surveys.opening import LONGEST_WINDOW


class NotMoreTime(Refusal):
    """An extension ends later than what it extends."""


class TooMuchTime(Refusal):
    """No survey is open for longer than a year."""


@transaction.atomic
def give_more_time(*, survey: Survey, closes_at: datetime, by: User, now: datetime) -> Survey:
    """Moves the close of an open survey to a later moment, with a new mail plan for those who have not answered.

    The one extension that a survey with too few answers gets by itself stays to be had.
    Raises CommunityClosed, SurveyNotOpen, NotMoreTime, TooMuchTime, KeyEndsTooSoon.
    """
    locked(survey.community)
    survey = Survey.objects.select_for_update().select_related("community", "version").get(pk=survey.pk)
    if survey.state != Survey.State.OPEN or survey.closes_at <= now:
        raise SurveyNotOpen("This survey has closed. It cannot be opened again.", code="survey_not_open")
    if closes_at <= survey.closes_at:
        raise NotMoreTime(f"Choose a day after {survey.closes_on}, when it is due to close now.", code="not_more_time")
    if closes_at > survey.opened_at + LONGEST_WINDOW:
        raise TooMuchTime("A survey is open for a year at most. Choose an earlier day.", code="too_much_time")
    require_time_to_use_key(survey, closes_at)
    Survey.objects.filter(pk=survey.pk).update(closes_at=closes_at)
    survey.closes_at = closes_at
    planning.plan_more_time(survey, kind=PlannedRequest.Kind.MORE_TIME, reminder_days=survey.reminder_days, now=now)
    audit.record(event="survey.given_more_time", by=by, target=survey, at=now)
    return survey
