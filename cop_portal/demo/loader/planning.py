"""What lies ahead: a visit that members have been written to about, a series, who means to come, what to talk about."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from communities.models import AgendaItem, Session
from communities.models.rhythm import PlannedRhythm
from communities.services.sessions.agenda import decline_agenda_item, propose_agenda_item, put_on_agenda
from communities.services.sessions.planning import plan_session
from communities.services.sessions.replies import reply_to_session
from communities.services.sessions.series import SeriesPlan, plan_series, preview_series
from communities.working_days import at_wall_time, next_working_day
from cop_portal.demo import content
from cop_portal.demo.loader.surveys import last_opened_at
from cop_portal.demo.loader.world import World

# A little before the invitations to the open survey leave, and after older mail has been withdrawn.
TOLD_BEFORE = timedelta(minutes=2)


def plan_planning(world: World) -> None:
    texts = json.loads((content.DATA / "agenda.json").read_text(encoding="utf-8"))
    for text in world.content.communities:
        if text.slug in texts:
            Ahead(world, text.slug, texts[text.slug]).add_to_timeline()


class Ahead:
    """One community's plans and proposals."""

    def __init__(self, world: World, slug: str, text: dict[str, Any]) -> None:
        self.world, self.slug, self.text = world, slug, text
        self.dice = world.dice("ahead", slug)

    def add_to_timeline(self) -> None:
        world = self.world
        for wanted in (*self.text.get("on_agenda", ()), *self.text.get("waiting", ())):
            world.timeline.add(world.weeks_ago(wanted["weeks_ago"], time(17, 5)), partial(self.propose, wanted))
        if declined := self.text.get("declined"):
            world.timeline.add(world.weeks_ago(declined["weeks_ago"], time(17, 10)), partial(self.decline, declined))
        if carried := self.text.get("carried_over"):
            world.timeline.add(world.weeks_ago(carried["weeks_ago"], time(17, 15)), partial(self.carry_over, carried))
        if series := self.text.get("series"):
            world.timeline.add(world.weeks_ago(1, time(13, 0)), partial(self.plan_series, series))
        if visit := self.text.get("visit"):
            world.timeline.add(last_opened_at(world) - TOLD_BEFORE, partial(self.plan_visit, visit))
        world.timeline.add(world.now, self.arrange)

    def propose(self, wanted: dict[str, Any], now: datetime) -> None:
        self.proposed(wanted, now)

    def proposed(self, wanted: dict[str, Any], now: datetime) -> AgendaItem:
        proposer = self.dice.choice(sorted(self.world.memberships[self.slug]))
        return propose_agenda_item(
            community=self.world.communities[self.slug],
            text=wanted["text"],
            detail=wanted.get("detail", ""),
            is_named=wanted.get("is_named", True),
            by=self.world.users[proposer],
            now=now,
        )

    def decline(self, wanted: dict[str, Any], now: datetime) -> None:
        item = self.proposed(wanted, now)
        decline_agenda_item(item=item, version=1, because=wanted["because"], by=self.facilitator, now=now)

    def carry_over(self, wanted: dict[str, Any], now: datetime) -> None:
        """Put on the agenda of the session that was next then, which did not get to it."""
        item, session = self.proposed(wanted, now), self.next_session(now)
        if session is not None:
            put_on_agenda(item=item, version=1, session=session, by=self.facilitator, now=now)

    def plan_visit(self, visit: dict[str, Any], now: datetime) -> None:
        after = self.next_session(self.world.now)
        day = (after.day if after else self.world.today) + timedelta(days=visit["days_after_next"])
        starts_at = at_wall_time(next_working_day(day), time.fromisoformat(visit["starts"]))
        plan_session(
            community=self.world.communities[self.slug],
            kind=Session.Kind.VISIT,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=visit["minutes"]),
            place=visit["place"],
            by=self.facilitator,
            now=now,
        )

    def plan_series(self, wanted: dict[str, Any], now: datetime) -> None:
        """The core group's, on another weekday than the community's own sessions, and on no bank holiday."""
        own = self.world.community_text(self.slug).weekday
        first = self.world.today + timedelta(weeks=1)
        while first.weekday() in (own, *range(5, 7)):
            first += timedelta(days=1)
        plan = SeriesPlan(
            rhythm=PlannedRhythm(weeks=wanted["weeks"]),
            first_on=first,
            starts=time.fromisoformat(wanted["starts"]),
            ends=time.fromisoformat(wanted["ends"]),
            count=wanted["count"],
        )
        community = self.world.communities[self.slug]
        plan_series(
            community=community,
            plan=plan,
            leave_out=[day.day for day in preview_series(community=community, plan=plan, now=now) if day.concern],
            kind=Session.Kind.CORE_GROUP,
            joining_link=wanted["joining_link"],
            tells_members=False,
            by=self.facilitator,
            now=now,
        )

    def arrange(self, now: datetime) -> None:
        """The next session's agenda, and who has said whether they come. Who comes in by a door has not said yet."""
        session = self.next_session(now)
        if session is None:
            return
        for wanted in self.text.get("on_agenda", ()):
            item = AgendaItem.objects.get(community=session.community_id, text=wanted["text"])
            put_on_agenda(item=item, version=item.version, session=session, by=self.facilitator, now=now)
        doors = set(self.world.content.doors.values())
        names = [name for name in sorted(self.world.memberships[self.slug]) if name not in doors]
        self.dice.shuffle(names)
        for answer, number in self.text.get("replies", {}).items():
            for name in [names.pop() for _ in range(min(number, len(names)))]:
                reply_to_session(session=session, answer=answer, by=self.world.users[name], now=now)

    def next_session(self, now: datetime) -> Session | None:
        """The next of the community's usual sessions; a visit has no agenda."""
        own = Session.objects.upcoming(now).filter(community=self.world.communities[self.slug])
        return own.exclude(kind=Session.Kind.VISIT).select_related("community").first()

    @property
    def facilitator(self) -> Any:
        return self.world.facilitator_of(self.slug)
