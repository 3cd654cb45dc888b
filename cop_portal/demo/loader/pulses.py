"""How sessions were: asked by mail after one, in the room of another and of those who were online by mail as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from django.conf import settings

from communities.models import Session
from communities.working_days import at_wall_time
from cop_portal.demo.content import CommunityText
from cop_portal.demo.loader.answers import Respondent
from cop_portal.demo.loader.calendar import Meeting, meetings_of
from cop_portal.demo.loader.world import World
from evaluations.links import token_for
from evaluations.models import Invitation, PulseRoom, Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.keys.key_care import destroy_due_keys
from evaluations.services.pulses.by_mail import send_pulse
from evaluations.services.pulses.rooms import new_pass, start_room_pulse, take_place

SENT_AFTER = timedelta(hours=1)
ANSWERED_AFTER = timedelta(days=2)
OPEN_DAYS = 7
CLOSES_AT = time(23, 59)
KEYS_GONE_AFTER = timedelta(days=OPEN_DAYS + settings.KEY_DESTRUCTION_DAYS + 1)
BEFORE_THE_END = timedelta(minutes=5)
IN_THE_ROOM = "maternity"
HEADS = 11
WROTE = (
    "The one-page form, with my own team first",
    "Asking what families noticed before I ask the notes",
    "Ten minutes at handover, every Monday",
    "Ringing the other hospital before I write to it",
    "Bringing the figures to our ward meeting",
)


def plan_pulses(world: World) -> None:
    """The last two sessions of the community behind the doors; and the last of one that meets in a room, and online."""
    by_mail = world.community_text(world.content.behind("facilitator").community)
    for meeting, answers in zip(_held_long_ago(world, by_mail)[-2:], (3, 9), strict=False):
        AfterSession(world, by_mail, meeting).plan(by_mail=answers)
    for text in world.content.communities:
        if text.slug == IN_THE_ROOM:
            AfterSession(world, text, _held_long_ago(world, text)[-1]).plan(in_the_room=8, by_mail=3)


def _held_long_ago(world: World, text: CommunityText) -> list[Meeting]:
    """Those recorded so long ago that their pulses have closed and their keys are gone."""
    return [one for one in meetings_of(world, text) if one.topic and world.today - one.day > KEYS_GONE_AFTER]


@dataclass
class AfterSession:
    """The pulse of one session on its way through the timeline."""

    world: World
    text: CommunityText
    meeting: Meeting

    def plan(self, *, by_mail: int, in_the_room: int = 0) -> None:
        timeline, ends_at = self.world.timeline, self.starts_at + timedelta(minutes=self.text.minutes)
        if in_the_room:
            timeline.add(ends_at - BEFORE_THE_END, partial(self.ask_the_room, in_the_room))
        timeline.add(ends_at + SENT_AFTER, self.send)
        timeline.add(ends_at + ANSWERED_AFTER, partial(self.answer, by_mail))
        closes_at = at_wall_time(self.meeting.day + timedelta(days=OPEN_DAYS), CLOSES_AT)
        # Alone: opening the answers and wiping what held them manage their own transactions.
        timeline.add(closes_at, self.close, is_alone=True)
        timeline.add(closes_at + timedelta(days=settings.KEY_DESTRUCTION_DAYS), _destroy_keys, is_alone=True)

    @property
    def starts_at(self) -> datetime:
        return at_wall_time(self.meeting.day, self.text.starts)

    @property
    def session(self) -> Session:
        sessions = Session.objects.select_related("community")
        return sessions.get(community__slug=self.text.slug, starts_at=self.starts_at)

    @property
    def pulse(self) -> Survey:
        return Survey.objects.select_related("version", "session").get(session=self.session)

    def ask_the_room(self, answers: int, now: datetime) -> None:
        by = self.world.facilitator_of(self.text.slug)
        start_room_pulse(session=self.session, heads=HEADS, by=by, now=now)
        room = PulseRoom.objects.select_related("survey__session").get(survey=self.pulse)
        self.give([take_place(held=new_pass(room, now), now=now) for _ in range(answers)], now)

    def send(self, now: datetime) -> None:
        send_pulse(session=self.session, by=self.world.facilitator_of(self.text.slug), now=now)

    def answer(self, number: int, now: datetime) -> None:
        asked = Invitation.objects.filter(survey=self.pulse).select_related("survey", "person__user")
        willing = sorted(asked, key=lambda one: one.person.name)
        dice = self.world.dice("pulse", self.text.slug, self.meeting.day)
        self.give([token_for(one) for one in dice.sample(willing, min(number, len(willing)))], now)

    def give(self, tokens: list[str], now: datetime) -> None:
        dice, questionnaire = self.world.dice("said", self.text.slug, now), questionnaire_of(self.pulse.version)
        texts = dice.sample(WROTE, len(WROTE))
        for token in tokens:
            answers = Respondent(dice, self.text.mood[-1], texts).answer(questionnaire)
            submit_answers(token=token, answers=answers, now=now)

    def close(self, now: datetime) -> None:
        close_survey(survey=self.pulse, now=now)


def _destroy_keys(now: datetime) -> None:
    destroy_due_keys(now=now)
