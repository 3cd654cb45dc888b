"""How a program, or a signed-in browser, says who it is."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from cop_portal.accounts import second_factor
from cop_portal.accounts.models import ApiToken, User
from cop_portal.accounts.services import tokens
from cop_portal.installation import clock


class SecondFactorRequired(exceptions.PermissionDenied):
    """Staff and administrators who have signed in, but without their second factor."""

    default_detail = second_factor.SENTENCE
    default_code = "second_factor_required"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`, a token made at /me/ and not revoked."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.owner_of(key.strip(), today=clock.today())
        if token is None:
            raise exceptions.AuthenticationFailed(
                "This token is not known, has ended or was revoked. Make a new one on your details page, /me/.",
                "token_not_known",
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with the CSRF token on every write and the second factor for those who need one."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is None or isinstance(found[0], AnonymousUser):
            return None
        if second_factor.is_missing(request._request):  # noqa: SLF001 - the session is Django's
            raise SecondFactorRequired
        return found

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as failure:
            raise exceptions.PermissionDenied(
                "A write with a browser’s session needs the CSRF token, in the header X-CSRFToken.", "csrf_failed"
            ) from failure
