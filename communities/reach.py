"""How far problems have got: the way one has come, and all communities' problems by who holds the lever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from communities.models import Escalation, Problem, ProblemStep
from cop_portal.accounts.models import User
from cop_portal.design.dates import days_since

RULES = (
    "Raised: all problems of which the community says that this is where the lever is, settled ones included.",
    "Beyond reach: of these, the ones that are out of the community’s hands now and not settled.",
    "Asked: how often one of them was put to the person who can act. What was taken back is not counted.",
    "Answered: of those asked, how many have answered, late answers included. An answer that was not theirs is none.",
    "Median days: from the day they were asked to the day they answered, over those who have answered.",
)


@dataclass(frozen=True)
class TrailStep:
    """A state the problem has been in, and for how many days."""

    step: ProblemStep
    days: int
    is_current: bool


def trail_of(problem: Problem, now: datetime) -> list[TrailStep]:
    """The states in order. A settled problem's last state counts no days: it has come to rest. One query, or none
    where the steps have been prefetched."""
    steps = sorted(problem.steps.all(), key=lambda step: (step.at, step.pk))
    ends = [step.at for step in steps[1:]] + [now]
    last = len(steps) - 1
    return [
        TrailStep(step=step, days=days_since(step.at, end), is_current=number == last)
        for number, (step, end) in enumerate(zip(steps, ends, strict=True))
    ]


@dataclass(frozen=True)
class LeverFigures:
    """All problems of which one kind of people holds the lever."""

    lever: Problem.Lever
    raised: int
    beyond_reach: int
    asked: int
    answered: int
    median_days: float | None

    @property
    def median_words(self) -> str:
        """“12 days”, or why there is no figure."""
        if self.median_days is None:
            return "No answer yet" if self.asked else "–"
        days = f"{self.median_days:g}"
        return "1 day" if days == "1" else f"{days} days"


def figures_by_lever(user: User) -> list[LeverFigures]:
    """One row for each kind of lever, in the order of the choices, those without a problem left out. Two queries."""
    problems = Problem.objects.visible_to(user)
    beyond = Q(state__in=Problem.OUT_OF_OUR_HANDS)
    counted = {
        row["lever"]: row
        for row in problems.order_by().values("lever").annotate(raised=Count("pk"), beyond=Count("pk", filter=beyond))
    }
    waits = _waits_by_lever(user)
    return [
        _figures(lever, counted[lever]["raised"], counted[lever]["beyond"], waits.get(lever, []))
        for lever in Problem.Lever
        if lever in counted
    ]


def _waits_by_lever(user: User) -> dict[str, list[int | None]]:
    """For each question put to someone, the days until its answer, or None where there is none."""
    found: dict[str, list[int | None]] = {}
    asked = Escalation.objects.visible_to(user).filter(withdrawn_at=None)
    for lever, asked_at, answered_at in asked.values_list("problem__lever", "asked_at", "answered_at"):
        found.setdefault(lever, []).append(days_since(asked_at, answered_at) if answered_at else None)
    return found


def _figures(lever: Problem.Lever, raised: int, beyond: int, waits: list[int | None]) -> LeverFigures:
    answered = [days for days in waits if days is not None]
    return LeverFigures(
        lever=lever,
        raised=raised,
        beyond_reach=beyond,
        asked=len(waits),
        answered=len(answered),
        median_days=median(answered) if answered else None,
    )


def beyond_reach_by_lever(user: User) -> QuerySet[Problem]:
    """Problems beyond reach: by who holds the lever, and the question that has waited longest for an answer on top."""
    waiting = Escalation.objects.waiting().filter(problem=OuterRef("pk")).order_by()
    in_order = Case(*(When(lever=lever, then=Value(place)) for place, lever in enumerate(Problem.Lever)))
    return (
        Problem.objects.visible_to(user)
        .beyond_reach()
        .select_related("community")
        .prefetch_related(with_waiting())
        .annotate(asked_since=Subquery(waiting.values("asked_at")[:1]))
        .order_by(in_order, F("asked_since").asc(nulls_last=True), "state_since", "pk")
    )


def with_waiting() -> Prefetch[str]:
    """Problems with the question that waits for its answer, if any, as `waiting`."""
    asked = Escalation.objects.waiting().select_related("lever_holder__organisation")
    return Prefetch("escalations", queryset=asked, to_attr="waiting")


@dataclass(frozen=True)
class Waiting:
    """A problem beyond reach, since when, and who has been asked and has not answered."""

    problem: Problem
    days: int
    asked: Escalation | None
    days_asked: int


def waiting_rows(problems: Iterable[Problem], now: datetime) -> list[Waiting]:
    """Rows for problems that come `with_waiting()`."""
    return [_waiting_row(problem, next(iter(problem.waiting), None), now) for problem in problems]  # type: ignore[attr-defined]


def _waiting_row(problem: Problem, asked: Escalation | None, now: datetime) -> Waiting:
    return Waiting(
        problem=problem,
        days=days_since(problem.state_since, now),
        asked=asked,
        days_asked=days_since(asked.asked_at, now) if asked else 0,
    )


def came_of_it(user: User) -> QuerySet[Problem]:
    """What this reader may see of problems that are settled: the latest first, each with whom it was put to."""
    asked = Escalation.objects.filter(withdrawn_at=None).select_related("lever_holder__organisation").oldest_first()
    settled = Problem.objects.visible_to(user).came_to_something().select_related("community", "session")
    return settled.prefetch_related(Prefetch("escalations", queryset=asked, to_attr="asked"))
