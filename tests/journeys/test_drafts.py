"""Nothing typed is lost: through a closed window, a lost connection, an ended session, a refused form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session as SignedInSession
from django.test import Client
from playwright.sync_api import Locator, expect

from communities.models import Community, Membership, Minutes, Session
from cop_portal.accounts.models import User
from cop_portal.keeping.models import Draft
from tests.factories.accounts import sign_in
from tests.factories.communities import CommunityFactory, MembershipFactory, facilitator_of
from tests.factories.minutes import recorded_session
from tests.journeys.conftest import PHONE, PHONE_WITHOUT_SCRIPTS, WIDE, Screen, Visitor, listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
TYPED = "We agreed to try the shorter form in two wards."
SAVED = re.compile(r"^Saved \d\d:\d\d$")
# What this browser keeps for itself, while the server has not got it.
KEPT_IN_BROWSER = "Object.keys(localStorage).filter((name) => name.startsWith('portal draft')).length"


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Nomsa Dube")


@pytest.fixture
def member(community: Community) -> Membership:
    return MembershipFactory.create(community=community, person__name="Olu Owner")


@pytest.fixture
def session(member: Membership) -> Session:
    return recorded_session(member)


def arrive(visitor: Visitor, user: User) -> None:
    cookie = sign_in(Client(), user).cookies["sessionid"]
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": visitor.base_url}])


def form_of(session: Session) -> str:
    return f"/communities/sepsis/sessions/{session.pk}/minutes/edit/"


def box(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("In a few words")


def status(visitor: Visitor) -> Locator:
    return visitor.page.locator("[data-draft][role=status]")


def kept_in_browser(visitor: Visitor) -> int:
    return int(visitor.page.evaluate(KEPT_IN_BROWSER))


def type_and_wait(visitor: Visitor, text: str = TYPED) -> None:
    box(visitor).fill(text)
    expect(status(visitor)).to_have_text(SAVED)


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_what_was_typed_comes_back_after_the_window_was_closed_and_goes_when_it_is_saved(
    visitor_at: SitDown, facilitator: User, session: Session, screen: Screen
) -> None:
    writer = visitor_at(screen)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    type_and_wait(writer)
    assert Minutes.objects.count() == 0
    assert kept_in_browser(writer) == 0, "what the server has, the browser forgets"
    writer.look()
    writer.go("/me/drafts/")
    writer.look()
    writer.follow("Sepsis: minutes of " + f"{session.day:%-d %B %Y}")
    expect(box(writer)).to_have_value(TYPED)
    writer.reads("has been put back. It is not saved until you save this page.")
    writer.look()
    writer.press("Save")
    writer.reads("The minutes are saved.")
    assert Draft.objects.count() == 0
    assert kept_in_browser(writer) == 0
    writer.go(form_of(session))
    expect(writer.page.locator("[data-draft-notice]")).to_be_hidden()


def test_a_lost_connection_is_said_aloud_and_what_was_typed_meanwhile_is_kept(
    visitor_at: SitDown, facilitator: User, session: Session
) -> None:
    writer = visitor_at(PHONE)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    writer.context.set_offline(True)
    box(writer).fill(TYPED)
    expect(status(writer)).to_have_text("Not saved, trying again")
    assert kept_in_browser(writer) == 1
    writer.complaints.clear()  # the browser says that it is offline, as it should
    writer.context.set_offline(False)
    expect(status(writer)).to_have_text(SAVED)
    assert kept_in_browser(writer) == 0
    assert Draft.objects.get().texts == [["In a few words", TYPED]]


def test_a_page_closed_while_offline_finds_its_text_in_the_browser_again(
    visitor_at: SitDown, facilitator: User, session: Session
) -> None:
    writer = visitor_at(PHONE)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    writer.context.set_offline(True)
    box(writer).fill(TYPED)
    expect(status(writer)).to_have_text("Not saved, trying again")
    writer.complaints.clear()  # the browser says that it is offline, as it should
    # What the page says as it closes may go out after the browser has forgotten that it is offline: nobody listens.
    writer.context.clear_cookies()
    writer.page.close()
    writer.context.set_offline(False)
    arrive(writer, facilitator)
    assert Draft.objects.count() == 0
    writer.page = writer.context.new_page()
    listen(writer)
    # It is put back, and the server does not answer yet.
    writer.page.route("**/me/drafts/save/", lambda route: route.abort())
    writer.go(form_of(session))
    expect(box(writer)).to_have_value(TYPED)
    writer.reads("kept in this browser")
    writer.page.once("dialog", lambda dialog: dialog.accept())
    writer.press("Throw away what was put back")
    expect(box(writer)).to_have_value("")
    assert kept_in_browser(writer) == 0
    writer.complaints.clear()


def test_a_session_that_has_ended_loses_nothing_and_the_same_page_can_be_saved_after_signing_in_again(
    visitor_at: SitDown, facilitator: User, session: Session
) -> None:
    writer = visitor_at(PHONE)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    SignedInSession.objects.all().delete()
    box(writer).fill(TYPED)
    expect(status(writer)).to_contain_text("You have been signed out.")
    assert kept_in_browser(writer) == 1
    arrive(writer, facilitator)
    expect(status(writer)).to_have_text(SAVED)
    writer.press("Save")
    writer.reads("The minutes are saved.")
    assert Minutes.objects.get().summary == TYPED


def test_a_form_sent_after_the_session_ended_comes_back_as_it_was_typed(
    visitor_at: SitDown, facilitator: User, session: Session
) -> None:
    writer = visitor_at(PHONE)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    box(writer).fill(TYPED)
    SignedInSession.objects.all().delete()
    writer.press("Save")
    writer.reads("Sign in")
    assert Minutes.objects.count() == 0
    arrive(writer, facilitator)
    writer.go(form_of(session))
    expect(box(writer)).to_have_value(TYPED)
    writer.press("Save")
    writer.reads("The minutes are saved.")
    writer.go("/me/")
    expect(writer.page.locator("h1")).to_have_text("Your details")
    assert kept_in_browser(writer) == 0


def test_signing_out_leaves_nothing_in_the_browser_and_another_person_finds_nothing(
    visitor_at: SitDown, facilitator: User, community: Community, session: Session
) -> None:
    writer = visitor_at(PHONE)
    arrive(writer, facilitator)
    writer.go(form_of(session))
    writer.page.route("**/me/drafts/save/", lambda route: route.abort())
    box(writer).fill(TYPED)
    expect(status(writer)).to_have_text("Not saved, trying again")
    assert kept_in_browser(writer) == 1
    other = facilitator_of(community)
    arrive(writer, other)
    writer.go(form_of(session))
    expect(box(writer)).to_have_value("")
    writer.page.locator("header").get_by_role("button", name="Sign out").click()
    writer.page.wait_for_load_state()
    assert kept_in_browser(writer) == 0
    writer.complaints.clear()


def test_without_scripts_a_draft_can_be_read_and_thrown_away(
    visitor_at: SitDown, facilitator: User, session: Session
) -> None:
    typist, reader = visitor_at(PHONE), visitor_at(PHONE_WITHOUT_SCRIPTS)
    for visitor in (typist, reader):
        arrive(visitor, facilitator)
    typist.go(form_of(session))
    type_and_wait(typist)
    reader.go(form_of(session))
    reader.reads("You have a draft of this page")
    reader.look()
    reader.follow("Read the draft")
    reader.reads(TYPED)
    reader.look()
    reader.follow("Throw it away")
    reader.look()
    reader.press("Throw it away")
    reader.reads("The draft has been thrown away.")
    reader.look()
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_minutes_are_read_written_shared_and_taken_back(
    visitor_at: SitDown, facilitator: User, member: Membership, session: Session, screen: Screen
) -> None:
    writer, reader = visitor_at(screen), visitor_at(screen)
    arrive(writer, facilitator)
    arrive(reader, member.person.user)
    writer.go(session.get_absolute_url())
    writer.follow("Minutes of this session")
    writer.reads("Not shared yet")
    writer.look()
    writer.follow("Read them in full, with what is private")
    writer.reads("A private lesson")
    writer.look()
    writer.go(f"/communities/sepsis/sessions/{session.pk}/minutes/")
    writer.press("Share with members")
    writer.look()
    writer.press("Share the minutes")
    writer.reads("Members can read these minutes now.")
    writer.look()
    reader.go(session.get_absolute_url())
    reader.follow("Minutes of this session")
    reader.reads("An open lesson")
    reader.look()
    assert "A private" not in reader.page.content()
    writer.follow("Take them back")
    writer.look()
    writer.press("Take them back")
    writer.reads("Members cannot read these minutes any more.")
