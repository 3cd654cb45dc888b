"""The mail that evaluations send. Rows name an invitation, never its link: that is derived just before sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from communities.working_days import next_working_moment
from cop_portal import outbox
from cop_portal.accounts.models import User
from evaluations.links import link_for
from evaluations.models import Invitation, PlannedRequest, Survey

REQUEST = "evaluations.request"
REMINDER = "evaluations.reminder"
EXTENSION = "evaluations.extension"
CLOSED = "evaluations.closed"
HALTED = "evaluations.halted"
KINDS = {
    PlannedRequest.Kind.INVITATION: REQUEST,
    PlannedRequest.Kind.REMINDER: REMINDER,
    PlannedRequest.Kind.EXTENSION: EXTENSION,
}
CLOSED_NOTICE_WITHIN = timedelta(days=14)


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


def closed(survey: Survey, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Tells a facilitator that results, or the reason why there are none, can be read."""
    return outbox.Mail(
        dedupe_key=f"survey:{survey.pk}:closed:{user_id}",
        kind=CLOSED,
        to=to,
        params={"survey": survey.pk},
        due_at=next_working_moment(now),
        not_after=now + CLOSED_NOTICE_WITHIN,
    )


def halted(survey: Survey, *, staff: User, to: str, now: datetime) -> outbox.Mail:
    """Tells staff, once a day as long as it lasts, that a survey needs them. At any hour: answers may be at stake."""
    return outbox.Mail(
        dedupe_key=f"survey:{survey.pk}:halted:{timezone.localdate(now)}:{staff.pk}",
        kind=HALTED,
        to=to,
        params={"survey": survey.pk},
        due_at=now,
        not_after=now + timedelta(days=1),
    )


def render_request(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("request", "{community}: your view, about {minutes}", params)


def render_reminder(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("reminder", "{community}: still time to give your view, until {closes_on}", params)


def render_extension(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _to_someone_asked("extension", "{community}: more time to give your view, until {closes_on}", params)


def _to_someone_asked(template: str, subject: str, params: Mapping[str, Any]) -> outbox.Rendered:
    invitation = _invitation(params)
    survey = invitation.survey
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
        **_portal(),
        "name": invitation.person.name,
        "title": survey.asked_about,
        "opened_by": survey.opened_by.name,
        "link": link_for(invitation),
        "reminder_days": survey.reminder_days,
        "was_extended": survey.was_extended,
        "minimum": settings.MINIMUM_BASE,
        "extension_days": settings.SURVEY_EXTENSION_DAYS,
        "key_days": settings.KEY_DESTRUCTION_DAYS,
    }
    return outbox.Rendered(
        subject=subject.format(**words), text=render_to_string(f"evaluations/mail/{template}.txt", context)
    )


def render_closed(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version", "session", "release").get(pk=params["survey"])
    context = {
        **_portal(),
        "survey": survey,
        "is_hidden": bool(survey.release.content["hidden"]),
        "next_step": survey.release.content["next_step"],
        "link": f"{settings.BASE_URL.rstrip('/')}{survey.get_results_url()}",
    }
    return outbox.Rendered(
        subject=f"{survey.community.name}: the answers are in",
        text=render_to_string("evaluations/mail/closed.txt", context),
    )


def render_halted(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version").get(pk=params["survey"])
    context = {
        **_portal(),
        "survey": survey,
        "link": f"{settings.BASE_URL.rstrip('/')}{survey.get_absolute_url()}",
    }
    return outbox.Rendered(
        subject=f"{survey.community.name}: “{survey.version.title}” needs you",
        text=render_to_string("evaluations/mail/halted.txt", context),
    )


def minutes_words(survey: Survey) -> str:
    """Roughly how long it takes: four questions a minute or so, rounded up."""
    questions = sum(section.questions.count() for section in survey.version.sections.all())
    minutes = max(1, -(-questions * 2 // 5))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _portal() -> dict[str, str]:
    return {
        "portal_name": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTACT_EMAIL,
        "base_url": settings.BASE_URL.rstrip("/"),
    }


def _invitation(params: Mapping[str, Any]) -> Invitation:
    return Invitation.objects.select_related(
        "person__user", "survey__community", "survey__version", "survey__session", "survey__opened_by"
    ).get(pk=params["invitation"])


def is_request_due(params: Mapping[str, Any]) -> bool:
    """While the survey is open, answering works, they have not answered, and were not asked in the room."""
    return (
        Invitation.objects.unanswered()
        .not_in_the_room()
        .filter(pk=params["invitation"], survey__state=Survey.State.OPEN, survey__halted_because="")
        .exists()
    )


def is_closed_due(params: Mapping[str, Any]) -> bool:
    return Survey.objects.closed().filter(pk=params["survey"]).exists()


def is_halted_due(params: Mapping[str, Any]) -> bool:
    return Survey.objects.filter(pk=params["survey"]).exclude(halted_because="").exists()


def register() -> None:
    """Tells the outbox of our kinds. A reminder nobody can vouch for is held: better none than two."""
    outbox.register(outbox.MailKind(REQUEST, render_request, is_request_due, "resend_once"))
    outbox.register(outbox.MailKind(REMINDER, render_reminder, is_request_due, "hold"))
    outbox.register(outbox.MailKind(EXTENSION, render_extension, is_request_due, "hold"))
    outbox.register(outbox.MailKind(CLOSED, render_closed, is_closed_due, "hold"))
    outbox.register(outbox.MailKind(HALTED, render_halted, is_halted_due, "resend_once"))
