"""The record of a session over the API: the same merging, the same rules and the same words as on the page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Action, Attendance, Commitment, Community, Decision, Membership, Session
from communities.services.records.said import NewCommitment, NewDecision, NewPoint
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.communities.api.test_sessions import post, told
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, MembershipFactory, SessionFactory

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


@pytest.fixture
def mina(people: dict[str, User]) -> Membership:
    return Membership.objects.get(person=people["member"].person)


def record(session: Session, by: User, **said: Any) -> Session:
    version = Session.objects.get(pk=session.pk).version
    return record_session(session=session, version=version, by=by, now=NOW, **said)


def get(client: Client, name: str, *args: Any) -> Any:
    return client.get(reverse(f"api:{name}", args=args))


def test_a_record_over_the_api_is_the_record_of_the_page(signed_in: Client, session: Session, mina: Membership) -> None:
    old = ActionFactory.create(community=session.community, owner=mina.person)
    body = {
        "focus": "Screening",
        "attendance": [{"membership": mina.pk, "status": "room"}],
        "head_count": 3,
        "learning_points": ["Ask early", {"text": "Write it down", "is_private": True}],
        "decisions": [{"text": "One form", "review_on": "2027-01-12"}],
        "actions": [{"text": "Send the form", "owner": mina.pk, "due_on": "2026-12-01"}],
        "commitments": [{"text": "ask each patient", "person": mina.pk}],
        "problems": [{"title": "No form elsewhere"}],
        "guests": [{"name": "Ada Lovelace", "organisation": "Analytical Engines"}],
        "resources": [{"title": "The form", "url": "https://example.org/form"}],
        "notes": "Notes",
        "private_note": "Between us",
        "answers": [{"action": old.pk, "state": "dropped"}],
    }
    response = post(signed_in, body, "session-record", session.pk, read=1)
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    whole = response.json()
    assert (whole["state"], whole["came"], whole["version"], whole["head_count"]) == ("held", "1 of 2", 2, 3)
    assert [(mark["name"], mark["status"]) for mark in whole["attendance"]] == [
        ("Fadia Facilitator", "unknown"),
        ("Mina Member", "room"),
    ]
    assert whole["learning_points"] == ["Ask early", "Write it down"]
    assert [(a["text"], a["owner"], a["due_on"]) for a in whole["actions"]] == [
        ("Send the form", "Mina Member", "2026-12-01")
    ]
    assert [(d["text"], d["review_on"], d["verdict"]) for d in whole["decisions"]] == [("One form", "2027-01-12", "")]
    assert [(c["person"], c["text"]) for c in whole["commitments"]] == [("Mina Member", "ask each patient")]
    assert whole["guests"] == [{"name": "Ada Lovelace", "organisation": "Analytical Engines"}]
    assert [(r["title"], r["url"]) for r in whole["resources"]] == [("The form", "https://example.org/form")]
    assert (whole["notes"], whole["private_note"], len(whole["problems"])) == ("Notes", "Between us", 1)
    old.refresh_from_db()
    assert old.state == "dropped"
    assert Action.objects.get(session=session).due_on == date(2026, 12, 1)


def test_a_record_read_changed_and_sent_back_keeps_the_identity_of_what_is_in_it(
    signed_in: Client, session: Session, facilitator: User, mina: Membership
) -> None:
    record(
        session,
        facilitator,
        learning_points=["Ask early"],
        decisions=[NewDecision("One form", TODAY + WEEK)],
        commitments=[NewCommitment("ask", mina.person)],
        attendance={mina.pk: "online"},
    )
    decision = Decision.objects.get()
    read = get(signed_in, "session-record", session.pk)
    body = read.json()
    version = body.pop("version")
    assert (version, read["ETag"]) == (2, '"2"')
    assert body["attendance"] == [{"membership": mina.pk, "status": "online"}]
    assert body["commitments"][0]["person"] == mina.pk
    assert post(signed_in, body, "session-record", session.pk, read=version).json()["version"] == 2
    body["decisions"][0]["text"] = "Two forms"
    assert post(signed_in, body, "session-record", session.pk, read=version).json()["version"] == 3
    decision.refresh_from_db()
    assert (decision.text, Decision.objects.count(), Commitment.objects.count()) == ("Two forms", 1, 1)


def test_what_others_saved_meanwhile_is_merged_and_a_clash_names_both_texts(
    signed_in: Client, session: Session, people: dict[str, User], mina: Membership
) -> None:
    record(session, people["staff"], focus="Theirs", attendance={mina.pk: "room"})
    assert post(signed_in, {"notes": "Mine"}, "session-record", session.pk, read=1).json()["version"] == 3
    marks = [{"membership": mina.pk, "status": "absent"}]
    refused = post(signed_in, {"focus": "Mine", "attendance": marks}, "session-record", session.pk, read=1)
    status, _, code, words = told(refused)
    assert (status, code, refused["ETag"]) == (412, "session_changed_meanwhile", '"3"')
    assert words.startswith("Someone else has changed the record of this session while you were writing.")
    assert refused.json()["clashes"] == [
        {"section": "focus", "key": "", "theirs": "Theirs", "yours": "Mine"},
        {"section": "attendance", "key": str(mina.pk), "theirs": "In the room", "yours": "Absent"},
    ]
    session.refresh_from_db()
    assert (session.focus, session.notes, session.version) == ("Theirs", "Mine", 3)
    assert post(signed_in, {"focus": "Mine"}, "session-record", session.pk, read=3).status_code == 200


def test_a_write_says_which_version_it_was_made_from(signed_in: Client, session: Session) -> None:
    assert told(post(signed_in, {"focus": "Mine"}, "session-record", session.pk))[::2] == (428, "if_match_missing")
    assert told(post(signed_in, {"focus": "Mine"}, "session-record", session.pk, read=9))[::2] == (
        412, "session_changed_meanwhile",
    )  # fmt: skip
    session.refresh_from_db()
    assert session.state == "planned"


@pytest.mark.parametrize(
    ("record", "status", "code"),
    [
        ({"actions": [{"text": "Late", "owner": "MINA", "due_on": "2026-11-23"}]}, 422, "action_due_before_session"),
        ({"actions": [{"text": "Gone", "owner": "LEFT", "due_on": "2026-12-01"}]}, 422, "owner_not_a_member"),
        ({"commitments": [{"text": "ask", "person": "LEFT"}]}, 422, "owner_not_a_member"),
        ({"attendance": [{"membership": "LEFT", "status": "room"}]}, 422, "not_a_member_on_that_day"),
        ({"learning_points": ["1", "2", "3", "4"]}, 422, "too_many_learning_points"),
        ({"decisions": [{"text": "One", "review_on": "2026-11-01"}]}, 422, "reviewed_before_decided"),
        ({"answers": [{"action": 999_999, "state": "done"}]}, 422, "not_an_action_here"),
        ({"tried": [{"commitment": 999_999, "state": "kept"}]}, 422, "not_an_action_here"),
        ({"verdicts": [{"decision": 999_999, "verdict": "held"}]}, 422, "not_an_action_here"),
        ({"actions": [{"text": "Who?", "owner": 999_999, "due_on": "2026-12-01"}]}, 400, "malformed"),
        ({"actions": [{"text": "When?", "owner": "MINA", "due_on": "soon"}]}, 400, "malformed"),
        ({"attendance": [{"membership": "MINA", "status": "asleep"}]}, 400, "malformed"),
        ({"actions": [{"text": "Who?", "owner": 10**30, "due_on": "2026-12-01"}]}, 400, "malformed"),
        ({"attendance": [{"membership": 10**30, "status": "room"}]}, 400, "malformed"),
        ({"answers": [{"action": 10**30, "state": "done"}]}, 400, "malformed"),
        ({"learning_points": [5]}, 400, "malformed"),
        ({"learning_points": [{"text": "x", "key": "not a key"}]}, 400, "malformed"),
        ({"guests": [{"name": "a\x00b"}]}, 400, "malformed"),
        ({"resources": [{"title": "x", "url": "javascript:alert(1)"}]}, 400, "malformed"),
        ({"resources": [{"title": "x", "url": "ftp://example.org/"}]}, 400, "malformed"),
        ({"head_count": -1}, 400, "malformed"),
        ({"notes": "x" * 20_001}, 400, "malformed"),
    ],
)
def test_a_record_that_cannot_be_stores_nothing_at_all(
    *, signed_in: Client, session: Session, mina: Membership, record: dict[str, Any], status: int, code: str
) -> None:
    left = MembershipFactory.create(community=session.community, ends_on=date(2026, 11, 1))
    stand_in = {"MINA": mina.pk, "LEFT": left.pk}
    body: dict[str, Any] = {"focus": "Screening"}
    for name, value in record.items():
        rows = [{k: stand_in.get(v, v) for k, v in row.items()} if isinstance(row, dict) else row for row in value] \
            if isinstance(value, list) else value  # fmt: skip
        body[name] = rows
    assert told(post(signed_in, body, "session-record", session.pk, read=1))[::2] == (status, code)
    session.refresh_from_db()
    assert (session.state, session.focus, session.version) == ("planned", "", 1)
    assert (Action.objects.count(), Attendance.objects.count()) == (0, 0)


def test_versions_are_listed_read_and_brought_back(
    signed_in: Client, session: Session, facilitator: User, mina: Membership
) -> None:
    record(session, facilitator, focus="One", attendance={mina.pk: "room"})
    record(session, facilitator, focus="Two")
    listed = get(signed_in, "session-version-list", session.pk).json()["results"]
    assert [(row["number"], row["by"], row["restored_from"]) for row in listed] == [
        (3, "Fadia Facilitator", None),
        (2, "Fadia Facilitator", None),
    ]
    one = get(signed_in, "session-version", session.pk, 2).json()
    assert (one["content"]["focus"], one["content"]["attendance"]) == ("One", {str(mina.pk): "room"})
    assert told(post(signed_in, {"number": 2}, "restore-version", session.pk))[::2] == (428, "if_match_missing")
    assert told(post(signed_in, {"number": 2}, "restore-version", session.pk, read=2))[0] == 412
    assert told(post(signed_in, {"number": 9}, "restore-version", session.pk, read=3))[::2] == (422, "no_such_version")
    whole = post(signed_in, {"number": 2}, "restore-version", session.pk, read=3)
    assert (whole.json()["focus"], whole.json()["version"], whole["ETag"]) == ("One", 4, '"4"')
    assert get(signed_in, "session-version", session.pk, 7).status_code == 404


@pytest.mark.parametrize("role", ["member", "sponsor"])
def test_the_record_and_its_versions_are_for_those_who_run_the_community(
    *, client: Client, at_noon: None, session: Session, people: dict[str, User], role: str
) -> None:
    record(session, people["facilitator"], focus="One")
    sign_in(client, people[role])
    for name, args in (("session-record", ()), ("session-version-list", ()), ("session-version", (2,))):
        assert get(client, name, session.pk, *args).status_code == 403, name
    assert post(client, {"number": 2}, "restore-version", session.pk, read=2).status_code == 403
    sign_in(client, people["stranger"])
    for name, args in (("session-record", ()), ("session-version-list", ()), ("session-version", (2,))):
        assert get(client, name, session.pk, *args).status_code == 404, name


@pytest.mark.parametrize(("role", "names"), [("member", True), ("sponsor", False)])
def test_a_session_shows_each_reader_what_is_theirs_to_see(
    *,
    client: Client,
    at_noon: None,
    session: Session,
    people: dict[str, User],
    role: str,
    names: bool,
    mina: Membership,
) -> None:
    record(
        session,
        people["facilitator"],
        learning_points=[NewPoint("For all"), NewPoint("Not for all", is_private=True)],
        commitments=[NewCommitment("ask", mina.person)],
        notes="Mina said so",
        private_note="Between us",
    )
    sign_in(client, people[role])
    whole = get(client, "session", session.pk).json()
    assert (whole["learning_points"], whole["private_note"]) == (["For all"], None)
    assert [one["person"] for one in whole["commitments"]] == (["Mina Member"] if names else [None])
    assert (whole["notes"], whole["guests"]) == (("Mina said so", []) if names else (None, None))
