"""Those who checked in, before their facilitator: confirmed, refused, or left open."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Attendance, CheckInClaim, Community, Guest, Session
from communities.services.sessions.check_in_passes import claim_as_guest, new_pass
from cop_portal.accounts.models import User
from tests.communities.pages.checking_in import going_on, hidden, html_of, opened
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(community: Community) -> Session:
    return going_on(community)


def community_of(people: dict[str, User]) -> Community:
    return Community.objects.get(role_terms__person__user=people["facilitator"])


def page(name: str, session: Session) -> str:
    return reverse(f"communities:{name}", args=[session.community.slug, session.pk])


def claimed(community: Community, session: Session, facilitator: User, *names: str) -> list[CheckInClaim]:
    """Members who say that they are in the room, and one guest."""
    check_in = opened(session, facilitator)
    for name in names:
        member = MembershipFactory.create(community=community, person=PersonFactory.create(name=name))
        CheckInClaim.objects.create(session=session, membership=member, how="room")
    held = new_pass(check_in, NOW)
    claim_as_guest(held=held, name="Gus Guest", organisation="Trust Z", how="online", now=NOW)
    return list(CheckInClaim.objects.with_people())


def test_the_facilitator_confirms_some_refuses_one_and_leaves_one_open(
    signed_in: Client, community: Community, facilitator: User, session: Session
) -> None:
    amara, ben, cleo, guest = claimed(community, session, facilitator, "Amara", "Ben", "Cleo")
    address = page("check-in-claims", session)
    html = html_of(signed_in.get(address))
    assert "checked" not in html.replace("checked in", "")
    assert "A guest, who is not on the list. Online." in html
    said = {f"claim_{amara.pk}": "confirm", f"claim_{ben.pk}": "refuse", f"claim_{guest.pk}": "confirm"}
    done = html_of(signed_in.post(address, said, follow=True))
    assert "2 confirmed and written into the record of this session, 1 refused." in done
    marks_now = {mark.membership_id: mark.status for mark in Attendance.objects.exclude(status="unknown")}
    assert marks_now == {amara.membership_id: "room"}
    assert list(Guest.objects.values_list("name", "organisation")) == [("Gus Guest", "Trust Z")]
    session.refresh_from_db()
    assert (session.state, session.version, session.present_count) == ("held", 2, 1)
    assert list(CheckInClaim.objects.waiting()) == [cleo]
    again = signed_in.post(address, said)
    assert again.status_code == 409
    assert "Someone else has decided about some of these meanwhile." in html_of(again)
    session.refresh_from_db()
    assert session.version == 2


def test_nothing_chosen_decides_nothing(
    signed_in: Client, community: Community, facilitator: User, session: Session
) -> None:
    claimed(community, session, facilitator, "Amara")
    response = signed_in.post(page("check-in-claims", session), {})
    assert (response.status_code, "Choose for at least one person." in html_of(response)) == (422, True)


def test_all_that_were_on_the_page_are_confirmed_at_once_and_no_later_one(
    signed_in: Client, community: Community, facilitator: User, session: Session
) -> None:
    claimed(community, session, facilitator, "Amara", "Ben")
    address = page("check-in-claims", session)
    shown = hidden(signed_in.get(address))
    late = MembershipFactory.create(community=community, person=PersonFactory.create(name="Late Comer"))
    CheckInClaim.objects.create(session=session, membership=late, how="room")
    all_of_them = {name: value for name, value in shown.items() if name.startswith("claim_")}
    assert len(all_of_them) == 3
    signed_in.post(address, all_of_them)
    assert [claim.membership for claim in CheckInClaim.objects.waiting()] == [late]


@pytest.mark.parametrize("name", ["check-in", "check-in-now", "check-in-claims", "close-check-in", "import-attendance"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("staff", 200), ("sponsor", 403), ("member", 403), ("stranger", 404)],
)
@pytest.mark.usefixtures("at_noon")
def test_only_those_who_run_the_community_see_who_claims_to_be_there(
    client: Client, people: dict[str, User], name: str, role: str, status: int
) -> None:
    session = going_on(community_of(people))
    opened(session, people["facilitator"])
    assert sign_in(client, people[role]).get(page(name, session)).status_code == status


@pytest.mark.parametrize("claims", [1, 30])
def test_the_page_of_claims_asks_the_same_few_questions_however_many_there_are(
    signed_in: Client,
    facilitator: User,
    session: Session,
    claims: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    claimed(session.community, session, facilitator, *(f"Person {n:02}" for n in range(claims - 1)))
    with django_assert_num_queries(7):
        signed_in.get(page("check-in-claims", session))
