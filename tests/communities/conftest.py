"""One community with a person in each role, at a fixed moment, for the tests of pages and API."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from communities.models import Community
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, facilitator_of, member_of, sponsor_of, staff


@pytest.fixture
def at_noon() -> Iterator[None]:
    """It is NOW, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def people(community: Community) -> dict[str, User]:
    """By role; "stranger" facilitates another community."""
    return {
        "administrator": staff(name="Ada Admin", platform_role=User.Role.ADMINISTRATOR),
        "staff": staff(name="Stef Staff"),
        "facilitator": facilitator_of(community, name="Fadia Facilitator"),
        "sponsor": sponsor_of(community, name="Sunil Sponsor"),
        "member": member_of(community, name="Mina Member"),
        "stranger": facilitator_of(CommunityFactory.create(), name="Stig Stranger"),
    }


@pytest.fixture
def facilitator(people: dict[str, User]) -> User:
    return people["facilitator"]


@pytest.fixture
def signed_in(client: Client, at_noon: None, facilitator: User) -> Client:
    """A browser in which the facilitator has signed in."""
    return sign_in(client, facilitator)
