"""Asking several communities at once: each opens, or is refused with its own reason and the others go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from communities.models import Community
from cop_portal.audit.models import AuditEntry
from cop_portal.refusals import Refusal
from evaluations.models import Invitation, PlannedRequest, Survey, Wave
from evaluations.services.surveys import opening, waves
from evaluations.services.surveys.grouping import BreakdownNotPossible
from evaluations.services.surveys.waves import Plan, launch_wave, plan_of, preview_wave, widen_wave
from tests.factories.communities import NOW, TODAY, MembershipFactory, PersonFactory, ProfessionalGroupFactory, staff
from tests.factories.evaluations import community_of, open_survey_for, published

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def plan_for(**changes: Any) -> Plan:
    usual: dict[str, Any] = {"mode": "anonymous", "closes_at": NOW + timedelta(days=21), "reminder_days": [4, 9]}
    return Plan(**{"version": changes.pop("version", None) or published(), **usual, **changes})


def launch(*communities: Community, name: str = "November 2026", **changes: Any) -> waves.Launched:
    return launch_wave(name=name, plan=plan_for(**changes), communities=communities, by=staff(), now=NOW)


def test_every_community_gets_a_survey_of_its_own_in_one_wave() -> None:
    sepsis, delirium = community_of(6, name="Sepsis"), community_of(4, name="Delirium")

    launched = launch(sepsis, delirium, shared_with="leaders")

    assert [survey.community.name for survey in launched.opened] == ["Delirium", "Sepsis"]
    assert (launched.wave.name, launched.wave.starts_on, launched.refused) == ("November 2026", TODAY, [])
    assert launched.words == "“November 2026” is open in 2 communities."
    found = Survey.objects.filter(wave=launched.wave)
    assert sorted(found.values_list("asked_count", "reminder_days", "shared_with")) == [
        (4, [4, 9], "leaders"),
        (6, [4, 9], "leaders"),
    ]
    assert len(set(found.values_list("key_id", flat=True))) == 2
    assert AuditEntry.objects.filter(event="wave.launched").count() == 1
    assert AuditEntry.objects.filter(event="survey.opened").count() == 2


def test_a_community_that_cannot_be_asked_says_why_and_the_others_go_on(key_dir: Any) -> None:
    paused = community_of(6, name="Delirium", state=Community.State.PAUSED)
    empty = community_of(0, name="Maternity")
    busy = open_survey_for(community_of(5, name="Safety")).community
    before = len(list(key_dir.iterdir()))

    launched = launch(paused, empty, busy, community_of(6, name="Sepsis"))

    assert [survey.community.name for survey in launched.opened] == ["Sepsis"]
    assert [(community.name, why) for community, why in launched.refused] == [
        ("Delirium", "Delirium is paused. Only an active community can be asked."),
        (
            "Maternity",
            "There is nobody to ask: no member of this community has an address that mail can be sent to.",
        ),
        (
            "Safety",
            "“Community of practice: ten questions” is already open in Safety. Close it before you open it again.",
        ),
    ]
    assert launched.words.startswith("“November 2026” is open in 1 community. Not in Delirium: Delirium is paused.")
    assert len(list(key_dir.iterdir())) == before + 2


def test_what_the_preview_says_is_what_happens() -> None:
    """Someone in two of the communities is asked in the second only five working days after the first."""
    first, second = community_of(3, name="Airway"), community_of(3, name="Burns")
    both = PersonFactory.create(name="In Both")
    for community in (first, second):
        MembershipFactory.create(community=community, person=both)
    communities = [second, first, community_of(2, name="Cardiac", state=Community.State.CLOSED)]

    previewed = preview_wave(plan=plan_for(), communities=communities, now=NOW)
    assert not Survey.objects.exists()
    launch(*communities)

    assert [(one.community.name, bool(one.refused)) for one in previewed] == [
        ("Airway", False),
        ("Burns", False),
        ("Cardiac", True),
    ]
    for one in previewed[:2]:
        planned = PlannedRequest.objects.filter(invitation__survey__community=one.community, number=0)
        happened = {request.invitation.person_id: request.due_at for request in planned.select_related("invitation")}
        assert {asked.person.pk: asked.first_mail_at for asked in one.preview.asked} == happened
    days = [
        timezone.localdate(asked.first_mail_at)
        for one in previewed
        for asked in one.preview.asked
        if asked.person == both
    ]
    assert days == [TODAY, TODAY + timedelta(days=7)]


def test_nothing_is_stored_where_no_community_can_be_asked(key_dir: Any) -> None:
    with pytest.raises(waves.NothingOpened) as refused:
        launch(community_of(0, name="Maternity"))
    assert refused.value.messages[0].startswith("No community could be asked. Maternity: There is nobody to ask")
    assert not Wave.objects.exists()
    assert list(key_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"closes_at": NOW + timedelta(hours=1)}, opening.ClosesTooSoon),
        ({"reminder_days": [1, 2, 3, 4, 5, 6]}, opening.RemindersNotPossible),
        ({"breakdown": "shoe-size"}, BreakdownNotPossible),
        ({"mode": "secret"}, opening.ModeNotOffered),
        ({"name": "May 2026"}, waves.WaveNameTaken),
    ],
)
def test_a_plan_that_could_be_launched_nowhere_is_refused_as_a_whole(
    changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    Wave.objects.create(name="May 2026", starts_on=TODAY)
    with pytest.raises(refusal):
        launch(community_of(5), **changes)
    with pytest.raises(waves.NoCommunityChosen):
        launch()
    assert Wave.objects.count() == 1
    assert not Survey.objects.exists()


def test_a_breakdown_is_declared_where_forty_are_asked_and_elsewhere_the_survey_does_not_open() -> None:
    large, small = community_of(40, name="Large"), community_of(12, name="Small")
    for position, membership in enumerate(large.memberships.all()):
        code = "nursing" if position % 2 else "medical"
        group = ProfessionalGroupFactory._meta.model.objects.filter(code=code).first()
        group = group or ProfessionalGroupFactory.create(code=code, name=code.title())
        membership.person.affiliations.update(professional_group=group)

    launched = launch(large, small, breakdown="profession")

    survey = Survey.objects.get()
    assert survey.breakdown is not None
    assert [group["code"] for group in survey.breakdown["groups"]] == ["medical", "nursing"]
    assert [community.name for community, _ in launched.refused] == ["Small"]
    assert plan_of(launched.wave).breakdown == "profession"


def test_further_communities_are_asked_the_same_until_the_same_day() -> None:
    launched = launch(community_of(5, name="Sepsis"), reminder_days=[7])
    later = NOW + timedelta(days=2)

    widened = widen_wave(wave=launched.wave, communities=[community_of(4, name="Delirium")], by=staff(), now=later)

    survey = widened.opened[0]
    assert (survey.wave, survey.reminder_days, survey.opened_at) == (launched.wave, [7], later)
    assert survey.closes_at == launched.opened[0].closes_at
    assert Invitation.objects.filter(survey=survey).count() == 4
    with pytest.raises(opening.ClosesTooSoon):
        widen_wave(wave=launched.wave, communities=[community_of(4)], by=staff(), now=survey.closes_at)


@pytest.mark.parametrize("number", [1, 30])
def test_the_preview_asks_as_many_questions_for_thirty_communities_as_for_one(
    number: int, django_assert_num_queries: Any
) -> None:
    communities = [community_of(2) for _ in range(number)]
    plan = plan_for(breakdown="profession")
    with django_assert_num_queries(6):
        preview_wave(plan=plan, communities=communities, now=NOW)
