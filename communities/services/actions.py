"""What members said they would do: agreeing an action, and saying how it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format

from communities.models import Action, Community, Membership, Person, Session
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class ActionDueBeforeSession(Refusal):
    """Nobody can promise something for a day before they promised it."""


class OwnerNotAMember(Refusal):
    """An action belongs to a member of the community that agreed it."""


class ActionAlreadyAnswered(Conflict):
    """An open action is answered once."""


class NotAnAnswer(Refusal):
    """An action is answered with done, dropped or handed over."""


@dataclass(frozen=True)
class NewAction:
    """An action as it is agreed: what, who, by when. `key` is its identity where it has been given one."""

    text: str
    owner: Person
    due_on: date
    is_private: bool = False
    key: UUID | None = None


@transaction.atomic
def agree_action(
    *,
    community: Community,
    text: str,
    owner: Person,
    agreed_on: date,
    due_on: date,
    session: Session | None = None,
    by: User,
    now: datetime,
) -> Action:
    """Notes an action that was agreed on a day, at a session or between two."""
    community = locked(community)
    new = NewAction(text=text, owner=owner, due_on=due_on)
    (action,) = note_actions(community=community, session=session, agreed_on=agreed_on, actions=[new], by=by, now=now)
    return action


def note_actions(
    *,
    community: Community,
    session: Session | None,
    agreed_on: date,
    actions: Iterable[NewAction],
    by: User,
    now: datetime,
) -> list[Action]:
    """Notes actions agreed on one day, within the caller's transaction."""
    actions = list(actions)
    refuse_unkeepable(actions, community=community, agreed_on=agreed_on)
    noted = [
        Action.objects.create(
            community=community,
            session=session,
            text=new.text.strip(),
            owner=new.owner,
            agreed_on=agreed_on,
            due_on=new.due_on,
            is_private=new.is_private,
            key=new.key or uuid4(),
            state_since=now,
        )
        for new in actions
    ]
    for action in noted:
        audit.record(event="action.agreed", by=by, target=action, at=now)
    return noted


def refuse_unkeepable(actions: list[NewAction], *, community: Community, agreed_on: date) -> None:
    """Refuses what is due before it was agreed, and what belongs to nobody of the community."""
    _refuse_too_early(actions, agreed_on)
    _refuse_strangers(actions, community, agreed_on)


def _refuse_too_early(actions: list[NewAction], agreed_on: date) -> None:
    for new in actions:
        if new.due_on < agreed_on:
            raise ActionDueBeforeSession(
                f"“{new.text}” is due on {date_format(new.due_on)}, before the day it was agreed, "
                f"{date_format(agreed_on)}. Choose that day or a later one.",
                code="action_due_before_session",
            )


def _refuse_strangers(actions: list[NewAction], community: Community, agreed_on: date) -> None:
    wanted = {new.owner.pk for new in actions}
    then_or_now = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=agreed_on), community=community, person__in=wanted
    )
    known = set(then_or_now.values_list("person", flat=True))
    for new in actions:
        if new.owner.pk not in known:
            raise OwnerNotAMember(
                f"The owner of “{new.text}” is not a member of {community.name}. Choose a member.",
                code="owner_not_a_member",
            )


@transaction.atomic
def answer_action(*, action: Action, state: str, by: User, now: datetime) -> Action:
    """Says how an open action went: done, dropped or handed over."""
    locked(action.community)
    if state not in Action.ANSWERS:
        raise NotAnAnswer("Choose done, dropped or handed over.", code="not_an_answer")
    if not Action.objects.open().filter(pk=action.pk).update(state=state, state_since=now):
        action.refresh_from_db()
        raise ActionAlreadyAnswered(
            f"This action has already been answered: {action.get_state_display().lower()}.",
            code="action_already_answered",
        )
    action.refresh_from_db()
    audit.record(event="action.answered", by=by, target=action, at=now)
    return action
