"""Closing a survey: every answer is opened, shuffled and counted; what may be shown is released; the rest is forgotten.

Killed between any two steps it is taken up again by the next run: closing → opened in memory → settled in one short
transaction → wiped. Nothing is decided twice, because each step leaves the state it found.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.timezone import localtime
from nacl.public import PrivateKey

from communities.models import RoleTerm
from cop_portal import audit, outbox
from cop_portal.refusals import Conflict
from evaluations import emails, keys
from evaluations.models import PrivacyMode, Survey
from evaluations.models.inbox import Draft, InboxBox
from evaluations.questionnaire import Questionnaire, questionnaire_of
from evaluations.services.answers import boxes, named
from evaluations.services.answers.boxes import Record
from evaluations.services.answers.confidential import under_pseudonyms
from evaluations.services.closing.settling import release_results
from evaluations.services.closing.wiping import wipe
from evaluations.services.surveys import planning
from evaluations.services.surveys.mailing import addresses_of, tell_staff

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# None: there, and not counted, because the same person has sent another one.
Opened = dict[object, Record | None]


class SurveyNotOpen(Conflict):
    """Only an open survey can be closed."""


class SurveyWasExtended(Conflict):
    """Whoever closes an extended survey takes away the time that people were promised: they have to say so."""


class CloseHalted(Exception):
    """The close cannot go on without losing or inventing an answer; the message says why, to staff."""


def close_survey(*, survey: Survey, now: datetime, by: User | None = None, although_extended: bool = False) -> Survey:
    """Closes an open survey, or takes up a close that was cut short. Returns it as it now is.

    With fewer established answers than the minimum it is extended, once, instead, and stays open. If an answer is
    missing or does not open it stays `closing`, says why in `halted_because`, and staff are told.
    Raises SurveyNotOpen when someone (`by`) asks to close what is not open, SurveyWasExtended when they do not know,
    or do not say (`although_extended`), that it has been extended. Without `by`, one that was extended since `survey`
    was read is left as it is.
    """
    was_extended = survey.was_extended
    survey = Survey.objects.select_related("community", "version").get(pk=survey.pk)
    if by is not None:
        _require_closable(survey, although_extended)
    elif survey.was_extended != was_extended:
        return survey
    if survey.state == Survey.State.OPEN:
        if is_to_be_extended(survey):
            return extend_survey(survey=survey, now=now, by=by)
        _begin(survey, now, by)
        survey.refresh_from_db()
    if survey.state == Survey.State.CLOSING:
        try:
            _settle(survey, _open_all(survey), now)
        except CloseHalted as halt:
            _halt(survey, str(halt), now)
        survey.refresh_from_db()
    if survey.state == Survey.State.CLOSED and not survey.is_wiped:
        wipe(survey=survey)
        survey.refresh_from_db()
    return survey


def _require_closable(survey: Survey, although_extended: bool) -> None:
    if survey.state != Survey.State.OPEN:
        raise SurveyNotOpen("This survey is already closed, or is being closed.", code="survey_not_open")
    if survey.was_extended and not although_extended:
        raise SurveyWasExtended(
            f"Too few people had answered, so it stays open until {date_format(localtime(survey.closes_at))}, as its "
            "invitation said. To close it all the same, open this page again.",
            code="survey_was_extended",
        )


def is_to_be_extended(survey: Survey) -> bool:
    """Whether too few have answered and the one extension has not been used. Pulses are shown together instead."""
    if survey.session_id is not None:
        return False
    established = survey.invitations.filter(is_answered=True, is_established=True).count()
    return not survey.was_extended and established < settings.MINIMUM_BASE


@transaction.atomic
def extend_survey(*, survey: Survey, now: datetime, by: User | None = None) -> Survey:
    """Gives a survey SURVEY_EXTENSION_DAYS more, once, with a new mail plan, as its invitation said."""
    # As it now stands: someone may have given it more time meanwhile.
    survey = Survey.objects.select_for_update().select_related("community", "version").get(pk=survey.pk)
    closes_at = max(now, survey.closes_at) + timedelta(days=settings.SURVEY_EXTENSION_DAYS)
    is_ours = (
        Survey.objects.open().filter(pk=survey.pk, was_extended=False).update(was_extended=True, closes_at=closes_at)
    )
    survey.refresh_from_db()
    if is_ours:
        planning.plan_extension(survey, now=now)
        audit.record(event="survey.extended", by=by, target=survey, at=now)
    return survey


@transaction.atomic
def _begin(survey: Survey, now: datetime, by: User | None) -> None:
    """From here on no answer is taken. Waits for those on their way."""
    if Survey.objects.open().filter(pk=survey.pk).update(state=Survey.State.CLOSING):
        audit.record(event="survey.closing", by=by, target=survey, at=now)


def _open_all(survey: Survey) -> Opened:
    """Everyone's answers, in memory, outside any transaction. Raises CloseHalted unless each is there and opens."""
    if named.is_named(survey):
        sent = named.records_of(survey)
        _require_as_many(survey, len(sent), "answers")
        return sent
    opened = _open_boxes(survey)
    try:
        return under_pseudonyms(survey, opened) if survey.mode == PrivacyMode.CONFIDENTIAL else {**opened}
    except keys.KeyTrouble as trouble:
        raise _cannot_be_opened(trouble) from trouble


