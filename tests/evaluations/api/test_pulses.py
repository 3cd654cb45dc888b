"""Pulses over the API: the rules and the words of the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Session
from communities.services.sessions.check_ins import minute_of
from evaluations.models import Invitation, PulseRoom, Survey
from evaluations.services.pulses.rooms import code_of
from tests.evaluations.pulsing import (
    USEFUL,
    answer_in,
    asked_by_mail,
    asked_in_the_room,
    memberships_of,
    recorded,
    session_of,
)
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, facilitator_of, member_of, sponsor_of
from tests.factories.evaluations import community_of

pytestmark = pytest.mark.django_db

YESTERDAY = NOW - timedelta(days=1)


def at(name: str, session: Session) -> str:
    return reverse(f"api:{name}", args=[session.pk])


def facilitator(session: Session) -> Client:
    return sign_in(Client(), facilitator_of(session.community, name="Zoe"))


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body, content_type="application/json")


def test_who_would_be_asked_is_told_and_then_they_are_once() -> None:
    session = recorded(session_of(at=YESTERDAY, members=3), room=1, online=1)
    first, second, _ = memberships_of(session)
    client = facilitator(session)
    told = client.get(at("session-pulse", session))
    assert told.status_code == 200
    assert told.json() == {
        "closes_at": "2026-12-01T23:59:00Z",
        "asked": [
            {"person": one.person_id, "name": one.person.name, "first_mail_at": "2026-11-24T12:00:00Z"}
            for one in sorted((first, second), key=lambda member: member.person.name)
        ],
        "not_asked": [],
    }
    assert not Survey.objects.exists()
    sent = post(client, at("session-pulse", session))
    assert (sent.status_code, sent.json()["session"], sent.json()["asked"]) == (201, session.pk, 2)
    again = post(client, at("session-pulse", session))
    assert (again.status_code, again.json()["code"]) == (409, "pulse_already_sent")
    assert Invitation.objects.count() == 2


def test_what_cannot_be_sent_says_why() -> None:
    session = session_of(at=YESTERDAY)
    client = facilitator(session)
    for answer in (client.get(at("session-pulse", session)), post(client, at("session-pulse", session))):
        assert (answer.status_code, answer.json()["code"]) == (422, "pulse_not_yet")


def test_the_room_is_started_shown_and_closed_and_never_tells_how_many_have_a_place() -> None:
    session = session_of()
    client = facilitator(session)
    assert client.get(at("session-room-pulse", session)).status_code == 404
    started = post(client, at("session-room-pulse", session), {"heads": 9})
    room = PulseRoom.objects.get()
    code = code_of(room, minute_of(NOW))
    assert started.status_code == 201
    assert started.json() == {
        "survey": room.survey_id,
        "heads": 9,
        "code": code,
        "address": f"http://127.0.0.1:8000/a/room/{code}/",
        "changes_in": 60,
        "ends_at": "2026-11-24T13:00:00Z",
    }
    answer_in(room, [USEFUL] * 6)
    shown = client.get(at("session-room-pulse", session))
    assert shown.json() == started.json()
    assert "no-store" in shown["Cache-Control"]
    fewer = post(client, at("session-room-pulse", session), {"heads": 8})
    assert (fewer.status_code, fewer.json()["code"]) == (422, "fewer_heads")
    assert post(client, at("session-room-pulse-close", session)).status_code == 204
    assert post(client, at("session-room-pulse-close", session)).status_code == 409
    assert client.get(at("session-room-pulse", session)).status_code == 404


@pytest.mark.parametrize("heads", [0, 301, -1, "many", None, 10**20])
def test_heads_that_cannot_be_are_not_started_with(heads: Any) -> None:
    session = session_of()
    assert post(facilitator(session), at("session-room-pulse", session), {"heads": heads}).status_code == 400
    assert not PulseRoom.objects.exists()


@pytest.mark.parametrize("name", ["session-pulse", "session-room-pulse", "session-room-pulse-close"])
def test_members_and_sponsors_may_not_and_strangers_find_nothing(name: str) -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    recorded(session, room=4, online=2, now=NOW)
    readers = [member_of(session.community), sponsor_of(session.community), facilitator_of(community_of(1))]
    answers = [post(sign_in(Client(), reader), at(name, session), {"heads": 9}).status_code for reader in readers]
    assert answers == [403, 403, 404]
    assert Invitation.objects.count() == 0
    assert PulseRoom.objects.get().closed_at is None


def test_the_pulse_of_a_session_is_found_among_the_surveys() -> None:
    session = recorded(session_of(at=YESTERDAY), room=6)
    other = recorded(session_of(session.community, at=YESTERDAY + timedelta(hours=2)), room=6)
    pulse = asked_by_mail(session)
    asked_by_mail(other)
    found = facilitator(session).get(reverse("api:survey-list"), {"session": session.pk}).json()["results"]
    assert [(one["id"], one["session"]) for one in found] == [(pulse.pk, session.pk)]
