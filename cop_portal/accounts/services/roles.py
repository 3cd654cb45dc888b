"""Platform roles: who is HIN staff and who is an administrator."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class NoSuchRole(Refusal):
    """The platform knows staff and administrators; other roles are held in communities."""


class NobodyOfThatAddress(Refusal):
    """A role is given to someone who is known already."""


class AccountNotInUse(Refusal):
    """A closed account holds no role."""


class RoleAlreadyHeld(Conflict):
    """A role is given once."""


class LastAdministrator(Conflict):
    """Someone must be able to give roles."""


@transaction.atomic
def set_platform_role(*, user: User | None, role: str, by: User, now: datetime) -> User:
    """Gives someone a platform role, or takes it away (`role` empty).

    All their sessions end: the next one begins under the rules of the new role, second factor included.
    """
    if role not in User.Role.values:
        raise NoSuchRole("Choose HIN staff or administrator.", code="no_such_role")
    if user is None:
        raise NobodyOfThatAddress(
            "Nobody here has this address. Add the person first, or check how it is written.",
            code="nobody_of_that_address",
        )
    # All administrators are held, so that two of them cannot take the role from each other at once.
    administrators = User.objects.select_for_update().filter(role=User.Role.ADMINISTRATOR, is_active=True)
    held = {administrator.pk for administrator in administrators.order_by("pk")}
    user = User.objects.select_for_update().get(pk=user.pk)
    _refuse(user, role, held)
    User.objects.filter(pk=user.pk).update(role=role, session_generation=F("session_generation") + 1)
    audit.record(event=f"role.{role}_given" if role else "role.taken", by=by, target=user, at=now)
    user.refresh_from_db()
    return user


def _refuse(user: User, role: str, administrators: set[int]) -> None:
    if role and not user.is_active:
        raise AccountNotInUse("This account is not in use any more, so it cannot hold a role.", code="not_in_use")
    if user.role == role:
        words = f"{user.name} is already {user.get_role_display()}." if role else f"{user.name} holds no such role."
        raise RoleAlreadyHeld(words, code="role_already_held")
    if administrators == {user.pk}:
        raise LastAdministrator(
            f"{user.name} is the only administrator. Make someone else administrator first.",
            code="last_administrator",
        )
