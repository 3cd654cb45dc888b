"""A survey that went out by mistake and was cancelled within the hour: its record is all that is left."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from cop_portal.demo.loader.surveys import CORE, REMINDER_DAYS
from cop_portal.demo.loader.world import World
from evaluations.models import InstrumentVersion, PrivacyMode, Survey
from evaluations.services.surveys.cancelling import cancel_survey
from evaluations.services.surveys.opening import open_survey

COMMUNITY = "sepsis"
WEEKS_AGO = 9
BECAUSE = "It was opened half a year too early. The core questions come round in the spring."


def plan_cancelled(world: World) -> None:
    if COMMUNITY not in {text.slug for text in world.content.communities}:
        return
    opened = world.weeks_ago(WEEKS_AGO, time(14, 0))
    world.timeline.add(opened, lambda now: _open(world, now))
    # Alone: the keys go after the commit.
    world.timeline.add(opened + timedelta(minutes=40), lambda now: _cancel(world, now), is_alone=True)


def _open(world: World, now: datetime) -> None:
    open_survey(
        community=world.communities[COMMUNITY],
        version=InstrumentVersion.objects.published().get(instrument__code=CORE),
        mode=PrivacyMode.ANONYMOUS,
        closes_at=now + timedelta(days=21),
        reminder_days=REMINDER_DAYS,
        by=world.facilitator_of(COMMUNITY),
        now=now,
    )


def _cancel(world: World, now: datetime) -> None:
    survey = Survey.objects.open().get(community=world.communities[COMMUNITY], version__instrument__code=CORE)
    cancel_survey(survey=survey, because=BECAUSE, by=world.facilitator_of(COMMUNITY), now=now)
