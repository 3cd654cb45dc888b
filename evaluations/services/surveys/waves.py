"""Asking several communities at once: a wave. Each opens, or is refused with its own reason and the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.models import Community
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import InstrumentVersion, Survey, Wave
from evaluations.models.survey import SurveyQuerySet
from evaluations.questionnaire import questionnaire_of
from evaluations.services.surveys import grouping
from evaluations.services.surveys.opening import (
    OpeningPreview,
    already_open,
    check_asking,
    check_opening,
    check_reminders,
    check_version,
    open_survey,
    preview_openings,
)


class WaveNameTaken(Conflict):
    """Waves are told apart by their names."""


class NothingOpened(Refusal):
    """A wave is launched when at least one community can be asked."""


class NoCommunityChosen(Refusal):
    """A wave asks communities."""


@dataclass(frozen=True)
class Plan:
    """What all communities of a wave are asked, and how. `breakdown` is one of `grouping.choices()`."""

    version: InstrumentVersion
    mode: str
    closes_at: datetime
    reminder_days: Sequence[int] = ()
    breakdown: str = grouping.NONE
    shared_with: str = Survey.SharedWith.MEMBERS


@dataclass(frozen=True)
class WouldOpen:
    """What launching would do in one community: `refused` says why it would not open, else it is empty."""

    community: Community
    preview: OpeningPreview
    refused: str


@dataclass(frozen=True)
class Launched:
    """What came of a launch: the surveys that opened, and for each other community why not."""

    wave: Wave
    opened: list[Survey] = field(default_factory=list)
    refused: list[tuple[Community, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        number = len(self.opened)
        opened = f"“{self.wave.name}” is open in {number} {'community' if number == 1 else 'communities'}."
        return " ".join([opened, *(f"Not in {community.name}: {why}" for community, why in self.refused)])


def preview_wave(*, plan: Plan, communities: Iterable[Community], now: datetime) -> list[WouldOpen]:
    """Who would be asked in each community and when, or why it would not open; in order of name. Stores nothing.

    A fixed number of queries, however many communities there are.
    """
    in_order = _by_name(communities)
    open_in = set(_open_surveys(plan).values_list("community", flat=True))
    refused = {community.pk: _why_not(plan, community, open_in, now) for community in in_order}
    may_open = [community for community in in_order if not refused[community.pk]]
    previews = preview_openings(communities=may_open, closes_at=plan.closes_at, now=now)
    questionnaire = questionnaire_of(plan.version)
    people = [person for preview in previews.values() for person in preview.people]
    roster = grouping.roster_of(plan.breakdown, people, timezone.localdate(now))
    for community in may_open:
        try:
            check_asking(
                preview=previews[community.pk], breakdown=plan.breakdown, questionnaire=questionnaire, roster=roster
            )
        except Refusal as refusal:
            refused[community.pk] = _sentence(refusal)
    return [
        WouldOpen(community, previews.get(community.pk, OpeningPreview()), refused[community.pk])
        for community in in_order
    ]


def _by_name(communities: Iterable[Community]) -> list[Community]:
    return sorted(communities, key=lambda community: (community.name, community.pk))


def _open_surveys(plan: Plan) -> SurveyQuerySet:
    return Survey.objects.filter(version=plan.version).taking_their_questionnaire()


def _why_not(plan: Plan, community: Community, open_in: AbstractSet[int], now: datetime) -> str:
    try:
        check_opening(community=community, version=plan.version, mode=plan.mode, closes_at=plan.closes_at, now=now)
    except Refusal as refusal:
        return _sentence(refusal)
    return _sentence(already_open(plan.version, community)) if community.pk in open_in else ""


def _sentence(refusal: Refusal) -> str:
    return " ".join(refusal.messages)


def check_name(name: str) -> None:
    """Refuses a name that another wave has. Raises WaveNameTaken."""
    if Wave.objects.filter(name=name).exists():
        raise name_taken(name)


def name_taken(name: str) -> WaveNameTaken:
    return WaveNameTaken(f"There is a wave “{name}” already. Give this one another name.", code="wave_name_taken")


def check_plan(*, plan: Plan, communities: Sequence[Community], now: datetime) -> None:
    """Refuses what could be launched nowhere. Raises NoCommunityChosen, and what `open_survey` refuses of a plan."""
    if not communities:
        raise NoCommunityChosen("Choose at least one community.", code="no_community_chosen")
    check_reminders(plan.reminder_days)
    if plan.breakdown not in dict(grouping.choices(questionnaire_of(plan.version))):
        raise grouping.not_in_the_list()
    check_version(version=plan.version, mode=plan.mode, closes_at=plan.closes_at, now=now)


@transaction.atomic
def launch_wave(*, name: str, plan: Plan, communities: Sequence[Community], by: User, now: datetime) -> Launched:
    """Opens a survey in each community. One that is refused says why, and the others go on.

    Raises WaveNameTaken, NoCommunityChosen, NothingOpened, and what `open_survey` refuses of the plan itself; then
    nothing is stored.
    """
    check_plan(plan=plan, communities=communities, now=now)
    try:
        with transaction.atomic():
            wave = Wave.objects.create(name=name, starts_on=timezone.localdate(now))
    except IntegrityError:
        raise name_taken(name) from None
    launched = _open_each(wave, plan, communities, by, now)
    audit.record(event="wave.launched", by=by, target=wave, at=now)
    return launched


@transaction.atomic
def widen_wave(*, wave: Wave, communities: Sequence[Community], by: User, now: datetime) -> Launched:
    """Asks further communities what a wave has asked, until the same day. Raises NoCommunityChosen, NothingOpened."""
    plan = plan_of(wave)
    check_plan(plan=plan, communities=communities, now=now)
    launched = _open_each(wave, plan, communities, by, now)
    audit.record(event="wave.widened", by=by, target=wave, at=now)
    return launched


def plan_of(wave: Wave) -> Plan:
    """What the communities of a wave were asked, and how. A wave has at least one survey."""
    return plan_like(list(wave.surveys.select_related("version")))


def plan_like(surveys: Sequence[Survey]) -> Plan:
    """What these surveys of one wave have in common: as the first of them was opened."""
    first = min(surveys, key=lambda survey: (survey.opened_at, survey.pk))
    declared = grouping.declared_of(first)
    return Plan(
        version=first.version,
        mode=first.mode,
        # One that was given more time was meant to close with the others.
        closes_at=min(survey.closes_at for survey in surveys),
        reminder_days=first.reminder_days,
        breakdown=declared.choice if declared else grouping.NONE,
        shared_with=first.shared_with,
    )


def _open_each(wave: Wave, plan: Plan, communities: Iterable[Community], by: User, now: datetime) -> Launched:
    launched = Launched(wave)
    for community in _by_name(communities):
        try:
            with transaction.atomic():
                survey = open_survey(
                    community=community,
                    version=plan.version,
                    mode=plan.mode,
                    closes_at=plan.closes_at,
                    reminder_days=plan.reminder_days,
                    by=by,
                    now=now,
                    wave=wave,
                    breakdown=plan.breakdown,
                    shared_with=plan.shared_with,
                )
        except Refusal as refusal:
            launched.refused.append((community, _sentence(refusal)))
        else:
            launched.opened.append(survey)
    if not launched.opened:
        whys = (f"{community.name}: {why}" for community, why in launched.refused)
        raise NothingOpened(f"No community could be asked. {' '.join(whys)}", code="nothing_opened")
    return launched
