"""Mail about a survey to those who run the community, and to staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from communities.models import Person
from communities.working_days import next_working_moment
from cop_portal import outbox
from cop_portal.accounts.models import User
from evaluations.emails.words import one_line, portal_words
from evaluations.models import Invitation, Survey

CLOSED = "evaluations.closed"
HALTED = "evaluations.halted"
ELSEWHERE = "evaluations.reached_someone_else"
CLOSED_NOTICE_WITHIN = timedelta(days=14)


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


def reached_someone_else(invitation: Invitation, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Tells a facilitator that mail meant for a member reached someone else."""
    return outbox.Mail(
        dedupe_key=f"invitation:{invitation.pk}:elsewhere:{invitation.generation}:{user_id}",
        kind=ELSEWHERE,
        to=to,
        params={"survey": invitation.survey_id, "person": invitation.person_id},
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


def render_closed(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version", "session", "release").get(pk=params["survey"])
    context = {
        **portal_words(),
        "survey": survey,
        "is_hidden": bool(survey.release.content["hidden"]),
        "next_step": survey.release.content["next_step"],
        "link": f"{settings.BASE_URL.rstrip('/')}{survey.get_results_url()}",
    }
    return outbox.Rendered(
        subject=one_line(f"{survey.community.name}: the answers are in"),
        text=render_to_string("evaluations/mail/closed.txt", context),
    )


def render_halted(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version").get(pk=params["survey"])
    context = {
        **portal_words(),
        "survey": survey,
        "link": f"{settings.BASE_URL.rstrip('/')}{survey.get_absolute_url()}",
    }
    return outbox.Rendered(
        subject=one_line(f"{survey.community.name}: “{survey.version.title}” needs you"),
        text=render_to_string("evaluations/mail/halted.txt", context),
    )


def render_reached_someone_else(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version").get(pk=params["survey"])
    members = reverse("communities:member-list", args=[survey.community.slug])
    context = {
        **portal_words(),
        "survey": survey,
        "person": Person.objects.select_related("user").get(pk=params["person"]),
        "link": f"{settings.BASE_URL.rstrip('/')}{members}",
    }
    return outbox.Rendered(
        subject=one_line(f"{survey.community.name}: an address to check"),
        text=render_to_string("evaluations/mail/reached_someone_else.txt", context),
    )


def is_reached_someone_else_due(params: Mapping[str, Any]) -> bool:
    """Not once the record has been erased."""
    return Person.objects.known().filter(pk=params["person"]).exists()


def is_closed_due(params: Mapping[str, Any]) -> bool:
    return Survey.objects.closed().filter(pk=params["survey"]).exists()


def is_halted_due(params: Mapping[str, Any]) -> bool:
    return Survey.objects.filter(pk=params["survey"]).exclude(halted_because="").exists()


def register() -> None:
    outbox.register(outbox.MailKind(CLOSED, render_closed, is_closed_due, "hold"))
    outbox.register(outbox.MailKind(HALTED, render_halted, is_halted_due, "resend_once"))
    outbox.register(outbox.MailKind(ELSEWHERE, render_reached_someone_else, is_reached_someone_else_due, "hold"))
