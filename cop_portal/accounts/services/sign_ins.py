"""The sign-in log, and ending all of someone's sessions."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from cop_portal import audit
from cop_portal.accounts.models import SignIn, User

KEPT_FOR = timedelta(days=365)


def note_sign_in(*, user: User, how: SignIn.How, with_second_factor: bool, now: datetime) -> SignIn:
    """Notes that `user` signed in: when and how, never from where."""
    return SignIn.objects.create(user=user, at=now, how=how, with_second_factor=with_second_factor)


def past_keeping(*, now: datetime) -> QuerySet[SignIn]:
    """The sign-ins that are older than a year, for review."""
    return SignIn.objects.filter(at__lt=now - KEPT_FOR)


@transaction.atomic
def sign_out_everywhere(*, user: User, by: User, now: datetime) -> None:
    """Ends every session of `user`, in every browser, at its next request. Tokens of the API are revoked one by one."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    audit.record(event="user.signed_out_everywhere", by=by, target=user, at=now)
