"""Random surveys against an attacker who knows the rules, every release and every nightly count."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from evaluations.disclosure import ABOUT_HALF, OVER_TWO_THIRDS, UNDER_A_THIRD, Rules, Tallied, Turnout, agreeing_count
from evaluations.questionnaire import (
    DATE,
    DEFAULT_MAX_LENGTH,
    MULTIPLE,
    NUMBER,
    ZERO_TO_TEN,
    AskedQuestion,
    Questionnaire,
    ShowIf,
    option_of,
    options_of,
)
from evaluations.results import content_of
from evaluations.services.closing.tallying import tallied

DATA = Path(__file__).parents[2] / "evaluations" / "data" / "instruments.json"
MINIMUM, FIGURES_FROM = 5, 10
NUMBERS_AND_DATES = Questionnaire(
    "Numbers and dates",
    (
        AskedQuestion("N1", ZERO_TO_TEN, "How likely?", "", "1a", options=options_of(ZERO_TO_TEN, [])),
        AskedQuestion("N2", NUMBER, "How many hours?", "", "1a", minimum=0, maximum=40),
        AskedQuestion("N3", DATE, "Since when?", "", "1a", minimum=2015, maximum=2026),
        AskedQuestion(
            "N4", NUMBER, "And in the week?", "", "1a", minimum=0, maximum=1,
            show_if=ShowIf("N1", frozenset({"7", "8", "9", "10"})),
        ),
    ),
)  # fmt: skip


def shipped_questionnaires() -> list[Questionnaire]:
    document = json.loads(DATA.read_text())
    scales = {scale["code"]: scale["options"] for scale in document["scales"]}
    shipped = [
        Questionnaire(instrument["title"], tuple(asked_from(one, scales) for one in instrument["questions"]))
        for instrument in document["instruments"]
    ]
    return [*shipped, NUMBERS_AND_DATES]


def asked_from(one: Mapping[str, Any], scales: Mapping[str, Any]) -> AskedQuestion:
    rule = one.get("show_if")
    return AskedQuestion(
        code=one["code"],
        kind=one["kind"],
        text=one["text"],
        section="",
        evaluation_question=one["evaluation_question"],
        options=tuple(option_of(option) for option in scales.get(one.get("scale", ""), one.get("options", []))),
        show_if=ShowIf(rule["question"], frozenset(rule["in"])) if rule else None,
        max_length=one.get("max_length") or DEFAULT_MAX_LENGTH.get(one["kind"], 0),
        is_two_sided=one.get("two_sided", False),
    )


@dataclass(frozen=True)
class Asking:
    """A survey as it came back, and what is released of it."""

    questionnaire: Questionnaire
    rules: Rules
    tallies: list[Tallied]

    @property
    def content(self) -> Any:
        """As the database holds it: nothing that JSON does not carry can be hidden in it, or get lost."""
        return json.loads(json.dumps(content_of(rules=self.rules, tallies=self.tallies)))


def random_answer(question: AskedQuestion, dice: random.Random, mood: Sequence[float]) -> Any:
    if dice.random() < mood[0]:
        return None
    if question.is_text:
        return "Something"
    if question.kind == NUMBER:
        return str(dice.randint(question.minimum or 0, question.maximum or 0))
    if question.kind == DATE:
        return f"{dice.randint(question.minimum or 0, question.maximum or 0)}-{dice.randint(1, 12):02}-15"
    codes = [option.code for option in question.options]
    weights = [mood[1] ** place for place in range(len(codes))]
    if question.kind != MULTIPLE:
        return dice.choices(codes, weights)[0]
    ticked = [option.code for option in question.options if not option.is_exclusive and dice.random() < mood[2]]
    return ticked or [dice.choice(codes)]


def random_survey(dice: random.Random, questionnaires: Sequence[Questionnaire]) -> Asking:
    questionnaire = dice.choice(questionnaires)
    answered = dice.randint(0, 26)
    mood = (dice.choice([0.0, 0.1, 0.3, 0.6]), dice.choice([0.4, 1.0, 1.0, 2.0, 5.0]), dice.random())
    records = []
    for _ in range(answered):
        given = {question.code: random_answer(question, dice, mood) for question in questionnaire.questions}
        records.append(questionnaire.check(given).answers)
    newcomers = dice.choice([0, 0, 0, min(2, answered)])
    turnout = Turnout(asked=answered + dice.randint(0, 12), answered=answered, established=answered - newcomers)
    return Asking(questionnaire, Rules(MINIMUM, turnout), tallied(questionnaire, records))


def numbers_in(value: Any) -> Iterator[int]:
    """Every whole number anywhere in a release."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def bounds(words: str, base: int) -> range:
    """The counts a band can stand for."""
    edges = {
        UNDER_A_THIRD: [count for count in range(base + 1) if 3 * count < base],
        ABOUT_HALF: [count for count in range(base + 1) if base <= 3 * count <= 2 * base],
        OVER_TWO_THIRDS: [count for count in range(base + 1) if 3 * count > 2 * base],
    }[words]
    return range(edges[0], edges[-1] + 1)


