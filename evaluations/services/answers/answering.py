"""Answering behind a personal link. What is sent is sealed at once; that someone answered is all that is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate

from cop_portal.refusals import Conflict, Refusal
from evaluations.links import hash_of
from evaluations.models import InstrumentVersion, Invitation, RoomPlace, Survey
from evaluations.models.inbox import InboxBox
from evaluations.questionnaire import AnswerRefused as NotAnAnswer
from evaluations.questionnaire import Answers, Questionnaire, fielded, parsed
from evaluations.services.answers import boxes, drafts, named
from evaluations.services.surveys import grouping

SURVEY_STATE = "SELECT state, halted_because FROM evaluations_survey WHERE id = %s"
SURVEY_FOR_SHARE = f"{SURVEY_STATE} FOR SHARE"


class LinkNotKnown(Refusal):
    """No invitation, and no place in a room, has this token."""

    status = HTTPStatus.NOT_FOUND


class SurveyClosed(Conflict):
    """Answers are taken until the closing time and not after."""


class AnsweringStopped(Refusal):
    """Nothing is taken while it is not certain that it could be opened again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class AskedInTheRoom(Conflict):
    """Nobody answers both by a link and in the room."""


class AlreadyAnswered(Conflict):
    """Each invitation is answered once."""


class NothingAnswered(Refusal):
    """An empty questionnaire is not sent."""


class AnswersNotValid(Refusal):
    """Some answers cannot be stored as they are; `errors` says which and why, by the code of the question."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Some of your answers need another look before they can be sent.", code="answers_not_valid")
        self.errors = dict(errors)


@dataclass(frozen=True)
class Door:
    """What is behind a link, as long as the survey is open."""

    survey: Survey
    version: InstrumentVersion
    is_answered: bool
    # Whose link it is, by number; nobody's, where it was given out in a room.
    person_id: int | None = None
    # Of what they have sent already, where it can be changed: in a named survey. Elsewhere 0.
    sent_version: int = 0

    @property
    def is_place(self) -> bool:
        """Whether it is a place in a room, and nobody's link."""
        return self.person_id is None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do behind it: answered, and not to be changed."""
        return self.is_answered and not named.is_named(self.survey)


def door(token: str, now: datetime) -> Door:
    """What a link opens. Raises LinkNotKnown, SurveyClosed, AnsweringStopped, AskedInTheRoom. Changes nothing."""
    invitation = _invitation(token)
    _require_open(invitation.survey, now)
    _require_one_way(invitation)
    survey, person_id = invitation.survey, invitation.person_id
    sent_version = named.sent_by(survey, person_id)[1] if named.is_named(survey) else 0
    return Door(survey, survey.version, invitation.is_answered, person_id, sent_version)


def check_answers(version: InstrumentVersion, answers: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with these answers, in words, by the code of the question; empty when they could be sent."""
    return fielded(version).check(answers).errors


