"""Of one old survey the single answers have been destroyed; those of the other old ones are due, and wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from django.conf import settings

from cop_portal.accounts.models import User
from cop_portal.demo.loader.surveys import CLOSES_AT, OPEN_DAYS, WAVES
from cop_portal.demo.loader.world import World
from evaluations.models import Survey
from evaluations.services.retention.destroying import destroy_answers

COMMUNITY, WAVE = "medicines-safety", 1
# An administrator goes through the list some days after they became due; the extension may have come between.
REVIEWED_AFTER_DAYS = 12


def plan_retention(world: World) -> None:
    if COMMUNITY not in {text.slug for text in world.content.communities}:
        return
    opened = world.weeks_ago(WAVES[WAVE][0], time(9, 30))
    due = opened + timedelta(days=OPEN_DAYS + settings.SURVEY_EXTENSION_DAYS + settings.RESPONSES_KEPT_DAYS)
    reviewed = due.replace(hour=CLOSES_AT.hour) + timedelta(days=REVIEWED_AFTER_DAYS)
    if reviewed > world.now:
        # A site may keep answers for longer.
        return
    # Alone: the files are wiped after the commit.
    world.timeline.add(reviewed, partial(_destroy, world, opened), is_alone=True)


def _destroy(world: World, opened: datetime, now: datetime) -> None:
    old = Survey.objects.closed().get(community=world.communities[COMMUNITY], opened_at=opened)
    administrator = User.objects.filter(role=User.Role.ADMINISTRATOR).order_by("pk")[0]
    destroy_answers(survey=old, by=administrator, now=now)
