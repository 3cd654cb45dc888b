"""Mail to those asked about the end of the key to their pseudonyms, where a legal hold delayed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from communities.models import Person
from communities.working_days import next_working_moment
from cop_portal import outbox
from evaluations.emails.words import one_line, portal_words
from evaluations.models import PseudonymKey, Survey

DELAYED = "evaluations.key_delayed"
ENDED = "evaluations.key_ended"
TOLD_WITHIN = timedelta(days=28)


class KeyMail(Protocol):
    def __call__(self, key: PseudonymKey, *, person: Person, to: str, now: datetime) -> outbox.Mail: ...


def key_delayed(key: PseudonymKey, *, person: Person, to: str, now: datetime) -> outbox.Mail:
    """Tells someone that what was promised to end on a day has not, and why."""
    return _mail(DELAYED, key, person=person, to=to, now=now)


def key_ended(key: PseudonymKey, *, person: Person, to: str, now: datetime) -> outbox.Mail:
    """Tells someone who was told of a delay that it is over."""
    return _mail(ENDED, key, person=person, to=to, now=now)


def _mail(kind: str, key: PseudonymKey, *, person: Person, to: str, now: datetime) -> outbox.Mail:
    return outbox.Mail(
        dedupe_key=f"{kind}:{key.pk}:{person.pk}",
        kind=kind,
        to=to,
        params={"key": key.pk, "person": person.pk},
        due_at=next_working_moment(now),
        not_after=now + TOLD_WITHIN,
    )


def render_key_delayed(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _rendered("key_delayed", "{community}: a date we gave you has moved", params)


def render_key_ended(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    return _rendered("key_ended", "{community}: your answers can no longer be traced to you", params)


def _rendered(template: str, subject: str, params: Mapping[str, Any]) -> outbox.Rendered:
    key = PseudonymKey.objects.select_related("community").get(pk=params["key"])
    surveys = Survey.objects.filter(pseudonym_key=key).select_related("version").order_by("opened_at", "pk")
    context = {
        **portal_words(),
        "name": Person.objects.select_related("user").get(pk=params["person"]).name,
        "key": key,
        "community": key.community.name,
        "titles": sorted({survey.version.title for survey in surveys}),
        "link": f"{settings.BASE_URL.rstrip('/')}{reverse('evaluations:own-answers')}",
    }
    return outbox.Rendered(
        subject=one_line(subject.format(community=key.community.name)),
        text=render_to_string(f"evaluations/mail/{template}.txt", context),
    )


def is_key_delayed_due(params: Mapping[str, Any]) -> bool:
    """While the hold lasts, and they have not been erased."""
    return PseudonymKey.objects.living().held().filter(pk=params["key"]).exists() and _is_known(params)


def is_key_ended_due(params: Mapping[str, Any]) -> bool:
    return _is_known(params)


def _is_known(params: Mapping[str, Any]) -> bool:
    return Person.objects.known().filter(pk=params["person"]).exists()


def register() -> None:
    outbox.register(outbox.MailKind(DELAYED, render_key_delayed, is_key_delayed_due, "resend_once"))
    outbox.register(outbox.MailKind(ENDED, render_key_ended, is_key_ended_due, "hold"))
