"""Plans, series, replies, agendas and the calendar address over the API: the rules and the words of the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import AgendaItem, CalendarFeed, Community, Membership, Reply, Series, Session
from communities.services.sessions.agenda import propose_agenda_item
from communities.services.sessions.replies import reply_to_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory, SessionFactory, member_of

pytestmark = pytest.mark.django_db
JSON = "application/json"
DAY = timedelta(days=1)


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(
        community=community, starts_at=NOW + timedelta(days=7), joining_link="https://meet.example.org/1"
    )


def send(
    client: Client, name: str, *args: Any, body: Any = None, version: int | None = None, method: str = "post"
) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    return getattr(client, method)(
        reverse(f"api:{name}", args=args), body if body is not None else {}, content_type=JSON, headers=headers
    )


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def series(**changes: Any) -> dict[str, Any]:
    return {
        "community": "sepsis", "weeks": 2, "first_on": "2026-12-11", "count": 3, "starts": "12:30", "ends": "14:00",
        **changes,
    }  # fmt: skip


def test_a_plan_says_its_version_and_is_changed_by_who_read_it(signed_in: Client, session: Session) -> None:
    shown = signed_in.get(reverse("api:session-plan", args=[session.pk]))
    assert (shown["ETag"], shown.json()["version"], shown.json()["sequence"]) == ('"1"', 1, 0)
    changed = send(signed_in, "session-plan", session.pk, body={"place": "Room 5"}, version=1, method="patch")
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert (changed.json()["place"], changed.json()["joining_link"]) == ("Room 5", "https://meet.example.org/1")
    stale = send(signed_in, "session-plan", session.pk, body={"place": "Room 6"}, version=1, method="patch")
    assert code(stale) == (412, "plan_changed_meanwhile")
    missing = send(signed_in, "session-plan", session.pk, body={"place": "Room 6"}, method="patch")
    assert missing.status_code == 428
    session.refresh_from_db()
    assert (session.place, session.sequence) == ("Room 5", 1)


def test_a_session_is_moved_and_cancelled_with_the_words_of_the_page(signed_in: Client, session: Session) -> None:
    body = {"starts_at": "2026-12-09T09:00", "ends_at": "2026-12-09T10:00"}
    moved = send(signed_in, "move-session", session.pk, body=body, version=1)
    assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-12-09T09:00:00Z")
    assert code(send(signed_in, "move-session", session.pk, body=body, version=2)) == (422, "session_not_moved")
    assert send(signed_in, "move-session", session.pk, body=body).status_code == 428
    past = {"starts_at": "2026-11-23T09:00", "ends_at": "2026-11-23T10:00"}
    assert code(send(signed_in, "move-session", session.pk, body=past, version=2)) == (422, "session_in_the_past")
    assert send(signed_in, "cancel-session", session.pk, body={"because": " "}).status_code == 400
    cancelled = send(signed_in, "cancel-session", session.pk, body={"because": "Flood"})
    assert (cancelled.json()["state"], cancelled.json()["sequence"]) == ("cancelled", 2)
    assert code(send(signed_in, "cancel-session", session.pk, body={"because": "Flood"})) == (
        409,
        "session_already_held",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"place": "a\x00b"}, "place"),
        ({"place": "x" * 201}, "place"),
        ({"kind": "party"}, "kind"),
        ({"joining_link": "javascript:alert(1)"}, "joining_link"),
        ({"led_by": 999_999}, "led_by"),
        ({"led_by": 10**30}, "led_by"),
    ],
)
def test_a_malformed_change_names_its_field_and_changes_nothing(
    signed_in: Client, session: Session, body: dict[str, Any], field: str
) -> None:
    response = send(signed_in, "session-plan", session.pk, body=body, version=1, method="patch")
    assert code(response) == (400, "malformed")
    assert [error["field"] for error in response.json()["errors"]] == [field]
    session.refresh_from_db()
    assert session.plan_version == 1


def test_a_series_is_previewed_planned_and_read(signed_in: Client, community: Community) -> None:
    preview = send(signed_in, "preview-series", body=series())
    assert [(day["day"], day["concern"]) for day in preview.json()] == [
        ("2026-12-11", ""),
        ("2026-12-25", "Bank holiday"),
        ("2027-01-08", ""),
    ]
    assert not Session.objects.exists()
    planned = send(signed_in, "series-list", body=series(leave_out=["2026-12-25"], place="Room 4"))
    assert planned.status_code == 201
    found = signed_in.get(reverse("api:series", args=[planned.json()["id"]])).json()
    assert (found["rhythm"], [s["starts_at"] for s in found["sessions"]]) == (
        "every 2 weeks",
        ["2026-12-11T12:30:00Z", "2027-01-08T12:30:00Z"],
    )
    assert found["sessions"][0]["place"] == "Room 4"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"count": 10_000}, (422, "series_too_long")),
        ({"count": 10**30}, (400, "malformed")),
        ({"count": None}, (422, "series_without_end")),
        ({"weeks": None}, (422, "series_without_rhythm")),
        ({"weeks": None, "nth": 2}, (400, "malformed")),
        ({"nth": 2, "weekday": 1}, (400, "malformed")),
        ({"weeks": None, "nth": 6, "weekday": 1}, (400, "malformed")),
        ({"first_on": "2026-02-30"}, (400, "malformed")),
        ({"first_on": "2026-11-01"}, (422, "session_in_the_past")),
        ({"ends": "12:00"}, (422, "session_ends_before_it_starts")),
        ({"community": "elsewhere"}, (404, "not_found")),
    ],
)
def test_a_series_that_cannot_be_is_refused_by_preview_and_by_planning(
    signed_in: Client, community: Community, changes: dict[str, Any], told: tuple[int, str]
) -> None:
    CommunityFactory.create(slug="elsewhere")
    for name in ("preview-series", "series-list"):
        assert code(send(signed_in, name, body=series(**changes))) == told
    assert (Series.objects.count(), Session.objects.count()) == (0, 0)


def test_a_session_planned_over_the_api_can_be_planned_without_a_mail(signed_in: Client, community: Community) -> None:
    body = {"community": "sepsis", "starts_at": "2026-12-01T12:30", "ends_at": "2026-12-01T14:00"}
    send(signed_in, "session-list", body={**body, "tells_members": False})
    assert not OutboxMessage.objects.exists()


def test_a_member_says_whether_they_come_and_those_who_run_it_read_it(
    client: Client, at_noon: None, session: Session, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    said = send(client, "reply-to-session", session.pk, body={"answer": "coming"}, method="put")
    assert said.json() == {"answer": "coming", "answered_at": "2026-11-24T12:00:00Z"}
    assert send(client, "reply-to-session", session.pk, body={"answer": "maybe"}, method="put").status_code == 400
    assert client.get(reverse("api:session-replies", args=[session.pk])).status_code == 403
    sign_in(client, people["facilitator"])
    read = client.get(reverse("api:session-replies", args=[session.pk])).json()
    mina = Membership.objects.get(person=people["member"].person)
    assert read["replies"] == [
        {"membership": mina.pk, "name": "Mina Member", "answer": "coming", "answered_at": "2026-11-24T12:00:00Z"}
    ]
    assert (read["coming"], read["not_coming"], read["unsure"], read["have_not_said"]) == (1, 0, 0, 1)


def test_an_item_is_proposed_without_a_name_and_nothing_says_whose_it_is(
    client: Client, at_noon: None, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    body = {"community": "sepsis", "text": "Night cover", "is_named": False}
    made = send(client, "agenda-item-list", body=body)
    assert (made.status_code, made.json()["proposed_by"], made["ETag"]) == (201, None, '"1"')
    assert AuditEntry.objects.get(event="agenda_item.proposed").by is None
    assert send(client, "agenda-item-list", body={"community": "sepsis", "text": "Night cover"}).status_code == 400
    assert send(client, "agenda-item-list", body={**body, "text": "a\x00b"}).status_code == 400


def test_an_item_goes_its_way_by_the_version_that_was_read(
    signed_in: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    item = propose_agenda_item(community=community, text="Nights", is_named=True, by=people["member"], now=NOW)
    put = send(signed_in, "put-on-agenda", item.pk, body={"session": session.pk}, version=1)
    assert (put.json()["state"], put.json()["session"], put["ETag"]) == ("on_agenda", session.pk, '"2"')
    assert code(send(signed_in, "defer-agenda-item", item.pk, version=1)) == (412, "agenda_item_moved_on")
    assert send(signed_in, "defer-agenda-item", item.pk).status_code == 428
    assert code(send(signed_in, "cover-agenda-item", item.pk, version=2)) == (422, "not_on_an_agenda")
    assert code(send(signed_in, "withdraw-agenda-item", item.pk, version=2)) == (422, "not_yours_to_take_back")
    foreign = SessionFactory.create()
    assert send(signed_in, "put-on-agenda", item.pk, body={"session": foreign.pk}, version=2).status_code == 400
    assert send(signed_in, "defer-agenda-item", item.pk, version=2).json()["state"] == "proposed"
    declined = send(signed_in, "decline-agenda-item", item.pk, body={"because": "In May"}, version=3)
    assert (declined.json()["state"], declined.json()["declined_because"]) == ("declined", "In May")


def test_an_agenda_is_put_in_order_with_the_version_that_was_read(
    signed_in: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    first, second = (
        propose_agenda_item(community=community, text=text, is_named=True, by=people["member"], now=NOW)
        for text in ("First", "Second")
    )
    for item in (first, second):
        send(signed_in, "put-on-agenda", item.pk, body={"session": session.pk}, version=1)
    moved = send(signed_in, "move-agenda-item", second.pk, body={"up": True}, version=2)
    assert (moved.json()["position"], moved["ETag"]) == (1, '"3"')
    # The other one has moved too.
    assert code(send(signed_in, "move-agenda-item", first.pk, body={"up": True}, version=2)) == (
        412,
        "agenda_item_moved_on",
    )
    assert send(signed_in, "move-agenda-item", first.pk, body={"up": True}).status_code == 428
    assert send(signed_in, "move-agenda-item", first.pk, body={}, version=3).status_code == 400
    assert code(send(signed_in, "move-agenda-item", second.pk, body={"up": True}, version=3)) == (
        422,
        "at_the_end_already",
    )
    assert (
        code(send(sign_in(signed_in, people["member"]), "move-agenda-item", first.pk, body={"up": True}, version=3))[0]
        == 403
    )


def test_what_waits_can_be_asked_for(
    signed_in: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    items = [
        propose_agenda_item(community=community, text=text, is_named=True, by=people["member"], now=NOW)
        for text in ("Waits", "On the agenda")
    ]
    send(signed_in, "put-on-agenda", items[1].pk, body={"session": session.pk}, version=1)
    url = reverse("api:agenda-item-list")
    asked = {wanted: signed_in.get(url, {"is_waiting": wanted}).json()["results"] for wanted in ("true", "false")}
    assert {wanted: [item["text"] for item in found] for wanted, found in asked.items()} == {
        "true": ["Waits"],
        "false": ["On the agenda"],
    }


def test_the_calendar_address_is_shown_once_and_revoked(client: Client, at_noon: None, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    url = reverse("api:my-calendar")
    assert client.get(url).status_code == 404
    made = client.post(url)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    path = "/calendar/" + made.json()["https"].rpartition("/")[2]
    assert client.get(path).status_code == 200
    assert client.get(url).json() == {"made_at": "2026-11-24T12:00:00Z"}
    assert client.delete(url).status_code == 204
    assert [client.get(path).status_code, client.delete(url).status_code] == [404, 404]
    assert CalendarFeed.objects.live().count() == 0


RUN_IT = ("administrator", "staff", "facilitator")


@pytest.mark.parametrize("role", [*RUN_IT, "member", "sponsor", "stranger", "anonymous"])
def test_both_doors_open_to_those_whom_the_permission_table_names(
    client: Client, at_noon: None, session: Session, people: dict[str, User], role: str
) -> None:
    item = propose_agenda_item(community=session.community, text="Nights", is_named=True, by=people["member"], now=NOW)
    reply_to_session(session=session, answer="coming", by=people["member"], now=NOW)
    if role != "anonymous":
        sign_in(client, people[role])

    def page(name: str, *args: int) -> int:
        return int(client.get(reverse(f"communities:{name}", args=[session.community.slug, *args])).status_code)

    runs = {"member": 403, "sponsor": 403, "stranger": 404, "anonymous": 302}
    sees = {"stranger": 404, "anonymous": 302}
    proposes = {"sponsor": 403, **sees}
    assert {name: page(name, *args) for name, *args in places(session, item)} == {
        "plan-series": runs.get(role, 200),
        "move-session": runs.get(role, 200),
        "edit-session": runs.get(role, 200),
        "cancel-session": runs.get(role, 200),
        "session-agenda": sees.get(role, 200),
        "session-calendar": sees.get(role, 200),
        "agenda-backlog": proposes.get(role, 200),
        "propose-agenda-item": proposes.get(role, 200),
        "arrange-agenda-item": {**runs, "sponsor": 404}.get(role, 200),
        "withdraw-agenda-item": {**proposes, "sponsor": 404}.get(role, 200),
        "reply-to-session": {"administrator": 403, "staff": 403, "sponsor": 403, **sees}.get(role, 200),
    }

    before = [list(model.objects.order_by("pk").values()) for model in (Session, AgendaItem, Reply, Series)]
    changes = {
        "session-plan": send(client, "session-plan", session.pk, body={"place": "X"}, version=1, method="patch"),
        "cancel-session": send(client, "cancel-session", session.pk, body={"because": "X"}),
        "series-list": send(client, "series-list", body=series(first_on="2027-02-02")),
        "decline-agenda-item": send(client, "decline-agenda-item", item.pk, body={"because": "X"}, version=1),
        "session-replies": client.get(reverse("api:session-replies", args=[session.pk])),
    }
    may = {"series-list": 201}
    refused = {"member": 403, "sponsor": 403, "stranger": 404, "anonymous": 401}
    assert {name: response.status_code for name, response in changes.items()} == {
        name: may.get(name, 200)
        if role in RUN_IT
        else (404 if (role, name) == ("sponsor", "decline-agenda-item") else refused[role])
        for name in changes
    }
    if role not in RUN_IT:
        assert [list(model.objects.order_by("pk").values()) for model in (Session, AgendaItem, Reply, Series)] == before


def places(session: Session, item: AgendaItem) -> list[tuple[Any, ...]]:
    return [
        ("plan-series",), ("move-session", session.pk), ("edit-session", session.pk), ("cancel-session", session.pk),
        ("session-agenda", session.pk), ("session-calendar", session.pk), ("agenda-backlog",),
        ("propose-agenda-item",), ("arrange-agenda-item", item.pk), ("withdraw-agenda-item", item.pk),
        ("reply-to-session", session.pk),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "queries"), [("agenda-item-list", 3), ("series-list", 5)])
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_the_same_with_1_and_with_30_rows(
    *, signed_in: Client, community: Community, people: dict[str, User], name: str, queries: int, number: int,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    for _ in range(number):
        propose_agenda_item(community=community, text="Nights", is_named=True, by=member_of(community), now=NOW)
        planned = Series.objects.create(community=community, weeks=2, planned_at=NOW)
        SessionFactory.create(community=community, series=planned)
    with django_assert_num_queries(queries):
        assert len(signed_in.get(reverse(f"api:{name}")).json()["results"]) == number