def _require_as_many(survey: Survey, number: int, what: str) -> None:
    answered = sum(rows.filter(is_answered=True).count() for rows in (survey.invitations, survey.places))
    if number != answered:
        # No numbers: facilitators read this too, and they may be small.
        how = "fewer" if number < answered else "more"
        raise CloseHalted(
            f"The close has halted: there are {how} {what} than people who answered. "
            "Nothing is released until the two agree."
        )


def _cannot_be_opened(trouble: keys.KeyTrouble) -> CloseHalted:
    return CloseHalted(f"The close has halted: the answers cannot be opened. {trouble}")


def _open_boxes(survey: Survey) -> dict[object, Record]:
    found = list(InboxBox.objects.filter(survey=survey).values_list("pk", "format", "body"))
    _require_as_many(survey, len(found), "sealed answers")
    if not found:
        return {}
    try:
        private_key = keys.private_key(survey.key_id)
    except keys.KeyTrouble as trouble:
        raise _cannot_be_opened(trouble) from trouble
    questionnaire, shape = questionnaire_of(survey.version), boxes.shape_of(survey)
    return {pk: _open_one(bytes(body), number, private_key, questionnaire, shape) for pk, number, body in found}


def _open_one(
    body: bytes, number: int, private_key: PrivateKey, questionnaire: Questionnaire, shape: boxes.Shape
) -> Record:
    try:
        record = boxes.opened(body, private_key=private_key, format_number=number)
    except boxes.BoxDoesNotOpen:
        raise CloseHalted(
            "The close has halted: a sealed answer does not open with this survey’s key. Nothing is released, "
            "and nothing is thrown away."
        ) from None
    checked = questionnaire.check(record.answers)
    if checked.errors or checked.answers != record.answers or record.subject.isdecimal() != shape.has_subject:
        raise CloseHalted(
            "The close has halted: a sealed answer does not fit this survey’s questions. Nothing is released, "
            "and nothing is thrown away."
        )
    return record


@transaction.atomic
def _settle(survey: Survey, opened: Opened, now: datetime) -> None:
    """One short transaction: responses, texts, tallies, release; inbox, drafts and reminders go."""
    state = Survey.objects.select_for_update().values_list("state", flat=True).get(pk=survey.pk)
    if state != Survey.State.CLOSING:
        return
    # Every invitation and every place is rewritten at once, so that no row still tells when it was answered.
    survey.invitations.update(is_answered=F("is_answered"))
    survey.places.update(is_answered=F("is_answered"))
    inbox = InboxBox.objects.filter(survey=survey)
    waiting = named.records_of(survey) if named.is_named(survey) else inbox.values_list("pk", flat=True)
    if set(waiting) != set(opened):
        raise CloseHalted("The close has halted: the inbox changed while it was being opened. It will be tried again.")
    counted = [record for record in opened.values() if record is not None]
    release_results(survey=survey, records=counted, now=now)
    inbox.delete()
    Draft.objects.filter(survey=survey).delete()
    outbox.forget(emails.occasion(survey))
    Survey.objects.filter(pk=survey.pk).update(
        state=Survey.State.CLOSED, closed_at=now, halted_because="", answered_words="", counted_on=None
    )
    audit.record(event="survey.closed", by=None, target=survey, at=now)
    _tell_facilitators(survey, now)


def _halt(survey: Survey, why: str, now: datetime) -> None:
    with transaction.atomic():
        Survey.objects.filter(pk=survey.pk, state=Survey.State.CLOSING).update(halted_because=why)
        tell_staff(survey, now=now)


def _tell_facilitators(survey: Survey, now: datetime) -> None:
    terms = RoleTerm.objects.current().facilitators().filter(community=survey.community, person__user__is_active=True)
    addresses = addresses_of(terms.values_list("person__user_id", flat=True))
    outbox.enqueue(*(emails.closed(survey, user_id=user_id, to=to, now=now) for user_id, to in addresses.items()))
