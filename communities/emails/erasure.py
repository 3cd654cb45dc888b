"""What someone who asked for erasure is told: that it is waiting, that it was declined and why, that it is done."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from communities.models import ErasureRequest, Person
from cop_portal import outbox

ASKED = "communities.erasure_asked"
ANSWERED = "communities.erasure_answered"
DONE = "communities.erasure_done"
TOLD_WITHIN = timedelta(days=7)
SUBJECTS = {
    ASKED: "You asked for your data to be erased",
    ANSWERED: "About erasing your data",
    DONE: "Your data have been erased",
}


def erasure_asked(request: ErasureRequest, *, to: str, now: datetime) -> outbox.Mail:
    return _mail(ASKED, f"erasure:{request.pk}:asked", {"request": request.pk}, to=to, now=now)


def erasure_answered(request: ErasureRequest, *, to: str, now: datetime) -> outbox.Mail:
    return _mail(ANSWERED, f"erasure:{request.pk}:answered", {"request": request.pk}, to=to, now=now)


def erasure_done(person: Person, *, to: str, now: datetime) -> outbox.Mail:
    """The last mail. Its row is forgotten soon afterwards, since nothing else holds the address."""
    return _mail(DONE, done_key(person.pk), {"person": person.pk}, to=to, now=now)


def done_key(person_id: int) -> str:
    """How the row of someone's last mail is called."""
    return f"erased:{person_id}:done"


def _mail(kind: str, key: str, params: Mapping[str, outbox.JSON], *, to: str, now: datetime) -> outbox.Mail:
    return outbox.Mail(dedupe_key=key, kind=kind, to=to, params=params, due_at=now, not_after=now + TOLD_WITHIN)


def _render(kind: str) -> Callable[[dict[str, Any], str], outbox.Rendered]:
    template = f"communities/mail/{kind.removeprefix('communities.')}.txt"

    def render(params: dict[str, Any], to: str) -> outbox.Rendered:
        asked = ErasureRequest.objects.select_related("person__user").filter(pk=params.get("request") or 0).first()
        words = {
            "request": asked,
            "portal_name": settings.PORTAL_NAME,
            "contact": settings.CONTACT_EMAIL,
            "base_url": settings.BASE_URL.rstrip("/"),
        }
        return outbox.Rendered(subject=SUBJECTS[kind], text=render_to_string(template, words))

    return render


def _is_waiting(params: Mapping[str, Any]) -> bool:
    return ErasureRequest.objects.waiting().filter(pk=params["request"]).exists()


def _was_declined(params: Mapping[str, Any]) -> bool:
    return ErasureRequest.objects.filter(pk=params["request"], state=ErasureRequest.State.DECLINED).exists()


def _was_erased(params: Mapping[str, Any]) -> bool:
    return Person.objects.exclude(erased_on=None).filter(pk=params["person"]).exists()


def register() -> None:
    for kind, is_due in ((ASKED, _is_waiting), (ANSWERED, _was_declined), (DONE, _was_erased)):
        outbox.register(outbox.MailKind(name=kind, render=_render(kind), is_still_due=is_due, in_doubt="resend_once"))
