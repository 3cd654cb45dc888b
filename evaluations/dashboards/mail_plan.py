"""The mail that is planned for someone: a row for each request that surveys still mean to send."""

from dataclasses import dataclass
from datetime import datetime

from cop_portal.accounts.models import User
from evaluations.models import PlannedRequest, Survey


@dataclass(frozen=True)
class PlannedMail:
    due_at: datetime
    what: str
    community: str


def mail_plan_of(user: User, *, now: datetime) -> list[PlannedMail]:
    """In order of their dates. One query. Planned for everyone asked alike: whether they have answered is not in it."""
    requests = (
        PlannedRequest.objects.waiting()
        .filter(
            invitation__person__user=user,
            invitation__is_stopped=False,
            invitation__survey__state=Survey.State.OPEN,
            due_at__gte=now,
        )
        .select_related("invitation__survey__version", "invitation__survey__community")
        .order_by("due_at", "pk")
    )
    return [
        PlannedMail(
            due_at=request.due_at,
            what=f"{request.get_kind_display()}: {request.invitation.survey.version.title}",
            community=request.invitation.survey.community.name,
        )
        for request in requests
    ]
