"""Someone with the whole database, and a note of who answered when, tries to tell after a close whose answer is whose.

Everyone's answers are their own mark: only the test knows which. A guess at random gets one person right on average,
whatever their number; ten right by luck happens less than once in a million tries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import product
from json import loads
from typing import Any

import pytest
from django.db import connection

from evaluations import keys
from evaluations.links import token_for
from evaluations.models import Invitation, Survey
from evaluations.services import boxes
from evaluations.services.answering import submit_answers
from evaluations.services.closing import close_survey
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, open_survey_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

PEOPLE = 40
BY_LUCK = 10
MARKED_IN = ("M1", "M2", "M3")


def answers_of(person: int) -> dict[str, Any]:
    """Answers nobody else gives, and a text that is as much their own."""
    marks = list(product("12345", repeat=len(MARKED_IN)))[person]
    return dict(zip(MARKED_IN, marks, strict=True)) | {"V9": f"This is what number {person} has to say."}


def person_behind(answers: dict[str, Any]) -> int:
    marks = tuple(answers[code] for code in MARKED_IN)
    return list(product("12345", repeat=len(MARKED_IN))).index(marks)


def survey_answered_by_all() -> tuple[Survey, list[str]]:
    """A closed survey, and the ids of its invitations in the order in which people answered."""
    survey = open_survey_for(members=PEOPLE, code=FULL)
    invitations = list(Invitation.objects.filter(survey=survey).select_related("survey").order_by("token_hash"))
    for person, invitation in enumerate(invitations):
        submit_answers(token=token_for(invitation), answers=answers_of(person), now=NOW + timedelta(minutes=person))
    return survey, [str(invitation.pk) for invitation in invitations]


def rows(table: str, columns: str, order: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")
        return list(cursor.fetchall())


def physical_orders() -> list[str]:
    """The orders in which a database betrays when a row was written."""
    if connection.vendor == "postgresql":
        return ["ctid", "xmin::text::bigint, ctid", "cmin::text::bigint, ctid", "id"]
    return ["rowid", "rowid DESC", "id"]


def right_guesses(answered: Sequence[int], found: Sequence[int]) -> int:
    return sum(one == other for one, other in zip(answered, found, strict=True))


def responses_in(order: str) -> list[int]:
    found = rows("evaluations_response", "answers", order)
    return [person_behind(loads(answers) if isinstance(answers, str) else answers) for (answers,) in found]


def texts_in(order: str) -> list[int]:
    return [int(text.split("number ")[1].split(" ")[0]) for (text,) in rows("evaluations_freetext", "text", order)]


def guesses_at(found_in: Callable[[str], list[int]], invited: Sequence[str]) -> dict[str, int]:
    """How many people each way of guessing gets right, for answers or for texts."""
    when_answered = list(range(PEOPLE))
    guesses = {}
    for order in physical_orders():
        found = found_in(order)
        assert sorted(found) == when_answered
        guesses[f"answered, {order}"] = right_guesses(when_answered, found)
        guesses[f"answered backwards, {order}"] = right_guesses(when_answered[::-1], found)
        for written in physical_orders():
            ids = [str(row[0]) for row in rows("evaluations_invitation", "id", written)]
            asked = [invited.index(dashed(one)) for one in ids]
            guesses[f"invitation by {written}, {order}"] = right_guesses(asked, found)
    return guesses


def test_no_order_of_rows_gives_away_whose_answer_or_text_is_whose() -> None:
    survey, invited = survey_answered_by_all()
    close_survey(survey=survey, now=NOW + timedelta(days=1))
    together = {order: right_guesses(responses_in(order), texts_in(order)) for order in physical_orders()}
    for guesses in (guesses_at(responses_in, invited), guesses_at(texts_in, invited), together):
        assert {name: right for name, right in guesses.items() if right >= BY_LUCK} == {}


def dashed(key: str) -> str:
    """A key as PostgreSQL shows it; SQLite keeps it without dashes."""
    plain = key.replace("-", "")
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def test_with_the_keys_before_the_close_the_same_attack_finds_everyone() -> None:
    """The attack is a real one: boxes lie in the order of answering, and nothing but the keys keeps it from working."""
    survey, _ = survey_answered_by_all()
    order = "ctid" if connection.vendor == "postgresql" else "rowid"
    private_key = keys.private_key(survey.key_id)
    opened = [
        boxes.opened(bytes(body), private_key=private_key, format_number=boxes.FORMAT)
        for (body,) in rows("evaluations_inboxbox", "body", order)
    ]
    assert right_guesses(range(PEOPLE), [person_behind(answers) for answers in opened]) == PEOPLE
