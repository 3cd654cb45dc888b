"""Setting up a community, and changing it: alone, and two at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from communities.models import Community, CommunityChange
from communities.models.community_facts import CommunityFacts, ProgrammeFact, facts_of
from communities.models.rhythm import PlannedRhythm
from communities.services.communities import (
    CommunityChangedMeanwhile,
    CommunityClosed,
    CommunityNameMissing,
    CommunityNameTaken,
    LaunchOutOfRange,
    ProgrammesOutOfOrder,
    create_community,
    edit_community,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, CommunityFactory, staff

pytestmark = pytest.mark.django_db

FACTS = CommunityFacts(
    name="Sepsis",
    purpose="To spot sepsis early.",
    domain="Acutely ill adults",
    host="The HIN",
    launched_on=date(2015, 3, 1),
    rhythm=PlannedRhythm(nth=2, weekday=1),
    programmes=(ProgrammeFact("Patient safety", "https://example.org/safety"), ProgrammeFact("Deterioration")),
    is_open_to_ask=False,
)


@pytest.fixture
def by() -> User:
    return staff()


@pytest.fixture
def sepsis(by: User) -> Community:
    return create_community(facts=FACTS, by=by, now=NOW)


def edit(community: Community, by: User, *, version: int, merges: bool = False, **changes: Any) -> Community:
    facts = changes.pop("base", FACTS)
    return edit_community(
        community=community, facts=replace(facts, **changes), version=version, merges=merges, by=by, now=NOW
    )


def test_a_community_keeps_all_that_is_said_of_it_and_begins_its_history(sepsis: Community, by: User) -> None:
    stored = Community.objects.get()
    assert facts_of(stored) == FACTS
    assert (stored.slug, stored.state, stored.version) == ("sepsis", "active", 1)
    change = CommunityChange.objects.get()
    assert (change.community, change.what, change.by, change.at, change.version) == (sepsis, "created", by, NOW, 1)
    assert AuditEntry.objects.values_list("event", flat=True).get() == "community.created"


@pytest.mark.parametrize(
    ("name", "slug"), [("New", "new-community"), ("Join!", "join-community"), ("敗血症", "community")]
)
def test_an_address_never_stands_in_the_way_of_another_page(by: User, name: str, slug: str) -> None:
    assert create_community(facts=CommunityFacts(name=name), by=by, now=NOW).slug == slug


@pytest.mark.parametrize("name", ["Sepsis", " Sepsis ", "sepsis"])
def test_two_communities_share_neither_a_name_nor_an_address(sepsis: Community, by: User, name: str) -> None:
    with pytest.raises(CommunityNameTaken) as refused:
        create_community(facts=CommunityFacts(name=name), by=by, now=NOW)
    assert refused.value.status == 409
    assert Community.objects.count() == 1


def test_a_community_is_not_renamed_to_what_another_is_called(sepsis: Community, by: User) -> None:
    CommunityFactory.create(name="Delirium")
    with pytest.raises(CommunityNameTaken):
        edit(sepsis, by, version=1, name="Delirium")
    assert facts_of(Community.objects.get(pk=sepsis.pk)) == FACTS


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "   "}, CommunityNameMissing),
        ({"launched_on": date(1, 1, 1)}, LaunchOutOfRange),
        ({"launched_on": date(2029, 1, 1)}, LaunchOutOfRange),
        ({"programmes": (ProgrammeFact("A"), ProgrammeFact(" A "))}, ProgrammesOutOfOrder),
        ({"programmes": (ProgrammeFact(" "),)}, ProgrammesOutOfOrder),
        ({"programmes": tuple(ProgrammeFact(str(n)) for n in range(6))}, ProgrammesOutOfOrder),
    ],
)
def test_what_no_community_can_be_is_refused_and_nothing_is_stored(
    sepsis: Community, by: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        edit(sepsis, by, version=1, **changes)
    with pytest.raises(refusal):
        create_community(facts=replace(FACTS, **{"name": "Other", **changes}), by=by, now=NOW)
    assert facts_of(Community.objects.get()) == FACTS
    assert CommunityChange.objects.count() == 1


def test_a_change_says_what_was_and_what_became_of_it(sepsis: Community, by: User) -> None:
    edited = edit(sepsis, by, version=1, purpose="To treat it in time.", rhythm=PlannedRhythm(weeks=6))
    assert (edited.version, facts_of(edited).purpose) == (2, "To treat it in time.")
    change = CommunityChange.objects.get(version=2)
    assert change.what == "edited"
    assert change.facts == {
        "purpose": ["To spot sepsis early.", "To treat it in time."],
        "rhythm": [{"nth": 2, "weekday": 1}, {"weeks": 6}],
    }


def test_saving_the_same_again_leaves_no_line_and_no_new_version(sepsis: Community, by: User) -> None:
    assert edit(sepsis, by, version=1).version == 1
    assert CommunityChange.objects.count() == 1


def test_without_merging_an_older_version_is_refused_whatever_it_changes(sepsis: Community, by: User) -> None:
    edit(sepsis, by, version=1, host="Another host")
    with pytest.raises(CommunityChangedMeanwhile) as refused:
        edit(sepsis, by, version=1, domain="Children")
    assert refused.value.status == 409
    assert refused.value.clashes == ()
    assert Community.objects.get().domain == FACTS.domain


def test_two_people_who_change_different_facts_both_have_their_way(sepsis: Community, by: User) -> None:
    edit(sepsis, by, version=1, host="Another host")
    edit(sepsis, by, version=2, host="Another host", programmes=())
    merged = edit(sepsis, by, version=1, merges=True, domain="Children")
    assert facts_of(merged) == replace(FACTS, host="Another host", programmes=(), domain="Children")
    assert CommunityChange.objects.get(version=4).facts == {"domain": ["Acutely ill adults", "Children"]}


def test_two_people_who_change_one_fact_differently_are_asked(sepsis: Community, by: User) -> None:
    edit(sepsis, by, version=1, rhythm=PlannedRhythm(weeks=4))
    with pytest.raises(CommunityChangedMeanwhile) as refused:
        edit(sepsis, by, version=1, merges=True, rhythm=PlannedRhythm(weeks=8), domain="Children")
    (clash,) = refused.value.clashes
    assert (clash.label, clash.theirs, clash.yours) == ("Planned rhythm", "every 4 weeks", "every 8 weeks")
    assert facts_of(Community.objects.get()) == replace(FACTS, rhythm=PlannedRhythm(weeks=4))


def test_two_people_who_change_one_fact_alike_do_not_clash(sepsis: Community, by: User) -> None:
    edit(sepsis, by, version=1, host="Another host")
    assert edit(sepsis, by, version=1, merges=True, host="Another host").version == 2


def test_a_fact_changed_there_and_back_clashes_with_nothing(sepsis: Community, by: User) -> None:
    edit(sepsis, by, version=1, host="Another host")
    edit(sepsis, by, version=2)
    assert edit(sepsis, by, version=1, merges=True, host="A third host").host == "A third host"


def test_a_closed_community_is_not_changed(sepsis: Community, by: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        edit(sepsis, by, version=1, host="Another host")
