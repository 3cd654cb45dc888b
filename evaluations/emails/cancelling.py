"""Telling everyone who was asked that nothing will come of it. The same to those who answered and those who did not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string

from communities.working_days import next_working_moment
from cop_portal import outbox
from evaluations.emails.words import one_line, portal_words
from evaluations.models import Invitation, Survey

CANCELLED = "evaluations.cancelled"
TOLD_WITHIN = timedelta(days=14)


def cancelled(invitation: Invitation, *, to: str, now: datetime) -> outbox.Mail:
    return outbox.Mail(
        dedupe_key=f"survey:{invitation.survey_id}:cancelled:{invitation.pk}",
        kind=CANCELLED,
        to=to,
        params={"invitation": str(invitation.pk)},
        due_at=next_working_moment(now),
        not_after=now + TOLD_WITHIN,
    )


def render_cancelled(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    asked = Invitation.objects.select_related("person__user", "survey__community", "survey__version")
    invitation = asked.get(pk=params["invitation"])
    context = {**portal_words(), "name": invitation.person.name, "survey": invitation.survey}
    return outbox.Rendered(
        subject=one_line(f"{invitation.survey.community.name}: “{invitation.survey.version.title}” was cancelled"),
        text=render_to_string("evaluations/mail/cancelled.txt", context),
    )


def is_cancelled_due(params: Mapping[str, Any]) -> bool:
    return Invitation.objects.filter(pk=params["invitation"], survey__state=Survey.State.CANCELLED).exists()


def register() -> None:
    outbox.register(outbox.MailKind(CANCELLED, render_cancelled, is_cancelled_due, "hold", can_be_declined=True))
