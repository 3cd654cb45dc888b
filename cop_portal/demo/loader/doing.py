"""What the communities tried and decided: tests of change with their measures and lineage, decisions and verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from communities.models import Adoption, Decision, TestOfChange
from communities.services.promises.decisions import judge_decision, note_decision
from communities.services.promises.tests_of_change import (
    Cycle,
    NewMeasure,
    edit_test_of_change,
    log_test_of_change,
    note_adoption,
    note_measures,
)
from cop_portal.accounts.models import User
from cop_portal.demo.content import DATA
from cop_portal.demo.loader.world import World

TOLD = ("title", "aim", "prediction", "scale", "measure", "unit", "better")
LOGGED, MEASURED, ENDED, ADOPTED, DECIDED = time(9, 45), time(11, 15), time(12, 15), time(14, 30), time(15, 30)


def plan_doing(world: World) -> None:
    told = json.loads((DATA / "doing.json").read_text(encoding="utf-8"))["communities"]
    for community in world.content.communities:
        about = told.get(community.slug, {"tests": [], "decisions": []})
        for text in about["tests"]:
            Trial(world, community.slug, text).plan()
        for text in about["decisions"]:
            Ruling(world, community.slug, text).plan()


@dataclass
class Trial:
    """One test of change on its way through the timeline. `key` is its primary key once it has been logged."""

    world: World
    slug: str
    text: dict[str, Any]
    before: Trial | None = None
    key: int = 0
    adopted: list[Adoption] = field(default_factory=list)

    def plan(self) -> None:
        world, text = self.world, self.text
        world.timeline.add(world.weeks_ago(text["began"], LOGGED), self.log)
        if values := text.get("values"):
            last = min(weeks for weeks, *_ in values)
            world.timeline.add(world.weeks_ago(last, MEASURED), self.measure)
        if "ended" in text:
            world.timeline.add(world.weeks_ago(text["ended"], ENDED), self.end)
        for adoption in text.get("adoptions", ()):
            world.timeline.add(world.weeks_ago(adoption["weeks_ago"], ADOPTED), partial(self.adopt, adoption))
        if then := text.get("next"):
            Trial(world, self.slug, then, before=self).plan()

    @property
    def test(self) -> TestOfChange:
        return TestOfChange.objects.select_related("community").get(pk=self.key)

    def _by(self) -> User:
        """The same member throughout, if they are still there."""
        members = self.world.memberships[self.slug]
        name = self.world.dice("trial", self.text["title"]).choice(sorted(members))
        return members[name].person.user

    def log(self, now: datetime) -> None:
        began, text = now.date(), self.text
        aim_on = began + timedelta(weeks=text["aim_in_weeks"]) if "aim_in_weeks" in text else None
        aim_value = Decimal(text["aim_value"]) if "aim_value" in text else None
        facts = {name: text[name] for name in TOLD if name in text}
        self.key = log_test_of_change(
            community=self.world.communities[self.slug],
            cycle=Cycle(started_on=began, aim_value=aim_value, aim_on=aim_on, **facts),
            cycle_before=self.before.test if self.before else None,
            by=self._by(),
            now=now,
        ).pk

    def measure(self, now: datetime) -> None:
        values = [
            NewMeasure(on=self._day(weeks), value=Decimal(value), note=" ".join(note))
            for weeks, value, *note in self.text["values"]
        ]
        note_measures(test=self.test, measures=values, by=self._by(), now=now)

    def _day(self, weeks: int) -> date:
        return self.world.weeks_ago(weeks).date()

    def end(self, now: datetime) -> None:
        test = self.test
        facts = {name: getattr(test, name) for name in (*TOLD, "started_on", "aim_value", "aim_on")}
        told = {"outcome": self.text["outcome"], "what_happened": self.text["what_happened"], "ended_on": now.date()}
        edit_test_of_change(test=test, version=test.version, cycle=Cycle(**{**facts, **told}), by=self._by(), now=now)

    def adopt(self, text: dict[str, Any], now: datetime) -> None:
        # One that had it from another comes after it, so that the other is there.
        organisation, community = text.get("organisation"), text.get("community")
        self.adopted.append(
            note_adoption(
                test=self.test,
                place=text.get("place", ""),
                organisation=self.world.organisations[organisation] if organisation else None,
                community=self.world.communities[community] if community else None,
                adopted_on=now.date(),
                note=text.get("note", ""),
                came_from=self.adopted[text["from"]] if "from" in text else None,
                by=self.world.facilitator_of(self.slug),
                now=now,
            )
        )


@dataclass
class Ruling:
    """One decision, and whether it held."""

    world: World
    slug: str
    text: dict[str, Any]
    key: int = 0

    def plan(self) -> None:
        world = self.world
        world.timeline.add(world.weeks_ago(self.text["weeks_ago"], DECIDED), self.decide)
        if verdict := self.text.get("verdict"):
            world.timeline.add(world.weeks_ago(verdict["weeks_ago"], DECIDED), self.judge)

    def decide(self, now: datetime) -> None:
        self.key = note_decision(
            community=self.world.communities[self.slug],
            text=self.text["text"],
            decided_on=now.date(),
            review_on=now.date() + timedelta(weeks=self.text["review_in"]),
            by=self.world.facilitator_of(self.slug),
            now=now,
        ).pk

    def judge(self, now: datetime) -> None:
        verdict = self.text["verdict"]
        judge_decision(
            decision=Decision.objects.select_related("community").get(pk=self.key),
            verdict=verdict["verdict"],
            note=verdict["note"],
            by=self.world.facilitator_of(self.slug),
            now=now,
        )
