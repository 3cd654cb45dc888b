"""What members said they would do: agreeing an action, correcting it, handing it over, and saying how it went.

Asking for help with one, and saying that it is not one's own, is in action_help.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from communities.emails.actions import given
from communities.models import Action, Community, Membership, Person, Session
from communities.services.communities import locked
from communities.services.promises.action_links import with_link
from communities.services.telling import addresses_of
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale


class ActionDueBeforeSession(Refusal):
    """Nobody can promise something for a day before they promised it."""


class OwnerNotAMember(Refusal):
    """An action belongs to a member of the community that agreed it."""


class ActionAlreadyAnswered(Conflict):
    """An open action is answered once."""


class NotAnAnswer(Refusal):
    """An action is answered with done, dropped or handed over."""


class ActionSaysNothing(Refusal):
    """An action says what will be done."""


class ActionChangedMeanwhile(Stale):
    """Two people correcting the same action never overwrite each other."""


class HandedToTheSame(Refusal):
    """An action is handed over to somebody else."""


class ActionNotAnswered(Conflict):
    """Only an action that has been answered is opened again."""


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
    is_private: bool = False,
    by: User,
    now: datetime,
) -> Action:
    """Notes an action that was agreed on a day, at a session or between two."""
    community = locked(community)
    if not text.strip():
        raise ActionSaysNothing("Say what will be done.", code="action_says_nothing")
    new = NewAction(text=text, owner=owner, due_on=due_on, is_private=is_private)
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


def own_person(user: User) -> Person:
    """The person that a user is, to take on an action. Someone whom no community knows can own none."""
    person = Person.objects.filter(user=user).first()
    if person is None:
        raise OwnerNotAMember("Only a member of this community can take on an action.", code="owner_not_a_member")
    return person


@transaction.atomic
def answer_action(*, action: Action, state: str, by: User | None, now: datetime) -> Action:
    """Says how an open action went: done, dropped or handed over. `by` is None for whoever holds the owner's link."""
    locked(action.community)
    if state not in Action.ANSWERS:
        raise NotAnAnswer("Choose done, dropped or handed over.", code="not_an_answer")
    answered = {"state": state, "state_since": now, "disowned_at": None, "version": F("version") + 1}
    if not Action.objects.open().filter(pk=action.pk).update(**answered):
        raise _already_answered(action)
    action.refresh_from_db()
    audit.record(event="action.answered", by=by, target=action, at=now)
    return action


def _already_answered(action: Action) -> ActionAlreadyAnswered:
    action.refresh_from_db()
    return ActionAlreadyAnswered(
        f"This action has already been answered: {action.get_state_display().lower()}.", code="action_already_answered"
    )


@transaction.atomic
def edit_action(
    *, action: Action, version: int, text: str, owner: Person, due_on: date, is_private: bool, by: User, now: datetime
) -> Action:
    """Corrects an open action. A new owner is written to, and the link that the old one was sent leads nowhere."""
    community = locked(action.community)
    if not text.strip():
        raise ActionSaysNothing("Say what will be done.", code="action_says_nothing")
    wanted = [NewAction(text=text, owner=owner, due_on=due_on)]
    _refuse_too_early(wanted, action.agreed_on)
    is_new_owner = owner.pk != action.owner_id
    if is_new_owner:
        _refuse_strangers(wanted, community, timezone.localdate(now))
    facts = {"text": text.strip(), "owner": owner, "due_on": due_on, "is_private": is_private}
    fresh = {"link_hash": None, "link_generation": F("link_generation") + 1, "disowned_at": None, "help_asked_at": None}
    open_now = Action.objects.open().filter(pk=action.pk)
    if not open_now.filter(version=version).update(
        version=F("version") + 1, **facts, **(fresh if is_new_owner else {})
    ):
        raise _changed_meanwhile() if open_now.exists() else _already_answered(action)
    action.refresh_from_db()
    audit.record(event="action.edited", by=by, target=action, at=now)
    if is_new_owner:
        _tell_new_owner(action, by=by, now=now)
    return action


def _changed_meanwhile() -> ActionChangedMeanwhile:
    return ActionChangedMeanwhile(
        "Someone else has changed this action while you were writing. Nothing of theirs has been overwritten, and "
        "what you typed is still here. Compare the two, then save again.",
        code="action_changed_meanwhile",
    )


@transaction.atomic
def hand_over_action(*, action: Action, to: Person, due_on: date, by: User, now: datetime) -> Action:
    """Hands an open action over to another member: this one ends, theirs begins and knows where it came from."""
    if to.pk == action.owner_id:
        raise HandedToTheSame("It is theirs already. Choose another member.", code="handed_to_the_same")
    community, today = locked(action.community), timezone.localdate(now)
    answer_action(action=action, state=Action.State.HANDED_OVER, by=by, now=now)
    new = NewAction(text=action.text, owner=to, due_on=due_on)
    (theirs,) = note_actions(community=community, session=None, agreed_on=today, actions=[new], by=by, now=now)
    theirs.handed_on_from, theirs.is_private = action, action.is_private
    theirs.save(update_fields=["handed_on_from", "is_private"])
    _tell_new_owner(theirs, by=by, now=now)
    return theirs


def _tell_new_owner(action: Action, *, by: User, now: datetime) -> None:
    """Whoever was given something to do by another person hears of it. What is private is in no mail."""
    address = addresses_of([action.owner.user_id]).get(action.owner.user_id)
    if address is not None and action.owner.user_id != by.pk and not action.is_private:
        outbox.enqueue(given(with_link(action), to=address, by=by, now=now))


@transaction.atomic
def reopen_action(*, action: Action, by: User | None, now: datetime) -> Action:
    """Takes an answer back that was given by mistake or too soon."""
    locked(action.community)
    if action.handed_on_to.exists():
        raise ActionNotAnswered("Somebody else has taken this on. Theirs is the one to look at.", code="handed_on")
    answered = Action.objects.exclude(state=Action.State.OPEN).filter(pk=action.pk)
    if not answered.update(state=Action.State.OPEN, state_since=now, version=F("version") + 1):
        raise ActionNotAnswered("This action is open already.", code="action_not_answered")
    action.refresh_from_db()
    audit.record(event="action.reopened", by=by, target=action, at=now)
    return action
