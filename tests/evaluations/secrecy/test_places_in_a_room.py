"""A place in a room leads to nobody: not by a column, not by what changes when it is answered, not by who wrote it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from evaluations.models import PulseRoom, RoomPlace, Survey
from evaluations.services.answers.answering import submit_answers
from tests.evaluations.pulsing import USEFUL, asked_in_the_room, places_in, session_of
from tests.evaluations.secrecy.snapshots import differences, dump, snapshot
from tests.evaluations.secrecy.test_the_tables_of_answers import described, references
from tests.factories.communities import NOW
from tests.factories.evaluations import open_survey_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


def test_no_column_of_a_place_or_a_room_leads_to_a_person_and_none_of_a_place_to_a_moment() -> None:
    assert set(described("evaluations_roomplace")) == {"id", "survey_id", "token_hash", "is_answered"}
    assert set(described("evaluations_pulseroom")) == {"id", "survey_id", "heads", "taken", "closed_at"}
    for table in ("evaluations_roomplace", "evaluations_pulseroom"):
        assert references(table) == {"evaluations_survey"}
    kinds = described("evaluations_roomplace").values()
    assert [kind for kind in kinds if "time" in kind or "date" in kind] == []
    assert described("evaluations_roomplace")["id"] in ("uuid", "char(32)"), "drawn, and not counted"


def test_taking_a_place_changes_a_place_and_how_many_are_taken_and_nothing_else() -> None:
    room = asked_in_the_room(session_of(), heads=5)
    places_in(room, 1)
    before = snapshot()
    places_in(room, 1)
    assert differences(before, snapshot()) == {"evaluations_pulseroom": ["taken"], "evaluations_roomplace": ["+"]}


def test_an_answer_changes_one_place_and_adds_one_sealed_box_and_nothing_else() -> None:
    room = asked_in_the_room(session_of(), heads=9)
    tokens = places_in(room, 6)
    submit_answers(token=tokens[0], answers=USEFUL, now=NOW)
    for token in tokens[1:]:
        before = snapshot()
        submit_answers(token=token, answers=USEFUL, now=NOW)
        assert differences(before, snapshot()) == {
            "evaluations_inboxbox": ["+"],
            "evaluations_roomplace": ["is_answered"],
        }


def test_no_token_and_no_number_of_a_phone_is_anywhere_in_the_database_or_a_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        room = asked_in_the_room(session_of(), heads=6)
        tokens = places_in(room, 5)
        for token in tokens:
            submit_answers(token=token, answers={"P3": "1", "P4": "Zanzibar-4711"}, now=NOW)
    everything = dump() + caplog.text.encode()
    assert [word for word in (*tokens, "Zanzibar-4711") if word.encode() in everything] == []
    assert room.survey.version.title.encode() in everything, "the search itself must be able to find a word"


def refused(sentence: str | None, write: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        write()


def test_the_database_refuses_one_place_too_many_and_a_place_that_changes_hands() -> None:
    room = asked_in_the_room(session_of(), heads=2)
    places_in(room, 2)
    rooms, places = PulseRoom.objects.filter(pk=room.pk), RoomPlace.objects.filter(survey=room.survey)
    refused(None, lambda: rooms.update(taken=3))
    refused(None, lambda: rooms.update(heads=1))
    refused("A place does not change hands", lambda: places.update(token_hash="0" * 64))


def test_the_database_refuses_a_room_of_no_pulse_and_a_place_of_no_room() -> None:
    survey = open_survey_for(members=2)
    refused("Only the pulse of a session has a room", lambda: PulseRoom.objects.create(survey=survey, heads=3))
    refused("A place is in the room of its pulse", lambda: RoomPlace.objects.create(survey=survey, token_hash="0" * 64))


def test_the_database_refuses_a_second_pulse_of_a_session_another_session_and_another_mode() -> None:
    session = session_of()
    pulse = asked_in_the_room(session, heads=2).survey
    other = session_of(session.community, at=NOW + timedelta(days=1))
    fixed = "What an opened survey promised"
    refused(fixed, lambda: Survey.objects.filter(pk=pulse.pk).update(session=other))
    refused(fixed, lambda: Survey.objects.filter(pk=pulse.pk).update(session=None))
    copy = Survey(**{field.attname: getattr(pulse, field.attname) for field in Survey._meta.concrete_fields})
    copy.pk, copy.key_id = None, "00000000-0000-4000-8000-000000000001"
    refused(None, lambda: copy.save(force_insert=True))
    copy.session, copy.mode = other, "named"
    refused(None, lambda: copy.save(force_insert=True))
    copy.mode = "anonymous"
    copy.save(force_insert=True)