def record_preview(door: Door, questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The very record that would be stored, were these answers sent through this door now."""
    checked = questionnaire.check(answers).answers
    if door.person_id is not None and named.is_named(door.survey):
        return named.as_stored(door.person_id, checked)
    record = _record_of(door.survey, door.person_id, checked)
    return record.as_stored(boxes.shape_of(door.survey).format)


def load_draft(token: str) -> Answers:
    """What was answered so far behind this link, or sent where that can be changed; empty when there is nothing."""
    found = drafts.load(token)
    if found:
        return found
    invitation = _invitation(token)
    is_named = named.is_named(invitation.survey)
    return named.sent_by(invitation.survey, invitation.person_id)[0] if is_named else {}


def save_draft(*, token: str, answers: Mapping[str, Any]) -> None:
    """Keep what was answered so far, encrypted under the link. Raises AnswersNotValid and keeps the draft as it was."""
    invitation = _invitation(token)
    if invitation.survey.state != Survey.State.OPEN:
        raise survey_closed(invitation.survey)
    if invitation.is_answered and not named.is_named(invitation.survey):
        raise _answered()
    draft = _draft_of(invitation.survey.version, answers)
    with transaction.atomic():
        # The close wipes all drafts, once: one that came a moment later would stay for ever.
        hold_open(invitation.survey)
        drafts.store(token=token, survey=invitation.survey, answers=draft)


def clear_draft(*, token: str) -> None:
    drafts.clear(token)


def submit_answers(*, token: str, answers: Mapping[str, Any], now: datetime, sent_version: int = 0) -> None:
    """Seals the answers and notes that this invitation was answered. Nothing else is written, and no time.

    In a named survey they are kept by name instead; `sent_version` says which of what was sent before they replace.
    One transaction: the invitation, one box, and the draft goes. Raises LinkNotKnown, SurveyClosed, AnsweringStopped,
    AskedInTheRoom, AlreadyAnswered, AnswersSentMeanwhile, NothingAnswered, AnswersNotValid; then nothing is stored.
    """
    invitation = _invitation(token)
    survey = invitation.survey
    _require_open(survey, now)
    if isinstance(invitation, Invitation) and named.is_named(survey):
        _send_named(invitation, _valid(survey.version, answers), token=token, version=sent_version)
        return
    if invitation.is_answered:
        raise _answered()
    _require_one_way(invitation)
    box = _box(survey, _record_of(survey, invitation.person_id, _valid(survey.version, answers)))
    with transaction.atomic():
        hold_open(survey)
        if not _note_answered(invitation):
            raise _answered()
        box.save(force_insert=True)
        drafts.clear(token)


@transaction.atomic
def _send_named(invitation: Invitation, answers: Answers, *, token: str, version: int) -> None:
    hold_open(invitation.survey)
    named.keep_named(invitation.survey, invitation.person_id, answers, version=version)
    _note_answered(invitation)
    drafts.clear(token)


def _record_of(survey: Survey, person_id: int | None, answers: Answers) -> boxes.Record:
    """What one person sends: whose it is, and which group, go with the answers only where the survey said so."""
    has_subject = person_id is not None and boxes.shape_of(survey).has_subject
    subject = str(person_id) if has_subject else ""
    return boxes.Record(answers, subject=subject, group=grouping.group_of(survey, person_id))


def _box(survey: Survey, record: boxes.Record) -> InboxBox:
    number = boxes.shape_of(survey).format
    body = boxes.sealed(record, public_key=bytes(survey.public_key), size=survey.box_size, format_number=number)
    return InboxBox(survey=survey, format=number, body=body)


def _note_answered(invitation: Invitation | RoomPlace) -> bool:
    """Whether it had not been answered before."""
    rows = Invitation.objects if isinstance(invitation, Invitation) else RoomPlace.objects
    return bool(rows.filter(pk=invitation.pk, is_answered=False).update(is_answered=True))


def _invitation(token: str) -> Invitation | RoomPlace:
    """What a token belongs to: someone's invitation, or a place in a room, which is nobody's."""
    invitation: Invitation | RoomPlace | None = None
    for rows in (Invitation.objects, RoomPlace.objects):
        found = rows.filter(token_hash=hash_of(token)).select_related(
            "survey__version", "survey__community", "survey__session"
        )
        invitation = invitation or found.first()
    if invitation is None:
        raise not_known()
    return invitation


def not_known() -> LinkNotKnown:
    return LinkNotKnown(
        "This link is not known. Check that it was copied whole, or ask your facilitator for help.",
        code="link_not_known",
    )


def _require_open(survey: Survey, now: datetime) -> None:
    if survey.state != Survey.State.OPEN or survey.closes_at <= now:
        raise survey_closed(survey)
    if survey.halted_because:
        raise stopped()


def _require_one_way(invitation: Invitation | RoomPlace) -> None:
    """A link of a pulse opens nothing to whoever is recorded as having been in the room where it was asked."""
    if not isinstance(invitation, Invitation) or invitation.survey.session_id is None:
        return
    if not Invitation.objects.not_in_the_room().filter(pk=invitation.pk).exists():
        raise AskedInTheRoom(
            "The record of this session says that you were in the room, where this was asked by a code on the screen. "
            "If you were not, ask your facilitator to correct the record; then this link opens.",
            code="asked_in_the_room",
        )


def survey_closed(survey: Survey) -> SurveyClosed:
    if survey.cancelled_at:
        return SurveyClosed(
            f"This was cancelled on {date_format(localdate(survey.cancelled_at))}. Nothing more can be sent, and what "
            "had been sent was destroyed unread.",
            code="survey_cancelled",
        )
    # Closed by hand before its day, it has not closed on its day; closed by the next run, it has.
    closed_at = min(survey.closed_at or survey.closes_at, survey.closes_at)
    return SurveyClosed(
        f"This survey closed on {date_format(localdate(closed_at))}. Nothing more can be sent.", code="survey_closed"
    )


def _answered() -> AlreadyAnswered:
    return AlreadyAnswered("Your answers have already been sent. Thank you.", code="already_answered")


def stopped() -> AnsweringStopped:
    """What is said while a survey’s keys cannot be read."""
    return AnsweringStopped(
        "Answers cannot be taken at the moment, because we could not be certain to open them again. "
        "Staff have been told. Nothing you sent before is lost. Please try again tomorrow.",
        code="answering_stopped",
    )


def _valid(version: InstrumentVersion, answers: Mapping[str, Any]) -> Answers:
    checked = fielded(version).check(answers)
    if checked.errors:
        raise AnswersNotValid(checked.errors)
    if not checked.answers:
        raise NothingAnswered("Answer at least one question before you send.", code="nothing_answered")
    return checked.answers


def _draft_of(version: InstrumentVersion, answers: Mapping[str, Any]) -> Answers:
    """What of these answers can be kept: hidden questions' answers too, in case their question is shown again."""
    kept: Answers = {}
    errors: dict[str, str] = {}
    for question in fielded(version).questions:
        try:
            if answer := parsed(question, answers.get(question.code)):
                kept[question.code] = answer
        except NotAnAnswer as refused:
            errors[question.code] = str(refused)
    if errors:
        raise AnswersNotValid(errors)
    return kept


def hold_open(survey: Survey) -> None:
    """Keep the survey open until the end of this transaction, or refuse.

    On PostgreSQL a shared lock makes a close wait for us, and us for a close, while others answer at the same time.
    On SQLite a transaction writes alone.
    """
    query = SURVEY_FOR_SHARE if connection.vendor == "postgresql" else SURVEY_STATE
    with connection.cursor() as cursor:
        cursor.execute(query, [survey.pk])
        state, halted_because = cursor.fetchone()
    if state != Survey.State.OPEN:
        survey.refresh_from_db(fields=["closes_at", "closed_at", "cancelled_at"])
        raise survey_closed(survey)
    if halted_because:
        raise stopped()
