"""The mail that accounts send: the code to sign in with."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from cop_portal import outbox
from cop_portal.accounts import sign_in_code
from cop_portal.accounts.models import User

SIGN_IN_CODE = "accounts.sign_in_code"
NOBODY = "nobody@portal.invalid"


def sign_in_code_mail(*, nonce: str, email: str, user: User | None, now: datetime) -> outbox.Mail:
    """The mail with a code. An address nobody has gets a row that is never due, so that asking takes the same work
    for all."""
    return outbox.Mail(
        dedupe_key=f"{SIGN_IN_CODE}:{nonce}",
        kind=SIGN_IN_CODE,
        to=email if user else NOBODY,
        params={"nonce": nonce, "user": user.pk if user else None},
        due_at=now,
        not_after=now + sign_in_code.LIFE,
    )


def _render(params: dict[str, Any], to: str) -> outbox.Rendered:
    code = sign_in_code.code_for(params["nonce"], to)
    context = {
        "code": code,
        "minutes": int(sign_in_code.LIFE.total_seconds() // 60),
        "portal_name": settings.PORTAL_NAME,
    }
    return outbox.Rendered(
        subject=f"Your code for {settings.PORTAL_NAME}",
        text=render_to_string("accounts/mail/sign_in_code.txt", context),
    )


def _is_still_due(params: dict[str, Any]) -> bool:
    """Only to someone who has an account in use."""
    user = params["user"]
    return user is not None and User.objects.filter(pk=user, is_active=True).exists()


KINDS = (
    outbox.MailKind(
        name=SIGN_IN_CODE, render=_render, is_still_due=_is_still_due, in_doubt="resend_once", ignores_pauses=True
    ),
)
