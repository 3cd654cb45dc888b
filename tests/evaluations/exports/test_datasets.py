"""What the values of a column are, and what it is called."""

from __future__ import annotations

import pytest

from evaluations.exports.datasets import Value, names_for, values_of
from evaluations.exports.study import asked_of
from evaluations.questionnaire import Option, Questionnaire, ShowIf
from tests.evaluations.exports.parts import EVERY_KIND, LIKERT, TEN, TEXT, WAYS, question


def test_an_answer_whose_code_is_a_number_has_that_number_and_what_is_left_out_has_one_below_nought() -> None:
    assert values_of(LIKERT) == (
        Value("1", "No", 1),
        Value("2", "Yes", 2),
        Value("na", "Does not apply", -1, is_missing=True),
        Value("early", "Too early", -2, is_missing=True),
    )
    assert [value.number for value in values_of(TEN)] == list(range(11))


@pytest.mark.parametrize("codes", [("mail", "call"), ("1", "x"), ("01", "1"), ("1", "-1"), ("1", "1.5")])
def test_answers_of_which_one_is_no_number_are_numbered_in_their_order(codes: tuple[str, ...]) -> None:
    asked = question("S9", "single", options=tuple(Option(code, code.title()) for code in codes))
    assert [value.number for value in values_of(asked)] == [1, 2]


def test_no_two_answers_ever_share_a_number() -> None:
    for one in (*EVERY_KIND.questions, WAYS):
        numbers = [value.number for value in values_of(one)]
        assert len(set(numbers)) == len(numbers)


def test_names_are_what_programs_take_and_none_is_given_twice() -> None:
    wanted = ["M1", "m1", "a-b", "a b", "1st", "é", "to", "x" * 80, "x" * 80, "_", ""]
    assert list(names_for(wanted)) == [
        "M1", "m1_2", "a_b", "a_b_2", "v1st", "v", "to_2", "x" * 60, "x" * 60 + "_2", "v_2", "v_3",
    ]  # fmt: skip


def test_who_was_asked_is_said_in_the_words_of_the_answers() -> None:
    assert asked_of(LIKERT, EVERY_KIND) == "Everyone"
    assert asked_of(TEXT, EVERY_KIND) == "Those who answered L1 with “Yes”"
    several = question("T2", "long_text", show_if=ShowIf("L1", frozenset({"early", "1", "2"})))
    assert asked_of(several, Questionnaire("", (LIKERT, several))) == (
        "Those who answered L1 with “No”, “Yes” or “Too early”"
    )
