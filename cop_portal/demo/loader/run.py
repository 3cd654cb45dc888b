"""Loading the demo: refuse where it must not be, tell the two years, and leave the sender with what is truly due."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from communities.models import Person
from communities.working_days import LONDON
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.demo import content
from cop_portal.demo.content import Content
from cop_portal.demo.loader.breakdown import plan_breakdown
from cop_portal.demo.loader.bringing_in import plan_bringing_in
from cop_portal.demo.loader.cancelled import plan_cancelled
from cop_portal.demo.loader.check_in import plan_check_in
from cop_portal.demo.loader.doing import plan_doing
from cop_portal.demo.loader.exports import plan_exports
from cop_portal.demo.loader.heard import plan_heard
from cop_portal.demo.loader.joining import plan_joining
from cop_portal.demo.loader.mail import forget_wakings
from cop_portal.demo.loader.meetings import plan_meetings
from cop_portal.demo.loader.minutes import plan_minutes
from cop_portal.demo.loader.modes import plan_modes
from cop_portal.demo.loader.own_affairs import plan_own_affairs
from cop_portal.demo.loader.people import plan_people
from cop_portal.demo.loader.planning import plan_planning
from cop_portal.demo.loader.problems import plan_problems
from cop_portal.demo.loader.pulses import plan_pulses
from cop_portal.demo.loader.questionnaires import plan_questionnaires
from cop_portal.demo.loader.retention import plan_retention
from cop_portal.demo.loader.surveys import plan_surveys
from cop_portal.demo.loader.world import World
from cop_portal.installation.models import Installation
from cop_portal.refusals import Refusal
from evaluations.services.closing.counting import refresh_counts

LOADED = "demo.loaded"
SEED = 2015


class NotADemo(Refusal):
    """Invented people never stand beside real ones."""


class LoadInterrupted(Refusal):
    """Half a demo would tell half a story."""


def is_loaded() -> bool:
    return Installation.objects.filter(is_demo=True).exclude(filled_at=None).exists()


def load(*, now: datetime, seed: int = SEED, text: Content | None = None) -> World | None:
    """Fill an empty demo database with `text`, or with all there is.

    None when it has been filled before; a `Refusal` when it is not ours to fill.
    """
    if is_loaded():
        return None
    _refuse_strangers()
    installation, _ = Installation.objects.update_or_create(pk=1, defaults={"is_demo": True})
    world = World(content=text or content.load(), now=now.astimezone(LONDON), seed=seed)
    for plan in (
        plan_people,
        plan_joining,
        plan_meetings,
        plan_minutes,
        plan_problems,
        plan_doing,
        plan_surveys,
        plan_breakdown,
        plan_questionnaires,
        plan_cancelled,
        plan_modes,
        plan_heard,
        plan_pulses,
        plan_planning,
        plan_own_affairs,
        plan_check_in,
        plan_bringing_in,
        plan_exports,
        plan_retention,
    ):
        plan(world)
    world.timeline.run()
    refresh_counts(now=world.now)
    forget_wakings()
    with transaction.atomic():
        audit.record(event=LOADED, by=None, target=installation, at=now)
        Installation.objects.filter(pk=installation.pk).update(filled_at=now)
    return world


def _refuse_strangers() -> None:
    is_demo = Installation.objects.filter(is_demo=True).exists()
    if is_demo and Person.objects.exists():
        raise LoadInterrupted(
            "An earlier load of this demo was interrupted. Run `make demo-reset`, then `make run`.",
            code="load_interrupted",
        )
    if not is_demo and User.objects.exists():
        raise NotADemo(
            "This database has people in it and is not a demo. The demo's data go into an empty database only.",
            code="not_a_demo",
        )
