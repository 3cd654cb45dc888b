"""The mail that tells members what came of their answers: results are shared; and what was done about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from communities.working_days import next_working_moment
from cop_portal import outbox
from evaluations.emails.words import one_line, portal_words
from evaluations.models import Heard, Survey

SHARED = "evaluations.shared"
HEARD = "evaluations.heard"
TOLD_WITHIN = timedelta(days=14)


def shared(survey: Survey, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Once for each survey and person, also where sharing is taken back and done again."""
    return _mail(SHARED, survey, user_id, to, now)


def heard(survey: Survey, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Once for each survey and person: where what came of it is written after the results were shared."""
    return _mail(HEARD, survey, user_id, to, now)


def _mail(kind: str, survey: Survey, user_id: int, to: str, now: datetime) -> outbox.Mail:
    return outbox.Mail(
        dedupe_key=f"survey:{survey.pk}:{kind.rpartition('.')[2]}:{user_id}",
        kind=kind,
        to=to,
        params={"survey": survey.pk},
        due_at=next_working_moment(now),
        not_after=now + TOLD_WITHIN,
    )


def render_shared(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _rendered("shared", "{community}: what members said", params)


def render_heard(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _rendered("heard", "{community}: what came of what you said", params)


def _rendered(template: str, subject: str, params: Mapping[str, Any]) -> outbox.Rendered:
    survey = Survey.objects.select_related("community", "version", "release").get(pk=params["survey"])
    context = {
        "survey": survey,
        "is_hidden": bool(survey.release.content["hidden"]),
        "heard": Heard.objects.filter(survey=survey).first(),
        "link": f"{settings.BASE_URL.rstrip('/')}{survey.get_results_url()}",
        **portal_words(),
    }
    return outbox.Rendered(
        subject=one_line(subject.format(community=survey.community.name)),
        text=render_to_string(f"evaluations/mail/{template}.txt", context),
    )


def is_due(params: Mapping[str, Any]) -> bool:
    """As long as the results are shared."""
    return Survey.objects.closed().filter(pk=params["survey"], is_shared_with_members=True).exists()


def register() -> None:
    """Tells the outbox of our kinds. News that nobody can vouch for is held: better none than two."""
    outbox.register(outbox.MailKind(SHARED, render_shared, is_due, "hold", can_be_declined=True))
    outbox.register(outbox.MailKind(HEARD, render_heard, is_due, "hold", can_be_declined=True))
