"""Adding a member and ending a membership, on the pages."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from communities.models import Community, Membership, Organisation, ProfessionalGroup
from cop_portal.accounts.models import User
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    TODAY,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust() -> Organisation:
    return OrganisationFactory.create(name="Riverside Trust")


@pytest.fixture
def nurses() -> ProfessionalGroup:
    return ProfessionalGroupFactory.create(name="Nursing")


def typed(trust: Organisation, nurses: ProfessionalGroup, **changes: str) -> dict[str, str]:
    return {
        "name": "Amara Okafor",
        "email": "amara@example.org",
        "organisation": str(trust.pk),
        "professional_group": str(nurses.pk),
        "starts_on": "2026-11-24",
        **changes,
    }


def test_a_person_added_is_on_the_list_and_is_written_to(
    signed_in: Client, community: Community, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    page = reverse("communities:add-member", args=[community.slug])
    response = signed_in.post(page, typed(trust, nurses), follow=True)
    html = response.content.decode()
    assert "Amara Okafor is now a member, and a mail will tell them so." in html
    assert "Riverside Trust" in html
    assert "amara@example.org" in html
    assert OutboxMessage.objects.get(kind="communities.welcome").recipient == "amara@example.org"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"email": "member@example.org"}, 409, "Mina Member is already a member of Sepsis."),
        ({"email": "nobody"}, 422, "Enter the mail address in full, like name@example.org"),
        ({"name": ""}, 422, "Enter the full name"),
        ({"name": "a\x00b"}, 422, "Full name contains a character that cannot be stored"),
        ({"name": "x" * 151}, 422, "Full name must be 150 characters or fewer"),
        ({"professional_group": ""}, 422, "Choose the professional group"),
        ({"starts_on": "2026-11-25"}, 422, "Choose today or an earlier date"),
        ({"starts_on": "31/02/2026"}, 422, "Member since must be a real date"),
    ],
)
def test_a_person_who_cannot_be_added_is_not_and_the_words_stand_at_the_field(
    *,
    signed_in: Client,
    community: Community,
    people: dict[str, User],
    trust: Organisation,
    nurses: ProfessionalGroup,
    changes: dict[str, str],
    status: int,
    words: str,
) -> None:
    EmailAddress.objects.filter(user=people["member"]).update(email="member@example.org")
    before = Membership.objects.count()
    page = reverse("communities:add-member", args=[community.slug])
    response = signed_in.post(page, typed(trust, nurses, **changes))
    html = response.content.decode()
    assert response.status_code == status
    assert html.count(words) == 2, "once in the summary, once at the field"
    assert Membership.objects.count() == before
    assert not OutboxMessage.objects.filter(kind="communities.welcome").exists()


def test_addresses_are_for_those_who_run_the_community(
    client: Client, at_noon: None, community: Community, people: dict[str, User]
) -> None:
    address = EmailAddress.objects.get(user=people["facilitator"]).email
    page = reverse("communities:member-list", args=[community.slug])
    assert address in sign_in(client, people["facilitator"]).get(page).content.decode()
    html = sign_in(client, people["member"]).get(page).content.decode()
    assert "Fadia Facilitator" in html
    assert address not in html


def test_ending_a_membership_asks_first_and_then_takes_the_person_off_the_list(
    signed_in: Client, community: Community
) -> None:
    membership = MembershipFactory.create(community=community, person=PersonFactory.create(name="Lea Ver"))
    page = reverse("communities:end-membership", args=[community.slug, membership.pk])
    assert "What has been recorded stays" in signed_in.get(page).content.decode()
    membership.refresh_from_db()
    assert membership.ends_on is None
    refused = signed_in.post(page, {"ends_on": str(TODAY + timedelta(days=1))})
    assert refused.status_code == 422
    response = signed_in.post(page, {"ends_on": str(TODAY)}, follow=True)
    assert "Lea Ver is no longer a member." in response.content.decode()
    assert membership not in response.context["object_list"]
    again = signed_in.post(page, {"ends_on": str(TODAY)})
    assert (again.status_code, "already been ended" in again.content.decode()) == (409, True)


def test_a_membership_of_another_community_is_not_found_under_this_one(signed_in: Client, community: Community) -> None:
    elsewhere = MembershipFactory.create()
    page = reverse("communities:end-membership", args=[community.slug, elsewhere.pk])
    assert signed_in.post(page, {"ends_on": str(TODAY)}).status_code == 404
