"""An attacker with the whole database and a note of who answered when: every way of guessing whose answer is whose.

Everyone's answers are a mark of their own. Only the test knows which; the attacker pairs rows by their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from json import loads
from typing import Any
from uuid import UUID

from django.db import connection

from evaluations.links import token_for
from evaluations.models import Invitation, Survey
from evaluations.services.answers.answering import submit_answers

MARKED_IN = ("M1", "M2", "M3", "M4")
MARKS = list(product("12345", repeat=len(MARKED_IN)))


def answers_of(person: int) -> dict[str, Any]:
    """Answers nobody else gives, and a text that is as much their own."""
    return dict(zip(MARKED_IN, MARKS[person], strict=True)) | {"V9": f"This is what number {person} has to say."}


def person_behind(answers: dict[str, Any]) -> int:
    return MARKS.index(tuple(answers[code] for code in MARKED_IN))


def answer_one_after_another(survey: Survey) -> list[UUID]:
    """Everyone asked answers; returns their invitations in that order: the note of who answered when."""
    invitations = list(Invitation.objects.filter(survey=survey).select_related("survey").order_by("token_hash"))
    for person, invitation in enumerate(invitations):
        submit_answers(
            token=token_for(invitation), answers=answers_of(person), now=survey.opened_at + timedelta(seconds=person)
        )
    return [invitation.pk for invitation in invitations]


def physical_orders() -> list[str]:
    """The orders in which a database betrays when a row was written."""
    if connection.vendor == "postgresql":
        return ["ctid", "xmin::text::bigint, ctid", "cmin::text::bigint, ctid", "id"]
    return ["rowid", "rowid DESC", "id"]


def column(survey: Survey, table: str, name: str, order: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} WHERE survey_id = %s ORDER BY {order}", [survey.pk])
        return [value for (value,) in cursor.fetchall()]


def responses_in(survey: Survey, order: str) -> list[int]:
    found = column(survey, "evaluations_response", "answers", order)
    return [person_behind(loads(answers) if isinstance(answers, str) else answers) for answers in found]


def texts_in(survey: Survey, order: str) -> list[int]:
    found = column(survey, "evaluations_freetext", "text", order)
    return [int(text.split("number ")[1].split(" ")[0]) for text in found]


def right(guess: Sequence[int], truth: Sequence[int]) -> int:
    return sum(one == other for one, other in zip(guess, truth, strict=True))


def guesses(survey: Survey, answered: Sequence[UUID]) -> Iterator[tuple[str, int]]:
    """Every way of guessing, and how many people it gets right."""
    people = list(range(len(answered)))
    sources: list[tuple[str, Callable[[Survey, str], list[int]]]] = [("answers", responses_in), ("texts", texts_in)]
    for order in physical_orders():
        for name, found_in in sources:
            found = found_in(survey, order)
            assert sorted(found) == people, "every answer is there, so every guess could be right"
            yield f"{name} by {order}, as answered", right(people, found)
            yield f"{name} by {order}, backwards", right(people[::-1], found)
            for written in physical_orders():
                ids = column(survey, "evaluations_invitation", "id", written)
                asked = [answered.index(UUID(str(one))) for one in ids]
                yield f"{name} by {order}, invitations by {written}", right(asked, found)
        yield f"answers and texts by {order}", right(responses_in(survey, order), texts_in(survey, order))
