"""A browser that notices everything a person would mind: errors, blocked content, outside hosts, sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST = 320
# Patience on a busy machine, not a measure of speed.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Screen:
    """What the person holds, and whether scripts run on it."""

    name: str
    width: int
    height: int
    has_scripts: bool = True


PHONE = Screen("phone", 390, 844)
WIDE = Screen("wide", 1280, 900)
PHONE_WITHOUT_SCRIPTS = Screen("phone without JavaScript", 390, 844, has_scripts=False)


@dataclass
class Visitor:
    """Someone at a screen, with a browser of their own."""

    page: Page
    context: BrowserContext
    screen: Screen
    base_url: str
    complaints: list[str] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)

    def go(self, address: str) -> None:
        self.page.goto(address if address.startswith("http") else f"{self.base_url}{address}")

    def press(self, name: str) -> None:
        """Press the one button of this name and wait for the page that comes."""
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def look(self) -> None:
        """Judge the page as it stands: accessible, narrow enough for 320 px, nothing blocked, nobody else called."""
        where = f"{self.screen.name}, {self.page.title()}"
        assert not self.complaints, f"{where}: {self.complaints}"
        assert self.page.locator("h1").count() == 1, f"{where}: a page has one main heading"
        self._look_for_sideways_scrolling(where)
        if self.screen.has_scripts and self.page.title() not in self.looked_at:
            results = Axe().run(self.page, options={"runOnly": WCAG})
            assert not results.response["violations"], f"{where}: {results.generate_report()}"
        self.looked_at.add(self.page.title())

    def _look_for_sideways_scrolling(self, where: str) -> None:
        if not self.screen.has_scripts:
            return
        self.page.set_viewport_size({"width": NARROWEST, "height": self.screen.height})
        reach = NARROWEST + 1
        # The header's menu folds a moment after the window has changed.
        for _ in range(40):
            reach = self.page.evaluate("document.documentElement.scrollWidth")
            if reach <= NARROWEST:
                break
            self.page.wait_for_timeout(50)
        self.page.set_viewport_size({"width": self.screen.width, "height": self.screen.height})
        assert reach <= NARROWEST, f"{where}: {reach} px wide on a screen of {NARROWEST}"


@pytest.fixture
def visitor_at(browser: Browser, live_server: LiveServer) -> Generator[Callable[[Screen], Visitor]]:
    """Sits someone down at a screen. Each has cookies of their own; each one's complaints fail the test at its end."""
    visitors: list[Visitor] = []

    def sit_down(screen: Screen) -> Visitor:
        context = browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            java_script_enabled=screen.has_scripts,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        visitor = Visitor(page, context, screen, live_server.url)
        listen(visitor)
        visitors.append(visitor)
        return visitor

    yield sit_down
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert not complaints


def listen(visitor: Visitor) -> None:
    """Collect what goes wrong quietly: console errors (blocked content among them), exceptions, requests elsewhere."""

    def on_console(message: Any) -> None:
        # A refused form comes back with 422 or 409, which Chromium reports as a failed resource.
        is_refusal = "status of 4" in message.text
        if message.type in ("error", "warning") and not is_refusal:
            visitor.complaints.append(f"console: {message.text}")

    def on_request(request: Any) -> None:
        if not request.url.startswith((visitor.base_url, "data:", "blob:")):
            visitor.complaints.append(f"called {request.url}")

    visitor.page.on("console", on_console)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"exception: {error}"))
    visitor.page.on("request", on_request)
