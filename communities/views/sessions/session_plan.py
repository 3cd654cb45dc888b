"""What a session's page says of its plan: the agenda, who means to come, and what its reader may change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from communities.models import AgendaItem, Membership, Reply, Session
from communities.permissions import Permission
from cop_portal.accounts.models import User

WORDS = {
    Reply.Answer.COMING: "coming",
    Reply.Answer.NOT_COMING: "not coming",
    Reply.Answer.UNSURE: "do not know yet",
}


@dataclass(frozen=True)
class SessionPlan:
    """As one reader may see it."""

    is_ahead: bool
    asks: bool
    answer: str
    shows_agenda: bool
    agenda: list[AgendaItem]
    counts: str
    names: list[tuple[str, list[str]]]
    can_propose: bool
    can_arrange: bool
    can_move: bool
    can_edit: bool
    can_plan_again: bool


def plan_of(session: Session, *, user: User, may: Callable[[Permission], bool], now: datetime) -> SessionPlan:
    """Four queries at most: the agenda, the reader's membership, the replies, the number of members."""
    is_planned = session.state == Session.State.PLANNED
    is_ahead = is_planned and session.starts_at > now
    agenda = list(AgendaItem.objects.on_agenda_of(session))
    # Asked of the members only: administrators and staff may do everything, but they are not all invited.
    asks = is_ahead and Membership.objects.current().filter(community=session.community, person__user=user).exists()
    sees_replies = is_ahead and may(Permission.SEE_REPLIES)
    said = _said(session) if sees_replies or asks else []
    is_cancelled = session.state == Session.State.CANCELLED
    return SessionPlan(
        is_ahead=is_ahead,
        asks=asks,
        answer=next((reply.answer for reply in said if reply.membership.person.user_id == user.pk), ""),
        shows_agenda=not is_cancelled and (is_planned or bool(agenda)),
        agenda=agenda,
        counts=counts_words(session, said) if sees_replies else "",
        names=_by_answer(said) if sees_replies else [],
        can_propose=is_ahead and may(Permission.PROPOSE_AGENDA_ITEM),
        can_arrange=may(Permission.ARRANGE_AGENDA),
        can_move=is_planned and may(Permission.MOVE_SESSION),
        can_edit=not is_cancelled and may(Permission.EDIT_SESSION),
        can_plan_again=is_cancelled and may(Permission.PLAN_SESSION),
    )


def _said(session: Session) -> list[Reply]:
    replies = Reply.objects.filter(session=session, membership__ends_on=None).said()
    return list(replies.select_related("membership__person__user").order_by("membership__person__user__name", "pk"))


def counts_words(session: Session, said: list[Reply]) -> str:
    """“7 coming, 2 not coming, 1 do not know yet, 9 have not said.”"""
    members = Membership.objects.current().filter(community=session.community_id).count()
    numbers = [(sum(reply.answer == answer for reply in said), words) for answer, words in WORDS.items()]
    counted = [*numbers, (members - len(said), "have not said")]
    return f"{', '.join(f'{number} {words}' for number, words in counted)}."


def _by_answer(said: list[Reply]) -> list[tuple[str, list[str]]]:
    found = {answer: [reply.membership.person.name for reply in said if reply.answer == answer] for answer in WORDS}
    return [(answer.label, names) for answer, names in found.items() if names]
