"""Problems: from raised to settled, within the community's reach or beyond it.

Putting one to the person who can act is in escalations.py, the answer in answers.py.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from communities.models import Action, Community, Escalation, Problem, ProblemStep, Session, TestOfChange
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

Linked = TypeVar("Linked", Session, Action, TestOfChange)


class ProblemInTheFuture(Refusal):
    """What is in the way is so today or has been for a while."""


class SessionOfAnotherCommunity(Refusal):
    """A problem raised at a session belongs to that session's community."""


class ProblemMovedOn(Conflict):
    """A problem moves on from the state it is in, and others may have moved it first."""


class ProblemSettled(Conflict):
    """A settled problem stays as it was found to be."""


class OutcomeNotSaid(Refusal):
    """Whoever raised a problem learns what came of it."""


class NotAnOutcome(Refusal):
    """A problem ends solved, changed, declined or without a reply."""


class ProblemChanged(Stale):
    """Two people writing about one problem do not overwrite each other."""


class LinkedElsewhere(Refusal):
    """What a problem is linked to lies in its own community."""


class ProblemSaysNothing(Refusal):
    """Nobody can work on a problem that has no name."""


@transaction.atomic
def raise_problem(
    *,
    community: Community,
    title: str,
    detail: str = "",
    since_on: date,
    session: Session | None = None,
    action: Action | None = None,
    is_private: bool = False,
    by: User | None,
    now: datetime,
) -> Problem:
    """Puts what is in the way on the community's register: at a session, or in the way of an action, or neither.

    `by` is None where it came through a link, which knows nobody.
    """
    community = locked(community)
    _refuse_nonsense(title, since_on, now)
    if session is not None and session.community_id != community.pk:
        raise SessionOfAnotherCommunity(
            f"That session was not one of {community.name}.", code="session_of_another_community"
        )
    problem = Problem.objects.create(
        community=community,
        session=session,
        title=title.strip(),
        detail=detail.strip(),
        since_on=since_on,
        is_private=is_private,
        state_since=now,
    )
    if action is not None:
        _link(problem.actions, [action], problem)
    ProblemStep.objects.create(problem=problem, to_state=Problem.State.RAISED, at=now, by=by)
    audit.record(event="problem.raised", by=by, target=problem, at=now)
    return problem


def _refuse_nonsense(title: str, since_on: date, now: datetime) -> None:
    if not title.strip():
        raise ProblemSaysNothing("Say in a line what is in the way.", code="problem_says_nothing")
    if since_on > timezone.localdate(now):
        raise ProblemInTheFuture("Choose today or an earlier date: since when has this been so?", code="in_the_future")


@transaction.atomic
def edit_problem(
    *,
    problem: Problem,
    version: int,
    title: str,
    detail: str,
    since_on: date,
    is_private: bool,
    by: User,
    now: datetime,
) -> Problem:
    """Puts right what is said of a problem. Its state and its trail do not change."""
    _refuse_nonsense(title, since_on, now)
    said = {"title": title.strip(), "detail": detail.strip(), "since_on": since_on, "is_private": is_private}
    return _write(problem, version, event="problem.edited", by=by, now=now, **said)


@transaction.atomic
def locate_problem(*, problem: Problem, version: int, knowledge: str, lever: str, by: User, now: datetime) -> Problem:
    """Says where the knowledge is that the problem needs, and who holds the lever. Its state does not change."""
    return _write(problem, version, event="problem.located", by=by, now=now, knowledge=knowledge, lever=lever)


@transaction.atomic
def link_problem(
    *,
    problem: Problem,
    version: int,
    sessions: Iterable[Session],
    actions: Iterable[Action],
    tests_of_change: Iterable[TestOfChange],
    by: User,
    now: datetime,
) -> Problem:
    """Says at which sessions it was spoken of, and what is done and tried about it: these, and no others."""
    linked = _write(problem, version, event="problem.linked", by=by, now=now)
    _link(linked.sessions, sessions, linked)
    _link(linked.actions, actions, linked)
    _link(linked.tests_of_change, tests_of_change, linked)
    return linked


