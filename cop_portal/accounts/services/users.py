"""Accounts: made with an address, found by it, given another name or password."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Stale


class DetailsChangedMeanwhile(Stale):
    """Two people changing the same details never overwrite each other."""


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
def rename_user(*, user: User, name: str, version: int, by: User, now: datetime) -> None:
    """Corrects a name. It is kept once, so that it changes wherever it is shown."""
    take_turn(user, version)
    User.objects.filter(pk=user.pk).update(name=" ".join(name.split()))
    audit.record(event="user.renamed", by=by, target=user, at=now)


def take_turn(user: User, version: int) -> None:
    """Moves someone's details to their next version, or refuses because they changed since `version` was read."""
    if not User.objects.filter(pk=user.pk, version=version).update(version=F("version") + 1):
        raise DetailsChangedMeanwhile(
            "These details have been changed since you opened this page. What you typed is still here: "
            "if it still holds, save again.",
            code="details_changed_meanwhile",
        )
    user.version = version + 1


@transaction.atomic
def remove_password(*, user: User, by: User, now: datetime) -> None:
    """Takes the password away: from now on its owner signs in by a code only."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record(event="user.password_removed", by=by, target=user, at=now)
