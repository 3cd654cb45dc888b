"""Rows of answers: what is in them in each privacy mode, and what never is."""

from __future__ import annotations

import random
from datetime import date

from evaluations.exports.answers import NamedAnswers, confidential, named
from evaluations.exports.datasets import Dataset
from evaluations.questionnaire import Answers
from tests.evaluations.exports.parts import EVERY_KIND

FULL: Answers = {
    "L1": "na", "S1": "call", "M1": ["x1"], "Z1": "7", "N1": "42", "D1": "2021-05-04", "T1": "In my own words",
}  # fmt: skip


def cells(dataset: Dataset, row: int = 0) -> dict[str, object]:
    names = [variable.name for variable in dataset.variables]
    return dict(zip(names, dataset.rows[row], strict=True))


def test_a_confidential_row_has_no_text_and_numbers_and_days_in_groups_only() -> None:
    found = cells(confidential(EVERY_KIND, [FULL]))
    assert {name: found[name] for name in ("L1", "S1", "M1_1", "M1_x1", "Z1")} == {
        "L1": "na", "S1": "call", "M1_1": False, "M1_x1": True, "Z1": "7",
    }  # fmt: skip
    groups = {"N1": next(one for one in EVERY_KIND.questions if one.code == "N1").groups}
    assert found["N1"] == next(group.code for group in groups["N1"] if group.holds("42"))
    assert list(found) == ["L1", "S1", "M1_1", "M1_x1", "Z1", "N1", "D1"]
    assert "42" not in str(found["N1"])
    assert "05" not in str(found["D1"])


def test_a_number_without_limits_has_no_groups_and_is_in_no_confidential_row() -> None:
    from tests.evaluations.exports.parts import question

    limitless = question("N9", "number")
    found = confidential(type(EVERY_KIND)("x", (limitless,)), [{"N9": "1987"}])
    assert (found.variables, list(found.rows)) == ((), [()])


def test_a_named_row_has_everything_as_it_was_given() -> None:
    found = cells(named(EVERY_KIND, [NamedAnswers("Amara Okafor", FULL)]))
    assert found == {
        "respondent": "Amara Okafor", "L1": "na", "S1": "call", "M1_1": False, "M1_x1": True, "Z1": "7", "N1": 42,
        "D1": date(2021, 5, 4), "T1": "In my own words",
    }  # fmt: skip


def test_what_was_not_answered_is_blank_and_not_nought_or_no() -> None:
    assert set(cells(named(EVERY_KIND, [NamedAnswers("A", {})])).values()) == {"A", None}


def test_rows_stand_in_the_order_of_their_content_however_they_came() -> None:
    given: list[Answers] = [{"L1": code, "N1": str(number)} for code in ("1", "2", "na") for number in range(5)]
    first = confidential(EVERY_KIND, given).rows
    random.Random(7).shuffle(given)
    assert confidential(EVERY_KIND, given).rows == first
    assert len(first) == 15


def test_a_question_called_like_the_first_column_does_not_take_its_name() -> None:
    from tests.evaluations.exports.parts import question

    asked = type(EVERY_KIND)("x", (question("respondent", "short_text"),))
    table = named(asked, [NamedAnswers("Amara", {"respondent": "me"})])
    assert cells(table) == {"respondent": "Amara", "respondent_2": "me"}
