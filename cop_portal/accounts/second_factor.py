"""The second factor: who needs one, and whether this session has had it."""

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

SENTENCE = "Staff and administrators need a second factor. Set up your authenticator app, or give its code, first."


def is_set_up(request: HttpRequest) -> bool:
    """Whether the person signed in has an authenticator app."""
    return bool(Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.TOTP).exists())


def is_passed(request: HttpRequest) -> bool:
    """Whether the person gave a code of their authenticator app, or a recovery code, in this session."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def is_missing(request: HttpRequest) -> bool:
    """Whether the person signed in must have a second factor and has not given it in this session."""
    user = request.user
    return bool(user.is_authenticated and user.is_hin_staff and not is_passed(request))


def note_passed(request: HttpRequest) -> None:
    """Remembers, for this session, that the second factor was given."""
    record_authentication(request, request.user, "mfa", type="totp")


def forget_passed(request: HttpRequest) -> None:
    """Takes that back: the authenticator app was removed."""
    records = get_authentication_records(request, request.user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [r for r in records if r.get("method") != "mfa"]
