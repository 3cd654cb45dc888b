"""Two years of sessions: planned, held or called off, with who came, what was learned and what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random

from communities.models import Action, Attendance, Session
from communities.services.promises.actions import NewAction, agree_action, answer_action
from communities.services.sessions.moving import cancel_session
from communities.services.sessions.planning import plan_session
from communities.services.sessions.recording import record_session
from communities.working_days import at_wall_time, next_working_day
from cop_portal.demo.content import CommunityText, Promise, Topic
from cop_portal.demo.loader.calendar import Meeting, meetings_of
from cop_portal.demo.loader.records import Besides
from cop_portal.demo.loader.world import World
from cop_portal.demo.mornings import last_working_day

PLANNED_DAYS_BEFORE = timedelta(days=30)
CALLED_OFF_BEFORE = timedelta(days=2)
RECORDED_AFTER = timedelta(minutes=20)
# How often people come: some nearly always, some when they can, some rarely.
REGULARITY = (0.9, 0.85, 0.75, 0.65, 0.5, 0.25)
ABSENCE = (*["apologies"] * 5, *["absent"] * 3, *["unknown"] * 2)
NOBODY_SAID = 0.2
IN_THE_ROOM = 0.55
# A community without a session for so long loses people before it loses sessions.
DRIFTED_WEEKS = 13
LONG_AGO = timedelta(days=150)
# What became of what was promised: (done, done or dropped); the rest is still open, or was handed over if long ago.
FATES, FATES_LONG_AGO = (0.3, 0.36), (0.8, 0.93)


def plan_meetings(world: World) -> None:
    for text in world.content.communities:
        for number, meeting in enumerate(meetings_of(world, text)):
            Occasion(world, text, meeting, number).plan_ahead()
        for promise in text.between_sessions:
            world.timeline.add(world.weeks_ago(promise.weeks_ago, time(14, 0)), partial(_agree, world, text, promise))


@dataclass
class Occasion:
    """One session on its way through the timeline. `key` is its primary key once it has been planned."""

    world: World
    text: CommunityText
    meeting: Meeting
    number: int
    key: int = 0

    @property
    def session(self) -> Session:
        return Session.objects.select_related("community").get(pk=self.key)

    def plan_ahead(self) -> None:
        """When it will be planned, and then recorded or called off; and when its promises will be answered."""
        timeline, now = self.world.timeline, self.world.now
        noted_on = last_working_day(self.meeting.day - PLANNED_DAYS_BEFORE)
        timeline.add(min(at_wall_time(noted_on, time(15, 0)), now), self.plan)
        if self.meeting.is_cancelled:
            timeline.add(self._starts_at - CALLED_OFF_BEFORE, self.call_off)
        elif self.meeting.topic is not None:
            timeline.add(min(self._ends_at + RECORDED_AFTER, now), partial(self.record, self.meeting.topic))
            self._plan_answers(self.meeting.topic)
            self._plan_verdicts(Besides(self.world, self.text, self.meeting.topic))

    @property
    def _starts_at(self) -> datetime:
        return at_wall_time(self.meeting.day, self.text.starts)

    @property
    def _ends_at(self) -> datetime:
        return self._starts_at + timedelta(minutes=self.text.minutes)

    def plan(self, now: datetime) -> None:
        usual, places = self.text.usual, self.text.places
        is_online = usual == "online" or (usual == "hybrid" and self.number % 4 == 1)
        self.key = plan_session(
            community=self.world.communities[self.text.slug],
            kind=Session.Kind.DESIGN_GROUP if self.number % 5 == 2 else Session.Kind.CONVENING,
            starts_at=self._starts_at,
            ends_at=self._ends_at,
            place="" if is_online else places[self.number % len(places)],
            joining_link="" if usual == "room" else f"https://meet.example.org/{self.text.slug}",
            led_by=self.world.people[self.world.content.facilitators[self.text.slug][0]],
            # Two years of mail that nobody would read; one later session is told of (see planning.py).
            tells_members=False,
            by=self.world.facilitator_of(self.text.slug),
            now=now,
        ).pk

    def call_off(self, now: datetime) -> None:
        by = self.world.facilitator_of(self.text.slug)
        cancel_session(session=self.session, because=self.text.cancelled_because, by=by, now=now)

    def record(self, topic: Topic, now: datetime) -> None:
        session, dice = self.session, self.world.dice("session", self.text.slug, self.number)
        members = sorted(self.world.memberships[self.text.slug].items())
        marks = {name: self._mark(name, session, dice) for name, _ in members}
        came = [name for name, mark in marks.items() if mark in Attendance.PRESENT]
        recorded = record_session(
            session=session,
            version=session.version,
            focus=topic.focus,
            attendance={membership.pk: marks[name] for name, membership in members if marks[name]},
            learning_points=topic.learned,
            actions=[self._action(wanted, came, dice) for wanted in topic.actions],
            by=self.world.facilitator_of(self.text.slug),
            now=now,
        )
        more_dice = self.world.dice("besides", self.text.slug, self.number)
        recorded = Besides(self.world, self.text, topic).record(recorded, came=came, dice=more_dice, now=now)
        self.world.held.setdefault(self.text.slug, []).append(recorded)

    def _mark(self, name: str, session: Session, dice: Random) -> str:
        """How one member is marked; "" where nobody said, which the portal keeps as not known."""
        regularity = self.world.dice("regularity", name).choice(REGULARITY)
        if self.text.last_weeks_ago > DRIFTED_WEEKS:
            weeks_to_last = (self.world.today - self.meeting.day).days / 7 - self.text.last_weeks_ago
            regularity *= 0.55 + 0.45 * min(1, weeks_to_last / 60)
        if dice.random() < regularity or name in self.world.content.facilitators[self.text.slug]:
            prefers_room = self.text.usual == "room" or (self.text.usual == "hybrid" and dice.random() < IN_THE_ROOM)
            return Attendance.Status.ROOM if prefers_room and session.place else Attendance.Status.ONLINE
        return "" if dice.random() < NOBODY_SAID else dice.choice(ABSENCE)

    def _action(self, text: str, came: list[str], dice: Random) -> NewAction:
        owner, days = dice.choice(came), dice.randrange(14, 80)
        due = next_working_day(self.meeting.day + timedelta(days=days))
        if _is_for_the_door(self.world, text):
            owner, due = (
                self.world.content.behind("member").name,
                next_working_day(self.world.today + timedelta(days=6)),
            )
        return NewAction(text=text, owner=self.world.people[owner], due_on=due)

    def _plan_answers(self, topic: Topic) -> None:
        """How each promise went: most are kept, some let go; what stays open is recent, or overdue."""
        dice = self.world.dice("answers", self.text.slug, self.number)
        is_long_ago = self.world.today - self.meeting.day > LONG_AGO
        kept, let_go = FATES_LONG_AGO if is_long_ago else FATES
        for wanted in topic.actions:
            fate, days = dice.random(), dice.randrange(10, 60)
            if _is_for_the_door(self.world, wanted) or (fate >= let_go and not is_long_ago):
                continue
            state = Action.State.HANDED_OVER
            if fate < let_go:
                state = Action.State.DONE if fate < kept else Action.State.DROPPED
            answered = at_wall_time(next_working_day(self.meeting.day + timedelta(days=days)), time(16, 15))
            if answered < self.world.now:
                self.world.timeline.add(answered, partial(self.answer, wanted, state))

    def _plan_verdicts(self, besides: Besides) -> None:
        for at, said, verdict in besides.verdicts(self.meeting.day):
            if at < self.world.now:
                self.world.timeline.add(at, partial(self._judge, besides, said, verdict))

    def _judge(self, besides: Besides, said: str, verdict: str, now: datetime) -> None:
        besides.judge(self.key, said, verdict, now)

    def answer(self, text: str, state: str, now: datetime) -> None:
        action = Action.objects.select_related("owner__user", "community").get(session=self.key, text=text)
        answer_action(action=action, state=state, by=action.owner.user, now=now)


def _is_for_the_door(world: World, text: str) -> bool:
    """Whoever comes in by the member's door finds something asked of them: the last session's first action."""
    community = world.community_text(world.content.behind("member").community)
    return text == community.topics[-1].actions[0]


def _agree(world: World, text: CommunityText, promise: Promise, now: datetime) -> None:
    owner = world.dice("owner", promise.action).choice(sorted(world.memberships[text.slug]))
    agree_action(
        community=world.communities[text.slug],
        text=promise.action,
        owner=world.people[owner],
        agreed_on=now.date(),
        due_on=next_working_day(now.date() + timedelta(days=promise.due_in_days)),
        by=world.facilitator_of(text.slug),
        now=now,
    )
