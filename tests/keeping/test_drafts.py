"""Drafts: kept as one types, put back, forgotten when the form is saved; each person's own and nobody else's."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities import permissions as of_communities
from communities.models import Community, Session
from communities.permissions import RUNNING_IT
from cop_portal.accounts.access import is_link_page, view_attribute
from cop_portal.accounts.models import User
from cop_portal.keeping.models import Draft, Submission
from cop_portal.keeping.services.drafts import KEPT_FOR, forget_old_drafts
from cop_portal.keeping.services.submissions import KEPT_FOR as SUBMISSIONS_KEPT_FOR
from cop_portal.keeping.services.submissions import forget_old
from evaluations import permissions as of_evaluations
from tests.architecture.test_views import addresses
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, facilitator_of
from tests.factories.minutes import recorded_session

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

SAVE = "/me/drafts/save/"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Facilitator")


@pytest.fixture
def form(community: Community) -> str:
    """The address of a form whose typing is kept."""
    session: Session = recorded_session(MembershipFactory.create(community=community))
    return reverse("communities:edit-minutes", args=["sepsis", session.pk])


@pytest.fixture
def browser(client: Client, facilitator: User) -> Client:
    return sign_in(client, facilitator)


def on_page(client: Client, form: str) -> dict[str, str]:
    """What the form's page gives its script."""
    page = client.get(form).content.decode()
    found = re.search(r'data-draft="([^"]+)"', page)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found
    assert key
    return {"mark": unescape(found[1]), "key": key[1]}


def keep(client: Client, shown: dict[str, str], summary: str, **more: Any) -> Any:
    body = {
        **shown,
        "fields": [["version", "1"], ["summary", summary]],
        "texts": [["In a few words", summary]],
        **more,
    }
    return client.post(SAVE, json.dumps(body), content_type="application/json")


def kept_on_page(client: Client, form: str) -> Any:
    found = re.search(r'id="draft-content" type="application/json">(.*?)</script>', client.get(form).content.decode())
    return json.loads(found[1]) if found else None


def test_what_is_typed_is_kept_and_put_back_when_the_form_is_opened_again(browser: Client, form: str) -> None:
    answer = keep(browser, on_page(browser, form), "A good <b>morning</b>")
    assert (answer.status_code, answer.json()["saved_at"]) == (200, "12:00")
    page = browser.get(form).content.decode()
    assert "You have a draft of this page, kept on 24 November 2026 at 12:00 and not saved yet." in page
    assert kept_on_page(browser, form) == [["version", "1"], ["summary", "A good <b>morning</b>"]]
    assert "<b>morning" not in page


def test_one_form_has_one_draft_the_newest(browser: Client, form: str) -> None:
    shown = on_page(browser, form)
    for summary in ("First", "Second"):
        keep(browser, shown, summary)
    assert Draft.objects.count() == 1
    assert kept_on_page(browser, form)[1] == ["summary", "Second"]


def test_saving_the_form_forgets_its_draft(browser: Client, form: str) -> None:
    shown = on_page(browser, form)
    keep(browser, shown, "Typed")
    assert browser.post(form, {"idempotency_key": shown["key"], "version": "1", "summary": "Typed"}).status_code == 302
    assert Draft.objects.count() == 0


def test_a_form_that_is_refused_keeps_its_draft_and_shows_what_was_sent(browser: Client, form: str) -> None:
    shown = on_page(browser, form)
    keep(browser, shown, "Typed")
    refused = browser.post(form, {"idempotency_key": shown["key"], "version": "", "summary": "Typed later"})
    page = refused.content.decode()
    assert (refused.status_code, Draft.objects.count()) == (422, 1)
    assert ">Typed later</textarea>" in page
    assert 'id="draft-content"' not in page
    assert "data-draft-typed" in page


def test_a_draft_that_arrives_after_its_form_was_saved_is_not_kept(browser: Client, form: str) -> None:
    shown = on_page(browser, form)
    browser.post(form, {"idempotency_key": shown["key"], "version": "1", "summary": "Saved"})
    late = keep(browser, shown, "Saved")
    assert (late.status_code, Draft.objects.count()) == (409, 0)
    assert browser.get(SAVE, {"key": shown["key"]}).json() == {"is_done": True}
    assert browser.get(SAVE, {"key": "another"}).json() == {"is_done": False}


def test_a_draft_stored_in_the_moment_its_form_was_saved_is_never_put_back(browser: Client, form: str) -> None:
    """Two requests at once: the draft looked before the form's commit, and was written after it."""
    shown = on_page(browser, form)
    keep(browser, shown, "Typed")
    overtaken = Draft.objects.get()
    browser.post(form, {"idempotency_key": shown["key"], "version": "1", "summary": "Typed"})
    overtaken.save(force_insert=True)
    assert kept_on_page(browser, form) is None
    assert browser.get("/me/drafts/").context["object_list"].count() == 0
    forget_old(now=NOW + SUBMISSIONS_KEPT_FOR + timedelta(days=1))
    assert (Draft.objects.count(), Submission.objects.count()) == (0, 0)


def test_nobody_sees_anothers_draft(client: Client, browser: Client, community: Community, form: str) -> None:
    keep(browser, on_page(browser, form), "Mine alone")
    draft = Draft.objects.get()
    other = sign_in(Client(), facilitator_of(community))
    assert kept_on_page(other, form) is None
    assert other.get(f"/me/drafts/{draft.pk}/").status_code == 404
    assert other.post(f"/me/drafts/{draft.pk}/throw-away/").status_code == 404
    assert "Mine alone" not in other.get("/me/drafts/").content.decode()
    assert Draft.objects.count() == 1


