"""A pulse in a browser: heads on a laptop, a code on the screen, a phone without scripts that takes a place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from communities.models import Session
from communities.services.sessions.check_ins import minute_of
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from evaluations.models import PulseRoom, RoomPlace
from evaluations.models.inbox import InboxBox
from evaluations.services.pulses.rooms import code_of
from tests.evaluations.pulsing import answer_in, closed, memberships_of
from tests.factories.communities import SessionFactory, facilitator_of
from tests.factories.evaluations import PULSE, community_of, published
from tests.journeys.conftest import PHONE_WITHOUT_SCRIPTS, WIDE, Screen, Visitor
from tests.journeys.test_communities import arrive
from tests.journeys.test_pages_of_a_community import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def session() -> Session:
    """One that is going on."""
    published(PULSE)
    now = clock.now()
    community = community_of(12, name="Sepsis", slug="sepsis")
    return SessionFactory.create(community=community, starts_at=now - HALF_AN_HOUR, ends_at=now + HALF_AN_HOUR)


@pytest.fixture
def facilitator(session: Session) -> User:
    return facilitator_of(session.community, name="Nomsa Dube")


def code_now(room: PulseRoom) -> str:
    return code_of(room, minute_of(clock.now()))


def test_a_room_is_asked_by_a_code_and_a_phone_without_scripts_answers(
    visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    laptop = visitor_at(WIDE)
    arrive(laptop, facilitator)
    laptop.go(session.get_absolute_url())
    laptop.press("Ask the room by a code on the screen")
    laptop.page.get_by_label("How many people are in the room?").fill("9")
    laptop.press("Show the code")
    laptop.look()
    room = PulseRoom.objects.get()
    shown = laptop.page.locator(".app-join-code")
    expect(shown).to_be_visible()
    expect(laptop.page.locator("img.app-qr")).to_be_visible()

    phone = visitor_at(PHONE_WITHOUT_SCRIPTS)
    phone.go("/a/room/")
    phone.page.get_by_label("The code on the screen").fill((shown.text_content() or "").lower())
    phone.press("Continue")
    phone.reads("How was this session?")
    phone.press("Continue")
    phone.reads("Choose whether you want to answer")
    phone.page.get_by_label("Yes, I am in the room and have not answered yet").check()
    phone.press("Continue")
    phone.reads("Why nobody asks who you are")
    phone.press("Start")
    for answer in ("Agree", "Agree", "No"):
        phone.page.get_by_label(answer, exact=True).check()
        phone.press("Continue")
    phone.page.get_by_label("I have finished: send my answers").check()
    phone.press("Send my answers")
    phone.reads("Thank you: your answers are in")
    phone.look()
    assert (RoomPlace.objects.get().is_answered, InboxBox.objects.count(), room.survey.asked_count) == (True, 1, 9)
    laptop.page.reload()
    laptop.reads("There are 9 places")


def test_every_page_of_a_pulse_holds_at_three_widths(visitor_at: SitDown, session: Session, facilitator: User) -> None:
    visitor = visitor_at(WIDE)
    arrive(visitor, facilitator)
    room_pages = [reverse(f"evaluations:{name}", args=["sepsis", session.pk]) for name in ("room-pulse", "close-room")]
    look_at(visitor, [room_pages[0], session.get_absolute_url()])
    visitor.go(room_pages[0])
    visitor.page.get_by_label("How many people are in the room?").fill("9")
    visitor.press("Show the code")
    room = PulseRoom.objects.select_related("survey__session").get()
    answer_in(room, [{"P1": "4", "P2": "5", "P3": "3"}] * 8, now=clock.now())
    look_at(visitor, [*room_pages, "/a/room/", f"/a/room/{code_now(room)}/"])
    marks = {one.pk: "room" for one in memberships_of(session)[:8]} | {memberships_of(session)[8].pk: "online"}
    record_session(session=session, version=1, attendance=marks, by=facilitator, now=clock.now())
    look_at(visitor, [session.get_absolute_url(), reverse("evaluations:send-pulse", args=["sepsis", session.pk])])
    pulse = closed(room.survey)
    look_at(visitor, [session.get_absolute_url(), pulse.get_absolute_url(), pulse.get_results_url()])
