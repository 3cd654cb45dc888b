"""Nobody real enters a demo, by whatever door."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from communities.models import Community, Organisation, Person, ProfessionalGroup
from communities.services.people.membership import add_member
from cop_portal.accounts.services.users import create_user
from cop_portal.demo.loader.world import World
from cop_portal.installation.fictional import NotAFictionalAddress
from tests.demo.conftest import SUNDAY

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def test_a_service_refuses_a_member_whose_address_could_be_someones(visitor: Client, demo: World) -> None:
    people = Person.objects.count()
    with pytest.raises(NotAFictionalAddress, match="This is a demo"):
        add_member(
            community=Community.objects.get(slug="sepsis"),
            name="Somebody Real",
            email="somebody@hospital.example.com",
            organisation=Organisation.objects.first(),
            professional_group=ProfessionalGroup.objects.get(code="03"),
            starts_on=SUNDAY.date(),
            by=demo.facilitator_of("sepsis"),
            now=SUNDAY,
        )
    assert Person.objects.count() == people


@pytest.mark.parametrize("address", ["a@example.org", "a@ward.example.org", "a@hospital.test"])
def test_an_address_that_is_nobodys_is_taken(visitor: Client, demo: World, address: str) -> None:
    user = create_user(name="Nobody", email=address, by=demo.network_lead, now=SUNDAY)
    assert EmailAddress.objects.get(user=user).email == address


@pytest.mark.parametrize("address", ["a@example.org.uk", "a@notexample.org", "a@test.com", "a@nhs.net"])
def test_an_address_that_only_looks_like_nobodys_is_refused(visitor: Client, demo: World, address: str) -> None:
    with pytest.raises(NotAFictionalAddress):
        create_user(name="Nobody", email=address, by=demo.network_lead, now=SUNDAY)
