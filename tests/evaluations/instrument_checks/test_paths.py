"""Every way through a questionnaire, and what nobody reaches."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.instrument_checks.paths import MOST_COUNTED, MOST_LISTED, Ways, ways_through
from evaluations.questionnaire import AskedQuestion, Questionnaire
from tests.evaluations.instrument_checks.asked import asked, question, shipped_questionnaire


def codes_of(ways: Ways) -> set[str]:
    return {" ".join(question.code for question in path.questions) for path in ways.paths}


def test_a_questionnaire_without_conditions_has_one_way() -> None:
    ways = ways_through(asked(question("A"), question("B")))

    assert codes_of(ways) == {"A B"}
    assert (ways.count, ways.is_listed, ways.paths[0].words) == (1, True, "Whatever is answered")


def test_the_full_questions_have_two_ways_told_by_what_decides_them() -> None:
    ways = ways_through(shipped_questionnaire("cop-full"))

    assert [(path.words, len(path.questions)) for path in ways.paths] == [
        ("V4: “Not started”, “Planned”, “I have no change in mind” or not answered", 25),
        ("V4: “Being tried”, “In use in one place”, “In use in several places” or “Tried and stopped”", 27),
    ]
    assert ways.unreachable == ()


def test_what_must_be_answered_cannot_be_skipped_past() -> None:
    may_skip = ways_through(asked(question("A"), question("B", shown_by=("A", "ab"))))
    must_answer = ways_through(asked(question("A", required=True), question("B", shown_by=("A", "ab"))))

    assert codes_of(may_skip) == {"A B", "A"}
    assert codes_of(must_answer) == {"A B"}


def test_several_answers_together_lead_where_none_of_them_leads_alone() -> None:
    ways = ways_through(
        asked(
            question("A", "multiple", answers="abx", exclusive="x"),
            question("B", shown_by=("A", "a")),
            question("C", shown_by=("A", "b")),
            question("D", shown_by=("A", "x")),
        )
    )

    # With x no other answer goes, so D is never asked beside B or C.
    assert codes_of(ways) == {"A", "A B", "A C", "A D", "A B C"}
    assert "A: “A” and “B”" in {path.words for path in ways.paths}


@pytest.mark.parametrize(
    ("questions", "why"),
    [
        ([question("B", shown_by=("Z", "a"))], "It depends on Z, which is not in this questionnaire."),
        ([question("B", shown_by=("C", "a")), question("C")], "It depends on C, which is asked later."),
        ([question("A"), question("B", shown_by=("A", "z"))], "It depends on an answer that A does not offer."),
        (
            [question("A", "date"), question("B", shown_by=("A", "a"))],
            "It depends on A, which has no answers to choose from.",
        ),
        ([question("B", shown_by=("B", "a"))], "B is shown by its own answer, so nobody would ever be asked it."),
    ],
)
def test_a_question_that_nobody_reaches_is_named_with_the_reason(questions: list[AskedQuestion], why: str) -> None:
    assert [(one.code, one.why) for one in ways_through(asked(*questions)).unreachable] == [("B", why)]


def test_what_hangs_on_a_lost_question_is_lost_with_it() -> None:
    ways = ways_through(
        asked(question("A"), question("B", shown_by=("A", "z")), question("C", shown_by=("B", "a")), question("D"))
    )

    assert [one.code for one in ways.unreachable] == ["B", "C"]
    assert codes_of(ways) == {"A D"}


def test_a_circle_is_told_once_and_holds_nobody_up() -> None:
    ways = ways_through(
        asked(
            question("A", shown_by=("B", "a")), question("B", shown_by=("C", "a")), question("C", shown_by=("A", "a"))
        )
    )

    (loop,) = ways.loops
    assert loop.words == (
        "This goes in a circle: A is shown by the answer to B, B is shown by the answer to C, C is shown by the answer "
        "to A. Nobody would ever be asked them."
    )
    assert ways.paths[0].questions == ()


def test_what_cannot_be_listed_is_counted_and_what_cannot_be_counted_says_so() -> None:
    def branches(number: int) -> Questionnaire:
        pairs = ((question(f"A{n}"), question(f"B{n}", shown_by=(f"A{n}", "a"))) for n in range(number))
        return asked(*(one for pair in pairs for one in pair))

    some, many = ways_through(branches(6)), ways_through(branches(100))

    assert (some.count, some.is_counted, some.is_listed, len(some.paths)) == (64, True, False, MOST_LISTED)
    assert (many.count, many.is_counted, len(many.paths)) == (MOST_COUNTED, False, MOST_LISTED)


@st.composite
def small(draw: st.DrawFn) -> Questionnaire:
    questions: list[AskedQuestion] = []
    for number in range(draw(st.integers(1, 5))):
        shown_by = None
        if draw(st.booleans()) and questions:
            shown_by = (draw(st.sampled_from(questions)).code, draw(st.sampled_from(["a", "b", "ab", "z"])))
        kind = draw(st.sampled_from(["single", "multiple", "short_text"]))
        exclusive = draw(st.sampled_from(["", "b"])) if kind == "multiple" else ""
        questions.append(
            question(f"Q{number}", kind, shown_by=shown_by, exclusive=exclusive, required=draw(st.booleans()))
        )
    return asked(*questions)


def every_answer(one: AskedQuestion) -> list[Any]:
    nothing: list[Any] = [] if one.is_required else [None]
    if one.kind == "short_text":
        return [*nothing, "text"]
    several = [["a", "b"]] if one.kind == "multiple" and not any(option.is_exclusive for option in one.options) else []
    return [*nothing, "a", "b", *several] if one.kind == "single" else [*nothing, ["a"], ["b"], *several]


@settings(max_examples=300, deadline=None)
@given(small())
def test_the_ways_are_exactly_those_that_answering_takes(questionnaire: Questionnaire) -> None:
    """Against the evaluator that shows the pages: every combination of answers, by brute force."""
    taken = set()
    for given_ in product(*(every_answer(one) for one in questionnaire.questions)):
        answers = {one.code: answer for one, answer in zip(questionnaire.questions, given_, strict=True) if answer}
        taken.add(" ".join(one.code for one in questionnaire.shown(answers)))

    ways = ways_through(questionnaire)

    assert codes_of(ways) == taken
    assert ways.count == len(ways.paths) == len(taken)
    assert {one.code for one in ways.unreachable} == {one.code for one in questionnaire.questions} - {
        code for path in taken for code in path.split()
    }
