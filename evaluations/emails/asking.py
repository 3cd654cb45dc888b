"""Mail to those asked. Rows name an invitation, never its link: that is derived just before sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from cop_portal import outbox
from evaluations.breakdowns import declared
from evaluations.emails.words import one_line, portal_words
from evaluations.instrument_checks.effort import effort_of
from evaluations.links import link_for
from evaluations.models import Invitation, PlannedRequest, Survey
from evaluations.questionnaire import fielded

REQUEST = "evaluations.request"
REMINDER = "evaluations.reminder"
EXTENSION = "evaluations.extension"
MORE_TIME = "evaluations.more_time"
ONE_CLICK = "List-Unsubscribe=One-Click"
KINDS = {
    PlannedRequest.Kind.INVITATION: REQUEST,
    PlannedRequest.Kind.REMINDER: REMINDER,
    PlannedRequest.Kind.EXTENSION: EXTENSION,
    PlannedRequest.Kind.MORE_TIME: MORE_TIME,
}


def occasion(survey: Survey) -> str:
    """What the keys of all mail about a survey to those asked begin with."""
    return f"survey:{survey.pk}:asked:"


def request(planned: PlannedRequest, *, to: str) -> outbox.Mail:
    """An invitation, a reminder or the notice of an extension, on its planned occasion."""
    invitation = planned.invitation
    return outbox.Mail(
        dedupe_key=f"{occasion(invitation.survey)}{planned.number}:{invitation.pk}:{invitation.generation}",
        kind=KINDS[PlannedRequest.Kind(planned.kind)],
        to=to,
        params={"invitation": str(invitation.pk)},
        due_at=planned.due_at,
        not_after=invitation.survey.closes_at,
    )


def render_request(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("request", "{community}: your view, about {minutes}", params)


def render_reminder(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("reminder", "{community}: still time to give your view, until {closes_on}", params)


def render_extension(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("extension", "{community}: more time to give your view, until {closes_on}", params)


def render_more_time(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("more_time", "{community}: more time to give your view, until {closes_on}", params)


def _to_someone_asked(template: str, subject: str, params: Mapping[str, Any]) -> outbox.Rendered:
    invitation = _invitation(params)
    survey, link = invitation.survey, link_for(invitation)
    stop_link = f"{link}stop/"
    if survey.is_pulse and template == "request":
        template, subject = "pulse", "{community}: how was the session of {session_day}?"
    words = {
        "community": survey.community.name,
        "minutes": minutes_words(survey),
        "closes_on": date_format(timezone.localdate(survey.closes_at)),
        "session_day": date_format(survey.session.day) if survey.session else "",
    }
    context = {
        **words,
        **portal_words(),
        "name": invitation.person.name,
        "title": survey.asked_about,
        "opened_by": survey.opened_by.name,
        "link": link,
        "stop_link": stop_link,
        "reminder_days": survey.reminder_days,
        "was_extended": survey.was_extended,
        "minimum": settings.MINIMUM_BASE,
        "extension_days": settings.SURVEY_EXTENSION_DAYS,
        "key_days": settings.KEY_DESTRUCTION_DAYS,
        "mode": survey.mode,
        "by_group": by_group.told() if (by_group := declared(survey.breakdown)) else "",
        "is_for_members": survey.shared_with == Survey.SharedWith.MEMBERS,
        "key_ends_on": date_format(survey.pseudonym_key.ends_on) if survey.pseudonym_key else "",
        "rows_from": settings.CONFIDENTIAL_ROWS_FROM,
    }
    return outbox.Rendered(
        subject=one_line(subject.format(**words)),
        text=render_to_string(f"evaluations/mail/{template}.txt", context),
        # RFC 8058: a mail program may offer a button that posts these very words to this address, and nothing more.
        headers={"List-Unsubscribe": f"<{stop_link}>", "List-Unsubscribe-Post": ONE_CLICK},
    )


def minutes_words(survey: Survey) -> str:
    """How long it takes at most, as the first page behind the link says it too."""
    minutes = effort_of(fielded(survey.version)).most_minutes
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _invitation(params: Mapping[str, Any]) -> Invitation:
    return Invitation.objects.select_related(
        "person__user",
        "survey__community",
        "survey__version",
        "survey__session",
        "survey__opened_by",
        "survey__pseudonym_key",
    ).get(pk=params["invitation"])


def is_request_due(params: Mapping[str, Any]) -> bool:
    """While the survey is open and answering works: they have not answered, were not asked in the room, and have not
    said that they want no more of it."""
    return (
        Invitation.objects.unanswered()
        .not_in_the_room()
        .filter(pk=params["invitation"], is_stopped=False, survey__state=Survey.State.OPEN, survey__halted_because="")
        .exists()
    )


def register() -> None:
    """Tells the outbox of our kinds. A reminder nobody can vouch for is held: better none than two."""
    outbox.register(outbox.MailKind(REQUEST, render_request, is_request_due, "resend_once", can_be_declined=True))
    for name, render in ((REMINDER, render_reminder), (EXTENSION, render_extension), (MORE_TIME, render_more_time)):
        outbox.register(outbox.MailKind(name, render, is_request_due, "hold", can_be_declined=True))
