"""Destroying the single answers of a closed survey once their time is over: an administrator says so, nobody else.

What was released stays as it is: totals, and the words that are shown with them. Everything else of single people goes,
and what is left of it in the database's files is wiped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.models import Person
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict
from evaluations.models import PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response
from evaluations.services.closing.wiping import wipe
from evaluations.services.retention.dates import destroyed_words
from evaluations.services.retention.reviewing import Stage, reviewed
from evaluations.services.survey_exports.forgetting import destroy_rows_of


class AnswersStillKept(Conflict):
    """Those who answered were told until when their answers are kept."""


class AnswersOnLegalHold(Conflict):
    """A legal hold pauses every deletion."""


class AnswersAlreadyDestroyed(Conflict):
    """What is destroyed cannot be destroyed again."""


@dataclass(frozen=True)
class Destroyed:
    """What came of destroying several: those done, and why the others were left as they were."""

    done: list[Survey]
    left: list[tuple[Survey, str]]


def destroy_answers(*, survey: Survey, by: User, now: datetime) -> Survey:
    """Destroys the answers of single people to this survey for good. Totals and shown texts stay as released.

    Raises AnswersStillKept, AnswersOnLegalHold, AnswersAlreadyDestroyed. Cut short before the files are wiped, the next
    sweep wipes them.
    """
    _destroy(survey, by, now)
    wipe(survey=survey)
    survey.refresh_from_db()
    return survey


def destroy_answers_of_all(*, surveys: Iterable[Survey], by: User, now: datetime) -> Destroyed:
    """The same for each of these, one after the other. One that may not be destroyed stays, and the others go on."""
    done, left = [], []
    for survey in surveys:
        try:
            done.append(destroy_answers(survey=survey, by=by, now=now))
        except Conflict as refusal:
            left.append((survey, " ".join(refusal.messages)))
    return Destroyed(done, left)


@transaction.atomic
def _destroy(survey: Survey, by: User, now: datetime) -> None:
    # One administrator at a time; and nobody shows texts meanwhile.
    Survey.objects.select_for_update().get(pk=survey.pk)
    # A hold placed at this moment waits, or is seen.
    named = NamedResponse.objects.filter(survey=survey)
    list(Person.objects.select_for_update().filter(pk__in=named.values("person")).order_by("pk"))
    _require_due(Survey.objects.select_related("pseudonym_key").get(pk=survey.pk), now)
    for model in (Response, ConfidentialResponse, NamedResponse):
        model._default_manager.filter(survey=survey).delete()
    _keep_what_is_shown(survey)
    destroy_rows_of(survey, on=now)
    Survey.objects.filter(pk=survey.pk).update(answers_destroyed_at=now, is_wiped=False)
    audit.record(event="survey.answers_destroyed", by=by, target=survey, at=now)


def _require_due(survey: Survey, now: datetime) -> None:
    if survey.state != Survey.State.CLOSED:
        raise AnswersStillKept("This survey has not closed.", code="answers_still_kept")
    [found] = reviewed([survey], now=now)
    match found.stage:
        case Stage.DESTROYED:
            raise AnswersAlreadyDestroyed(destroyed_words(survey), code="answers_already_destroyed")
        case Stage.PAUSED:
            raise AnswersOnLegalHold(
                f"Nothing is destroyed while it lasts. {found.paused_because}", code="answers_on_legal_hold"
            )
        case Stage.COMING:
            until = date_format(localtime(found.due_at))
            raise AnswersStillKept(f"These answers are kept until {until}.", code="answers_still_kept")


def _keep_what_is_shown(survey: Survey) -> None:
    """Of what people wrote, the words that are shown with the results; no longer under a pseudonym that joins them."""
    texts = FreeText.objects.filter(survey=survey)
    texts.filter(is_shown=False).delete()
    texts.exclude(redacted="").update(text="")
    if survey.mode == PrivacyMode.CONFIDENTIAL:
        shown = list(texts)
        for text in shown:
            text.pseudonym = token_hex(32)
        FreeText.objects.bulk_update(shown, ["pseudonym"])
