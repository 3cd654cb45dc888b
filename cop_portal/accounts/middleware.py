"""What every request of someone signed in passes: the end of a session, and the second factor.

Pages behind a link (`is_link_page`, see access.py) pass untouched: neither user nor session is looked at, and no
cookie is set.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from cop_portal.accounts import second_factor
from cop_portal.accounts.access import is_api_view, is_link_page, view_attribute

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# How often the time of last activity is written: not at every request.
NOTED_EVERY = 60


def start_session_clock(request: HttpRequest, **_: Any) -> None:
    """Receives Django's user_logged_in: from here on the session's age and idleness are measured."""
    request.session["signed_in_at"] = request.session["last_seen_at"] = time.time()


def _why_ended(request: HttpRequest, now: float) -> str | None:
    """Why this session is over, in a sentence, or None while it is not."""
    if now - request.session.get("signed_in_at", 0) > settings.SESSION_COOKIE_AGE:
        return "You were signed out: a session lasts 12 hours. Sign in again."
    idle = settings.STAFF_IDLE_MINUTES
    if request.user.is_hin_staff and now - request.session.get("last_seen_at", 0) > idle * 60:  # type: ignore[union-attr]
        return f"You were signed out after {idle} minutes without activity. Sign in again."
    return None


def _is_page(view: Callable[..., Any]) -> bool:
    """Whether the address of a form is also the address of its page."""
    return hasattr(getattr(view, "view_class", None), "get")


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads to sign-in whoever is not signed in, unless the view is public. Django's own asks who it is even then."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        return None if is_link_page(view) else super().process_view(request, view, args, kwargs)


class SessionEndMiddleware:
    """Ends sessions after 12 hours, and those of staff after 30 minutes without activity. Measured on the real clock,
    in a demo too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if is_link_page(view) or not request.user.is_authenticated:
            return None
        now = time.time()
        why = _why_ended(request, now)
        if why is None:
            if now - request.session["last_seen_at"] > NOTED_EVERY:
                request.session["last_seen_at"] = now
            return None
        logout(request)
        if is_api_view(view):
            return None
        messages.info(request, why)
        # Also after a form: what was typed into it has been kept, and is put back when its page is opened again.
        back = {"next": request.get_full_path()} if request.method in SAFE_METHODS or _is_page(view) else {}
        return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{urlencode(back)}")


class SecondFactorMiddleware:
    """Leads staff who have not given their second factor to the page that asks for it. Nothing else opens until then.

    Views that must open say `allows_missing_second_factor = True`. API views answer for themselves
    (api/authentication.py).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if is_link_page(view) or is_api_view(view) or view_attribute(view, "allows_missing_second_factor", False):
            return None
        if not second_factor.is_missing(request):
            return None
        if request.method not in SAFE_METHODS:
            raise PermissionDenied(second_factor.SENTENCE)
        page = "mfa_reauthenticate" if second_factor.is_set_up(request) else "mfa_activate_totp"
        return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")
