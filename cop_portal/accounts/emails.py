"""The mail that accounts send: the code to sign in with, the code that proves an address, and that mail moved on."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string

from cop_portal import outbox
from cop_portal.accounts import sign_in_code
from cop_portal.accounts.models import AddressClaim, User

SIGN_IN_CODE = "accounts.sign_in_code"
ADDRESS_CODE = "accounts.address_code"
PRIMARY_MOVED = "accounts.primary_moved"
TOLD_WITHIN = timedelta(days=3)
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


def address_code_mail(claim: AddressClaim, *, now: datetime) -> outbox.Mail:
    """The mail with the code that proves an address."""
    return outbox.Mail(
        dedupe_key=f"{ADDRESS_CODE}:{claim.pk}",
        kind=ADDRESS_CODE,
        to=claim.email,
        params={"claim": claim.pk},
        due_at=now,
        not_after=claim.ends_at,
    )


def _render_address_code(params: dict[str, Any], to: str) -> outbox.Rendered:
    claim = AddressClaim.objects.select_related("user").get(pk=params["claim"])
    context = {
        "code": sign_in_code.code_for(claim.nonce, to),
        "minutes": int(sign_in_code.LIFE.total_seconds() // 60),
        "portal_name": settings.PORTAL_NAME,
        "contact": settings.CONTACT_EMAIL,
    }
    return outbox.Rendered(
        subject=f"Confirm this address for {settings.PORTAL_NAME}",
        text=render_to_string("accounts/mail/address_code.txt", context),
    )


def _is_address_code_due(params: dict[str, Any]) -> bool:
    """Not once the code has been used, nor for someone who may no longer sign in."""
    return AddressClaim.objects.filter(pk=params["claim"], is_used=False, user__is_active=True).exists()


def primary_moved_mail(user: User, *, before: EmailAddress, now: datetime) -> outbox.Mail:
    """Tells the address that mail went to so far. Never where it goes instead: someone else may read this one now."""
    return outbox.Mail(
        dedupe_key=f"{PRIMARY_MOVED}:{before.pk}:{now.isoformat()}",
        kind=PRIMARY_MOVED,
        to=before.email,
        params={"user": user.pk},
        due_at=now,
        not_after=now + TOLD_WITHIN,
    )


def _render_primary_moved(params: dict[str, Any], to: str) -> outbox.Rendered:
    user = User.objects.get(pk=params["user"])
    context = {"name": user.name, "portal_name": settings.PORTAL_NAME, "contact": settings.CONTACT_EMAIL}
    return outbox.Rendered(
        subject=f"Mail from {settings.PORTAL_NAME} no longer comes to this address",
        text=render_to_string("accounts/mail/primary_moved.txt", context),
    )


KINDS = (
    outbox.MailKind(
        name=SIGN_IN_CODE, render=_render, is_still_due=_is_still_due, in_doubt="resend_once", ignores_pauses=True
    ),
    outbox.MailKind(
        name=ADDRESS_CODE,
        render=_render_address_code,
        is_still_due=_is_address_code_due,
        in_doubt="resend_once",
        ignores_pauses=True,
    ),
    outbox.MailKind(
        name=PRIMARY_MOVED, render=_render_primary_moved, is_still_due=_is_still_due, in_doubt="resend_once"
    ),
)
