"""What accounts allow, and to whom."""

from enum import StrEnum

from cop_portal.accounts.grants import Role


class Permission(StrEnum):
    """The verbs of this room that need a role."""

    MANAGE_ACCOUNTS = "accounts.manage_accounts"


GRANTS: dict[str, frozenset[Role]] = {Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR})}
