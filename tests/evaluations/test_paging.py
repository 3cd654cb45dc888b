"""Which questions stand on a page together, what they are called, and where one goes from there."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.paging import Pace, Step, follow_up, step_of, steps, where_to_go_on
from evaluations.questionnaire import INFORMATION, SINGLE, AskedQuestion, Option, Questionnaire, ShowIf


def asked(code: str, section: str, *, because: tuple[str, str] | None = None, kind: str = SINGLE) -> AskedQuestion:
    rule = ShowIf(because[0], frozenset({because[1]})) if because else None
    options = () if kind == INFORMATION else (Option("1", "Yes"), Option("2", "No"))
    return AskedQuestion(code, kind, f"Question {code}", section, "1a", options=options, show_if=rule)


# The first section ends where D begins, which an answer to B shows; E hangs on B too, F on E.
QUESTIONS = Questionnaire(
    "Trial",
    (
        asked("A", "First"),
        asked("B", "First"),
        asked("C", "First"),
        asked("D", "First", because=("B", "1")),
        asked("E", "First", because=("B", "1")),
        asked("F", "First", because=("E", "1")),
        asked("G", "First"),
        asked("I", "Second", kind=INFORMATION),
        asked("J", "Second"),
    ),
)


def pages(answers: dict[str, Any], pace: Pace) -> list[str]:
    return ["".join(question.code for question in step.questions) for step in steps(QUESTIONS, answers, pace)]


def step(code: str, answers: dict[str, Any], pace: Pace) -> Step:
    found = step_of(QUESTIONS, code, answers, pace)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("answers", "one_by_one", "by_section"),
    [
        ({}, ["A", "B", "C", "G", "I", "J"], ["ABC", "G", "IJ"]),
        ({"B": "1"}, ["A", "B", "C", "D", "E", "G", "I", "J"], ["ABC", "DE", "G", "IJ"]),
        ({"B": "1", "E": "1"}, ["A", "B", "C", "D", "E", "F", "G", "I", "J"], ["ABC", "DE", "FG", "IJ"]),
        # E was answered, and is hidden now: what hung on it is too.
        ({"B": "2", "E": "1"}, ["A", "B", "C", "G", "I", "J"], ["ABC", "G", "IJ"]),
    ],
)
def test_a_section_breaks_before_what_an_answer_on_the_same_page_would_show(
    answers: dict[str, Any], one_by_one: list[str], by_section: list[str]
) -> None:
    assert pages(answers, Pace.QUESTION) == one_by_one
    assert pages(answers, Pace.SECTION) == by_section


def test_no_page_ever_changes_its_own_questions_by_being_answered() -> None:
    for code in "ABCDEFGJ":
        for answers in ({}, {"B": "1"}, {"B": "1", "E": "1"}):
            here = step_of(QUESTIONS, code, answers, Pace.SECTION)
            if here is None:
                continue
            on_it = {question.code for question in here.questions}
            for said in ("1", "2"):
                then = step(code, answers | dict.fromkeys(on_it, said), Pace.SECTION)
                assert then.questions == here.questions


def test_a_step_says_how_far_one_is_and_counts_only_questions() -> None:
    assert step("C", {}, Pace.QUESTION).progress == "Question 3 of 5"
    assert step("C", {}, Pace.SECTION).progress == "Questions 1 to 3 of 5"
    assert step("J", {}, Pace.SECTION).progress == "Question 5 of 5"
    assert step("I", {}, Pace.QUESTION).progress == ""
    assert step("J", {}, Pace.SECTION).numbers == {"J": 5}


def test_the_first_step_goes_back_to_nothing_and_the_last_goes_on_to_nothing() -> None:
    for pace, first, last in ((Pace.QUESTION, "A", "J"), (Pace.SECTION, "A", "I")):
        assert (step(first, {}, pace).previous, step(last, {}, pace).next) == (None, None)
    middle = step("E", {"B": "1"}, Pace.SECTION)
    assert (middle.code, middle.previous, middle.next) == ("D", "A", "G")


@pytest.mark.parametrize("pace", Pace)
def test_a_hidden_or_unknown_question_has_no_step(pace: Pace) -> None:
    assert step_of(QUESTIONS, "D", {"B": "2"}, pace) is None
    assert step_of(QUESTIONS, "Z", {}, pace) is None


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "A"),
        ({"B": "2"}, "A"),
        ({"A": "1", "B": "1", "C": "1"}, "D"),
        ({"A": "1", "B": "2", "C": "1", "D": "1"}, "G"),
        ({"A": "1", "B": "2", "C": "1", "G": "1", "J": "1"}, None),
    ],
)
def test_one_goes_on_at_the_first_question_left_open(answers: dict[str, Any], code: str | None) -> None:
    assert where_to_go_on(QUESTIONS, answers) == code


@pytest.mark.parametrize(
    ("code", "answers", "then"),
    [
        ("A", {}, None),
        ("B", {"B": "2"}, None),
        ("B", {"B": "1"}, "D"),
        ("D", {"B": "1", "D": "1"}, "E"),
        ("E", {"B": "1", "D": "1", "E": "1"}, "F"),
        ("B", {"B": "1", "D": "1", "E": "2"}, None),
        ("Z", {}, None),
    ],
)
def test_a_changed_answer_leads_to_what_is_asked_because_of_it(
    code: str, answers: dict[str, Any], then: str | None
) -> None:
    assert follow_up(QUESTIONS, code, answers) == then
