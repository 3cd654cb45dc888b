"""Problems: from raised to settled, within the community's reach or beyond it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from communities.models import Community, Escalation, LeverHolder, Problem, ProblemStep, Session
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


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


class AskNotSaid(Refusal):
    """Nobody can answer a question that was not put."""


class NotAnOutcome(Refusal):
    """A problem ends solved, changed, declined or without a reply."""


class AlreadyAnswered(Conflict):
    """An escalation is answered once."""


@transaction.atomic
def raise_problem(
    *,
    community: Community,
    title: str,
    detail: str = "",
    since_on: date,
    session: Session | None = None,
    by: User,
    now: datetime,
) -> Problem:
    """Puts what is in the way on the community's register."""
    community = locked(community)
    if since_on > timezone.localdate(now):
        raise ProblemInTheFuture("Choose today or an earlier date: since when has this been so?", code="in_the_future")
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
        state_since=now,
    )
    ProblemStep.objects.create(problem=problem, to_state=Problem.State.RAISED, at=now, by=by)
    audit.record(event="problem.raised", by=by, target=problem, at=now)
    return problem


@transaction.atomic
def locate_problem(*, problem: Problem, knowledge: str, lever: str, by: User, now: datetime) -> Problem:
    """Says where the knowledge is that the problem needs, and who holds the lever. Its state does not change."""
    locked(problem.community)
    if not Problem.objects.unsettled().filter(pk=problem.pk).update(knowledge=knowledge, lever=lever):
        raise ProblemSettled("This problem has been settled, so its record stays as it is.", code="problem_settled")
    problem.refresh_from_db()
    audit.record(event="problem.located", by=by, target=problem, at=now)
    return problem


@transaction.atomic
def start_work(*, problem: Problem, note: str = "", by: User, now: datetime) -> Problem:
    """The community takes the problem on itself."""
    return _move(problem, Problem.State.BEING_WORKED_ON, note=note, by=by, now=now)


@transaction.atomic
def declare_beyond_reach(*, problem: Problem, note: str = "", by: User, now: datetime) -> Problem:
    """The community finds that others hold the knowledge or the lever."""
    return _move(problem, Problem.State.BEYOND_REACH, note=note, by=by, now=now)


@transaction.atomic
def escalate_problem(*, problem: Problem, to: LeverHolder, ask: str, by: User, now: datetime) -> Escalation:
    """Records that the problem was put to a named person who can act. Sends nothing."""
    if not ask.strip():
        raise AskNotSaid("Say what you ask the person who can act to do.", code="ask_not_said")
    _move(problem, Problem.State.ESCALATED, by=by, now=now)
    return Escalation.objects.create(problem=problem, lever_holder=to, ask=ask.strip(), asked_at=now)


@transaction.atomic
def record_answer(
    *, escalation: Escalation, verdict: str, answer: str, came_by: str, by: User, now: datetime
) -> Escalation:
    """Records what the person who can act replied, and how the reply came. A late reply counts too."""
    problem = Problem.objects.select_related("community").get(pk=escalation.problem_id)
    _move(problem, Problem.State.ANSWERED, by=by, now=now)
    answered = Escalation.objects.filter(pk=escalation.pk, answered_at=None).update(
        answered_at=now, given_up_at=None, verdict=verdict, answer=answer.strip(), came_by=came_by.strip()
    )
    if not answered:
        raise AlreadyAnswered("An answer to this has already been recorded.", code="already_answered")
    escalation.refresh_from_db()
    return escalation


@transaction.atomic
def settle_problem(*, problem: Problem, state: str, came_of_it: str, by: User, now: datetime) -> Problem:
    """Says what came of a problem: solved, changed, declined or no reply."""
    if state not in Problem.SETTLED:
        raise NotAnOutcome("Choose solved, changed, declined or no reply.", code="not_an_outcome")
    if not came_of_it.strip():
        raise OutcomeNotSaid("Say what came of it, in a sentence. Members read this.", code="outcome_not_said")
    if state == Problem.State.NO_REPLY:
        Escalation.objects.waiting().filter(problem=problem).update(given_up_at=now)
    return _move(problem, state, note=came_of_it, came_of_it=came_of_it.strip(), by=by, now=now)


def _move(
    problem: Problem, to_state: Problem.State | str, *, note: str = "", came_of_it: str = "", by: User, now: datetime
) -> Problem:
    """Moves a problem on, from a state that allows it, leaving a step on its trail."""
    locked(problem.community)
    to_state = Problem.State(to_state)
    came_from = problem.state
    here = Problem.objects.filter(pk=problem.pk, state=came_from)
    if not problem.may_become(to_state) or not here.update(state=to_state, state_since=now, came_of_it=came_of_it):
        problem.refresh_from_db()
        raise ProblemMovedOn(
            f"This problem is now “{problem.get_state_display().lower()}”, "
            f"and cannot become “{to_state.label.lower()}” from there.",
            code="problem_moved_on",
        )
    problem.refresh_from_db()
    ProblemStep.objects.create(
        problem=problem, from_state=came_from, to_state=to_state, at=now, by=by, note=note.strip()
    )
    audit.record(event=f"problem.{to_state}", by=by, target=problem, at=now)
    return problem
