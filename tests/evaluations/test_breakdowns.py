"""What is shown by group: each rule once, and every survey of a few sizes against someone who knows the rules."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from evaluations import breakdowns
from evaluations.breakdowns import Declared, Group
from evaluations.disclosure import Rules, Tallied, Turnout
from evaluations.questionnaire import LIKERT, SINGLE, AskedQuestion, Option, ShowIf
from evaluations.results import content_of

MINIMUM = 5
AGREE, DISAGREE = "4", "2"
SAY = AskedQuestion(
    code="C1",
    kind=LIKERT,
    text="I would say what went wrong.",
    section="",
    evaluation_question="culture",
    options=(Option(DISAGREE, "Disagree", score=2), Option(AGREE, "Agree", score=4)),
)
HEARD = AskedQuestion(
    code="V3",
    kind=SINGLE,
    text="Where have you used it?",
    section="",
    evaluation_question="progress",
    options=tuple(Option(code, code) for code in "abc"),
)


def rules_for(groups: Sequence[Group], *, newcomers: int = 0, asked: int = 60) -> Rules:
    answered = sum(group.answered for group in groups)
    return Rules(MINIMUM, Turnout(asked, answered, answered - newcomers))


def agreeing(code: str, count: int, base: int, *, answered: int | None = None) -> Group:
    tally = Tallied(SAY, base, {DISAGREE: base - count, AGREE: count})
    return Group(code, code, base if answered is None else answered, {"C1": tally})


def together(groups: Sequence[Group]) -> list[Tallied]:
    """The whole: what all groups answered."""
    found = []
    for code, first in groups[0].tallies.items():
        tallies = [group.tallies[code] for group in groups]
        counts = {option: sum(tally.counts[option] for tally in tallies) for option in first.counts}
        found.append(Tallied(first.question, sum(tally.base for tally in tallies), counts))
    return found


def content(groups: Sequence[Group], **about: Any) -> Any:
    rules, whole = rules_for(groups, **about), together(groups)
    shown = breakdowns.show(rules=rules, label="Profession", groups=groups, whole=whole)
    return json.loads(json.dumps(content_of(rules=rules, tallies=whole, breakdown=shown)))


def said(groups: Sequence[Group], **about: Any) -> dict[str, str]:
    """What is shown of the first question in each group, in words."""
    found = content(groups, **about)["breakdown"]
    return {
        group["code"]: (group["hidden"] or group["questions"][0]["headline"]).get("words", "in figures")
        for group in found["groups"]
    } or {"": found["why"]}


PROTECTS = "Hidden: to protect a small group"
WOULD_TELL = "Hidden: it would show an exact number"


def test_groups_of_ten_are_shown_in_figures_where_nobody_else_is_left() -> None:
    found = content([agreeing("a", 4, 10), agreeing("b", 6, 12)])["breakdown"]
    headlines = [group["questions"][0]["headline"] for group in found["groups"]]
    assert [(figure["count"], figure["base"]) for figure in headlines] == [(4, 10), (6, 12)]
    assert [group["base"] for group in found["groups"]] == [
        {"words": "10", "value": 10},
        {"words": "12", "value": 12},
    ]


def test_smaller_groups_are_shown_in_bands_of_a_banded_base() -> None:
    groups = [agreeing("a", 7, 12), agreeing("b", 4, 7), agreeing("c", 3, 8)]
    found = content(groups)["breakdown"]
    assert [group["questions"][0]["headline"]["type"] for group in found["groups"]] == ["share", "band", "band"]
    assert found["groups"][1]["questions"][0]["headline"] == {
        "type": "band",
        "words": "about half",
        "base_words": "5 to 9",
    }
    assert found["groups"][1]["base"] == {"words": "5 to 9", "value": None}


def test_a_group_under_five_takes_the_next_smallest_with_it_until_five_are_hidden() -> None:
    groups = [agreeing("a", 5, 14), agreeing("b", 6, 12), agreeing("c", 2, 4), agreeing("d", 3, 7)]
    assert {code: words for code, words in said(groups).items() if words == PROTECTS} == {"c": PROTECTS, "d": PROTECTS}


def test_two_hidden_groups_of_one_and_two_hide_a_third() -> None:
    groups = [agreeing("a", 7, 14), agreeing("b", 5, 12), agreeing("c", 1, 1), agreeing("d", 1, 2), agreeing("e", 4, 9)]
    assert [code for code, words in said(groups).items() if words == PROTECTS] == ["c", "d", "e"]


def test_hidden_groups_are_the_same_in_every_question_though_one_alone_would_need_more() -> None:
    """Of those hidden seven answered, but only four of them the second question: the next smallest hides too."""

    def both(code: str, base: int, second: int) -> Group:
        tallies = {
            "C1": Tallied(SAY, base, {DISAGREE: base - base // 2, AGREE: base // 2}),
            "V3": Tallied(HEARD, second, {"a": second - second // 2, "b": second // 2, "c": 0}),
        }
        return Group(code, code, base, tallies)

    few = [both("a", 14, 14), both("b", 12, 12), both("c", 8, 8), both("d", 4, 4), both("e", 3, 0)]
    assert [group["code"] for group in content(few)["breakdown"]["groups"] if group["hidden"]] == ["c", "d", "e"]
    enough = [*few[:4], both("e", 3, 3)]
    assert [group["code"] for group in content(enough)["breakdown"]["groups"] if group["hidden"]] == ["d", "e"]


def test_a_question_that_few_of_a_shown_group_answered_is_not_broken_down() -> None:
    tallies = {"C1": Tallied(SAY, 4, {DISAGREE: 2, AGREE: 2})}
    found = content([agreeing("a", 6, 12), Group("b", "b", 11, tallies)])["breakdown"]
    assert [(group["code"], group["questions"]) for group in found["groups"]] == [("a", []), ("b", [])]


def test_a_question_asked_of_some_only_is_not_broken_down() -> None:
    part = AskedQuestion("V6", SINGLE, "", "", "", options=HEARD.options, show_if=ShowIf("V3", frozenset("a")))
    groups = []
    for code in "ab":
        asked = {"V3": Tallied(HEARD, 12, {"a": 4, "b": 4, "c": 4}), "V6": Tallied(part, 12, {"a": 4, "b": 4, "c": 4})}
        groups.append(Group(code, code, 12, asked))
    found = content(groups)["breakdown"]
    assert [question["code"] for question in found["groups"][0]["questions"]] == ["V3"]


def test_one_group_without_figures_would_be_what_is_left_over_so_the_next_goes_to_a_band_too() -> None:
    groups = [agreeing("a", 12, 20), agreeing("b", 5, 12), agreeing("c", 3, 8)]
    found = content(groups)["breakdown"]["groups"]
    assert [group["questions"][0]["headline"]["type"] for group in found] == ["share", "band", "band"]
    assert found[1]["questions"][0]["headline"]["base_words"] == "12"


def test_bands_that_fit_the_whole_in_one_way_only_are_not_shown() -> None:
    """Six of eighteen agree, over two thirds of eight do: those are the six, and nobody else agrees."""
    groups = [agreeing("a", 6, 8), agreeing("b", 0, 10)]
    assert set(said(groups).values()) == {WOULD_TELL}


@pytest.mark.parametrize("count", [0, 1, 11, 12])
def test_where_everyone_in_a_group_answered_alike_the_question_is_not_broken_down(count: int) -> None:
    groups = [agreeing("a", count, 12), agreeing("b", 6, 14), agreeing("c", 7, 13)]
    assert set(said(groups).values()) == {WOULD_TELL}
    groups = [agreeing("a", 5, 12), agreeing("b", 6, 14), agreeing("c", 7, 13)]
    assert WOULD_TELL not in said(groups).values()


def test_everybody_planted_could_be_in_one_group_so_each_needs_as_many_more() -> None:
    groups = [agreeing("a", 8, 16), agreeing("b", 4, 9), agreeing("c", 3, 6), agreeing("d", 3, 6)]
    assert PROTECTS not in said(groups).values()
    assert [code for code, words in said(groups, newcomers=2).items() if words == PROTECTS] == ["c", "d"]


def test_where_no_two_groups_can_be_shown_the_breakdown_says_so() -> None:
    assert said([agreeing(code, 2, 4) for code in "abcde"]) == {"": breakdowns.NO_TWO_GROUPS}
    assert said([agreeing("a", 7, 20), agreeing("b", 0, 0)]) == {"": breakdowns.NO_TWO_GROUPS}


def test_under_the_minimum_nothing_is_broken_down() -> None:
    found = content([agreeing("a", 1, 2), agreeing("b", 1, 2)])["breakdown"]
    assert found["groups"] == []
    assert found["why"].startswith("A group is shown from 5 people on")


def test_other_kinds_of_question_are_shown_from_ten_in_a_group_on() -> None:
    def choosing(code: str, *counts: int) -> Group:
        base = sum(counts)
        return Group(code, code, base, {"V3": Tallied(HEARD, base, dict(zip("abc", counts, strict=True)))})

    found = content([choosing("a", 4, 5, 6), choosing("b", 3, 2, 2), choosing("c", 1, 3, 4)])["breakdown"]["groups"]
    options = found[0]["questions"][0]["options"]
    assert [(option["code"], option["figure"]["count"]) for option in options] == [("a", 4), ("b", 5), ("c", 6)]
    assert [group["questions"][0]["headline"]["words"] for group in found[1:]] == ["Hidden: fewer than 10 answers"] * 2


@pytest.mark.parametrize("kind", [breakdowns.PROFESSION, breakdowns.ORGANISATION])
def test_a_group_of_the_roster_is_the_one_sealed_with_the_answers(kind: str) -> None:
    declared = Declared(kind, "Profession", (("nursing", "Nursing"), ("medical", "Medical")))
    assert declared.group_of({"C1": "4"}, "nursing") == "nursing"
    assert declared.group_of({"C1": "4"}, "unheard-of") == breakdowns.NOT_SAID
    assert breakdowns.declared(declared.written()) == declared


def test_a_group_of_a_question_is_the_answer_to_it_and_those_left_out_are_together() -> None:
    declared = breakdowns.by_question(HEARD)
    assert declared.group_of({"V3": "b"}, "") == "b"
    assert declared.group_of({}, "") == breakdowns.NOT_SAID
    assert breakdowns.declared(declared.written()) == declared
    assert breakdowns.declared(None) is None


# Someone who knows the rules, the whole, and how many of each group answered.

SIZES = [
    (5, 5), (6, 7), (8, 12), (9, 9), (10, 10), (11, 10), (12, 5), (5, 5, 5), (6, 5, 8), (10, 5, 5), (12, 6, 3, 2),
    (10, 11, 10), (15, 4, 3), (10, 10, 1, 4), (6, 6, 2, 3), (14, 6, 6), (7, 5, 5, 1),
]  # fmt: skip


def every_survey(sizes: Sequence[int]) -> Iterator[tuple[tuple[int, ...], list[Group]]]:
    """Every way in which groups of these sizes can agree."""
    for counts in product(*(range(size + 1) for size in sizes)):
        names = "abcdefgh"
        yield counts, [agreeing(names[place], count, sizes[place]) for place, count in enumerate(counts)]


def undone(sizes: Sequence[int]) -> list[tuple[int, str]]:
    """Groups without figures whose count follows from what is shown: there is but one survey that looks like it."""
    alike: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for counts, groups in every_survey(sizes):
        alike[json.dumps(content(groups))].append(counts)
    return [
        (place, shown)
        for shown, surveys in alike.items()
        for place in range(len(sizes))
        if not in_figures(json.loads(shown)["breakdown"], place) and len({counts[place] for counts in surveys}) == 1
    ]


def in_figures(breakdown: Mapping[str, Any], place: int) -> bool:
    questions = breakdown["groups"][place]["questions"] if breakdown["groups"] else []
    return bool(questions) and questions[0]["headline"]["type"] == "share"


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_no_group_without_figures_is_given_away_by_anything_shown_or_hidden(sizes: tuple[int, ...]) -> None:
    assert undone(sizes) == []


def test_the_attacker_would_undo_a_breakdown_that_hid_only_what_fits_in_one_way(monkeypatch: Any) -> None:
    """That a question is hidden says that its bands fit in one way: where there is but one such way, it is told."""
    monkeypatch.setattr(breakdowns.Parts, "_is_told_by_hiding", lambda self, total: False)
    assert any(undone(sizes) for sizes in SIZES)
