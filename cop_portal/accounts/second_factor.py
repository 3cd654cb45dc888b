"""The second factor: who needs one, and whether this session has had it."""

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

SENTENCE = "Staff and administrators need a second factor. Sign in with a code from your authenticator app first."


def is_passed(request: HttpRequest) -> bool:
    """Whether the person gave a code of their authenticator app, or a recovery code, in this session."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return any(record.get("method") == "mfa" for record in records)


def is_missing(request: HttpRequest) -> bool:
    """Whether the person signed in must have a second factor and has not given it in this session."""
    user = request.user
    return bool(user.is_authenticated and user.is_hin_staff and not is_passed(request))
