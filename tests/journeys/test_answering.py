"""Answering the full questions in a browser: by keyboard alone, at every width, and where the connection is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cop_portal.installation import clock
from evaluations.models import Invitation, Survey
from evaluations.models.inbox import InboxBox
from evaluations.services.answers.answering import load_draft
from tests.factories.evaluations import FULL, open_survey_for, tokens_of
from tests.journeys.conftest import NARROWEST, PHONE, WIDE, Screen, Visitor
from tests.journeys.test_pages_of_a_community import violations_at_rest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
# A screen of 1280 by 1024 at 400 %, as the browser then lays out the page.
ZOOMED = Screen("1280 px wide at 400 %", NARROWEST, 256)
# No page of answers has more things to stop at.
MOST_STOPS = 120


@pytest.fixture
def survey() -> Survey:
    return open_survey_for(members=6, code=FULL, now=clock.now())


@pytest.fixture
def token(survey: Survey) -> str:
    return tokens_of(survey)[0]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such a thing, and see that the eye finds it there too."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab on {page.title()}")


def press_by_keyboard(page: Page, name: str) -> None:
    """Reach the button of this name by Tab, and press it."""
    button = page.get_by_role("button", name=name, exact=True)
    button.wait_for()
    for _ in range(MOST_STOPS):
        if button.evaluate("button => button === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} is not reached by Tab on {page.title()}")


def answer_by_keyboard(page: Page) -> None:
    """Give an answer to every question of the page that stands, from its top, touching nothing but keys."""
    questions = page.evaluate(
        "() => [...new Set([...document.querySelectorAll('main [name]')]"
        ".map(box => box.name))].filter(name => /^[A-Z]\\d+$/.test(name))"
    )
    for code in questions:
        tab_to(page, f"[name={code}]")
        kind = page.evaluate("() => document.activeElement.type")
        if kind == "radio":
            # The fifth: an arrow moves and chooses. Of V4 that is a change that has come, which shows two questions.
            page.keyboard.press("Space")
            for _ in range(4):
                page.keyboard.press("ArrowDown")
        elif kind == "checkbox":
            page.keyboard.press("Space")
        else:
            page.keyboard.type("The form got shorter.")


def elsewhere_than(address: str) -> Callable[[str], bool]:
    return lambda url: url != address


@pytest.mark.parametrize(("screen", "pages"), [(PHONE, 27), (WIDE, 5)], ids=lambda value: getattr(value, "name", ""))
def test_the_full_questions_are_answered_and_sent_by_keyboard_alone(
    screen: Screen, pages: int, survey: Survey, token: str, visitor_at: SitDown
) -> None:
    visitor = visitor_at(screen)
    page = visitor.page
    visitor.go(f"/a/{token}/")
    press_by_keyboard(page, "Start")
    seen = []
    while True:
        page.wait_for_url("**/a/answer/*/")
        where = page.url
        seen.append(page.locator(".nhsuk-caption-l").text_content())
        answer_by_keyboard(page)
        press_by_keyboard(page, "Continue")
        page.wait_for_url(elsewhere_than(where))
        if page.url.endswith("/a/check/"):
            break
    assert len(seen) == len(set(seen)) == pages
    expect(page.locator("h1")).to_have_text("Check your answers")
    tab_to(page, "input[name=finished]")
    page.keyboard.press("Space")
    press_by_keyboard(page, "Send my answers")
    expect(page.locator("h1")).to_have_text("Thank you: your answers are in")
    # A screen reader goes on at the heading of each page that came.
    assert page.evaluate("document.activeElement.textContent.trim()") == "Thank you: your answers are in"
    assert Invitation.objects.filter(survey=survey, is_answered=True).count() == 1
    assert InboxBox.objects.filter(survey=survey).count() == 1


def walk(visitor: Visitor, token: str) -> Any:
    """Every page on the way, one after the other, with something wrong once and something answered."""
    page = visitor.page
    visitor.go(f"/a/{token}/")
    yield "first page"
    visitor.press("Start")
    page.wait_for_url("**/a/answer/M1/")
    yield "scales"
    visitor.go("/a/answer/M5/")
    page.get_by_label("My own team").check()
    page.get_by_label("Nothing").check()
    visitor.press("Continue")
    visitor.reads("There is a problem")
    yield "ticks that do not go together"
    visitor.go("/a/answer/V9/")
    page.get_by_label("Tell us one thing").fill("The form got shorter.")
    yield "a text"
    visitor.press("Continue")
    visitor.go("/a/check/")
    page.get_by_text("See the very record").click()
    yield "check"
    visitor.follow("Clear my answers")
    yield "clear"
    visitor.go("/a/check/")
    page.get_by_label("I have finished").check()
    visitor.press("Send my answers")
    visitor.reads("Thank you")
    yield "done"
    visitor.go(f"/a/{token}/")
    yield "answered"
    visitor.go(f"/a/{token[:-1]}/")
    yield "unknown"


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_every_page_on_the_way_is_clean_at_three_widths(screen: Screen, token: str, visitor_at: SitDown) -> None:
    visitor, faults = visitor_at(screen), []
    for name in walk(visitor, token):
        for width in (WIDE.width, PHONE.width, NARROWEST):
            visitor.page.set_viewport_size({"width": width, "height": screen.height})
            faults += [f"{name} at {width} px: {fault}" for fault in violations_at_rest(visitor.page)]
        if (reach := visitor.page.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
            faults.append(f"{name}: {reach} px wide on a screen of {NARROWEST}")
        visitor.page.set_viewport_size({"width": screen.width, "height": screen.height})
    assert not faults, "\n".join(faults)


def test_at_400_per_cent_zoom_everything_is_reached_without_scrolling_sideways(token: str, visitor_at: SitDown) -> None:
    visitor = visitor_at(ZOOMED)
    for name in walk(visitor, token):
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST, name
        for button in visitor.page.locator("main button:visible").all():
            button.scroll_into_view_if_needed()
            box = button.bounding_box()
            assert box
            assert (box["x"] >= 0, box["x"] + box["width"] <= NARROWEST) == (True, True), name


def test_in_forced_colours_choices_and_the_focus_can_be_seen(token: str, visitor_at: SitDown) -> None:
    visitor = visitor_at(WIDE)
    page = visitor.page
    page.emulate_media(forced_colors="active")
    visitor.go(f"/a/{token}/")
    visitor.press("Start")
    page.wait_for_url("**/a/answer/M1/")
    assert not violations_at_rest(page)
    radio = page.get_by_role("group", name="1.").get_by_role("radio").nth(1)
    radio.check()
    dot = page.evaluate(
        "radio => { const dot = getComputedStyle(radio.nextElementSibling, '::after');"
        "return [dot.opacity, dot.borderTopColor, getComputedStyle(document.body).backgroundColor] }",
        radio.element_handle(),
    )
    assert dot[0] == "1"
    assert dot[1] != dot[2]
    for button in ("Continue", "Back", "Show one question at a time"):
        page.get_by_role("button", name=button, exact=True).focus()
        style, width = page.evaluate(
            "() => { const it = getComputedStyle(document.activeElement); return [it.outlineStyle, it.outlineWidth] }"
        )
        assert (style, float(width.removesuffix("px")) >= 2) == ("solid", True), button


def test_start_stands_on_the_first_screen_of_a_phone(token: str, visitor_at: SitDown) -> None:
    visitor = visitor_at(PHONE)
    visitor.go(f"/a/{token}/")

    start = visitor.page.get_by_role("button", name="Start", exact=True)

    assert start.count() == 1
    box = start.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE.height


def kept_in(page: Page) -> Any:
    """All that the browser itself has stored for this site."""
    return page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
        " (await caches.keys()).length, document.cookie]"
    )


def without_connection(visitor: Visitor) -> None:
    visitor.context.set_offline(True)


def with_connection(visitor: Visitor) -> None:
    visitor.context.set_offline(False)
    # The browser itself notes each attempt in its console.
    visitor.complaints[:] = [said for said in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_what_is_answered_without_a_connection_stays_on_the_page_and_goes_when_it_is_back(
    screen: Screen, token: str, visitor_at: SitDown
) -> None:
    visitor = visitor_at(screen)
    page = visitor.page
    visitor.go(f"/a/{token}/")
    visitor.press("Start")
    page.wait_for_url("**/a/answer/M1/")
    visitor.go("/a/answer/V9/")
    box = page.get_by_label("Tell us one thing")
    status = page.get_by_role("status").filter(has_text="connection")

    without_connection(visitor)
    box.fill("The form got shorter.")
    visitor.press("Continue")
    expect(status).to_have_text(
        "There is no connection. What you have answered stays on this page and is sent when the connection is back. "
        "Keep this page open."
    )
    expect(box).to_have_value("The form got shorter.")
    assert kept_in(page) == [0, 0, 0, 0, ""]
    assert load_draft(token) == {}
    # Whoever goes on typing meanwhile loses nothing of that either.
    box.fill("The form got shorter, and then longer again.")

    with_connection(visitor)
    page.wait_for_url(lambda url: not url.endswith("/V9/"))
    assert load_draft(token) == {"V9": "The form got shorter, and then longer again."}
    assert kept_in(page) == [0, 0, 0, 0, ""]
    page.go_back()
    expect(page.get_by_label("Tell us one thing")).to_have_value("The form got shorter, and then longer again.")


def test_a_long_page_is_kept_while_one_goes_on_answering(token: str, visitor_at: SitDown) -> None:
    visitor = visitor_at(WIDE)
    page = visitor.page
    visitor.go(f"/a/{token}/")
    visitor.press("Start")
    page.wait_for_url("**/a/answer/M1/")

    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_role("group", name="1.").get_by_label("Agree", exact=True).check()

    assert load_draft(token) == {"M1": "4"}
    assert kept_in(page) == [0, 0, 0, 0, ""]


def test_sending_is_confirmed_only_once_the_connection_is_back_and_counts_once(
    survey: Survey, token: str, visitor_at: SitDown
) -> None:
    visitor = visitor_at(PHONE)
    page = visitor.page
    visitor.go(f"/a/{token}/")
    visitor.press("Start")
    page.wait_for_url("**/a/answer/M1/")
    page.get_by_label("Agree", exact=True).check()
    visitor.press("Continue")
    page.wait_for_url("**/a/answer/M2/")
    visitor.go("/a/check/")
    page.get_by_label("I have finished").check()

    without_connection(visitor)
    visitor.press("Send my answers")
    visitor.reads("There is no connection.")
    assert not Invitation.objects.filter(is_answered=True).exists()
    with_connection(visitor)

    visitor.reads("Thank you: your answers are in")
    assert Invitation.objects.filter(survey=survey, is_answered=True).count() == 1
    assert InboxBox.objects.filter(survey=survey).count() == 1
