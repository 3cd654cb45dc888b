"""The pages of minutes: who reads what, and what happens to what is typed."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document as WordDocument
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, Membership, Minutes, Session
from communities.services.sessions.minutes import edit_minutes, share_minutes
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, SessionFactory
from tests.factories.minutes import PRIVATE, recorded_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PAGES = ("minutes", "minutes-docx", "full-minutes", "full-minutes-docx", "edit-minutes", "share-minutes")


@pytest.fixture
def owner(community: Community) -> Membership:
    return MembershipFactory.create(community=community, person__name="Olu Owner")


@pytest.fixture
def session(owner: Membership) -> Session:
    return recorded_session(owner)


def address(name: str, session: Session) -> str:
    return reverse(f"communities:{name}", args=[session.community.slug, session.pk])


def statuses(client: Client, session: Session) -> list[int]:
    return [client.get(address(name, session)).status_code for name in PAGES]


def word_text(response: Any) -> str:
    return "\n".join(paragraph.text for paragraph in WordDocument(io.BytesIO(response.content)).paragraphs)


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        ("administrator", [200] * 6, [200] * 6),
        ("staff", [200] * 6, [200] * 6),
        ("facilitator", [200] * 6, [200] * 6),
        ("member", [404] * 6, [200, 200, 403, 403, 403, 403]),
        ("sponsor", [404] * 6, [200, 200, 403, 403, 403, 403]),
        ("stranger", [404] * 6, [404] * 6),
    ],
)
def test_minutes_open_to_members_and_sponsors_once_they_are_shared_and_never_in_full(
    *, client: Client, people: dict[str, User], session: Session, role: str, before: list[int], after: list[int]
) -> None:
    sign_in(client, people[role])
    assert statuses(client, session) == before
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    assert statuses(client, session) == after


@pytest.mark.parametrize("role", ["member", "sponsor"])
def test_nothing_private_and_for_sponsors_no_name_reaches_page_or_word_file(
    client: Client, people: dict[str, User], session: Session, role: str
) -> None:
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    sign_in(client, people[role])
    page = client.get(address("minutes", session)).content.decode()
    word = word_text(client.get(address("minutes-docx", session)))
    for text in (page, word):
        assert [words for words in PRIVATE if words in text] == []
        assert "An open lesson" in text
        assert [name in text for name in ("Olu Owner", "Gwen Guest")] == [role == "member"] * 2
    session_page = client.get(session.get_absolute_url()).content.decode()
    assert address("minutes", session) in session_page


def test_in_full_private_items_are_marked_as_such(client: Client, people: dict[str, User], session: Session) -> None:
    sign_in(client, people["facilitator"])
    page = client.get(address("full-minutes", session)).content.decode()
    assert [words for words in PRIVATE if words not in page] == []
    assert page.count("<strong>Private:</strong>") == len(PRIVATE)
    word = client.get(address("full-minutes-docx", session))
    assert "Private: A private lesson" in word_text(word)
    assert word["Content-Disposition"] == 'attachment; filename="sepsis-2026-11-24-minutes-in-full.docx"'
    assert word["Cache-Control"] == "private, no-store"


def test_a_facilitator_writes_shares_and_takes_back(client: Client, people: dict[str, User], session: Session) -> None:
    sign_in(client, people["facilitator"])
    client.post(address("edit-minutes", session), {"version": "1", "summary": "Two lines.\r\n<script>1</script>"})
    page = client.post(address("share-minutes", session), {}, follow=True).content.decode()
    assert "Members can read these minutes now." in page
    assert "Shared with members on 24 November 2026." in page
    assert "<p>Two lines.</p><p>&lt;script&gt;1&lt;/script&gt;</p>" in page
    again = client.post(address("share-minutes", session), {})
    assert (again.status_code, "Members can read these minutes already." in again.content.decode()) == (409, True)
    client.post(address("take-back-minutes", session), {})
    assert Minutes.objects.get().shared_at is None


def test_a_stale_edit_shows_both_texts_and_loses_neither(
    client: Client, people: dict[str, User], session: Session
) -> None:
    sign_in(client, people["facilitator"])
    client.get(address("edit-minutes", session))
    edit_minutes(session=session, summary="Theirs, meanwhile", version=1, by=people["staff"], now=NOW)
    stale = client.post(address("edit-minutes", session), {"version": "1", "summary": "Mine"})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "Theirs, meanwhile" in page
    assert ">Mine</textarea>" in page
    assert 'name="version" value="2"' in page
    assert client.post(address("edit-minutes", session), {"version": "2", "summary": "Both"}).status_code == 302
    assert Minutes.objects.get().summary == "Both"


@pytest.mark.parametrize(
    "data",
    [
        {"version": "1", "summary": "x" * 5001},
        {"version": "", "summary": "x"},
        {"version": "many", "summary": "x"},
        {"version": "1", "summary": "a\x00b"},
    ],
)
def test_what_is_not_well_formed_comes_back_as_it_was_typed(
    client: Client, people: dict[str, User], session: Session, data: dict[str, str]
) -> None:
    sign_in(client, people["facilitator"])
    assert client.post(address("edit-minutes", session), data).status_code == 422
    assert Minutes.objects.count() == 0


def test_a_session_that_was_not_held_has_no_minutes_page(
    client: Client, people: dict[str, User], community: Community
) -> None:
    planned = SessionFactory.create(community=community)
    sign_in(client, people["facilitator"])
    assert statuses(client, planned) == [404] * 6
    assert address("minutes", planned) not in client.get(planned.get_absolute_url()).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_with_1_and_with_30_rows(
    client: Client,
    people: dict[str, User],
    session: Session,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for index in range(number):
        session.guests.create(name=f"Guest {index}")
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    sign_in(client, people["member"])
    # Session, user, roles, the community, the session, its minutes, and one for each kind of thing in them.
    with django_assert_num_queries(15):
        client.get(address("minutes", session))
