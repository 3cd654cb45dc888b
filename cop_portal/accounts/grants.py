"""Who may do what: each app registers its grants table here, and one backend answers from them.

A table names, for each permission, the roles that hold it. Administrators and HIN staff hold a role everywhere;
facilitators, sponsors and members hold theirs in their own communities only. Nothing is granted that no table names.
"""

import logging
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from django.apps import apps
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

logger = logging.getLogger(__name__)


class Role(StrEnum):
    """What a person can be. The first two hold everywhere, the others in a community."""

    ADMINISTRATOR = "administrator"
    STAFF = "staff"
    FACILITATOR = "facilitator"
    SPONSOR = "sponsor"
    MEMBER = "member"


PLATFORM_ROLES = frozenset({Role.ADMINISTRATOR, Role.STAFF})
WORDS = {
    Role.MEMBER: "members",
    Role.SPONSOR: "sponsors",
    Role.FACILITATOR: "facilitators",
    Role.STAFF: "HIN staff",
    Role.ADMINISTRATOR: "administrators",
}

CommunityRoles: TypeAlias = Mapping[int, AbstractSet[Role]]

_table: dict[str, frozenset[Role]] = {}
_sentences: dict[str, str] = {}
_reference_data: set[str] = set()
_community_roles: list[Callable[["User"], CommunityRoles]] = []


class UnknownPermissionError(LookupError):
    """A permission that no grants table names: a spelling mistake, or an app that forgot to register."""


def register(table: Mapping[str, frozenset[Role]], *, sentences: Mapping[str, str] | None = None) -> None:
    """Adds an app's grants table, and what is said to people whom a permission refuses (see `refusal`)."""
    for permission, roles in table.items():
        if _table.get(permission, roles) != roles:
            raise ImproperlyConfigured(f"Two grants tables disagree about {permission}.")
        _table[str(permission)] = roles
    _sentences.update({str(permission): words for permission, words in (sentences or {}).items()})


def register_community_roles(roles_of: Callable[["User"], CommunityRoles]) -> None:
    """Names the function that says which roles a user holds in which communities, in one query."""
    _community_roles[:] = [roles_of]


def register_reference_data(*models: type[Model]) -> None:
    """Names the models that administrators may change in the admin. Everything else there is read-only."""
    _reference_data.update(model._meta.label_lower for model in models)


def is_reference_data(model: type[Model]) -> bool:
    return model._meta.label_lower in _reference_data


def table() -> Mapping[str, frozenset[Role]]:
    """All grants, as one table."""
    return dict(_table)


def refusal(permission: str) -> str:
    """One sentence for a person who lacks `permission`. Without a registered one it says who may."""
    if permission in _sentences:
        return _sentences[permission]
    roles = _table.get(permission, frozenset())
    who = [words for role, words in WORDS.items() if role in roles]
    if not who:
        return "You do not have access to this."
    if not roles <= PLATFORM_ROLES:
        who[0] = f"this community’s {who[0]}"
    listed = f"{', '.join(who[:-1])} and {who[-1]}" if len(who) > 1 else who[0]
    return f"Only {listed} can do this."


def community_roles(user: "User") -> CommunityRoles:
    """The user's roles by community. Asked once, then kept on the user object for the length of the request."""
    cached: CommunityRoles | None = user.roles_by_community
    if cached is None:
        cached = user.roles_by_community = _community_roles[0](user) if _community_roles else {}
    return cached


def _community_id(obj: Model) -> int:
    """The community that `obj` is, or belongs to."""
    if obj._meta.model_name == "community":
        return int(obj.pk)
    community_id: int | None = getattr(obj, "community_id", None)
    if community_id is None:
        raise TypeError(f"Permissions are asked about a community or something in one, not {obj._meta.label}.")
    return community_id


def _admin_grant(user: "User", permission: str) -> bool | None:
    """Django's admin asks for app.view_model and the like: None when `permission` is not of that kind."""
    app_label, _, codename = permission.partition(".")
    action, _, model_name = codename.partition("_")
    if action not in ("view", "add", "change", "delete"):
        return None
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError:
        return None
    return user.is_administrator and (action == "view" or is_reference_data(model))


class GrantsBackend(BaseBackend):
    """Answers `has_perm` from the grants tables. It signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return False
        roles = _table.get(perm)
        if roles is None:
            granted = _admin_grant(user_obj, perm)
            if granted is None:
                if settings.IS_TEST:
                    raise UnknownPermissionError(f"No grants table names {perm!r}.")
                logger.error("No grants table names the permission %s: refused.", perm)
            return bool(granted)
        if user_obj.role in roles & PLATFORM_ROLES:
            return True
        if obj is None or roles <= PLATFORM_ROLES:
            return False
        return not roles.isdisjoint(community_roles(user_obj).get(_community_id(obj), frozenset()))
