"""REDCap's branching logic: what is one of our rules becomes it; what is not says why."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.interchange.branching import Asked, DoesNotFit, Rule, logic_of, rule_of

ASKED = {
    "v4": Asked(("1", "2", "3", "na"), has_several=False),
    "m5": Asked(("1", "2", "x"), has_several=True),
    "age": None,
}


@pytest.mark.parametrize(
    ("logic", "variable", "codes"),
    [
        ("[v4] = '3'", "v4", ("3",)),
        ('[v4]="3"', "v4", ("3",)),
        ("[V4] = 3 OR [v4] = 'na'", "v4", ("3", "na")),
        ("([v4] = '1' or [v4] = '2') and [v4] <> '1'", "v4", ("2",)),
        ("[v4] >= 2", "v4", ("2", "3")),
        ("[v4] > 1 and [v4] < 3", "v4", ("2",)),
        ("[m5(1)] = '1'", "m5", ("1",)),
        ("[m5(1)] = '1' or [m5(x)] = 1", "m5", ("1", "x")),
        ("[m5(2)] <> '0'", "m5", ("2",)),
    ],
)
def test_what_is_said_of_one_question_becomes_its_answers(logic: str, variable: str, codes: tuple[str, ...]) -> None:
    assert rule_of(logic, ASKED) == Rule(variable, codes, holds_unanswered=False)


@pytest.mark.parametrize("logic", ["[v4] <> '1'", "[v4] = '' or [v4] = '2'", "[v4] != 1"])
def test_what_also_holds_unanswered_says_so(logic: str) -> None:
    assert rule_of(logic, ASKED).holds_unanswered


@pytest.mark.parametrize(
    ("logic", "why"),
    [
        ("[v4] = '1' and [m5(1)] = '1'", "it depends on more than one question (m5, v4)"),
        ("[z9] = '1'", "there is no field z9"),
        ("[age] > 18", "age has no answers to choose from"),
        ("[v4] = '9'", "no answer to v4 makes it so"),
        ("[v4(1)] = '1'", "v4 takes one answer only, and (1) asks for one of several"),
        ("[m5] = '1'", "m5 takes several answers, and none of them is named"),
        ("[m5(1)] = '1' and [m5(2)] = '1'", "no answer to m5 makes it so"),
        ("[m5(1)] = '1' and [m5(2)] = '0'", "it asks for a combination of answers"),
        ("[m5(1)] = '0'", "it asks for an answer that was not ticked"),
        ("[event_1_arm_1][v4] = '1'", "it is not understood"),
        ("datediff([v4], 'today', 'd') > 3", "it is not understood"),
        ("[v4] > 'b'", "it compares with 'b', which is no number"),
        ("([v4] = '1'", "a bracket is not closed"),
        ("[v4] = '1' or", "it is not understood"),
        ("'1' = '1'", "it is not understood"),
        ("(" * 500 + "[v4] = '1'" + ")" * 500, "it has too many brackets"),
        ("[v4] = '1' or " * 1000 + "[v4] = '1'", "it is too long"),
    ],
)
def test_what_does_not_fit_says_why(logic: str, why: str) -> None:
    with pytest.raises(DoesNotFit) as refused:
        rule_of(logic, ASKED)

    assert str(refused.value) == why


@given(st.sets(st.sampled_from(["1", "2", "3", "na"]), min_size=1), st.booleans())
def test_our_own_rules_come_back(codes: set[str], of_several: bool) -> None:
    asked = {"q": Asked(("1", "2", "3", "na"), has_several=of_several)}
    in_order = [code for code in asked["q"].codes if code in codes]

    assert rule_of(logic_of("q", in_order, of_several=of_several), asked) == Rule("q", tuple(in_order), False)


@given(st.text("[]()v4m5'\" =<>123andor!", max_size=60))
def test_any_text_is_a_rule_or_says_why_not(logic: str) -> None:
    with suppress(DoesNotFit):
        assert rule_of(logic, ASKED).codes
