"""An owner who needs help with an action, or says that it is not theirs."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from communities.emails.actions import HELP, NOT_MINE, needs_you
from communities.models import Action, Problem
from communities.services.communities import locked
from communities.services.problems.register import raise_problem
from communities.services.promises.actions import ActionAlreadyAnswered
from communities.services.telling import addresses_of_facilitators
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict

TITLE_LENGTH = 200


class HelpAlreadyAsked(Conflict):
    """One call for help is one problem on the register."""


class AlreadyDisowned(Conflict):
    """That an action is not one's own is said once."""


@transaction.atomic
def ask_for_help(*, action: Action, words: str = "", by: User | None, now: datetime) -> Problem:
    """The action stays open; what is in its way goes on the register, and the facilitators are told.

    `by` is None for whoever holds the owner's link.
    """
    community = locked(action.community)
    if action.problems.unsettled().exists():
        raise HelpAlreadyAsked(
            "You have asked for help with this already: it is on the register of problems.", code="help_already_asked"
        )
    _mark(action, help_asked_at=now, disowned_at=None)
    problem = raise_problem(
        community=community,
        title=_shortened(f"Help needed: {action.text}"),
        detail=words,
        since_on=timezone.localdate(now),
        action=action,
        is_private=action.is_private,
        by=by,
        now=now,
    )
    audit.record(event="action.help_asked", by=by, target=action, at=now)
    _tell_facilitators(action, HELP, problem=problem, by=by, now=now)
    return problem


@transaction.atomic
def disown_action(*, action: Action, by: User | None, now: datetime) -> Action:
    """The action stays open under its owner's name until a facilitator, who is told, has found it another."""
    locked(action.community)
    if action.disowned_at is not None:
        raise AlreadyDisowned(
            "You have said so already. The facilitators have been told and will find it another owner.",
            code="already_disowned",
        )
    _mark(action, disowned_at=now)
    audit.record(event="action.disowned", by=by, target=action, at=now)
    _tell_facilitators(action, NOT_MINE, problem=None, by=by, now=now)
    return action


def _mark(action: Action, **marks: datetime | None) -> None:
    """Marks an open action as it stands, or refuses because it is no longer so."""
    as_read = Action.objects.open().filter(pk=action.pk, version=action.version)
    if not as_read.update(version=F("version") + 1, **marks):
        raise ActionAlreadyAnswered(
            "This action has changed meanwhile: someone has answered it, or changed what it says. Look at it as it "
            "is now.",
            code="action_already_answered",
        )
    action.refresh_from_db()


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 2].rstrip()} …"


def _tell_facilitators(action: Action, what: str, *, problem: Problem | None, by: User | None, now: datetime) -> None:
    facilitators = addresses_of_facilitators(action.community, but=by)
    outbox.enqueue(
        *(
            needs_you(action, what, problem=problem, user_id=user_id, to=address, now=now)
            for user_id, address in facilitators.items()
        )
    )