def _link(linked: "models.Manager[Linked]", wanted: Iterable[Linked], problem: Problem) -> None:
    wanted = list(wanted)
    if any(one.community_id != problem.community_id for one in wanted):
        raise LinkedElsewhere("Choose sessions, actions and tests of this community only.", code="linked_elsewhere")
    linked.set(wanted)  # type: ignore[attr-defined]


def _write(problem: Problem, version: int, *, event: str, by: User, now: datetime, **said: object) -> Problem:
    """Writes to a problem that is not settled and still stands as its writer read it."""
    locked(problem.community)
    unsettled = Problem.objects.unsettled().filter(pk=problem.pk)
    if not unsettled.filter(version=version).update(version=F("version") + 1, **said):
        if unsettled.exists():
            raise ProblemChanged(
                "Someone else has changed this problem since you opened it. Look at it as it is now, then put in "
                "what you wanted to say.",
                code="problem_changed",
            )
        raise ProblemSettled("This problem has been settled, so its record stays as it is.", code="problem_settled")
    problem.refresh_from_db()
    audit.record(event=event, by=by, target=problem, at=now)
    return problem


@transaction.atomic
def start_work(*, problem: Problem, note: str = "", by: User, now: datetime) -> Problem:
    """The community takes the problem on itself, for the first time or again."""
    return move(problem, Problem.State.BEING_WORKED_ON, note=note, by=by, now=now)


@transaction.atomic
def declare_beyond_reach(*, problem: Problem, note: str = "", by: User, now: datetime) -> Problem:
    """The community finds that others hold the knowledge or the lever."""
    return move(problem, Problem.State.BEYOND_REACH, note=note, by=by, now=now)


@transaction.atomic
def settle_problem(*, problem: Problem, state: str, came_of_it: str, by: User | None, now: datetime) -> Problem:
    """Says what came of a problem: solved, changed, declined or no reply."""
    if state not in Problem.SETTLED:
        raise NotAnOutcome("Choose solved, changed, declined or no reply.", code="not_an_outcome")
    if not came_of_it.strip():
        raise OutcomeNotSaid("Say what came of it, in a sentence. Members read this.", code="outcome_not_said")
    if state == Problem.State.NO_REPLY:
        Escalation.objects.waiting().filter(problem=problem).update(given_up_at=now)
    return move(problem, state, note=came_of_it, came_of_it=came_of_it.strip(), by=by, now=now)


def move(
    problem: Problem,
    to_state: Problem.State | str,
    *,
    note: str = "",
    came_of_it: str = "",
    by: User | None,
    now: datetime,
) -> Problem:
    """Moves a problem on, from a state that allows it, leaving a step on its trail. Within the caller's transaction."""
    if not problem.may_become(to_state):
        raise moved_on(problem, to_state)
    return step(problem, to_state, note=note, came_of_it=came_of_it, by=by, now=now)


def step(
    problem: Problem,
    to_state: Problem.State | str,
    *,
    note: str = "",
    came_of_it: str = "",
    by: User | None,
    now: datetime,
) -> Problem:
    """A step of the trail, whatever the state it leaves. Refuses when the problem has left that state meanwhile."""
    locked(problem.community)
    came_from = problem.state
    here = Problem.objects.filter(pk=problem.pk, state=came_from)
    if not here.update(state=to_state, state_since=now, came_of_it=came_of_it):
        raise moved_on(problem, to_state)
    problem.refresh_from_db()
    ProblemStep.objects.create(
        problem=problem, from_state=came_from, to_state=to_state, at=now, by=by, note=note.strip()
    )
    audit.record(event=f"problem.{Problem.State(to_state)}", by=by, target=problem, at=now)
    return problem


def moved_on(problem: Problem, to_state: Problem.State | str) -> ProblemMovedOn:
    problem.refresh_from_db()
    return ProblemMovedOn(
        f"This problem is now “{problem.get_state_display().lower()}”, "
        f"and cannot become “{Problem.State(to_state).label.lower()}” from there.",
        code="problem_moved_on",
    )
