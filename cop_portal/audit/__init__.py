"""The trail: `record` is its only writer."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Model

if TYPE_CHECKING:
    from cop_portal.accounts.models import User
    from cop_portal.audit.models import AuditEntry

__all__ = ["record"]


def record(*, event: str, by: "User | None", target: Model, at: datetime) -> "AuditEntry":
    """Records that `by` (None: the portal itself) did `event` to `target`, in the caller's transaction.

    Identifiers only. Entries are chained: writers wait for one another until the earlier transaction ends.
    """
    from cop_portal.audit.chain import append

    return append(event=event, by=by, target=target, at=at)
