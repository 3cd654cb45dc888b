"""Where people work: moving on leaves the past as it was; a correction puts it right."""

from datetime import date, timedelta
from typing import Any

import pytest

from communities.models import Affiliation, Person
from communities.services.people import affiliations
from communities.services.people.affiliations import MoveOutOfOrder, NothingMoved, correct_affiliation, move_person
from cop_portal.accounts.services.users import DetailsChangedMeanwhile
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import (
    LONG_AGO,
    NOW,
    TODAY,
    AffiliationFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def person() -> Person:
    return PersonFactory.create(name="Amara Okafor")


def move(person: Person, **changes: Any) -> Affiliation:
    asked: dict[str, Any] = {
        "organisation": OrganisationFactory.create(),
        "professional_group": ProfessionalGroupFactory.create(),
        "starts_on": TODAY,
        "version": 1,
        **changes,
    }
    return move_person(person=person, by=person.user, now=NOW, **asked)


def test_moving_ends_what_was_on_the_day_and_leaves_it_as_it_was(person: Person) -> None:
    before = person.affiliations.get()
    after = move(person, starts_on=date(2026, 10, 1))
    ended = Affiliation.objects.get(pk=before.pk)
    assert (ended.organisation, ended.professional_group, ended.starts_on) == (
        before.organisation, before.professional_group, LONG_AGO,
    )  # fmt: skip
    assert (ended.ends_on, after.starts_on, after.ends_on) == (date(2026, 10, 1), date(2026, 10, 1), None)
    assert Affiliation.objects.on_day(date(2026, 9, 30)).get(person=person) == before
    assert Affiliation.objects.on_day(date(2026, 10, 1)).get(person=person) == after
    assert AuditEntry.objects.get().event == "affiliation.started"


def test_a_first_workplace_is_entered_as_a_move(person: Person) -> None:
    Affiliation.objects.all().delete()
    assert move(person).ends_on is None


def test_a_new_professional_group_at_the_same_place_is_a_move_too(person: Person) -> None:
    before = person.affiliations.get()
    after = move(person, organisation=before.organisation)
    assert after.organisation == before.organisation
    assert Affiliation.objects.count() == 2


@pytest.mark.parametrize("starts_on", [TODAY + timedelta(days=1), LONG_AGO, LONG_AGO - timedelta(days=1)])
def test_a_move_is_later_than_the_last_one_and_not_in_the_future(person: Person, starts_on: date) -> None:
    with pytest.raises(MoveOutOfOrder):
        move(person, starts_on=starts_on)
    assert Affiliation.objects.get().ends_on is None


def test_a_move_does_not_reach_into_an_earlier_time(person: Person) -> None:
    Affiliation.objects.update(ends_on=date(2026, 6, 1))
    with pytest.raises(MoveOutOfOrder, match="1 June 2026"):
        move(person, starts_on=date(2026, 5, 1))
    move(person, starts_on=date(2026, 6, 1))


def test_moving_to_where_one_is_is_refused(person: Person) -> None:
    present = person.affiliations.get()
    with pytest.raises(NothingMoved):
        move(person, organisation=present.organisation, professional_group=present.professional_group)


def test_a_correction_changes_it_from_its_beginning(person: Person) -> None:
    group = ProfessionalGroupFactory.create()
    correct_affiliation(person=person, organisation=None, professional_group=group, version=1, by=person.user, now=NOW)
    only = Affiliation.objects.get()
    assert (only.organisation, only.professional_group, only.starts_on, only.ends_on) == (None, group, LONG_AGO, None)


def test_there_must_be_something_to_correct(person: Person) -> None:
    Affiliation.objects.all().delete()
    with pytest.raises(affiliations.NoAffiliationToCorrect):
        correct_affiliation(
            person=person,
            organisation=None,
            professional_group=ProfessionalGroupFactory.create(),
            version=1,
            by=person.user,
            now=NOW,
        )


def test_the_second_of_two_who_change_the_same_details_is_told(person: Person) -> None:
    move(person)
    with pytest.raises(DetailsChangedMeanwhile):
        move(Person.objects.get(pk=person.pk), starts_on=TODAY)
    assert Affiliation.objects.count() == 2


def test_what_is_left_of_an_erased_record_stays_as_it_is(person: Person) -> None:
    Person.objects.update(erased_on=TODAY)
    with pytest.raises(affiliations.NotAPersonAnyMore):
        move(person)
    assert AffiliationFactory._meta.model.objects.count() == 1
