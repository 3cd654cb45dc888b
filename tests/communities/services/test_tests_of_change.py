"""Tests of change: what one line is enough for, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from communities.models import Adoption, Community, Measure, TestOfChange
from communities.services.communities import CommunityClosed
from communities.services.promises.tests_of_change import (
    MOST_MEASURES,
    AdoptedOutOfOrder,
    AdoptionNeedsAPlace,
    Cycle,
    CycleOfAnotherCommunity,
    MeasuredTwice,
    MeasureInTheFuture,
    NewMeasure,
    NotAnAdoptionOfThis,
    NotElsewhere,
    NothingMeasured,
    NothingTried,
    PassedOnFromThere,
    TestChangedMeanwhile,
    TestEndsBeforeItStarts,
    TooManyMeasures,
    edit_test_of_change,
    log_test_of_change,
    note_adoption,
    note_measures,
    remove_adoption,
    remove_measure,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, TODAY, CommunityFactory, OrganisationFactory, member_of
from tests.factories.doing import AdoptionFactory, ChangeFactory, MeasureFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def member(community: Community) -> User:
    return member_of(community)


@pytest.fixture
def change(community: Community) -> TestOfChange:
    return ChangeFactory.create(community=community, title="A nine-box form")


def test_one_line_and_an_outcome_are_enough(community: Community, member: User) -> None:
    cycle = Cycle(title=" A sticker on the chart ", started_on=TODAY - DAY, outcome="abandoned")
    test = log_test_of_change(community=community, cycle=cycle, by=member, now=NOW)
    assert (test.title, test.outcome, test.ended_on, test.by, test.version) == (
        "A sticker on the chart",
        "abandoned",
        TODAY,
        member,
        1,
    )
    assert AuditEntry.objects.get().event == "test_of_change.logged"


def test_a_test_that_is_only_planned_has_no_outcome_yet(community: Community, member: User) -> None:
    cycle = Cycle(title="A sticker", started_on=TODAY + 14 * DAY, ended_on=TODAY)
    test = log_test_of_change(community=community, cycle=cycle, by=member, now=NOW)
    assert (test.outcome, test.ended_on) == ("running", None)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"title": "  "}, NothingTried),
        ({"outcome": "adopted", "ended_on": TODAY - 2 * DAY}, TestEndsBeforeItStarts),
        ({"outcome": "adopted", "ended_on": TODAY + DAY}, TestEndsBeforeItStarts),
        ({"outcome": "adapted", "started_on": TODAY + DAY}, TestEndsBeforeItStarts),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(
    community: Community, member: User, told: dict[str, Any], refusal: type[Exception]
) -> None:
    cycle = Cycle(**{"title": "A sticker", "started_on": TODAY - DAY, **told})
    with pytest.raises(refusal):
        log_test_of_change(community=community, cycle=cycle, by=member, now=NOW)
    assert not TestOfChange.objects.exists()


def test_the_next_cycle_knows_the_one_before_it(change: TestOfChange, member: User) -> None:
    second = log_test_of_change(
        community=change.community,
        cycle=Cycle(title="On two wards", started_on=TODAY),
        cycle_before=change,
        by=member,
        now=NOW,
    )
    assert list(change.cycles_after.all()) == [second]
    with pytest.raises(CycleOfAnotherCommunity):
        log_test_of_change(
            community=CommunityFactory.create(),
            cycle=Cycle(title="Elsewhere", started_on=TODAY),
            cycle_before=change,
            by=member,
            now=NOW,
        )


def test_a_correction_made_from_an_older_version_overwrites_nothing(change: TestOfChange, member: User) -> None:
    theirs = Cycle(title="A nine-box form", started_on=change.started_on, aim="Three minutes", aim_value=Decimal(3))
    edit_test_of_change(test=change, version=1, cycle=theirs, by=member, now=NOW)
    mine = Cycle(title="A form", started_on=change.started_on)
    with pytest.raises(TestChangedMeanwhile):
        edit_test_of_change(test=change, version=1, cycle=mine, by=member, now=NOW)
    change.refresh_from_db()
    assert (change.title, change.aim, change.aim_value, change.version) == (
        "A nine-box form",
        "Three minutes",
        Decimal(3),
        2,
    )


def test_an_outcome_can_be_taken_back(change: TestOfChange, member: User) -> None:
    began = change.started_on
    ended = Cycle(title="Form", started_on=began, outcome="adopted", ended_on=TODAY - DAY)
    edit_test_of_change(test=change, version=1, cycle=ended, by=member, now=NOW)
    assert change.ended_on == TODAY - DAY
    again = Cycle(title="Form", started_on=began, ended_on=TODAY - DAY)
    edit_test_of_change(test=change, version=2, cycle=again, by=member, now=NOW)
    change.refresh_from_db()
    assert change.outcome == "running"
    assert change.ended_on is None


def test_values_are_one_a_day_all_or_none(change: TestOfChange, member: User) -> None:
    days = [TODAY - 2 * DAY, TODAY - DAY]
    noted = note_measures(
        test=change, measures=[NewMeasure(on=day, value=Decimal("11.5")) for day in days], by=member, now=NOW
    )
    assert [(m.on, m.value) for m in noted] == [(day, Decimal("11.5")) for day in days]
    with pytest.raises(MeasuredTwice) as twice:
        note_measures(
            test=change,
            measures=[NewMeasure(on=TODAY, value=Decimal(3)), NewMeasure(on=days[0], value=Decimal(4))],
            by=member,
            now=NOW,
        )
    assert "22 November 2026" in twice.value.messages[0]
    with pytest.raises(MeasuredTwice):
        note_measures(test=change, measures=[NewMeasure(TODAY, Decimal(3))] * 2, by=member, now=NOW)
    with pytest.raises(NothingMeasured):
        note_measures(test=change, measures=[], by=member, now=NOW)
    with pytest.raises(MeasureInTheFuture):
        note_measures(test=change, measures=[NewMeasure(TODAY + DAY, Decimal(3))], by=member, now=NOW)
    assert change.measures.count() == 2


def test_a_run_chart_is_no_data_feed(change: TestOfChange, member: User) -> None:
    many = [NewMeasure(date(2024, 1, 1) + number * DAY, Decimal(1)) for number in range(MOST_MEASURES + 1)]
    with pytest.raises(TooManyMeasures):
        note_measures(test=change, measures=many, by=member, now=NOW)
    assert len(note_measures(test=change, measures=many[1:], by=member, now=NOW)) == MOST_MEASURES


def test_a_wrong_value_is_removed_once(change: TestOfChange, member: User) -> None:
    measure = MeasureFactory.create(test=change)
    remove_measure(measure=measure, by=member, now=NOW)
    remove_measure(measure=measure, by=member, now=NOW)
    assert not Measure.objects.exists()
    assert [entry.event for entry in AuditEntry.objects.all()] == ["test_of_change.measure_removed"]


def test_where_it_was_adopted_keeps_the_line_it_came_along(change: TestOfChange, member: User) -> None:
    trust = OrganisationFactory.create(name="Riverside Trust")
    first = note_adoption(test=change, organisation=trust, adopted_on=TODAY - 9 * DAY, by=member, now=NOW)
    second = note_adoption(
        test=change, place="Ward 3", community=CommunityFactory.create(name="Maternity"), adopted_on=TODAY - DAY,
        came_from=first, by=member, now=NOW,
    )  # fmt: skip
    assert [first.where, second.where] == ["Riverside Trust", "Ward 3, the Maternity community"]
    assert list(first.passed_on_to.all()) == [second]
    with pytest.raises(PassedOnFromThere):
        remove_adoption(adoption=first, by=member, now=NOW)
    remove_adoption(adoption=second, by=member, now=NOW)
    remove_adoption(adoption=first, by=member, now=NOW)
    assert not Adoption.objects.exists()


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"place": " "}, AdoptionNeedsAPlace),
        ({"adopted_on": TODAY + DAY}, AdoptedOutOfOrder),
        ({"adopted_on": TODAY - 31 * DAY}, AdoptedOutOfOrder),
    ],
)
def test_an_adoption_says_where_and_in_order(
    change: TestOfChange, member: User, told: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        note_adoption(test=change, by=member, now=NOW, **{"place": "Ward 3", "adopted_on": TODAY - DAY, **told})
    assert not Adoption.objects.exists()


def test_an_adoption_is_elsewhere_and_of_the_same_change(change: TestOfChange, member: User) -> None:
    with pytest.raises(NotElsewhere):
        note_adoption(test=change, community=change.community, adopted_on=TODAY, by=member, now=NOW)
    of_another = AdoptionFactory.create()
    with pytest.raises(NotAnAdoptionOfThis):
        note_adoption(test=change, place="Ward 3", adopted_on=TODAY, came_from=of_another, by=member, now=NOW)
    later = AdoptionFactory.create(test=change, adopted_on=TODAY)
    with pytest.raises(AdoptedOutOfOrder) as refused:
        note_adoption(test=change, place="Ward 4", adopted_on=TODAY - DAY, came_from=later, by=member, now=NOW)
    assert "when Ward" in refused.value.messages[0]


def test_what_a_closed_community_tried_stays_as_it_is(change: TestOfChange, member: User) -> None:
    measure, adoption = MeasureFactory.create(test=change), AdoptionFactory.create(test=change)
    Community.objects.update(state=Community.State.CLOSED)
    cycle = Cycle(title="Another", started_on=TODAY)
    told: Any = {"by": member, "now": NOW}
    with pytest.raises(CommunityClosed):
        log_test_of_change(community=change.community, cycle=cycle, **told)
    with pytest.raises(CommunityClosed):
        edit_test_of_change(test=change, version=1, cycle=cycle, **told)
    with pytest.raises(CommunityClosed):
        note_measures(test=change, measures=[], **told)
    with pytest.raises(CommunityClosed):
        remove_measure(measure=measure, **told)
    with pytest.raises(CommunityClosed):
        note_adoption(test=change, place="Ward 3", adopted_on=TODAY, **told)
    with pytest.raises(CommunityClosed):
        remove_adoption(adoption=adoption, **told)
    assert (Measure.objects.count(), Adoption.objects.count(), change.version) == (1, 1, 1)
