"""How django-axes, which counts wrong passwords, is told about sign-in by address."""

from collections.abc import Mapping
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SENTENCE = "Too many wrong passwords for this address. Wait 15 minutes, or sign in by a code now."


def address_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The address a password was tried for, in one spelling: known and unknown ones are counted alike."""
    tried = (credentials or {}).get("email") or request.POST.get("login") or (credentials or {}).get("username") or ""
    return str(tried).strip().lower()


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The answer while passwords are not taken for an address."""
    return render(request, "account/code_is_over.html", {"why": SENTENCE}, status=429)


class AddressOnlyHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts wrong passwords by the address they were tried for, and keeps nothing of where they came from."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is not None:
            # What django-axes read from the request before it asks its handler to write it down.
            request.axes_ip_address = None  # type: ignore[attr-defined]
            request.axes_user_agent = ""  # type: ignore[attr-defined]
            request.axes_http_accept = ""  # type: ignore[attr-defined]
        super().user_login_failed(sender, credentials, request, **kwargs)
