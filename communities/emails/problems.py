"""Mail about a problem that was put to the person who can act: to them, and to those who asked.

Rows name the escalation and the generation of its link; the link itself is made just before the mail leaves.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from communities import links
from communities.models import Community, Escalation
from communities.working_days import at_wall_time, next_working_day, next_working_moment
from cop_portal import outbox

BRIEF = "communities.brief"
REMINDER = "communities.brief_reminder"
COPY = "communities.brief_answered"
FRESH_LINK = "communities.brief_fresh_link"
NEWS = "communities.problem_news"
WITHIN = timedelta(days=14)
REMINDED_AT = time(10, 0)


class News(StrEnum):
    """What facilitators are told of."""

    ANSWERED = "answered"
    CORRECTED = "corrected"
    DISPUTED = "disputed"
    NO_REPLY = "no_reply"


SUBJECTS = {
    News.ANSWERED: "{community}: an answer from the person who can act",
    News.CORRECTED: "{community}: an answer has been changed",
    News.DISPUTED: "{community}: an answer was not theirs",
    News.NO_REPLY: "{community}: no reply from the person who can act",
}


def brief(escalation: Escalation, *, now: datetime) -> outbox.Mail:
    """The question, with the link to the one page and the answer. At once: a facilitator has just pressed Send."""
    return _to_lever_holder(escalation, BRIEF, f"brief:{escalation.generation}", due_at=now)


def reminder(escalation: Escalation, *, now: datetime) -> outbox.Mail:
    """The one reminder, on a working day."""
    day = timezone.localdate(now) + timedelta(days=settings.ESCALATION_REMINDER_DAYS)
    due_at = at_wall_time(next_working_day(day), REMINDED_AT)
    return _to_lever_holder(escalation, REMINDER, f"reminder:{escalation.generation}", due_at=due_at)


def copy_of_answer(escalation: Escalation, *, now: datetime) -> outbox.Mail:
    """What was answered, to the address that was asked, with the way to put it right and to say it was not theirs."""
    return _to_lever_holder(escalation, COPY, f"copy:{escalation.version}", due_at=now)


def fresh_link(escalation: Escalation, *, now: datetime) -> outbox.Mail:
    """After an answer that was not theirs: a link that whoever answered does not know."""
    return _to_lever_holder(escalation, FRESH_LINK, f"fresh:{escalation.generation}", due_at=now)


def _to_lever_holder(escalation: Escalation, kind: str, occasion: str, *, due_at: datetime) -> outbox.Mail:
    return outbox.Mail(
        dedupe_key=f"escalation:{escalation.pk}:{occasion}",
        kind=kind,
        to=escalation.lever_holder.email,
        params={
            "escalation": escalation.pk,
            "generation": escalation.generation,
            "version": escalation.version,
        },
        due_at=due_at,
        not_after=due_at + WITHIN,
    )


def news(escalation: Escalation, about: News, *, user_id: int, to: str, now: datetime) -> outbox.Mail:
    """Tells one of those who asked."""
    return outbox.Mail(
        dedupe_key=f"escalation:{escalation.pk}:{about}:{escalation.version}:{user_id}",
        kind=NEWS,
        to=to,
        params={"escalation": escalation.pk, "about": about.value, "version": escalation.version},
        due_at=next_working_moment(now),
        not_after=now + WITHIN,
    )


def _found(params: Mapping[str, Any]) -> Escalation:
    return Escalation.objects.select_related("problem__community", "lever_holder__organisation", "brief", "by").get(
        pk=params["escalation"]
    )


def _worded(template: str, subject: str, escalation: Escalation, **more: Any) -> outbox.Rendered:
    community = " ".join(escalation.problem.community.name.split())
    context = {
        "escalation": escalation,
        "problem": escalation.problem,
        "community": escalation.problem.community,
        "holder": escalation.lever_holder,
        "asked_by": escalation.by.name if escalation.by else f"The {community} community",
        "base_url": settings.BASE_URL.rstrip("/"),
        "portal_name": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTACT_EMAIL,
        "correction_days": settings.ANSWER_CORRECTION_DAYS,
        **more,
    }
    text = render_to_string(f"communities/mail/{template}.txt", context)
    return outbox.Rendered(subject=subject.format(community=community), text=text)


def _with_link(template: str, subject: str, params: Mapping[str, Any]) -> outbox.Rendered:
    escalation = _found(params)
    token = links.token_for(links.ESCALATION, escalation.pk, params["generation"])
    return _worded(template, subject, escalation, link=links.address(links.ESCALATION, token))


def render_brief(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _with_link("brief", "{community}: a problem that you can help with", params)


def render_reminder(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _with_link("brief_reminder", "{community}: may we ask again?", params)


def render_copy(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _with_link("brief_answered", "{community}: a copy of your answer", params)


def render_fresh_link(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _with_link("brief_fresh_link", "{community}: a new link for your answer", params)


def render_news(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    about, escalation = News(params["about"]), _found(params)
    words = {
        "about": about.value,
        "page": f"{settings.BASE_URL.rstrip('/')}{escalation.problem.get_absolute_url()}",
        "no_reply_days": settings.NO_REPLY_AFTER_DAYS,
    }
    return _worded("problem_news", SUBJECTS[about], escalation, **words)


def is_question_due(params: Mapping[str, Any]) -> bool:
    """While an answer is waited for behind this very link, and the community is there to read it."""
    waiting = Escalation.objects.waiting().exclude(problem__community__state=Community.State.CLOSED)
    return waiting.filter(pk=params["escalation"], generation=params["generation"]).exists()


def is_copy_due(params: Mapping[str, Any]) -> bool:
    """While this is the answer that stands."""
    return Escalation.objects.answered().filter(pk=params["escalation"], version=params["version"]).exists()


def is_fresh_link_due(params: Mapping[str, Any]) -> bool:
    """Until they have answered, or yet another link has gone out."""
    found = Escalation.objects.filter(pk=params["escalation"], generation=params["generation"])
    return found.filter(answered_at=None, withdrawn_at=None).exists()


def is_news_due(params: Mapping[str, Any]) -> bool:
    """While it is the latest news."""
    return Escalation.objects.filter(pk=params["escalation"], version=params["version"]).exists()


def register() -> None:
    """A reminder nobody can vouch for is held: better none than two."""
    outbox.register(outbox.MailKind(BRIEF, render_brief, is_question_due, "resend_once"))
    outbox.register(outbox.MailKind(REMINDER, render_reminder, is_question_due, "hold"))
    outbox.register(outbox.MailKind(COPY, render_copy, is_copy_due, "resend_once"))
    outbox.register(outbox.MailKind(FRESH_LINK, render_fresh_link, is_fresh_link_due, "resend_once"))
    outbox.register(outbox.MailKind(NEWS, render_news, is_news_due, "hold"))
