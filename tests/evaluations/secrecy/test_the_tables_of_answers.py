"""No table that holds an answer has a column, or a key, that could lead to a person or a moment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

ALLOWED_TO_LINK: dict[str, set[str]] = {
    "evaluations_inboxbox": {"id", "survey_id", "format", "body"},
    "evaluations_draft": {"locator", "survey_id", "body"},
    "evaluations_response": {"id", "survey_id", "mode", "answers"},
    "evaluations_confidentialresponse": {"id", "survey_id", "mode", "pseudonym", "answers"},
    "evaluations_freetext": {
        "id", "survey_id", "mode", "pseudonym", "item_code", "text", "redacted", "state", "is_shown",
    },
    "evaluations_tally": {"id", "survey_id", "item_code", "option_code", "count"},
    "evaluations_invitation": {
        "id", "survey_id", "person_id", "generation", "token_hash", "is_established", "is_answered", "is_stopped",
    },
}  # fmt: skip
POINTS_TO_SOMEONE_OR_SOME_TIME = re.compile(
    r"person|user|member|invit|token|email|session|_at$|_on$|time|date|created|updated|order|position|sequence|ip"
)


@pytest.mark.parametrize("table", sorted(ALLOWED_TO_LINK))
def test_no_column_could_link_an_answer_to_a_person_or_a_moment(table: str) -> None:
    columns = described(table)
    assert set(columns) == ALLOWED_TO_LINK[table]
    if table != "evaluations_invitation":
        assert [name for name in columns if POINTS_TO_SOMEONE_OR_SOME_TIME.search(name)] == []
        assert references(table) == {"evaluations_survey"}
    assert [name for name, kind in columns.items() if "time" in kind or "date" in kind] == []


@pytest.mark.parametrize(
    "table",
    ["evaluations_inboxbox", "evaluations_response", "evaluations_confidentialresponse", "evaluations_freetext"],
)
def test_the_keys_of_answers_are_random_and_not_counted(table: str) -> None:
    assert described(table)["id"] in ("uuid", "char(32)")


@pytest.mark.parametrize("table", sorted(set(ALLOWED_TO_LINK) - {"evaluations_invitation"}))
def test_nothing_points_at_an_answer(table: str) -> None:
    with connection.cursor() as cursor:
        pointing = [
            other
            for other in connection.introspection.table_names(cursor)
            for relation in connection.introspection.get_relations(cursor, other).values()
            if relation[1] == table
        ]
    assert pointing == []


def described(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT name, lower(type) FROM pragma_table_info('{table}')")
        else:
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table]
            )
        return dict(cursor.fetchall())


def references(table: str) -> set[Any]:
    with connection.cursor() as cursor:
        return {relation[1] for relation in connection.introspection.get_relations(cursor, table).values()}
