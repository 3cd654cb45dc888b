"""What Home asks of members beside questions and actions: how what they wanted to try went, and to check in."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Attendance, CheckInClaim, Commitment, Community, Session
from communities.models.outcome import ASKED_AFTER
from communities.services.community_states import close_community
from communities.services.sessions.check_ins import close_check_in, open_check_in
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory, MembershipFactory, PersonFactory, SessionFactory
from tests.factories.doing import CommitmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

DAY = timedelta(days=1)
HOME = reverse("home")
TYPE_CODE = reverse("communities:type-check-in-code")


@pytest.fixture
def member(people: dict[str, User]) -> User:
    return people["member"]


def home(client: Client, user: User) -> str:
    return " ".join(sign_in(client, user).get(HOME).content.decode().split())


def said_at(session: Session, user: User, **changes: Any) -> Commitment:
    facts: dict[str, Any] = {"text": "ask about sepsis first", "made_on": session.day, **changes}
    return CommitmentFactory.create(community=session.community, session=session, person=user.person, **facts)


@pytest.fixture
def last(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW - 21 * DAY)


@pytest.mark.parametrize(
    ("following", "is_asked"),
    [
        ((NOW + DAY, "planned"), False),
        ((NOW + timedelta(hours=6), "planned"), True),
        ((NOW - 3 * DAY, "planned"), True),
        ((NOW - 3 * DAY, "cancelled"), False),
    ],
)
def test_a_commitment_is_asked_about_from_the_day_of_the_next_session(
    client: Client, member: User, last: Session, following: tuple[datetime, str], is_asked: bool
) -> None:
    said_at(last, member)
    SessionFactory.create(community=last.community, starts_at=following[0], state=following[1], cancelled_because="Ill")
    SessionFactory.create(starts_at=NOW - DAY)
    html = home(client, member)
    assert ("You said you would try: ask about sepsis first" in html) is is_asked
    assert ("1 thing is asked of you" in html) is is_asked
    assert ("Said on Tue 3 November" in html) is is_asked


@pytest.mark.parametrize(("age", "is_asked"), [(ASKED_AFTER, True), (ASKED_AFTER - DAY, False)])
def test_without_a_session_it_is_asked_about_after_eight_weeks(
    client: Client, community: Community, member: User, age: timedelta, is_asked: bool
) -> None:
    said_at(SessionFactory.create(community=community, starts_at=NOW - age), member, made_on=TODAY - age)
    assert ("You said you would try" in home(client, member)) is is_asked


@pytest.mark.parametrize("answer", Commitment.ANSWERS)
def test_one_tap_answers_it_and_a_get_does_not(
    client: Client, member: User, last: Session, answer: Commitment.State
) -> None:
    commitment = said_at(last, member)
    SessionFactory.create(community=last.community, starts_at=NOW - DAY)
    assert re.findall(r'name="state" value="(\w+)"', home(client, member)) == ["kept", "not_kept", "dropped"]
    page = reverse("communities:answer-commitment", args=["sepsis", commitment.pk])
    client.get(page, {"from": "home", "state": answer})
    commitment.refresh_from_db()
    assert commitment.state == "open"
    without_a_choice = client.post(page, {"from": "home"})
    assert without_a_choice.status_code == 422
    response = client.post(page, {"from": "home", "state": answer}, follow=True)
    assert response.redirect_chain == [(HOME, 302)]
    commitment.refresh_from_db()
    assert commitment.state == answer
    assert "Nothing is asked of you at the moment" in " ".join(response.content.decode().split())


def test_what_others_said_what_is_private_and_what_has_closed_is_not_asked(
    client: Client, member: User, last: Session, people: dict[str, User]
) -> None:
    SessionFactory.create(community=last.community, starts_at=NOW - DAY)
    said_at(last, PersonFactory.create().user)
    said_at(last, member, is_private=True)
    said_at(last, member, state=Commitment.State.KEPT)
    closed = CommunityFactory.create()
    MembershipFactory.create(community=closed, person=member.person)
    said_at(SessionFactory.create(community=closed, starts_at=NOW - 100 * DAY), member, made_on=TODAY - 100 * DAY)
    Session.objects.filter(community=closed).update(state="cancelled", cancelled_because="Ill")
    close_community(community=closed, closing_note="It has served.", by=people["staff"], now=NOW)
    assert "You said you would try" not in home(client, member)


def test_the_api_lists_what_home_asks(client: Client, member: User, last: Session) -> None:
    due = said_at(last, member)
    running = SessionFactory.create(community=last.community, starts_at=NOW - timedelta(hours=1))
    later = said_at(running, member)
    sign_in(client, member)

    def listed(is_due: str) -> list[int]:
        found = client.get(reverse("api:commitment-list"), {"is_due": is_due, "is_mine": "true"}).json()
        return [one["id"] for one in found["results"]]

    assert (listed("true"), listed("false")) == ([due.pk], [later.pk])


@pytest.fixture
def running(community: Community, people: dict[str, User]) -> Session:
    """A session that goes on, with its check-in open."""
    session: Session = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=10))
    open_check_in(session=session, by=people["facilitator"], now=NOW)
    return session


def test_while_check_in_is_open_home_and_the_session_lead_members_to_the_code(
    client: Client, member: User, running: Session, people: dict[str, User]
) -> None:
    html = home(client, member)
    assert "Check in: Sepsis" in html
    assert f'href="{TYPE_CODE}"' in html
    assert "Until 13:20" in html
    assert f'href="{TYPE_CODE}"' in client.get(running.get_absolute_url()).content.decode()
    # A way in that asks for the code: being signed in does not show that one is there.
    assert 'name="code"' in client.get(TYPE_CODE).content.decode()
    for role in ("sponsor", "staff"):
        assert TYPE_CODE not in home(client, people[role])
        assert TYPE_CODE not in client.get(running.get_absolute_url()).content.decode()


def test_once_it_is_said_or_recorded_home_does_not_ask_and_a_refused_claim_asks_again(
    client: Client, community: Community, member: User, running: Session
) -> None:
    mine = community.memberships.get(person__user=member)
    claim = CheckInClaim.objects.create(session=running, membership=mine, how="room")
    assert TYPE_CODE not in home(client, member)
    CheckInClaim.objects.filter(pk=claim.pk).update(state=CheckInClaim.State.REFUSED, decided_at=NOW)
    assert TYPE_CODE in home(client, member)
    Attendance.objects.create(session=running, membership=mine, status=Attendance.Status.ROOM)
    assert TYPE_CODE not in home(client, member)


def test_nobody_is_led_to_a_check_in_that_is_closed_or_over(
    client: Client, member: User, running: Session, people: dict[str, User]
) -> None:
    page = running.get_absolute_url()
    close_check_in(check_in=running.check_ins.get(), by=people["facilitator"], now=NOW)
    assert TYPE_CODE not in home(client, member)
    assert TYPE_CODE not in client.get(page).content.decode()
    running.check_ins.update(closed_at=None)
    Session.objects.filter(pk=running.pk).update(starts_at=NOW - DAY, ends_at=NOW - DAY + timedelta(hours=1))
    assert TYPE_CODE not in home(client, member)
    assert TYPE_CODE not in client.get(page).content.decode()
