"""Someone has asked for files of a closed survey, shortly before the demo is looked at. The worker makes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from cop_portal.demo.loader.world import World
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.services.survey_exports.asking import ask_for_export

What = SurveyExport.What


def plan_exports(world: World) -> None:
    world.timeline.add(world.now - timedelta(minutes=2), partial(_ask, world))


def _ask(world: World, now: datetime) -> None:
    """The newest results for their facilitator; and of named answers, the rows."""
    for mode, what in ((PrivacyMode.ANONYMOUS, What.FIGURES), (PrivacyMode.NAMED, What.ROWS)):
        closed = Survey.objects.closed().filter(mode=mode, released_with=None).select_related("community")
        if survey := closed.order_by("-closed_at", "community__name").first():
            by = world.facilitator_of(survey.community.slug)
            ask_for_export(survey=survey, what=what, reason="", by=by, now=now)
