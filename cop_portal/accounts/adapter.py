"""Where allauth meets the portal: no sign-up, mail through the outbox, the portal's words, the portal's sign-in log."""

import time
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse

from cop_portal import outbox
from cop_portal.accounts import emails, secrets_at_rest
from cop_portal.accounts.models import SignIn
from cop_portal.accounts.services.sign_ins import note_sign_in
from cop_portal.installation import clock

CODE_MAIL = "account/email/login_code"
MESSAGES = {
    "account/messages/password_changed.txt": "Your password has been changed.",
    "account/messages/password_set.txt": "Your password has been set.",
    "account/messages/logged_out.txt": "You have signed out.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app has been removed.",
    "mfa/messages/recovery_codes_generated.txt": "You have new recovery codes. The old ones no longer work.",
}


class PortalAccountAdapter(DefaultAccountAdapter):
    """allauth's account hooks."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is not in use any more.",
        "email_password_mismatch": "The email address or the password is not right.",
        "enter_current_password": "The current password is not right.",
        "incorrect_code": "That code is not right. Check the mail and type it again.",
        "incorrect_password": "That password is not right.",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, then try again.",
        "rate_limited": "Too many tries. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by facilitators and staff; nobody adds themselves."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail leaves by the outbox only, and the only mail of allauth's that exists here is the one with a code."""
        if template_prefix != CODE_MAIL:
            raise ImproperlyConfigured(f"The portal sends no such mail: {template_prefix}")
        mail = emails.sign_in_code_mail(nonce=context["nonce"], email=email, user=context["user"], now=clock.now())
        outbox.enqueue(mail)

    def add_message(  # noqa: PLR0917 - allauth's signature
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Says what the portal has words for, and nothing else."""
        words = message or MESSAGES.get(message_template or "")
        if words:
            super().add_message(request, level, extra_tags=extra_tags, message=words)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Signs in, after every factor asked for, and notes it in the sign-in log."""
        super().login(request, user)
        methods = {record["method"] for record in get_authentication_records(request, user)}
        how = SignIn.How.CODE if "code" in methods else SignIn.How.PASSWORD
        note_sign_in(user=user, how=how, with_second_factor="mfa" in methods, now=clock.now())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in need not do it again."""
        request = self.request
        latest = max((record["at"] for record in get_authentication_records(request, request.user)), default=0)
        return time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:me")


class PortalMFAAdapter(DefaultMFAAdapter):
    """allauth's hooks for the second factor: its secrets are encrypted in the database."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right. Type the code that the app shows now.",
    }

    def encrypt(self, text: str) -> str:
        return secrets_at_rest.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets_at_rest.decrypt(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        address: str | None = user.emailaddress_set.order_by("-primary", "pk").values_list("email", flat=True).first()
        return address or str(user)
