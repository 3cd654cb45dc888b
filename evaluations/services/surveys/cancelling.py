"""Calling a survey off: what was sent is destroyed unread, with the keys that could have opened it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict
from evaluations import emails
from evaluations.models import PlannedRequest, Survey
from evaluations.models.inbox import Draft, InboxBox
from evaluations.models.named import NamedResponse
from evaluations.services.closing.wiping import wipe
from evaluations.services.keys.key_care import destroy_keys_of
from evaluations.services.surveys.mailing import addresses_of


class SurveyOver(Conflict):
    """What has closed keeps its answers; what was cancelled is cancelled already."""


def cancel_survey(*, survey: Survey, because: str, by: User, now: datetime) -> Survey:
    """Cancels a survey that is open, or whose close has halted. Inbox, drafts and keys are destroyed; the record stays.

    Everyone who had been asked is told why, whether they had answered or not. Raises SurveyOver.
    Killed after the first step, the rest is done by the next run of the keys' care.
    """
    _cancel(survey, because, by, now)
    survey.refresh_from_db()
    destroy_keys_of([survey], now=now)
    wipe(survey=survey)
    survey.refresh_from_db()
    return survey


@transaction.atomic
def _cancel(survey: Survey, because: str, by: User, now: datetime) -> None:
    cancelled = Survey.objects.can_be_cancelled().filter(pk=survey.pk)
    if not cancelled.update(
        state=Survey.State.CANCELLED,
        cancelled_at=now,
        cancelled_because=because,
        halted_because="",
        answered_words="",
        counted_on=None,
    ):
        raise SurveyOver("This survey has closed or was cancelled already, or is just closing.", code="survey_over")
    # All at once, so that no row still tells when it was answered.
    survey.invitations.update(is_answered=F("is_answered"))
    survey.places.update(is_answered=F("is_answered"))
    for model in (InboxBox, Draft, NamedResponse):
        model.objects.filter(survey=survey).delete()
    outbox.forget(emails.occasion(survey))
    audit.record(event="survey.cancelled", by=by, target=survey, at=now)
    _tell_those_asked(survey, now)
    PlannedRequest.objects.waiting().filter(invitation__survey=survey).delete()


def _tell_those_asked(survey: Survey, now: datetime) -> None:
    """Those whose first mail has gone, or was about to. Nobody hears of it who has not heard of the survey."""
    asked = survey.invitations.filter(
        requests__kind=PlannedRequest.Kind.INVITATION, requests__is_handled=True
    ).select_related("person")
    addresses = addresses_of(invitation.person.user_id for invitation in asked)
    outbox.enqueue(
        *(
            emails.cancelled(invitation, to=addresses[invitation.person.user_id], now=now)
            for invitation in asked
            if invitation.person.user_id in addresses
        )
    )
