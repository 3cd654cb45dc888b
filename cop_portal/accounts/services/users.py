"""Accounts: made with an address, found by it, given another name or password."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from cop_portal import audit
from cop_portal.accounts.models import User


def find_user(email: str) -> User | None:
    """The user with this address, in whatever case it is written."""
    address = EmailAddress.objects.filter(email=email.strip().lower()).select_related("user").order_by("pk").first()
    return address.user if address else None


@transaction.atomic
def create_user(*, name: str, email: str, by: User | None, now: datetime, role: str = "") -> User:
    """Makes an account without a password: its owner signs in by a code sent to `email`, which nobody has yet."""
    user = User.objects.create_user(name=name, role=role)
    EmailAddress.objects.create(user=user, email=email.strip().lower(), primary=True, verified=False)
    audit.record(event="user.created", by=by, target=user, at=now)
    return user


@transaction.atomic
def rename_user(*, user: User, name: str, by: User, now: datetime) -> None:
    """Corrects a name. It is kept once, so that it changes wherever it is shown."""
    User.objects.filter(pk=user.pk).update(name=name)
    audit.record(event="user.renamed", by=by, target=user, at=now)


@transaction.atomic
def remove_password(*, user: User, by: User, now: datetime) -> None:
    """Takes the password away: from now on its owner signs in by a code only."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record(event="user.password_removed", by=by, target=user, at=now)
