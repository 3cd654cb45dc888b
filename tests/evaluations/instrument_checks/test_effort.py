"""Minutes to answer, by the point budget."""

from __future__ import annotations

import pytest

from evaluations.instrument_checks.effort import BUDGET, effort_of, minutes, points
from tests.evaluations.instrument_checks.asked import asked, question, shipped_questionnaire


@pytest.mark.parametrize(
    ("code", "words"),
    [("cop-full", "about 10 minutes"), ("cop-core", "about 4 minutes"), ("session-pulse", "1 to 2 minutes")],
)
def test_the_shipped_questionnaires_take_what_their_purpose_says(code: str, words: str) -> None:
    effort = effort_of(shipped_questionnaire(code))

    assert effort.words == words
    assert not effort.is_over_budget


def test_points_count_taking_up_reading_and_choosing() -> None:
    words = " ".join(["word"] * 21)

    assert points(question("A", "likert", answers="abcde", text="One two three.")) == 1 + 1 + 2
    assert points(question("A", "likert", answers="abcde", text=words)) == 1 + 2 + 2
    assert points(question("A", "multiple", answers="abcdefghijk", text="Which?")) == 1 + 1 + 3 + 1
    assert points(question("A", "zero_to_ten")) == 1 + 1 + 2
    assert points(question("A", "long_text")) == 1 + 1 + 10
    assert points(question("A", "information", text=words)) == 1 + 2


def test_the_shortest_way_skips_and_the_longest_answers_what_leads_on() -> None:
    effort = effort_of(
        asked(
            question("A"),
            question("B", "long_text", shown_by=("A", "a")),
            question("C", "short_text", shown_by=("A", "b")),
        )
    )

    # Nobody is asked both B and C.
    assert (effort.least, effort.most) == (4, 4 + 12)


def test_of_several_answers_all_may_lead_on_and_of_required_ones_one_must() -> None:
    effort = effort_of(
        asked(
            question("A", "multiple", required=True),
            question("B", "long_text", shown_by=("A", "a")),
            question("C", "short_text", shown_by=("A", "b")),
        )
    )

    assert (effort.least, effort.most) == (5 + 8, 5 + 12 + 8)


def test_more_than_ten_minutes_is_over_the_budget() -> None:
    within = asked(*(question(f"A{number}", "long_text") for number in range(10)))
    over = asked(*within.questions, question("B", "information"))

    assert (effort_of(within).most, effort_of(within).is_over_budget) == (BUDGET, False)
    assert (effort_of(over).most_minutes, effort_of(over).is_over_budget) == (11, True)
    assert minutes(0) == 1


def test_a_circle_costs_nothing_and_is_not_run_round() -> None:
    effort = effort_of(asked(question("A"), question("B", shown_by=("C", "a")), question("C", shown_by=("B", "a"))))

    assert (effort.least, effort.most) == (4, 4)
