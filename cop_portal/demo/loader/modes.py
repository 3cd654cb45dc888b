"""One community was asked in confidence, and once by name: its members can see, correct and erase what they sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from django.conf import settings

from communities.working_days import at_wall_time
from cop_portal.demo.content import CommunityText
from cop_portal.demo.loader.answers import Respondent
from cop_portal.demo.loader.surveys import CLOSES_AT, CORE, REMINDER_DAYS
from cop_portal.demo.loader.world import World
from evaluations.links import token_for
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.keys.key_care import destroy_due_keys
from evaluations.services.surveys.opening import open_survey

COMMUNITY = "sepsis"
# Between two waves, so that they stand apart from both.
ASKED = ((PrivacyMode.CONFIDENTIAL, 36), (PrivacyMode.NAMED, 30))
OPEN_DAYS = 14
ONE_IN = 4


@dataclass
class AskingOtherwise:
    """One survey that is not anonymous, on its way through the timeline."""

    world: World
    text: CommunityText
    mode: PrivacyMode
    key: int = 0

    @property
    def survey(self) -> Survey:
        return Survey.objects.select_related("version", "community").get(pk=self.key)

    def open(self, closes_at: datetime, now: datetime) -> None:
        self.key = open_survey(
            community=self.world.communities[self.text.slug],
            version=InstrumentVersion.objects.published().get(instrument__code=CORE),
            mode=self.mode,
            closes_at=closes_at,
            reminder_days=REMINDER_DAYS[:2],
            by=self.world.facilitator_of(self.text.slug),
            now=now,
        ).pk

    def answer(self, now: datetime) -> None:
        """Most answer; whoever comes in by a door does, so that there is something of theirs to see."""
        survey, dice = self.survey, self.world.dice("answers", self.text.slug, self.mode)
        invited = Invitation.objects.filter(survey=survey).select_related("survey", "person__user")
        in_order = sorted(invited, key=lambda one: one.person.name)
        questionnaire, texts = questionnaire_of(survey.version), list(self.text.texts)
        doors = set(self.world.content.doors.values())
        for invitation in in_order:
            if invitation.person.name in doors or dice.randrange(ONE_IN):
                answers = Respondent(dice, self.text.mood[-1], texts).answer(questionnaire)
                submit_answers(token=token_for(invitation), answers=answers, now=now)

    def close(self, now: datetime) -> None:
        close_survey(survey=self.survey, now=now)


def plan_modes(world: World) -> None:
    for text in world.content.communities:
        if text.slug == COMMUNITY:
            for mode, weeks_ago in ASKED:
                _plan(AskingOtherwise(world, text, mode), world.weeks_ago(weeks_ago, time(9, 30)))


def _plan(asking: AskingOtherwise, opened: datetime) -> None:
    closes_at = at_wall_time(opened.date() + timedelta(days=OPEN_DAYS), CLOSES_AT)
    timeline = asking.world.timeline
    timeline.add(opened, partial(asking.open, closes_at))
    timeline.add(closes_at - timedelta(days=1), asking.answer)
    # Alone: opening the answers and wiping what held them manage their own transactions.
    timeline.add(closes_at, asking.close, is_alone=True)
    keys_gone = closes_at + timedelta(days=settings.KEY_DESTRUCTION_DAYS, hours=1)
    timeline.add(keys_gone, _destroy_keys, is_alone=True)


def _destroy_keys(now: datetime) -> None:
    destroy_due_keys(now=now)
