"""A community's pages in a browser: every one of them looked at, and a session recorded with a thumb."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import expect

from communities.models import Action, Community, Session
from communities.services.escalations import escalate_problem
from communities.services.problems import declare_beyond_reach
from communities.services.sessions import record_session
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
        f"sessions/{session.pk}/record/", f"sessions/{session.pk}/cancel/", "actions/", "actions/?show=answered",
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
    page.get_by_label("Learning point 1").fill("Ask early")
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


def test_two_people_recording_at_once_are_shown_each_others_words(
    visitor_at: SitDown, session: Session, facilitator: User
) -> None:
    visitor = visitor_at(PHONE)
    arrive(visitor, facilitator)
    visitor.go(f"/communities/sepsis/sessions/{session.pk}/record/")
    visitor.page.get_by_label("What was it about?").fill("Mine")
    record_session(
        session=session, version=1, focus="Theirs", attendance={}, learning_points=[], actions=[], by=facilitator,
        now=clock.now(),
    )  # fmt: skip
    visitor.press("Save")
    visitor.reads("Someone else has changed the record of this session while you were writing.")
    row = visitor.page.get_by_role("row", name="What it was about")
    expect(row).to_contain_text("Theirs")
    expect(row).to_contain_text("Mine")
    visitor.look()
    visitor.press("Save")
    session.refresh_from_db()
    assert (session.focus, session.version) == ("Mine", 3)
