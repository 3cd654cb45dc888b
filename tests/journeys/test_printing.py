"""Every page prints: a table is a table on paper, though paper is narrower than the screens on which tables fold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.factories.communities import CommunityFactory, RoleTermFactory, SessionFactory
from tests.journeys.conftest import Screen, Visitor
from tests.journeys.test_results_by_size import come_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A4 within its margins.
PAPER = Screen("paper", 718, 1016)


def test_a_list_prints_as_a_table_without_our_own_addresses(
    visitor_at: Callable[[Screen], Visitor], client: Client
) -> None:
    community = CommunityFactory.create()
    session = SessionFactory.create(community=community)
    visitor = visitor_at(PAPER)
    come_in(visitor, RoleTermFactory.create(community=community).person.user, client)
    visitor.page.emulate_media(media="print")
    visitor.go(f"/communities/{community.slug}/sessions/")

    head = visitor.page.get_by_role("columnheader", name="Who came")
    assert head.evaluate("head => head.getBoundingClientRect().width") > 20
    link = visitor.page.locator(f"a[href='{session.get_absolute_url()}']")
    expect(link.locator("xpath=ancestor::tr")).to_have_css("display", "table-row")
    assert link.evaluate("link => getComputedStyle(link, '::after').content") == "none"
    lines = link.locator("xpath=ancestor::tr/*").evaluate_all(
        "cells => cells.map(cell => getComputedStyle(cell).borderBottomWidth)"
    )
    assert set(lines) == {"1px"}, "one line under a row, as thick under its last cell as under the others"
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PAPER.width
