"""PostgreSQL notes with each row which transaction wrote it. After the close that note says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from evaluations.services.closing.closing import close_survey
from tests.evaluations.pulsing import USEFUL, answer_in, asked_in_the_room, session_of
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, give_answers, open_survey_for

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 12


def writers_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT xmin::text) FROM {table}")
        return int(cursor.fetchone()[0])


def test_after_the_close_all_rows_were_written_by_one_transaction() -> None:
    survey = open_survey_for(members=PEOPLE, code=FULL)
    give_answers(survey, answers=[{"M1": "4", "V9": "Something came of it."}] * PEOPLE)
    assert writers_of("evaluations_invitation") == PEOPLE, "before the close each answer’s transaction can be seen"
    close_survey(survey=survey, now=NOW + timedelta(days=1))
    tables = ("evaluations_invitation", "evaluations_response", "evaluations_freetext", "evaluations_tally")
    assert {table: writers_of(table) for table in tables} == dict.fromkeys(tables, 1)


def test_after_the_close_all_places_of_a_room_were_written_by_one_transaction() -> None:
    room = asked_in_the_room(session_of(), heads=PEOPLE)
    answer_in(room, [USEFUL] * PEOPLE)
    assert writers_of("evaluations_roomplace") == PEOPLE, "before the close each answer’s transaction can be seen"
    close_survey(survey=room.survey, now=NOW + timedelta(days=1))
    assert writers_of("evaluations_roomplace") == 1
