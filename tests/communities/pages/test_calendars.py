"""The calendar address: shown once, known to one person, told when nothing has changed, and dead when revoked."""

from datetime import timedelta
from typing import Any

import pytest
import vobject
from django.test import Client
from django.urls import reverse

from communities.models import CalendarFeed, Community, Session
from communities.services.sessions.feeds import make_feed
from communities.services.sessions.moving import cancel_session, move_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


@pytest.fixture
def mina(people: dict[str, User]) -> User:
    return people["member"]


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(
        community=community, starts_at=NOW + timedelta(days=7), joining_link="https://meet.example.org/1"
    )


def feed_of(user: User) -> str:
    _, token = make_feed(user=user, now=NOW)
    return reverse("communities:calendar-feed", args=[token])


def uids(response: Any) -> set[str]:
    (read,) = vobject.readComponents(response.content.decode())
    events: list[Any] = read.contents.get("vevent", [])
    return {event.uid.value for event in events}


def test_an_address_is_made_shown_once_and_opens_without_signing_in(
    client: Client, session: Session, mina: User, settings: Any
) -> None:
    sign_in(client, mina)
    assert "Make an address" in client.get(reverse("communities:my-calendar")).content.decode()
    made = client.post(reverse("communities:make-feed"))
    https, webcal = made.context["https"], made.context["webcal"]
    assert https.startswith(f"{settings.BASE_URL}/calendar/")
    assert webcal == "webcal" + https.removeprefix("https").removeprefix("http")
    assert https in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    token = https.rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43
    assert token not in str(list(CalendarFeed.objects.values()))
    assert token not in client.get(reverse("communities:my-calendar")).content.decode()
    response = Client().get(f"/calendar/{token}.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert uids(response) == {str(session.calendar_uid)}


def test_a_new_address_ends_the_old_one_and_revoking_ends_it_too(client: Client, session: Session, mina: User) -> None:
    old, new = feed_of(mina), feed_of(mina)
    assert [Client().get(old).status_code, Client().get(new).status_code] == [404, 200]
    sign_in(client, mina)
    revoked = client.post(reverse("communities:revoke-feed"), follow=True)
    assert "The address is revoked." in revoked.content.decode()
    assert Client().get(new).status_code == 404
    assert client.post(reverse("communities:revoke-feed")).status_code == 404


def test_a_calendar_program_is_told_when_nothing_has_changed(
    client: Client, session: Session, mina: User, facilitator: User
) -> None:
    address = feed_of(mina)
    first = client.get(address)
    tag = first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    start = NOW + 9 * DAY
    move_session(session=session, version=1, starts_at=start, ends_at=start + DAY / 24, by=facilitator, now=NOW)
    changed = client.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_a_feed_holds_ones_own_communities_and_no_other(
    client: Client, session: Session, people: dict[str, User]
) -> None:
    SessionFactory.create(community=CommunityFactory.create())
    found = {name: uids(client.get(feed_of(people[name]))) for name in ("member", "sponsor", "staff", "stranger")}
    own = {str(session.calendar_uid)}
    assert found == {"member": own, "sponsor": own, "staff": set(), "stranger": set()}


def test_a_sponsor_finds_no_joining_link_and_a_member_does(
    client: Client, session: Session, people: dict[str, User]
) -> None:
    joined = {name: b"meet.example.org" in client.get(feed_of(people[name])).content for name in ("member", "sponsor")}
    assert joined == {"member": True, "sponsor": False}


def test_a_cancelled_session_stays_for_30_days_and_an_old_one_for_90(
    client: Client, community: Community, mina: User, facilitator: User
) -> None:
    address = feed_of(mina)
    lately, before = (
        cancel_session(
            session=SessionFactory.create(community=community, starts_at=NOW + days * DAY),
            because="Flood",
            by=facilitator,
            now=NOW - ago * DAY,
        )
        for days, ago in ((5, 29), (6, 30))
    )
    recent, old = (
        SessionFactory.create(community=community, starts_at=NOW - days * DAY, state="held", recorded_at=NOW)
        for days in (89, 91)
    )
    assert uids(client.get(address)) == {str(lately.calendar_uid), str(recent.calendar_uid)}
    assert {str(before.calendar_uid), str(old.calendar_uid)}.isdisjoint(uids(client.get(address)))


def test_whoever_is_no_longer_active_has_no_calendar(client: Client, session: Session, mina: User) -> None:
    address = feed_of(mina)
    User.objects.filter(pk=mina.pk).update(is_active=False)
    assert client.get(address).status_code == 404


def test_fetching_a_feed_changes_nothing_and_looks_for_no_session(
    client: Client, session: Session, mina: User, django_assert_num_queries: Any
) -> None:
    address = feed_of(mina)
    SessionFactory.create_batch(30, community=session.community)
    before = list(CalendarFeed.objects.values())
    sign_in(client, mina)
    # The feed with its person, the sessions, the roles.
    with django_assert_num_queries(3):
        response = client.get(address)
    assert "Set-Cookie" not in response
    assert list(CalendarFeed.objects.values()) == before
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("token", ["x", "A" * 43, "é", "A" * 3000, "%00", "a.ics"])
def test_an_address_that_is_not_known_is_a_plain_404(client: Client, token: str) -> None:
    response = client.get(f"/calendar/{token}.ics")
    assert response.status_code == 404
    assert token not in response.content.decode() or token in ("x", "é")


def test_one_session_is_a_file_for_those_who_may_see_it(
    client: Client, session: Session, people: dict[str, User]
) -> None:
    address = reverse("communities:session-calendar", args=[session.community.slug, session.pk])
    for role, joins in (("member", True), ("sponsor", False)):
        response = sign_in(client, people[role]).get(address)
        assert response["Content-Disposition"] == f'attachment; filename="sepsis-{session.day}.ics"'
        assert uids(response) == {str(session.calendar_uid)}
        assert (b"meet.example.org" in response.content) is joins
    assert sign_in(client, people["stranger"]).get(address).status_code == 404


def test_my_details_lead_to_my_calendar(client: Client, mina: User) -> None:
    assert reverse("communities:my-calendar") in sign_in(client, mina).get(reverse("accounts:me")).content.decode()
