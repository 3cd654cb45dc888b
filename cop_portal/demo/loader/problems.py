"""What is in the way, and the route each problem has taken: one community's story among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from communities.models import Action, Brief, Escalation, LeverHolder, Problem, Session
from communities.services.problems import register as services
from communities.services.problems.answers import record_answer
from communities.services.problems.briefs import NOT_WRITTEN_YET, suggest_brief, write_brief
from communities.services.problems.escalations import WhoCanAct, send_brief
from cop_portal.demo.content import ProblemText, Step
from cop_portal.demo.loader.world import World

# A problem raised within these days of a session is noted as raised there.
AT_A_SESSION_DAYS = 10


def plan_problems(world: World) -> None:
    for text in world.content.communities:
        for problem in text.problems:
            route = Route(world, text.slug, problem)
            world.timeline.add(world.weeks_ago(problem.raised, time(16, 0)), route.begin)
            for step in problem.steps:
                world.timeline.add(world.weeks_ago(step.weeks_ago, time(16, 30)), partial(route.take, step))


@dataclass
class Route:
    """One problem on its way through the timeline. `key` is its primary key once it has been raised."""

    world: World
    slug: str
    text: ProblemText
    key: int = 0

    def begin(self, now: datetime) -> None:
        dice = self.world.dice("problem", self.text.title)
        self.key = services.raise_problem(
            community=self.world.communities[self.slug],
            title=self.text.title,
            detail=self.text.detail,
            since_on=(now - timedelta(days=dice.randrange(20, 200))).date(),
            session=self._session_before(now),
            by=self.world.facilitator_of(self.slug),
            now=now,
        ).pk

    def _link(self, problem: Problem, details: Mapping[str, Any], now: datetime) -> None:
        """To the sessions and actions that the content names."""
        here = {"community": problem.community}
        services.link_problem(
            problem=problem,
            version=problem.version,
            sessions=Session.objects.filter(**here, focus__in=details["sessions"]),
            actions=Action.objects.filter(**here, text__in=details["actions"]),
            tests_of_change=(),
            by=self.world.facilitator_of(self.slug),
            now=now,
        )

    def _session_before(self, now: datetime) -> Session | None:
        held = self.world.held.get(self.slug, [])
        return held[-1] if held and now - held[-1].starts_at < timedelta(days=AT_A_SESSION_DAYS) else None

    def take(self, step: Step, now: datetime) -> None:
        """One step of the route, by the service of that name."""
        problem = Problem.objects.select_related("community").get(pk=self.key)
        by, details = self.world.facilitator_of(self.slug), step.details
        match step.do:
            case "locate":
                knowledge, lever = self.text.knowledge, self.text.lever
                services.locate_problem(
                    problem=problem, version=problem.version, knowledge=knowledge, lever=lever, by=by, now=now
                )
            case "start_work":
                services.start_work(problem=problem, by=by, now=now)
            case "beyond_reach":
                services.declare_beyond_reach(problem=problem, by=by, now=now)
            case "link":
                self._link(problem, details, now)
            case "draft":
                self._draft(problem, details, now)
            case "escalate":
                self._put_to_someone(problem, details, now)
            case "answer":
                waiting = Escalation.objects.waiting().get(problem=problem)
                self._record_answer(waiting, details, now)
            case "settle":
                services.settle_problem(problem=problem, **details, by=by, now=now)
            case unknown:
                raise ValueError(f"A problem cannot {unknown!r}: look at data/communities/{self.slug}.json.")

    def _record_answer(self, waiting: Escalation, details: Mapping[str, str], now: datetime) -> None:
        record_answer(
            escalation=waiting,
            version=waiting.version,
            verdict=details["verdict"],
            answer=details["answer"],
            came_by=details["came_by"],
            said_by=waiting.lever_holder.name,
            by=self.world.facilitator_of(self.slug),
            now=now,
        )

    def _draft(self, problem: Problem, details: Mapping[str, str], now: datetime) -> Brief:
        """A brief made from the trail, with what the facilitators put in by hand."""
        by_hand = {part: words for part, words in details.items() if part in Brief.PARTS}
        text = replace(suggest_brief(problem, now), **by_hand)
        by = self.world.facilitator_of(self.slug)
        return write_brief(problem=problem, version=NOT_WRITTEN_YET, text=text, by=by, now=now)

    def _put_to_someone(self, problem: Problem, details: Mapping[str, str], now: datetime) -> None:
        brief = self._draft(problem, details, now)
        by, holder = self.world.facilitator_of(self.slug), _lever_holder(self.world, details["to"])
        to = WhoCanAct(holder.name, holder.post, holder.email, holder.organisation)
        send_brief(problem=problem, version=brief.version, to=to, is_mailed=True, by=by, now=now)


def _lever_holder(world: World, key: str) -> LeverHolder:
    text = next(holder for holder in world.content.lever_holders if holder.key == key)
    return LeverHolder.objects.get(name=text.name)
