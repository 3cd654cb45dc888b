"""allauth's sign-in by code, with the code kept nowhere.

allauth keeps the code itself in the session. This process keeps a nonce there and works the code out when it is
compared. It leans on allauth's internals, which is why the version of allauth is pinned and
tests/accounts/test_sign_in_by_code.py goes through every step.
"""

from typing import Any, Self

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.http import HttpRequest

from cop_portal.accounts import sign_in_code
from cop_portal.accounts.adapter import CODE_MAIL
from cop_portal.accounts.models import User


class SignInByCode(LoginCodeVerificationProcess):
    """One code asked for in one browser. Its state lives in that browser's session."""

    @classmethod
    def begin(cls, *, request: HttpRequest, user: User | None, email: str) -> Self:
        """Mails a code to `email` if someone has that address, and waits for it in this browser either way."""
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def waiting_in(cls, request: HttpRequest) -> Self | None:
        """The code this browser has asked for, expired or not; None if it has asked for none."""
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        return cls(stage=stage) if stage else None

    @property
    def code(self) -> str:
        """Empty, which no entry matches, for an address that nobody has."""
        return sign_in_code.code_for(self.state["nonce"], self.state["email"]) if self.user else ""

    @property
    def tries_left(self) -> int:
        return max(0, self.max_attempts - int(self.state["failed_attempts"]))

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        self.state["nonce"] = sign_in_code.new_nonce()
        context: dict[str, Any] = {"nonce": self.state["nonce"], "user": self.user}
        get_adapter().send_mail(CODE_MAIL, email, context)
