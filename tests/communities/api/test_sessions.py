"""Planning and recording a session over the API: the same rules and the same words as on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community, Membership, Session
from communities.services.sessions.moving import cancel_session
from cop_portal.accounts.models import User
from tests.factories.communities import NOW, CommunityFactory, SessionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
JSON = "application/json"


def plan(**changes: Any) -> dict[str, Any]:
    return {"community": "sepsis", "starts_at": "2026-12-01T12:30", "ends_at": "2026-12-01T14:00", **changes}


def post(client: Client, body: Any, name: str = "session-list", *args: Any, read: int | None = None) -> Any:
    """`read` is the version that was read, sent as If-Match."""
    headers = {} if read is None else {"If-Match": f'"{read}"'}
    return client.post(reverse(f"api:{name}", args=args), body, content_type=JSON, headers=headers)


def told(response: Any) -> tuple[int, str, str, str]:
    """Status, media type, code and sentence of a problem."""
    problem = response.json()
    assert problem["status"] == response.status_code
    return response.status_code, response["Content-Type"], problem["code"], problem["detail"]


def test_a_session_is_planned_and_comes_back_whole(signed_in: Client, community: Community, facilitator: User) -> None:
    led_by = Membership.objects.get(person=facilitator.person)
    response = post(signed_in, plan(place="Room 4", joining_link="https://meet.example.org/1", led_by=led_by.pk))
    assert response.status_code == 201
    session = Session.objects.get()
    assert response.json() == {
        "id": session.pk,
        "community": "sepsis",
        "kind": "convening",
        "state": "planned",
        "starts_at": "2026-12-01T12:30:00Z",
        "ends_at": "2026-12-01T14:00:00Z",
        "place": "Room 4",
        "joining_link": "https://meet.example.org/1",
        "led_by": "Fadia Facilitator",
        "focus": "",
        "cancelled_because": "",
        "recorded_at": None,
        "member_count": 0,
        "present_count": None,
        "came": None,
        "version": 1,
        "attendance": [],
        "guests": [],
        "head_count": None,
        "learning_points": [],
        "decisions": [],
        "actions": [],
        "commitments": [],
        "problems": [],
        "resources": [],
        "notes": "",
        "private_note": "",
    }


@pytest.mark.parametrize(
    ("changes", "status", "code", "words"),
    [
        ({"starts_at": "2026-11-24T11:59"}, 422, "session_in_the_past", "This date has passed. To record a session"),
        (
            {"ends_at": "2026-12-01T12:30"},
            422,
            "session_ends_before_it_starts",
            "The session must end after it starts.",
        ),
        ({"starts_at": "2026-12-01T12:00"}, 409, "session_clash", "Sepsis already has a session on 1 December 2026"),
    ],
)
def test_a_rule_refuses_in_the_words_of_the_page_and_stores_nothing(
    *, signed_in: Client, community: Community, changes: dict[str, Any], status: int, code: str, words: str
) -> None:
    SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    given, media_type, given_code, detail = told(post(signed_in, plan(**{"starts_at": "2026-12-01T13:00", **changes})))
    assert (given, media_type, given_code) == (status, "application/problem+json", code)
    assert detail.startswith(words)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"starts_at": "2027-03-28T01:30"}, "starts_at", "There is no 01:30 on 28 March 2027: the clocks go forward"),
        ({"starts_at": None}, "starts_at", "This field may not be null."),
        ({"community": None}, "community", "This field may not be null."),
        ({"community": ["sepsis"]}, "community", "Not a valid string."),
        ({"kind": "party"}, "kind", '"party" is not a valid choice.'),
        ({"joining_link": "javascript:alert(1)"}, "joining_link", "Enter a valid URL."),
        ({"led_by": 999_999}, "led_by", "This is not a membership of Sepsis."),
        ({"led_by": 10**30}, "led_by", "Ensure this value is less than or equal to"),
        ({"place": "x" * 201}, "place", "Ensure this field has no more than 200 characters."),
        ({"place": "a\x00b"}, "place", "Null characters are not allowed."),
    ],
)
def test_a_malformed_plan_names_its_field(
    signed_in: Client, community: Community, changes: dict[str, Any], field: str, words: str
) -> None:
    response = post(signed_in, plan(**changes))
    assert told(response)[:3] == (400, "application/problem+json", "malformed")
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert words in error["detail"]
    assert not Session.objects.exists()


@pytest.mark.parametrize("body", ["{", "not json", "[1]", '"text"', "null"])
def test_a_body_that_is_not_a_json_object_is_refused(signed_in: Client, community: Community, body: str) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW - HOUR)
    for name, args in (("session-list", []), ("session-record", [session.pk])):
        headers = {"If-Match": '"1"'}
        response = signed_in.post(reverse(f"api:{name}", args=args), body, content_type=JSON, headers=headers)
        status, media_type, code, words = told(response)
        assert (status, media_type) == (400, "application/problem+json")
        assert (code, words) == (
            ("not_json", "The body of this request is not JSON.")
            if body in {"{", "not json"}
            else ("malformed", "Some fields need to be put right.")
        )
    session.refresh_from_db()
    assert (session.state, Session.objects.count()) == ("planned", 1)


def test_the_time_without_an_offset_is_london_time_and_the_first_of_a_doubled_hour(
    signed_in: Client, community: Community
) -> None:
    post(signed_in, plan(starts_at="2027-06-01T12:30", ends_at="2027-06-01T14:00"))
    post(signed_in, plan(starts_at="2027-10-31T01:30", ends_at="2027-10-31T02:30"))
    post(signed_in, plan(starts_at="2027-07-01T12:30+02:00", ends_at="2027-07-01T14:00+02:00"))
    starts = [s.starts_at.strftime("%m-%d %H:%M") for s in Session.objects.order_by("starts_at")]
    assert starts == ["06-01 11:30", "07-01 10:30", "10-31 00:30"]


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


def test_what_has_not_begun_or_was_cancelled_is_not_recorded(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    ahead = SessionFactory.create(community=community)
    assert told(post(signed_in, {}, "session-record", ahead.pk, read=1))[::2] == (422, "session_not_yet")
    cancel_session(session=ahead, because="Flood", by=facilitator, now=NOW)
    assert told(post(signed_in, {}, "session-record", ahead.pk, read=2))[::2] == (422, "session_cancelled")


def test_a_closed_community_is_only_read(signed_in: Client, session: Session) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    assert told(post(signed_in, plan()))[::2] == (422, "community_closed")
    assert told(post(signed_in, {}, "session-record", session.pk, read=1))[::2] == (422, "community_closed")
    assert signed_in.get(reverse("api:session", args=[session.pk])).status_code == 200


def test_another_communitys_session_is_not_there(signed_in: Client) -> None:
    foreign = SessionFactory.create(community=CommunityFactory.create(slug="elsewhere"), starts_at=NOW - HOUR)
    assert signed_in.get(reverse("api:session", args=[foreign.pk])).status_code == 404
    assert told(post(signed_in, {}, "session-record", foreign.pk, read=1))[::2] == (404, "not_found")
    assert told(post(signed_in, plan(community="elsewhere")))[::2] == (404, "not_found")
    assert Session.objects.get().state == "planned"