def possible_counts(question: AskedQuestion, shown: Mapping[str, Any], base: int) -> dict[str, set[int]]:
    """The attack: every count of each option and of the headline that fits all that is shown, were this the base."""
    ranges = {option["code"]: bounds(option["figure"]["words"], base) for option in shown["options"]}
    headline = bounds(shown["headline"]["words"], base) if shown["headline"] else range(base + 1)
    if question.kind == MULTIPLE or not ranges:
        return {code: set(counts) for code, counts in ranges.items()} | {"headline": set(headline)}
    agreeing = [option.code for option in question.counted_options if (option.score or 0) >= 4]
    found: dict[str, set[int]] = {code: set() for code in [*ranges, "headline"]}
    for total in headline if shown["headline"] else [0]:
        inside = agreeing if shown["headline"] else []
        outside = [code for code in ranges if code not in inside]
        groups = [(inside, total), (outside, base - total)]
        fits = [counts_that_add_up([ranges[code] for code in group], wanted) for group, wanted in groups]
        if all(fit is not None for fit in fits):
            found["headline"].add(total)
            for (group, _), fit in zip(groups, fits, strict=True):
                for code, counts in zip(group, fit or [], strict=True):
                    found[code] |= set(counts)
    return found


def counts_that_add_up(ranges: Sequence[range], total: int) -> list[range] | None:
    """For each range the part that can be completed to this total by the others; None when nothing adds up."""
    least, most = sum(one.start for one in ranges), sum(one.stop - 1 for one in ranges)
    if not least <= total <= most:
        return None
    return [
        range(max(one.start, total - (most - (one.stop - 1))), min(one.stop - 1, total - (least - one.start)) + 1)
        for one in ranges
    ]


def possible_bases(shown: Mapping[str, Any], asked: int) -> range:
    base_words = shown["base"]["words"]
    if base_words == "5 to 9":
        return range(MINIMUM, min(FIGURES_FROM - 1, asked) + 1)
    return range(int(base_words), int(base_words) + 1)


def attack_bands(asking: Asking, content: Mapping[str, Any]) -> int:
    """Puts everything shown of each banded question together; returns how many bands held."""
    held = 0
    for question, shown in zip(asking.questionnaire.questions, content["questions"], strict=True):
        figures = {option["code"]: option["figure"] for option in shown["options"]}
        figures |= {"headline": shown["headline"]} if shown["headline"] else {}
        bands = {name for name, figure in figures.items() if figure["type"] == "band"}
        if not bands or bands != set(figures):
            continue
        fitting: dict[str, set[int]] = {name: set() for name in figures}
        for base in possible_bases(shown, asking.rules.turnout.asked):
            counts = possible_counts(question, shown, base)
            for name in figures:
                fitting[name] |= counts[name]
        undone = {name: counts for name, counts in fitting.items() if len(counts) < 2}
        assert not undone, f"{question.code}: {shown}"
        held += len(bands)
    return held


def hide_something_else(asking: Asking, dice: random.Random) -> Asking:
    """The same survey, had the people behind what is hidden answered otherwise, or been fewer or more."""
    if asking.rules.is_hidden():
        return replace(asking, tallies=[scrambled(tally, dice) for tally in asking.tallies])
    protected = {tally.question.code: tally.base - asking.rules.turnout.newcomers for tally in asking.tallies}
    return replace(
        asking,
        tallies=[
            tally
            if protected[tally.question.code] >= MINIMUM or tally.question.is_text
            else scrambled(tally, dice, up_to=MINIMUM - 1 + asking.rules.turnout.newcomers)
            for tally in asking.tallies
        ],
    )


def scrambled(tally: Tallied, dice: random.Random, *, up_to: int = 30) -> Tallied:
    base = dice.randint(0, up_to)
    given = Counter(dice.choices(list(tally.counts), k=base)) if tally.counts else Counter()
    return replace(tally, base=base, counts={code: given[code] for code in tally.counts})


