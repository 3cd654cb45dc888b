"""The pages of the agenda: members propose, facilitators arrange, and nobody learns who proposed without a name."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from communities.models import AgendaItem, Community, Session
from communities.services.sessions.agenda import cover_agenda_item, propose_agenda_item, put_on_agenda
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, SessionFactory, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community)


@pytest.fixture
def mina(people: dict[str, User]) -> User:
    return people["member"]


def page(name: str, community: Community, *more: Any) -> str:
    return reverse(f"communities:{name}", args=[community.slug, *more])


def propose(community: Community, by: User, text: str = "Night cover", *, is_named: bool = True) -> AgendaItem:
    return propose_agenda_item(community=community, text=text, is_named=is_named, by=by, now=NOW)


def test_a_proposal_comes_on_the_list_under_its_authors_name(client: Client, community: Community, mina: User) -> None:
    sign_in(client, mina)
    typed = {"text": "Night cover", "detail": "Twice this month", "naming": "named"}
    shown = client.post(page("propose-agenda-item", community), typed, follow=True).content.decode()
    assert "Night cover" in shown
    assert "Mina Member, 24 November 2026" in shown
    assert "Take back" in shown


def test_a_proposal_without_a_name_names_nobody_to_anybody(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    typed = {"text": "Night cover", "naming": "unnamed", "idempotency_key": "k" * 22}
    own = client.post(page("propose-agenda-item", community), typed, follow=True).content.decode()
    sign_in(client, people["facilitator"])
    seen = client.get(page("agenda-backlog", community)).content.decode()
    assert "Mina" not in seen
    assert "Take back" not in own
    assert AgendaItem.objects.get().proposed_by is None
    assert AuditEntry.objects.get(event="agenda_item.proposed").by is None


def test_with_or_without_a_name_is_asked_and_not_assumed(client: Client, community: Community, mina: User) -> None:
    sign_in(client, mina)
    assert " checked" not in client.get(page("propose-agenda-item", community)).content.decode()
    for typed in ({"text": "Night cover"}, {"text": " ", "naming": "named"}, {"text": "x" * 201, "naming": "named"}):
        assert client.post(page("propose-agenda-item", community), typed).status_code == 422
    assert not AgendaItem.objects.exists()


def test_a_facilitator_puts_an_item_on_the_agenda_that_everyone_then_sees(
    client: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    item = propose(community, people["member"])
    sign_in(client, people["facilitator"])
    waiting = client.get(page("session-agenda", community, session.pk)).content.decode()
    assert f"{page('arrange-agenda-item', community, item.pk)}?session={session.pk}" in waiting
    typed = {"version": "1", "what": "put_on", "session": str(session.pk)}
    said = client.post(page("arrange-agenda-item", community, item.pk), typed, follow=True)
    assert said.redirect_chain == [(page("session-agenda", community, session.pk), 302)]
    for role, sees_name in (("member", True), ("sponsor", False)):
        shown = sign_in(client, people[role]).get(page("session-agenda", community, session.pk)).content.decode()
        assert "Night cover" in shown
        assert ("Mina Member, 24" in shown) is sees_name
        assert "Decide" not in shown
        assert "Night cover" in client.get(session.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"what": ""}, 422, "Choose"),
        ({"what": "cover"}, 422, "Choose"),
        ({"what": "put_on"}, 422, "Choose the session from the list"),
        ({"what": "put_on", "session": "999999"}, 422, "from the list"),
        ({"what": "decline"}, 422, "Say why it is not taken up."),
        ({"what": "defer", "version": "2"}, 409, "Someone else has dealt with this meanwhile."),
        ({"what": "defer", "version": "x"}, 422, "There is a problem"),
    ],
)
def test_an_arrangement_that_cannot_be_is_refused_in_words(
    *, client: Client, community: Community, session: Session, people: dict[str, User], typed: dict[str, str],
    status: int, words: str
) -> None:  # fmt: skip
    item = propose(community, people["member"])
    sign_in(client, people["facilitator"])
    response = client.post(page("arrange-agenda-item", community, item.pk), {"version": "1", **typed})
    assert (response.status_code, words in response.content.decode()) == (status, True)
    item.refresh_from_db()
    assert (item.state, item.version) == ("proposed", 1)


def test_a_session_of_another_community_cannot_be_chosen(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    item, elsewhere = propose(community, people["member"]), SessionFactory.create()
    sign_in(client, people["facilitator"])
    typed = {"version": "1", "what": "put_on", "session": str(elsewhere.pk)}
    assert client.post(page("arrange-agenda-item", community, item.pk), typed).status_code == 422
    foreign = propose(CommunityFactory.create(), people["member"])
    assert client.get(page("arrange-agenda-item", community, foreign.pk)).status_code == 404


def test_what_was_declined_says_why_to_those_who_look_back(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    item = propose(community, people["member"])
    sign_in(client, people["facilitator"])
    typed = {"version": "1", "what": "decline", "because": "We did <this> in May"}
    client.post(page("arrange-agenda-item", community, item.pk), typed)
    sign_in(client, people["member"])
    assert "Nothing waits." in client.get(page("agenda-backlog", community)).content.decode()
    settled = client.get(page("agenda-backlog", community), {"show": "settled"}).content.decode()
    assert "not taken up: We did &lt;this&gt; in May" in settled


def test_what_a_session_did_not_get_to_waits_again_with_where_it_was(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    past = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=3))
    before = past.starts_at - timedelta(days=1)
    for text in ("Covered", "Left over"):
        item = propose(community, people["member"], text)
        put_on_agenda(item=item, version=1, session=past, by=people["facilitator"], now=before)
    covered = AgendaItem.objects.get(text="Covered")
    cover_agenda_item(item=covered, version=2, by=people["facilitator"], now=NOW)
    sign_in(client, people["member"])
    waiting = client.get(page("agenda-backlog", community))
    assert [item.text for item in waiting.context["object_list"]] == ["Left over"]
    assert "was on the agenda of 24 November 2026" in waiting.content.decode()


def test_who_proposed_takes_it_back_by_a_button_of_their_own(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    item = propose(community, people["member"])
    url = page("withdraw-agenda-item", community, item.pk)
    other = member_of(community)
    assert sign_in(client, other).post(url).status_code == 422
    assert sign_in(client, people["member"]).get(url).status_code == 200
    item.refresh_from_db()
    assert item.state == "proposed"
    assert client.post(url).status_code == 302
    item.refresh_from_db()
    assert item.state == "withdrawn"


def agenda_of(community: Community, session: Session, people: dict[str, User], *texts: str) -> list[AgendaItem]:
    items = [propose(community, people["member"], text) for text in texts]
    return [put_on_agenda(item=one, version=1, session=session, by=people["facilitator"], now=NOW) for one in items]


def buttons(html: str) -> list[str]:
    return [" ".join(found) for found in re.findall(r'value="(up|down)">[^<]*<span[^>]*>: ([^<]+)<', html)]


def test_an_agenda_is_put_in_order_by_buttons_and_the_reader_stays_at_the_item(
    client: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    *_, last = agenda_of(community, session, people, "Beds", "Staffing", "Screening")
    agenda = page("session-agenda", community, session.pk)
    sign_in(client, people["facilitator"])
    html = client.get(agenda).content.decode()
    assert buttons(html) == ["down Beds", "up Staffing", "down Staffing", "up Screening"]
    move = page("move-agenda-item", community, last.pk)
    assert f'action="{move}"' in html
    moved = client.post(move, {"version": "2", "direction": "up"})
    assert (moved.status_code, moved["Location"]) == (302, f"{agenda}#item-{last.pk}")
    shown = client.get(agenda).content.decode()
    assert f'id="item-{last.pk}"' in shown
    assert "Moved up: Screening" in shown
    assert buttons(shown) == ["down Beds", "up Screening", "down Screening", "up Staffing"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"version": "1", "direction": "up"}, "Someone else has dealt with this meanwhile."),
        ({"version": "2", "direction": "down"}, "It is last already."),
        ({"version": "2", "direction": "sideways"}, ""),
        ({"version": "2"}, ""),
        ({"direction": "up"}, ""),
    ],
)
def test_what_cannot_be_moved_is_said_on_the_agenda_and_stays(
    *, client: Client, community: Community, session: Session, people: dict[str, User], typed: dict[str, str],
    words: str,
) -> None:  # fmt: skip
    _, last = agenda_of(community, session, people, "Beds", "Staffing")
    sign_in(client, people["facilitator"])
    response = client.post(page("move-agenda-item", community, last.pk), typed, follow=True)
    assert (response.status_code, words in response.content.decode()) == (200, True)
    assert [item.text for item in AgendaItem.objects.on_agenda_of(session)] == ["Beds", "Staffing"]


def test_only_those_who_run_the_community_order_its_agenda_and_not_by_a_get(
    client: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    _, last = agenda_of(community, session, people, "Beds", "Staffing")
    move = page("move-agenda-item", community, last.pk)
    for role in ("member", "sponsor"):
        sign_in(client, people[role])
        assert buttons(client.get(page("session-agenda", community, session.pk)).content.decode()) == []
        assert client.post(move, {"version": "2", "direction": "up"}).status_code in (403, 404)
    assert sign_in(client, people["facilitator"]).get(move).status_code == 405
    past = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=3))
    AgendaItem.objects.update(session=past)
    assert buttons(client.get(page("session-agenda", community, past.pk)).content.decode()) == []
    assert [item.text for item in AgendaItem.objects.on_agenda_of(past)] == ["Beds", "Staffing"]


# Session, user, roles, community, count, items; on a session's agenda also the session, what is on it and what waits.
@pytest.mark.parametrize(("name", "queries"), [("agenda-backlog", 6), ("session-agenda", 7)])
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_of_proposals_costs_the_same_with_1_and_with_30(
    *, client: Client, community: Community, session: Session, people: dict[str, User], name: str, queries: int,
    number: int, django_assert_num_queries: Any,
) -> None:  # fmt: skip
    for _ in range(number):
        propose(community, member_of(community))
        item = propose(community, member_of(community))
        put_on_agenda(item=item, version=1, session=session, by=people["facilitator"], now=NOW)
    sign_in(client, people["facilitator"])
    more = (session.pk,) if name == "session-agenda" else ()
    with django_assert_num_queries(queries):
        assert client.get(page(name, community, *more)).status_code == 200


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_a_script_in_a_proposal_is_shown_as_text_on_every_page(
    client: Client, community: Community, session: Session, people: dict[str, User], payload: str
) -> None:
    item = propose_agenda_item(
        community=community, text=payload, detail=payload, is_named=True, by=people["member"], now=NOW
    )
    sign_in(client, people["facilitator"])
    pages = [
        page("agenda-backlog", community),
        page("arrange-agenda-item", community, item.pk),
        page("session-agenda", community, session.pk),
    ]
    for address in pages:
        html = client.get(address).content.decode()
        assert (escape(payload) in html, payload in html) == (True, False), address
