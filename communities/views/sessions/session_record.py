"""What a held session left behind, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from communities.models import (
    Action,
    Attendance,
    Commitment,
    Decision,
    Guest,
    LearningPoint,
    Problem,
    Resource,
    Session,
)
from communities.permissions import Permission
from cop_portal.accounts.models import User


@dataclass(frozen=True)
class SessionRecord:
    """The parts of the page. Without names, lists of people are empty and notes are left out."""

    attendance: list[tuple[str, list[str]]]
    guests: list[Guest]
    learning_points: list[LearningPoint]
    decisions: list[Decision]
    actions: list[Action]
    commitments: list[Commitment]
    problems: list[Problem]
    resources: list[Resource]
    head_count: int | None
    notes: str
    private_note: str


def record_of(session: Session, *, user: User, may: Callable[[Permission], bool]) -> SessionRecord | None:
    """What stands in the record of a held session; None for any other."""
    if session.state != Session.State.HELD:
        return None

    def seen(rows: Any) -> Any:
        return rows.visible_to(user).filter(session=session)

    sees_names = may(Permission.SEE_NAMES)
    return SessionRecord(
        attendance=_attendance(session) if sees_names else [],
        guests=list(Guest.objects.filter(session=session).order_by("position", "pk")) if sees_names else [],
        learning_points=list(seen(LearningPoint.objects).in_order()),
        decisions=list(seen(Decision.objects).order_by("pk")),
        actions=list(seen(Action.objects).soonest_first().select_related("owner__user")),
        commitments=list(seen(Commitment.objects).order_by("pk").select_related("person__user")),
        problems=list(seen(Problem.objects).order_by("pk").select_related("community")),
        resources=list(seen(Resource.objects).order_by("pk")),
        head_count=session.head_count if sees_names else None,
        notes=session.notes if sees_names else "",
        private_note=session.private_note if may(Permission.RECORD_SESSION) else "",
    )


def _attendance(session: Session) -> list[tuple[str, list[str]]]:
    """Who came, by how; those not known come last."""
    marked = session.attendances.order_by("membership__person__user__name", "pk")
    names: dict[str, list[str]] = {}
    for status, name in marked.values_list("status", "membership__person__user__name"):
        names.setdefault(status, []).append(name)
    return [(status.label, names[status]) for status in Attendance.Status if status in names]