def attack(asking: Asking, dice: random.Random) -> Counter[str]:
    content, turnout = asking.content, asking.rules.turnout
    kinds: Counter[str] = Counter({"bands": attack_bands(asking, content)})
    for tally, shown in zip(asking.tallies, content["questions"], strict=True):
        base, left_out = shown["base"]["value"], shown["left_out"]["value"]
        assert base is None or base >= FIGURES_FROM
        assert left_out is None or left_out == 0 or left_out >= MINIMUM
        # A number left out beside a base in words would give the base: asked and answered are known.
        assert left_out is None or base is not None
        figures = [option["figure"] for option in shown["options"]] + [shown["headline"]] * bool(shown["headline"])
        for figure in figures:
            kinds[figure["type"]] += 1
            if figure["type"] == "share":
                assert figure["base"] == tally.base >= FIGURES_FROM
        if turnout.established < MINIMUM:
            assert [figure["type"] for figure in figures] in (["suppressed"], [])
    if turnout.answered < FIGURES_FROM:
        # Numbers of our own rules, and how many were asked; none that was counted.
        assert set(numbers_in(content)) <= {1, MINIMUM, turnout.asked}
    # What is hidden leaves no trace: other answers behind it make the same release, to the byte.
    assert hide_something_else(asking, dice).content == content
    return kinds


def run(surveys: int, seed: int) -> Counter[str]:
    dice = random.Random(seed)
    questionnaires = shipped_questionnaires()
    kinds: Counter[str] = Counter()
    for _ in range(surveys):
        kinds += attack(random_survey(dice, questionnaires), dice)
    return kinds


def test_three_hundred_random_surveys_give_nothing_away() -> None:
    kinds = run(300, seed=2026)
    # The attack met all three: otherwise it proved nothing.
    assert min(kinds["share"], kinds["band"], kinds["suppressed"], kinds["bands"]) > 500


@pytest.mark.faults
def test_five_thousand_random_surveys_give_nothing_away(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = run(5000, seed=1821)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n5,000 random surveys: {kinds['share']:,} figures, {kinds['bands']:,} bands attacked and none undone, "
            f"{kinds['suppressed']:,} hidden and none recovered."
        )
    assert min(kinds.values()) > 5000


def test_the_attacker_would_undo_bands_without_the_rule_against_it() -> None:
    """Six people, two each on three options: the bands fit nothing else, so the attack must see through them."""
    question = replace(next(one for one in shipped_questionnaires()[2].questions if one.code == "P3"), show_if=None)
    tally = Tallied(question, 6, {"1": 2, "2": 2, "3": 2})
    assert agreeing_count(tally) is None
    shown = {
        "options": [{"code": code, "figure": {"words": ABOUT_HALF}} for code in tally.counts],
        "headline": None,
    }
    assert possible_counts(question, shown, 6)["1"] == {2}
    assert possible_counts(question, shown, 7)["1"] == set()


def test_no_number_no_day_and_no_point_of_a_0_to_10_is_in_a_release() -> None:
    """Twenty people, one of whom is far from all the others: only the group is there, as one of three or five."""
    answers = {"N1": "8", "N2": "3", "N3": "2024-05-17"}
    records = [NUMBERS_AND_DATES.check(given).answers for given in [answers] * 19 + [answers | {"N2": "39"}]]
    content = Asking(
        NUMBERS_AND_DATES, Rules(MINIMUM, Turnout(20, 20, 20)), tallied(NUMBERS_AND_DATES, records)
    ).content

    labels = {shown["code"]: [option["label"] for option in shown["options"]] for shown in content["questions"]}
    assert labels["N1"] == ["0 to 3", "4 to 6", "7 to 10"]
    assert labels["N2"] == ["0 to 7", "8 to 15", "16 to 23", "24 to 31", "32 to 40"]
    assert "2024-05-17" not in json.dumps(content)
    # All but one gave the same: only bands, or the one would know everybody else's.
    assert {option["figure"]["type"] for option in content["questions"][1]["options"]} == {"band"}


@pytest.mark.parametrize(
    ("answered", "words"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5 to 9"), (9, "5 to 9"), (10, "10")]
)
def test_a_nightly_count_says_no_more_than_results_would(answered: int, words: str) -> None:
    assert Rules(MINIMUM, Turnout(20, answered, answered)).counted(answered).words == words
