"""Forms that were refused come back as a page that everyone can read and put right; and what one choice asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from playwright.sync_api import expect

from communities.models import Community
from cop_portal.installation import clock
from tests.factories.communities import facilitator_of, staff
from tests.factories.whole_community import Whole, whole_community
from tests.journeys.conftest import NARROWEST, PHONE, PHONE_WITHOUT_SCRIPTS, Screen, Visitor
from tests.journeys.test_communities import arrive
from tests.journeys.test_pages_of_a_community import faults_of, in_sepsis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]


@pytest.fixture
def whole() -> Whole:
    return whole_community(clock.now())


def send_empty(visitor: Visitor, pages: Iterable[str]) -> None:
    """Each form is sent as it stands, with nothing typed: what is wrong with any that comes back is said in one go."""
    faults: list[str] = []
    for page in pages:
        visitor.go(page)
        with visitor.page.expect_navigation() as sent:
            visitor.page.evaluate("document.querySelector('main form[method=post]').requestSubmit()")
        if sent.value.status != 422 or visitor.page.locator(".nhsuk-error-summary").count() != 1:
            faults.append(f"{page}: was not refused, or does not say so")
        for link in visitor.page.locator(".nhsuk-error-summary a").all():
            target = str(link.get_attribute("href"))
            if not visitor.page.locator(target).is_visible():
                faults.append(f"{page}: the error leads to {target}, which is not to be seen")
        faults += faults_of(visitor, page, [NARROWEST])
    assert not faults, "\n".join(faults)


def test_what_those_who_run_a_community_send_empty_comes_back_readable(visitor_at: SitDown, whole: Whole) -> None:
    ahead, action = f"sessions/{whole.ahead.pk}", whole.community.actions.latest("pk")
    visitor = visitor_at(PHONE)
    arrive(visitor, whole.facilitator)
    send_empty(visitor, in_sepsis([
        "sessions/plan/", "sessions/plan-series/", f"{ahead}/cancel/", f"agenda/{whole.item.pk}/", "agenda/propose/",
        "actions/agree/", f"actions/{action.pk}/answer/", "decisions/note/",
        f"commitments/{whole.community.commitments.get().pk}/answer/", "tests/log/", "problems/raise/",
        f"problems/{whole.problem.pk}/settle/", "resources/add-link/", "resources/add-file/", "members/add/",
        "members/invite/", "members/roles/appoint/", f"members/requests/{whole.request.pk}/", "members/import/",
    ]))  # fmt: skip
    someone = visitor_at(PHONE)
    arrive(someone, staff(name="Ada Admin"))
    send_empty(someone, ["/communities/new/", "/communities/sepsis/pause/"])


@pytest.fixture
def planner(visitor_at: SitDown, community: Community) -> Callable[[Screen], Visitor]:
    def at(screen: Screen) -> Visitor:
        visitor = visitor_at(screen)
        arrive(visitor, facilitator_of(community))
        visitor.go("/communities/sepsis/sessions/plan-series/")
        return visitor

    return at


@pytest.fixture
def community() -> Community:
    return Community.objects.create(name="Sepsis", slug="sepsis")


def test_a_choice_asks_for_what_belongs_to_it_and_keeps_the_rest_out_of_sight(
    planner: Callable[[Screen], Visitor],
) -> None:
    visitor = planner(PHONE)
    names = ("Weeks between sessions", "Which of the month", "Weekday")
    boxes = [visitor.page.get_by_label(name, exact=True) for name in names]

    def seen() -> list[bool]:
        return [box.is_visible() for box in boxes]

    assert seen() == [False, False, False]
    visitor.page.get_by_label("Every few weeks").check()
    assert seen() == [True, False, False]
    boxes[0].fill("not a number")
    # By keyboard, as by thumb.
    visitor.page.get_by_label("Every few weeks").press("ArrowDown")
    assert seen() == [False, True, True]
    assert faults_of(visitor, "a choice made", [NARROWEST]) == []
    visitor.page.evaluate("document.querySelector('main form').requestSubmit()")
    summary = visitor.page.locator(".nhsuk-error-summary")
    expect(summary).to_contain_text("Choose which of the month")
    expect(summary).not_to_contain_text("whole number")
    assert seen() == [False, True, True]


def test_without_scripts_each_group_stands_under_the_words_of_its_choice(
    planner: Callable[[Screen], Visitor],
) -> None:
    visitor = planner(PHONE_WITHOUT_SCRIPTS)
    for group, labels in (
        ("Every few weeks", ["Weeks between sessions"]),
        ("On a certain weekday of each month", ["Which of the month", "Weekday"]),
    ):
        fields = visitor.page.get_by_role("group", name=group, exact=True)
        for label in labels:
            expect(fields.get_by_label(label, exact=True)).to_be_visible()
