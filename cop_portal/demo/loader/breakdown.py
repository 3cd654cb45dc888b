"""The summer when three communities answered as one: large enough to show results by profession.

Members of two other communities join for a month, are asked with the rest, and leave again. Nothing else is told of it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from communities.models import Membership, ProfessionalGroup
from communities.services.people.membership import add_member, end_membership
from communities.working_days import at_wall_time
from cop_portal.demo.content import InventedPerson
from cop_portal.demo.loader.answers import Respondent
from cop_portal.demo.loader.surveys import CLOSES_AT, CORE
from cop_portal.demo.loader.world import World
from evaluations.breakdowns import PROFESSION
from evaluations.links import token_for
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.opening import open_survey

COMMUNITY, GUESTS_FROM = "medicines-safety", ("medicines-optimisation", "acute-deterioration")
JOIN_WEEKS_AGO, ASK_WEEKS_AGO = 33, 30
OPEN_DAYS = 10
ANSWERED = 38
# Nurses see more of it than those who run the systems do.
MOODS = {"03": 0.74, "05": 0.5, "08": 0.42}
USUAL_MOOD = 0.6


def plan_breakdown(world: World) -> None:
    if not {COMMUNITY, *GUESTS_FROM} <= {text.slug for text in world.content.communities}:
        return
    timeline = world.timeline
    for guest in _guests(world):
        timeline.add(world.weeks_ago(JOIN_WEEKS_AGO, time(15, 0)), partial(_join, world, guest))
    opened = world.weeks_ago(ASK_WEEKS_AGO, time(9, 0))
    closes_at = at_wall_time(opened.date() + timedelta(days=OPEN_DAYS), CLOSES_AT)
    timeline.add(opened, partial(_open, world, closes_at))
    timeline.add(closes_at - timedelta(hours=2), partial(_answer, world))
    # Alone: opening the answers and wiping what held them manage their own transactions.
    timeline.add(closes_at, _close, is_alone=True)
    timeline.add(closes_at + timedelta(hours=1), partial(_leave, world))


def _guests(world: World) -> list[InventedPerson]:
    """Members of the two other communities, but not those who are here anyway or stand behind a door of the demo."""
    here = set(world.content.facilitators[COMMUNITY])
    here |= {name for name, slugs in world.content.also.items() if COMMUNITY in slugs}
    return [
        person
        for person in world.content.members
        if person.community in GUESTS_FROM and not person.door and person.name not in here
    ]


def _join(world: World, guest: InventedPerson, now: datetime) -> None:
    if guest.name not in world.people:
        # They have not come into the network yet.
        return
    add_member(
        community=world.communities[COMMUNITY],
        name=guest.name,
        email=guest.address,
        organisation=world.organisations[guest.organisation] if guest.organisation else None,
        professional_group=ProfessionalGroup.objects.get(code=guest.group),
        starts_on=now.date(),
        by=world.facilitator_of(COMMUNITY),
        now=now,
    )


def _open(world: World, closes_at: datetime, now: datetime) -> None:
    open_survey(
        community=world.communities[COMMUNITY],
        version=InstrumentVersion.objects.published().get(instrument__code=CORE),
        mode=PrivacyMode.ANONYMOUS,
        closes_at=closes_at,
        reminder_days=[4],
        by=world.network_lead,
        now=now,
        breakdown=PROFESSION,
    )


def _the_survey() -> Survey:
    found = Survey.objects.open().exclude(breakdown=None).select_related("version", "community")
    return found.get(community__slug=COMMUNITY)


def _answer(world: World, now: datetime) -> None:
    survey = _the_survey()
    dice = world.dice("by profession", COMMUNITY)
    questionnaire = questionnaire_of(survey.version)
    asked = Invitation.objects.filter(survey=survey, is_established=True).select_related("survey", "person__user")
    professions = {person.name: person.group for person in world.content.members}
    for invitation in dice.sample(sorted(asked, key=lambda one: one.person.name), ANSWERED):
        mood = MOODS.get(professions[invitation.person.name], USUAL_MOOD)
        answers = Respondent(dice, mood, []).answer(questionnaire)
        submit_answers(token=token_for(invitation), answers=answers, now=now)


def _close(now: datetime) -> None:
    close_survey(survey=_the_survey(), now=now)


def _leave(world: World, now: datetime) -> None:
    by = world.facilitator_of(COMMUNITY)
    for name in [guest.name for guest in _guests(world)]:
        staying = Membership.objects.current().filter(community__slug=COMMUNITY, person__user__name=name)
        for membership in staying:
            end_membership(membership=membership, ends_on=now.date(), by=by, now=now)
