"""Taking a survey away in a browser: asking, waiting, downloading; and the codebook that comes with it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from evaluations.models import PrivacyMode, Survey
from evaluations.tasks import make_waiting_exports
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import PULSE, close, community_of, give_answers, open_survey_for
from tests.journeys.conftest import NARROWEST, PHONE, PHONE_WITHOUT_SCRIPTS, WCAG, WIDE, Screen, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
DAYS_AGO = timedelta(days=40)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def come_in(visitor: Visitor, client: Client) -> None:
    """HIN staff, second factor and all: signing in has a journey of its own."""
    cookie = sign_in(client, staff()).cookies[settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.base_url}])


def closed(mode: PrivacyMode) -> Survey:
    community = community_of(14, name="Sepsis", slug="sepsis")
    survey = open_survey_for(community, code=PULSE, mode=mode, now=NOW - DAYS_AGO)
    answers = [{"P1": "4", "P2": "2", "P3": "1", "P4": f"<b>Words {at}</b>"} for at in range(12)]
    give_answers(survey, answers=answers)
    return close(survey)


@pytest.mark.parametrize("screen", [PHONE, WIDE, PHONE_WITHOUT_SCRIPTS], ids=lambda screen: screen.name)
def test_results_are_asked_for_made_and_saved(
    screen: Screen, visitor_at: SitDown, client: Client, tmp_path: Path
) -> None:
    survey = closed(PrivacyMode.ANONYMOUS)
    someone = visitor_at(screen)
    come_in(someone, client)
    someone.go(survey.get_absolute_url())
    someone.follow("Take this survey away as files")
    someone.look()
    someone.press("Make the files")
    someone.reads("Waiting for its turn")
    someone.look()
    assert make_waiting_exports() == 1
    # The page finds out by itself, with scripts or without.
    someone.reads("It is kept for you until")
    someone.look()
    with someone.page.expect_download() as saved:
        someone.page.get_by_role("button", name="Download the zip file").click()
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    assert zipfile.ZipFile(path).testzip() is None
    someone.follow("Delete the file from the portal now")
    someone.look()
    someone.press("Delete them")
    someone.reads("You have deleted this.")


def test_rows_of_a_confidential_survey_are_chosen_with_a_reason(visitor_at: SitDown, client: Client) -> None:
    survey = closed(PrivacyMode.CONFIDENTIAL)
    someone = visitor_at(PHONE)
    come_in(someone, client)
    someone.go(f"{survey.get_absolute_url()}export/")
    someone.page.get_by_label("The answers, a row for each person").check()
    someone.press("Make the files")
    someone.reads("Say what you need the answers for.")
    someone.look()
    someone.page.get_by_label("What do you need the answers for?").fill("The evaluation")
    someone.press("Make the files")
    someone.reads("this survey has fewer")


@pytest.mark.parametrize("width", [NARROWEST, 390, 1280])
def test_the_codebook_reads_well_without_the_portal(browser: Browser, tmp_path: Path, width: int) -> None:
    from evaluations.services.survey_exports.asking import ask_for_export

    export = ask_for_export(survey=closed(PrivacyMode.NAMED), what="rows", reason="", by=staff(), now=NOW)
    assert make_waiting_exports() == 1
    export.refresh_from_db()
    archive = tmp_path / "answers.zip"
    archive.write_bytes(bytes(export.archive or b""))
    with zipfile.ZipFile(archive) as files:
        files.extractall(tmp_path)
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((tmp_path / "codebook.html").as_uri())
    results = Axe().run(page, options={"runOnly": WCAG})
    assert not results.response["violations"], results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("arial")
    page.close()
