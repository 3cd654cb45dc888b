"""What someone wants to be mailed: everything, or only what is theirs to do and what concerns their account."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from cop_portal import audit
from cop_portal.accounts.models import User


@transaction.atomic
def choose_mail(*, user: User, only_own: bool, by: User | None, now: datetime) -> None:
    """Sets what `user` is mailed from now on. Choosing what is already so changes nothing.

    `by` is None when it was said behind a personal link, without signing in.
    """
    if User.objects.filter(pk=user.pk, only_own_mail=not only_own).update(only_own_mail=only_own):
        user.only_own_mail = only_own
        audit.record(event="mail.declined" if only_own else "mail.wanted", by=by, target=user, at=now)


def declines(address: str) -> bool:
    """Whether the owner of this address wants no mail but about their own actions and their account."""
    found = EmailAddress.objects.filter(email__iexact=address, user__only_own_mail=True)
    return bool(found.exists())
