"""How django-axes, which counts wrong passwords, is told about sign-in by address."""

from collections.abc import Mapping
from typing import Any

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
