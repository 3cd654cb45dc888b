"""A community's pages in a browser: every one of them looked at, and a session recorded with a thumb."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Locator, expect

from communities.models import Action, Community, Session
from communities.services.problems.escalations import escalate_problem
from communities.services.problems.register import declare_beyond_reach
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    ActionFactory,
    CommunityFactory,
    LeverHolderFactory,
    MembershipFactory,
    PersonFactory,
    ProblemFactory,
    SessionFactory,
    facilitator_of,
)
from tests.journeys.conftest import PHONE, PHONE_WITHOUT_SCRIPTS, WIDE, Screen, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("Amara Okafor", "Bronwen Pugh", "Chidi Eze", "Deepa Raman", "Elif Kaya", "Farah Haddad")


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis", founded="2015")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Nomsa Dube")


@pytest.fixture
def session(community: Community, facilitator: User) -> Session:
    """One that has just ended, after a year of others; with members, promises and problems around it."""
    now = clock.now()
    members = [MembershipFactory.create(community=community, person=PersonFactory.create(name=name)) for name in NAMES]
    for weeks in (6, 12, 18, 24):
        held = SessionFactory.create(community=community, starts_at=now - timedelta(weeks=weeks))
        record_session(
            session=held,
            version=1,
            focus="How we hand over at night",
            attendance={member.pk: "room" for member in members},
            learning_points=["Ask early"],
            actions=[],
            by=facilitator,
            now=now,
        )
    SessionFactory.create(community=community, starts_at=now + timedelta(weeks=6))
    late = now.date() - DAY
    ActionFactory.create(community=community, owner=members[0].person, agreed_on=late, due_on=late, text="Audit form")
    ActionFactory.create(community=community, owner=members[1].person, state="done", due_on=now.date())
    problem = ProblemFactory.create(community=community, title="Two forms for one screening", state_since=now - 9 * DAY)
    declare_beyond_reach(problem=problem, by=facilitator, now=now - 5 * DAY)
    escalate_problem(
        problem=problem, to=LeverHolderFactory.create(), ask="One form, please", by=facilitator, now=now - 3 * DAY
    )
    return SessionFactory.create(community=community, starts_at=now - HOUR, ends_at=now - HOUR / 2)


def arrive(visitor: Visitor, user: User) -> None:
    """Signed in already, as after a visit this morning."""
    cookie = sign_in(Client(), user).cookies["sessionid"]
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": visitor.base_url}])


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_every_page_of_a_community_can_be_read_by_anyone_on_any_screen(
    screen: Screen, visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    visitor = visitor_at(screen)
    arrive(visitor, facilitator)
    community = session.community
    held = community.sessions.filter(state="held").latest("starts_at")
    problem, member = community.problems.get(), community.memberships.latest("pk")
    pages = [
        "", "sessions/", "sessions/plan/", "sessions/past/", f"sessions/{held.pk}/", f"sessions/{session.pk}/",
        f"sessions/{session.pk}/record/", f"sessions/{held.pk}/record/", f"sessions/{held.pk}/versions/",
        f"sessions/{held.pk}/versions/2/", f"sessions/{session.pk}/cancel/", "actions/", "actions/?show=answered",
        f"actions/{community.actions.get(state='open').pk}/answer/", "problems/", "problems/raise/",
        f"problems/{problem.pk}/", f"problems/{problem.pk}/locate/", f"problems/{problem.pk}/settle/", "members/",
        "members/add/", f"members/{member.pk}/end/",
    ]  # fmt: skip
    visitor.go("/communities/")
    visitor.look()
    for page in pages:
        visitor.looked_at.clear()
        visitor.go(f"/communities/sepsis/{page}")
        visitor.look()


@pytest.mark.parametrize("screen", [PHONE, PHONE_WITHOUT_SCRIPTS], ids=lambda screen: screen.name)
def test_a_session_is_recorded_with_a_thumb_with_and_without_javascript(
    screen: Screen, visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    visitor = visitor_at(screen)
    arrive(visitor, facilitator)
    visitor.go(f"/communities/sepsis/sessions/{session.pk}/record/")
    page = visitor.page
    count = page.locator("[data-attendance-count]")
    if screen.has_scripts:
        expect(count).to_have_text("0 of 7 present")
        expect(page.get_by_label("Action 2: what")).to_be_hidden()
    page.get_by_role("group", name="Audit form").get_by_label("Done").check()
    for name in NAMES[:4]:
        page.get_by_role("group", name=name).get_by_label("Room").check()
    page.get_by_role("group", name=NAMES[4]).get_by_label("Sorry").check()
    if screen.has_scripts:
        expect(count).to_have_text("4 of 7 present")
        page.get_by_role("button", name="Add another action").click()
        expect(page.get_by_label("Action 2: what")).to_be_focused()
    page.get_by_label("Learning point 1", exact=True).fill("Ask early")
    page.get_by_label("Action 2: what").fill("Send the form")
    visitor.press("Save")
    visitor.reads("Action 2: choose who will do it")
    visitor.look()
    expect(page.get_by_role("group", name=NAMES[0]).get_by_label("Room")).to_be_checked()
    page.get_by_label("Action 2: who").select_option(label=NAMES[0])
    page.get_by_label("Action 2: by when").fill((clock.today() + 14 * DAY).isoformat())
    visitor.press("Save")
    visitor.reads("4 of 7 members on that day")
    visitor.look()
    assert Action.objects.get(session=session).owner.name == NAMES[0]
    assert Action.objects.get(text="Audit form").state == "done"


def test_two_people_recording_at_once_are_shown_each_others_words_and_choose(
    visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    visitor = visitor_at(PHONE)
    arrive(visitor, facilitator)
    visitor.go(f"/communities/sepsis/sessions/{session.pk}/record/")
    visitor.page.get_by_label("What was it about?").fill("Mine")
    visitor.page.get_by_label("Learning point 1", exact=True).fill("Kept")
    record_session(session=session, version=1, focus="Theirs", notes="Also theirs", by=facilitator, now=clock.now())
    visitor.press("Save")
    visitor.reads("Choose what should stand")
    question = visitor.page.get_by_role("group", name="What it was about: which should stand?")
    expect(question.get_by_role("radio", checked=True)).to_have_count(0)
    visitor.look()
    question.get_by_label("Yours, as it stands below: Mine").check()
    visitor.press("Save")
    visitor.reads("The record of this session is saved.")
    session.refresh_from_db()
    assert (session.focus, session.notes, session.version) == ("Mine", "Also theirs", 3)
    assert session.learning_points.get().text == "Kept"


TWELVE = (
    "Amara Okafor", "Bronwen Pugh", "Chidi Eze", "Deepa Raman", "Elif Kaya", "Farah Haddad", "Grace Mensah",
    "Hugo Lind", "Imani Said", "Joao Pinto", "Kwame Boateng", "Lena Fischer",
)  # fmt: skip
FEWER_THAN = 20


@pytest.mark.parametrize("screen", [PHONE, PHONE_WITHOUT_SCRIPTS], ids=lambda screen: screen.name)
def test_a_usual_session_is_recorded_in_under_twenty_taps(
    screen: Screen, visitor_at: SitDown, community: Community, facilitator: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve of sixteen came, one thing was learned, one action agreed. A tap is a click or a focused field."""
    stayed_away = ("Mina Roy", "Noor Aziz", "Otto Berg")
    for name in (*TWELVE, *stayed_away):
        MembershipFactory.create(community=community, person=PersonFactory.create(name=name))
    now = clock.now()
    session = SessionFactory.create(community=community, starts_at=now - HOUR, ends_at=now - HOUR / 2)
    visitor = visitor_at(screen)
    arrive(visitor, facilitator)
    visitor.go(f"/communities/sepsis/sessions/{session.pk}/record/")
    page, taps = visitor.page, []

    def tap(box: Locator) -> Locator:
        taps.append(1)
        return box

    # Three sent apologies, and the facilitator, who is on the roster too, looked after the screen at home.
    for name in stayed_away:
        tap(page.get_by_role("group", name=name).get_by_label("Sorry")).check()
    tap(page.get_by_role("group", name="Nomsa Dube").get_by_label("Absent")).check()
    if screen.has_scripts:
        tap(page.get_by_role("button", name="Everyone else: room")).click()
        expect(page.locator("[data-attendance-count]")).to_have_text("12 of 16 present")
    else:
        tap(page.get_by_role("group", name="Everyone who is still").get_by_label("Room")).check()
    tap(page.get_by_label("What was it about?")).fill("How we hand over at night")
    tap(page.get_by_label("Learning point 1", exact=True)).fill("A shared form halves the questions")
    tap(page.get_by_label("Action 1: what")).fill("Send the form round")
    # A list of choices is opened by one tap, and chosen from by another.
    taps.append(1)
    tap(page.get_by_label("Action 1: who")).select_option(label=TWELVE[0])
    tap(page.get_by_label("Action 1: by when")).fill((clock.today() + 14 * DAY).isoformat())
    taps.append(1)
    visitor.press("Save")
    visitor.reads("12 of 16 members on that day")
    session.refresh_from_db()
    assert (session.present_count, session.learning_points.count(), session.actions.count()) == (12, 1, 1)
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {screen.name}: twelve came, one learning point, one action: {len(taps)} taps and fields\n"
        )
    assert len(taps) < FEWER_THAN


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_what_can_wait_and_every_version_can_be_read_by_anyone(
    screen: Screen, visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    visitor = visitor_at(screen)
    arrive(visitor, facilitator)
    here = f"/communities/sepsis/sessions/{session.pk}/"
    visitor.go(f"{here}record/")
    page = visitor.page
    for what in ("“I will try …”", "Decisions", "Problems in the way", "More: guests", "What “private” does"):
        page.locator("summary").filter(has_text=what).click()
    visitor.look()
    page.get_by_label("“I will try” 1: who").select_option(label=NAMES[0])
    page.get_by_label("“I will try” 1: what").fill("ask each patient")
    page.get_by_label("Decision 1: what").fill("One form for all")
    page.get_by_label("Private: Decision 1").check()
    page.get_by_label("Problem 1: what is in the way").fill("Two forms for one screening")
    page.get_by_label("Guest 1: name").fill("Ada Lovelace")
    page.get_by_role("button", name="Add another guest").click()
    expect(page.get_by_label("Guest 2: name")).to_be_focused()
    page.get_by_label("Link 1: what it is").fill("The form")
    page.get_by_label("Link 1: address").fill("https://example.org/form")
    page.get_by_label("Private note").fill("Between us")
    visitor.press("Save")
    visitor.reads("One form for all")
    visitor.look()
    page.get_by_role("button", name="Correct the record").click()
    expect(page.get_by_label("Decision 1: what")).to_have_value("One form for all")
    expect(page.get_by_label("Private: Decision 1")).to_be_checked()
    page.get_by_label("What was it about?").fill("Screening")
    visitor.press("Save")
    visitor.follow("Versions of this record")
    visitor.look()
    visitor.follow("Version 2")
    visitor.reads("Ada Lovelace")
    visitor.look()
    page.get_by_role("button", name="Bring this version back").click()
    visitor.look()
    visitor.press("Bring it back")
    visitor.reads("The record is as it was then.")
    session.refresh_from_db()
    assert (session.focus, session.version) == ("", 4)
