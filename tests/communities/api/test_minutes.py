"""Minutes over the API: the same rules and words as on the pages."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document as WordDocument

from communities.models import Community, Minutes, Session
from communities.services.sessions.minutes import share_minutes
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory
from tests.factories.minutes import PRIVATE, recorded_session

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def session(community: Community) -> Session:
    return recorded_session(MembershipFactory.create(community=community, person__name="Olu Owner"))


def address(session: Session, name: str = "session-minutes") -> str:
    return reverse(f"api:{name}", args=[session.pk])


def write(client: Client, session: Session, summary: str, version: str | None) -> Any:
    headers = {} if version is None else {"If-Match": version}
    return client.put(address(session), {"summary": summary}, content_type="application/json", headers=headers)


def test_minutes_are_read_as_on_the_page(client: Client, people: dict[str, User], session: Session) -> None:
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    response = sign_in(client, people["member"]).get(address(session))
    minutes = response.json()
    assert response["ETag"] == '"2"'
    assert {key: minutes[key] for key in ("session", "edition", "version", "summary")} == {
        "session": session.pk,
        "edition": "members",
        "version": 2,
        "summary": "",
    }
    assert minutes["sections"][1] == {
        "heading": "What we learned",
        "lines": [{"text": "An open lesson", "url": "", "is_private": False}],
    }
    assert [words for words in PRIVATE if words in response.content.decode()] == []
    word = WordDocument(io.BytesIO(client.get(minutes["docx"]).content))
    assert "An open lesson" in [paragraph.text for paragraph in word.paragraphs]


@pytest.mark.parametrize(
    ("role", "unshared", "shared", "in_full", "write_status"),
    [
        ("staff", 200, 200, 200, 200),
        ("facilitator", 200, 200, 200, 200),
        ("member", 404, 200, 403, 403),
        ("sponsor", 404, 200, 403, 403),
        ("stranger", 404, 404, 404, 404),
    ],
)
def test_the_api_shows_to_whom_the_pages_show(
    *,
    client: Client,
    people: dict[str, User],
    session: Session,
    role: str,
    unshared: int,
    shared: int,
    in_full: int,
    write_status: int,
) -> None:
    sign_in(client, people[role])
    assert client.get(address(session)).status_code == unshared
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    full = client.get(f"{address(session)}?edition=full")
    assert [client.get(address(session)).status_code, full.status_code] == [shared, in_full]
    assert client.get(f"{address(session, 'session-minutes-docx')}?edition=full").status_code == in_full
    assert write(client, session, "Words", '"2"').status_code == write_status
    take_back = client.post(address(session, "session-minutes-take-back"))
    assert take_back.status_code == write_status


def test_a_sponsor_is_told_no_name(client: Client, people: dict[str, User], session: Session) -> None:
    share_minutes(session=session, by=people["facilitator"], now=NOW)
    text = sign_in(client, people["sponsor"]).get(address(session)).content.decode()
    assert [name for name in ("Olu Owner", "Gwen Guest") if name in text] == []


def test_a_write_says_what_it_was_made_from(client: Client, people: dict[str, User], session: Session) -> None:
    sign_in(client, people["facilitator"])
    read = client.get(address(session))["ETag"]
    assert read == '"1"'
    assert write(client, session, "Mine", None).status_code == 428
    assert write(client, session, "Mine", "1").status_code == 400
    first = write(client, session, "Mine", read)
    assert (first.status_code, first["ETag"], first.json()["summary"]) == (200, '"2"', "Mine")
    stale = write(client, session, "Theirs", read)
    assert (stale.status_code, stale.json()["code"]) == (412, "minutes_changed_meanwhile")
    assert Minutes.objects.get().summary == "Mine"


def test_sharing_twice_is_a_conflict_and_repeating_it_is_not(
    client: Client, people: dict[str, User], session: Session
) -> None:
    sign_in(client, people["facilitator"])
    to = address(session, "session-minutes-share")

    def share(key: str) -> Any:
        return client.post(
            to, {"tells_members": True}, content_type="application/json", headers={"Idempotency-Key": key}
        )

    first, repeated, again = share("a"), share("a"), share("b")
    assert [first.status_code, repeated.status_code, again.status_code] == [200, 200, 409]
    assert first.content == repeated.content
    assert again.json()["code"] == "minutes_already_shared"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"summary": "x" * 5001}, "max_length"),
        ({"summary": "a\x00b"}, "null_characters_not_allowed"),
    ],
)
def test_what_is_not_well_formed_is_a_400(
    client: Client, people: dict[str, User], session: Session, body: dict[str, str], code: str
) -> None:
    sign_in(client, people["facilitator"])
    headers = {"If-Match": '"1"'}
    response = client.put(address(session), body, content_type="application/json", headers=headers)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, code)
    assert client.get(f"{address(session)}?edition=secret").status_code == 400