def test_a_mark_is_good_for_its_own_person_only(browser: Client, community: Community, form: str) -> None:
    shown = on_page(browser, form)
    theirs = keep(sign_in(Client(), facilitator_of(community)), shown, "Smuggled in")
    assert (theirs.status_code, Draft.objects.count()) == (422, 0)
    made_up = keep(browser, {**shown, "mark": "made-up"}, "x")
    assert (made_up.status_code, Draft.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "body",
    [
        "", "{no", "[]", "3", "null", '{"mark": 1, "fields": []}', '{"mark": "x"}', '{"mark": "x", "fields": {}}',
        '{"mark": "x", "fields": [["a"]]}', '{"mark": "x", "fields": [["a", 1]]}', '{"mark": "x", "fields": ["ab"]}',
        "[" * 100_000, '{"mark": "x", "fields": [], "key": 3}',
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_a_400(browser: Client, body: str) -> None:
    assert browser.post(SAVE, body, content_type="application/json").status_code == 400


def test_a_draft_has_an_end_and_says_so(browser: Client, form: str) -> None:
    refused = keep(browser, on_page(browser, form), "x" * 200_001)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "This is more than a draft can hold. Save the page, or shorten what you typed.",
    )
    assert Draft.objects.count() == 0


def test_odd_characters_are_kept_as_far_as_they_can_be(browser: Client, form: str) -> None:
    body = json.dumps({**on_page(browser, form), "fields": [["summary", "a\x00b \ud800 é"]], "texts": []})
    assert browser.post(SAVE, body, content_type="application/json").status_code == 200
    assert kept_on_page(browser, form) == [["summary", "ab ? é"]]


def test_drafts_are_listed_read_and_thrown_away(browser: Client, form: str) -> None:
    assert "You have no draft: everything you typed has been saved." in browser.get("/me/drafts/").content.decode()
    keep(browser, on_page(browser, form), "Two lines\nof text")
    page = browser.get("/me/drafts/").content.decode()
    assert "Sepsis: minutes of 24 November 2026" in page
    draft = Draft.objects.get()
    assert "Two lines<br>of text" in browser.get(draft.get_absolute_url()).content.decode()
    throw_away = f"/me/drafts/{draft.pk}/throw-away/"
    assert browser.get(throw_away).status_code == 200
    assert Draft.objects.count() == 1
    assert "The draft has been thrown away." in browser.post(throw_away, follow=True).content.decode()
    assert Draft.objects.count() == 0
    assert browser.get(throw_away).status_code == 404


def test_saving_a_draft_takes_someone_signed_in_and_the_csrf_token(facilitator: User) -> None:
    assert Client().post(SAVE, "{}", content_type="application/json").status_code == 302
    strict = sign_in(Client(enforce_csrf_checks=True), facilitator)
    assert strict.post(SAVE, "{}", content_type="application/json").status_code == 403


def test_home_and_ones_own_data_hold_ones_drafts_and_nobody_elses(
    browser: Client, community: Community, form: str
) -> None:
    keep(browser, on_page(browser, form), "Mine alone")
    other = sign_in(Client(), facilitator_of(community))
    mine, theirs = (client.get("/").content.decode() for client in (browser, other))
    assert ("What you have begun and not saved" in mine, form in mine) == (True, True)
    assert "What you have begun and not saved" not in theirs
    mine, theirs = (client.get("/me/data/").content.decode() for client in (browser, other))
    assert ("Mine alone" in mine, "Mine alone" in theirs) == (True, False)


def test_whoever_was_signed_out_in_a_form_is_led_back_to_it(browser: Client, form: str) -> None:
    session = browser.session
    session["signed_in_at"] = 0
    session.save()
    ended = browser.post(form, {"version": "1", "summary": "Typed"})
    assert (ended.status_code, ended["Location"]) == (302, f"/sign-in/?next={quote(form, safe='')}")


def test_a_draft_is_forgotten_60_days_after_it_was_last_typed_in(browser: Client, form: str) -> None:
    keep(browser, on_page(browser, form), "Typed")
    assert forget_old_drafts(now=NOW + KEPT_FOR) == 0
    assert forget_old_drafts(now=NOW + KEPT_FOR + timedelta(seconds=1)) == 1


def test_the_list_takes_the_same_queries_with_one_draft_and_with_thirty(browser: Client, facilitator: User) -> None:
    counts = []
    for number in (1, 29):
        Draft.objects.bulk_create(
            Draft(user=facilitator, address=f"/form/{number}/{i}/", title="A form", saved_at=NOW) for i in range(number)
        )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get("/me/drafts/")
        counts.append(len(queries))
    # Session, user, how many there are, the drafts.
    assert counts == [4, 4]


GRANTS = {**of_communities.GRANTS, **of_evaluations.GRANTS}


def test_the_browser_keeps_only_what_those_who_run_a_community_type_and_never_an_answer() -> None:
    """What one answers is nobody's business, least of all the next person's at the same screen."""
    kept = {address: view for address, view in addresses() if view_attribute(view, "keeps_draft_in_browser")}
    assert "/communities/<slug:slug>/sessions/<int:pk>/minutes/edit/" in kept
    too_many = {
        address: sorted(GRANTS[view_attribute(view, "permission")] - RUNNING_IT)
        for address, view in kept.items()
        if not GRANTS[view_attribute(view, "permission")] <= RUNNING_IT
    }
    assert too_many == {}
    assert [
        address for address, view in addresses() if is_link_page(view) and view_attribute(view, "keeps_draft")
    ] == []
    pages = sorted((Path(settings.BASE_DIR) / "templates" / "evaluations").glob("answer*.html"))
    assert pages
    assert [page.name for page in pages if "draft.html" in page.read_text() or "data-draft" in page.read_text()] == []
