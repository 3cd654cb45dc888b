"""Four half-yearly waves, asked, answered and closed as they would be in earnest; and one survey that is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from django.conf import settings

from communities.imports.documents import read_file
from communities.working_days import LONDON, at_wall_time
from cop_portal.demo.content import CommunityText
from cop_portal.demo.loader.answers import MOST_WRITE, MUCH_TO_SAY, WRITES, Respondent
from cop_portal.demo.loader.mail import deliver_mail, withdraw_past_mail
from cop_portal.demo.loader.world import World
from cop_portal.demo.mornings import last_working_day, next_working_morning
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework
from evaluations.imports.instruments import INSTRUMENTS_FILE, INSTRUMENTS_SCHEMA, load_instruments
from evaluations.links import token_for
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey, Wave
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.keys.key_care import destroy_due_keys
from evaluations.services.surveys.opening import open_survey

CORE, FULL = "cop-core", "cop-full"
# The full questions once a year, the core ones half-yearly between.
WAVES = ((98, CORE), (72, FULL), (46, CORE), (20, FULL))
OPEN_DAYS = 21
CLOSES_AT = time(17, 0)
REMINDER_DAYS = (4, 9, 14)
# Open, extended once, closed, and the time that keys may outlive a close.
KEYS_GONE_AFTER = timedelta(days=OPEN_DAYS + settings.SURVEY_EXTENSION_DAYS + settings.KEY_DESTRUCTION_DAYS + 1)
# The open survey went out at least so many days before the next working morning, which brings its first reminder.
OPEN_SINCE_DAYS = 4


@dataclass
class Asking:
    """One survey on its way through the timeline. `key` is its primary key once it has been opened."""

    world: World
    text: CommunityText
    instrument: str
    answered: int
    mood: float
    key: int = 0

    @property
    def survey(self) -> Survey:
        return Survey.objects.select_related("version", "community").get(pk=self.key)

    def open(self, closes_at: datetime, reminders: tuple[int, ...], now: datetime) -> None:
        self.key = open_survey(
            community=self.world.communities[self.text.slug],
            version=InstrumentVersion.objects.published().get(instrument__code=self.instrument),
            mode=PrivacyMode.ANONYMOUS,
            closes_at=closes_at,
            reminder_days=reminders,
            by=self.world.facilitator_of(self.text.slug),
            now=now,
            wave=Wave.objects.filter(starts_on=now.date()).first(),
        ).pk

    def answer(self, now: datetime) -> None:
        """As many as the content says, by the links in their mail. Who: the dice decide, and nobody can tell."""
        survey = self.survey
        dice = self.world.dice("answers", self.text.slug, self.instrument, self.answered, self.mood)
        # Whoever comes in by a door is still to answer the survey that is open.
        waiting = set(self.world.content.doors.values()) if survey.closes_at > self.world.now else set()
        invited = Invitation.objects.filter(survey=survey, is_established=True).select_related("survey", "person__user")
        # In the same order whatever the database thinks of names.
        in_order = sorted(invited, key=lambda one: one.person.name)
        willing = [one for one in in_order if one.person.name not in waiting]
        questionnaire, texts = questionnaire_of(survey.version), list(self.text.texts)
        dice.shuffle(texts)
        writes = MOST_WRITE if len(texts) >= MUCH_TO_SAY else WRITES
        for invitation in dice.sample(willing, self.answered):
            answers = Respondent(dice, self.mood, texts, writes=writes).answer(questionnaire)
            submit_answers(token=token_for(invitation), answers=answers, now=now)

    def close(self, now: datetime) -> None:
        """Closes, or extends where too few have answered. What is closed already stays as it is."""
        close_survey(survey=self.survey, now=now)


def plan_surveys(world: World) -> None:
    world.timeline.add(world.weeks_ago(WAVES[0][0] + 2), _load_questionnaires)
    for number, (weeks, instrument) in enumerate(WAVES):
        opened = world.weeks_ago(weeks, time(9, 30))
        world.timeline.add(opened, _begin_wave)
        for text in world.content.communities:
            _plan_survey(Asking(world, text, instrument, text.answered[number], text.mood[number]), opened)
        world.timeline.add(opened + KEYS_GONE_AFTER, _destroy_keys, is_alone=True)
    for text in world.content.communities:
        if text.open_survey_answered is not None:
            _plan_open_survey(Asking(world, text, CORE, text.open_survey_answered, text.mood[-1]))


def _load_questionnaires(now: datetime) -> None:
    load_framework(read_file(FRAMEWORK_FILE, schema=FRAMEWORK_SCHEMA))
    load_instruments(read_file(INSTRUMENTS_FILE, schema=INSTRUMENTS_SCHEMA), now=now)


def _begin_wave(now: datetime) -> None:
    Wave.objects.create(name=f"{now:%B %Y}", starts_on=now.date())


def _destroy_keys(now: datetime) -> None:
    destroy_due_keys(now=now)


def _plan_survey(asking: Asking, opened: datetime) -> None:
    closes_at = at_wall_time(opened.date() + timedelta(days=OPEN_DAYS), CLOSES_AT)
    timeline = asking.world.timeline
    timeline.add(opened, partial(asking.open, closes_at, REMINDER_DAYS))
    timeline.add(closes_at - timedelta(days=1), asking.answer)
    # Alone: opening the answers and wiping what held them manage their own transactions.
    timeline.add(closes_at, asking.close, is_alone=True)
    timeline.add(closes_at + timedelta(days=settings.SURVEY_EXTENSION_DAYS), asking.close, is_alone=True)


def last_opened_at(world: World) -> datetime:
    """When the survey that is open now was opened: on the next working morning its reminders are due."""
    reminded_on = next_working_morning(world.now).astimezone(LONDON).date()
    return at_wall_time(last_working_day(reminded_on - timedelta(days=OPEN_SINCE_DAYS)), time(9, 30))


def _plan_open_survey(asking: Asking) -> None:
    world, timeline = asking.world, asking.world.timeline
    reminded_on = next_working_morning(world.now).astimezone(LONDON).date()
    opened = last_opened_at(world)
    closes_at = at_wall_time(opened.date() + timedelta(days=OPEN_DAYS), CLOSES_AT)
    reminders = ((reminded_on - opened.date()).days, *REMINDER_DAYS[1:])
    timeline.add(opened - timedelta(minutes=5), withdraw_past_mail)
    timeline.add(opened, partial(asking.open, closes_at, reminders))
    # Alone: the sender commits each of its steps.
    timeline.add(opened + timedelta(minutes=1), deliver_mail, is_alone=True)
    timeline.add(world.now, asking.answer)
