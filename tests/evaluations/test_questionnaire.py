"""Which questions are shown, and what counts as an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations.questionnaire import (
    INFORMATION,
    LIKERT,
    LONG_TEXT,
    MULTIPLE,
    SHORT_TEXT,
    SINGLE,
    AnswerRefused,
    AskedQuestion,
    Option,
    Questionnaire,
    ShowIf,
    options_of,
    parsed,
)


def options(*codes: str, alone: str = "") -> tuple[Option, ...]:
    return tuple(Option(code, f"Option {code}", is_exclusive=code == alone) for code in codes)


def asked(code: str, kind: str = SINGLE, **about: Any) -> AskedQuestion:
    return AskedQuestion(code, kind, f"Question {code}", "Section", "1a", **about)


QUESTIONS = Questionnaire(
    "Trial",
    (
        asked("A", options=options("1", "2", "3")),
        asked("B", options=options("1", "2"), show_if=ShowIf("A", frozenset({"2", "3"}))),
        asked("C", SHORT_TEXT, max_length=20, show_if=ShowIf("B", frozenset({"1"}))),
        asked("D", MULTIPLE, options=options("1", "2", "x", alone="x")),
        asked("E", LIKERT, options=options("1", "2", "3", "4", "5", "na")),
        asked("F", LONG_TEXT, max_length=50),
    ),
)


def shown(answers: dict[str, Any]) -> str:
    return "".join(question.code for question in QUESTIONS.shown(answers))


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({}, "ADEF"),
        ({"A": "1"}, "ADEF"),
        ({"A": "2"}, "ABDEF"),
        ({"A": "2", "B": "1"}, "ABCDEF"),
        ({"A": "2", "B": "2"}, "ABDEF"),
        # The answer to a question that is hidden now shows nothing, though it was given once.
        ({"A": "1", "B": "1"}, "ADEF"),
        ({"A": ["2"]}, "ABDEF"),
        ({"A": {"2": 1}}, "ADEF"),
    ],
)
def test_a_question_is_shown_only_to_those_it_is_meant_for(answers: dict[str, Any], codes: str) -> None:
    assert shown(answers) == codes


def test_answers_are_stored_in_the_order_of_the_questions_whatever_order_they_came_in() -> None:
    given_backwards = {"F": "Text", "E": "4", "D": ["2", "1"], "A": "1"}
    assert list(QUESTIONS.check(given_backwards).answers.items()) == [
        ("A", "1"), ("D", ["1", "2"]), ("E", "4"), ("F", "Text"),
    ]  # fmt: skip


def test_the_answer_to_a_hidden_question_is_dropped_whatever_it_holds() -> None:
    checked = QUESTIONS.check({"A": "1", "B": "1", "C": "\0" * 1000})
    assert (checked.answers, checked.errors) == ({"A": "1"}, {})


@pytest.mark.parametrize(
    ("answers", "code", "sentence"),
    [
        ({"A": "9"}, "A", "Choose one of the answers in the list."),
        ({"A": ["1"]}, "A", "Give one answer to this question."),
        ({"A": 1}, "A", "Give one answer to this question."),
        ({"E": "6"}, "E", "Choose one of the answers in the list."),
        ({"E": "１"}, "E", "Choose one of the answers in the list."),
        ({"D": ["1", "9"]}, "D", "Choose from the answers in the list."),
        ({"D": [["1"]]}, "D", "Choose from the answers in the list."),
        ({"D": {"1": True}}, "D", "Choose from the answers in the list."),
        (
            {"D": ["1", "x"]},
            "D",
            "“Option x” goes with no other answer. Choose it alone, or the others without it.",
        ),
        (
            {"F": "x" * 51},
            "F",
            "Your answer has 51 characters. Shorten it to 50 or fewer.",
        ),
        (
            {"F": "x" * 2_000_000},
            "F",
            "Your answer has 2,000,000 characters. Shorten it to 50 or fewer.",
        ),
        (
            {"F": "before\0after"},
            "F",
            "Your answer has characters that cannot be stored. Type it again, without pasting.",
        ),
        (
            {"F": "half a pair \ud83d"},
            "F",
            "Your answer has characters that cannot be stored. Type it again, without pasting.",
        ),
        ({"Z": "1"}, "*", "One of the answers belongs to no question here. Nothing was stored."),
    ],
)
def test_what_is_no_answer_is_refused_with_a_sentence(answers: dict[str, Any], code: str, sentence: str) -> None:
    checked = QUESTIONS.check(answers)
    assert checked.errors == {code: sentence}
    assert checked.answers == {}


def test_a_line_break_counts_once_whichever_way_a_browser_sends_it() -> None:
    assert QUESTIONS.check({"F": "  one\r\ntwo\rthree\tfour  "}).answers == {"F": "one\ntwo\nthree\tfour"}


@pytest.mark.parametrize("nothing", ["", None, [], "   \r\n "])
def test_nothing_is_no_answer_and_no_mistake(nothing: Any) -> None:
    checked = QUESTIONS.check({"F": nothing})
    assert (checked.answers, checked.errors) == ({}, {})


def test_one_tick_may_come_without_a_list() -> None:
    assert QUESTIONS.check({"D": "2"}).answers == {"D": ["2"]}


def test_a_required_question_must_be_answered_unless_it_is_hidden() -> None:
    needed = Questionnaire(
        "Trial",
        (
            asked("A", options=options("1", "2")),
            asked("B", options=options("1"), is_required=True, show_if=ShowIf("A", frozenset({"2"}))),
        ),
    )
    assert needed.check({"A": "1"}).errors == {}
    assert needed.check({"A": "2"}).errors == {"B": "Answer this question, or choose the answer closest to yours."}


def test_information_takes_no_answer() -> None:
    told = Questionnaire("Trial", (asked("I", INFORMATION),))
    assert told.check({"I": "yes"}).errors == {"I": "This is information, not a question: there is nothing to answer."}


answers_of_any_kind = st.dictionaries(
    st.sampled_from([*"ABCDEF"]),
    st.one_of(
        st.none(), st.text(max_size=60), st.sampled_from(["1", "2", "3", "x", "na"]), st.integers(), st.booleans(),
        st.lists(st.one_of(st.sampled_from(["1", "2", "x"]), st.integers(), st.text(max_size=3)), max_size=4),
        st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
    ),
)  # fmt: skip


# A busy machine is no failure: only what the rules do with each example is.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers_of_any_kind)
def test_what_may_be_stored_would_be_stored_again_as_it_is(answers: dict[str, Any]) -> None:
    stored = QUESTIONS.check(answers).answers
    again = QUESTIONS.check(stored)
    assert again.answers == stored
    assert again.errors == {}
    assert set(stored) <= {question.code for question in QUESTIONS.shown(stored)}


LIMITED = {"number": (0, 40), "date": (2015, 2026), "zero_to_ten": (None, None)}


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        ("number", " 12 ", "12"),
        ("number", "007", "7"),
        ("number", "  ", None),
        ("number", "0", "0"),
        ("date", "2026-08-06", "2026-08-06"),
        ("zero_to_ten", "0", "0"),
        ("zero_to_ten", "10", "10"),
    ],
)
def test_numbers_and_dates_are_stored_in_one_way(kind: str, raw: str, stored: str | None) -> None:
    assert parsed(limited(kind), raw) == stored


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        ("number", "41", "Type a whole number from 0 to 40."),
        ("number", "-1", "Type a whole number from 0 to 40."),
        ("number", "1,2", "Type a whole number, in figures, such as 12."),
        ("number", "1.5", "Type a whole number, in figures, such as 12."),
        ("number", "9" * 5000, "Type a whole number, in figures, such as 12."),
        ("number", "١٢", "Type a whole number, in figures, such as 12."),
        ("number", ["1"], "Give one answer to this question."),
        ("date", "2026-02-30", "Enter a real date, such as 6 8 2026."),
        ("date", "6 August", "Enter a real date, such as 6 8 2026."),
        ("date", "2014-12-31", "Enter a date from 2015 to 2026."),
        ("zero_to_ten", "11", "Choose one of the answers in the list."),
        ("zero_to_ten", "7.5", "Choose one of the answers in the list."),
    ],
)
def test_what_is_no_number_or_date_or_outside_its_limits_is_refused(kind: str, raw: Any, sentence: str) -> None:
    with pytest.raises(AnswerRefused, match=re.escape(sentence)):
        parsed(limited(kind), raw)


def limited(kind: str) -> AskedQuestion:
    least, most = LIMITED[kind]
    return AskedQuestion("X1", kind, "?", "", "1a", options=options_of(kind, []), minimum=least, maximum=most)
