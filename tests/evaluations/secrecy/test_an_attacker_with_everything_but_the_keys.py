"""After the close the whole database does not tell whose answer is whose; before it, only the keys would.

A guess at random gets one person right on average, whatever their number; ten by luck come less than once in a
million tries.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from evaluations import keys
from evaluations.services.answers import boxes
from evaluations.services.closing.closing import close_survey
from tests.evaluations.secrecy.attacker import answer_one_after_another, column, guesses, person_behind
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, open_survey_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

PEOPLE = 40
BY_LUCK = 10


def test_no_order_of_rows_gives_away_whose_answer_or_text_is_whose() -> None:
    survey = open_survey_for(members=PEOPLE, code=FULL)
    answered = answer_one_after_another(survey)
    close_survey(survey=survey, now=NOW + timedelta(days=1))
    assert {guess: right for guess, right in guesses(survey, answered) if right >= BY_LUCK} == {}


def test_with_the_keys_before_the_close_the_same_attack_finds_everyone() -> None:
    """The attack is a real one: boxes lie in the order of answering, and nothing but the keys keeps it from working."""
    survey = open_survey_for(members=PEOPLE, code=FULL)
    answer_one_after_another(survey)
    private_key = keys.private_key(survey.key_id)
    order = "ctid" if connection.vendor == "postgresql" else "rowid"
    opened = [
        boxes.opened(bytes(body), private_key=private_key, format_number=boxes.FORMAT)
        for body in column(survey, "evaluations_inboxbox", "body", order)
    ]
    assert [person_behind(record.answers) for record in opened] == list(range(PEOPLE))
