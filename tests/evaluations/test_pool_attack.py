"""Surveys shown together, in which people answer more than once: an attacker who counts people, and one of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from evaluations.disclosure import Rules, Share, Shown, Tallied, Turnout
from evaluations.questionnaire import AskedQuestion, Questionnaire
from evaluations.services.closing.tallying import tallied
from tests.evaluations.test_disclosure_attack import shipped_questionnaires

MINIMUM = 5


@dataclass(frozen=True)
class Given:
    """One answer of somebody to the one question, with or without a text."""

    person: int
    code: str
    has_text: bool


@dataclass(frozen=True)
class Pooled:
    """What a few surveys in a row brought in, shown together."""

    question: AskedQuestion
    given: list[Given]
    newcomers: frozenset[int]

    @property
    def rules(self) -> Rules:
        established = {one.person for one in self.given} - self.newcomers
        return Rules(MINIMUM, Turnout(len(self.given) + 9, len(self.given), len(established)))

    @property
    def tally(self) -> Tallied:
        questionnaire = Questionnaire("", (self.question,))
        return tallied(questionnaire, [{self.question.code: one.code} for one in self.given])[0]

    @property
    def shown(self) -> Shown:
        return self.rules.of(self.tally)

    @property
    def texts_needed(self) -> int:
        """As services/results/texts.py works it out, from the invitations answered."""
        return MINIMUM + self.rules.turnout.newcomers


def random_pool(dice: random.Random, question: AskedQuestion) -> Pooled:
    codes = [option.code for option in question.counted_options]
    weights = [dice.choice([0.05, 1, 4, 30]) for _ in codes]
    people = range(dice.randint(3, 16))
    given: list[Given] = []
    for _ in range(dice.randint(2, 4)):
        there = dice.sample(people, dice.randint(1, len(people)))
        writes = dice.random()
        given += [Given(one, dice.choices(codes, weights)[0], dice.random() < writes) for one in there]
    newcomers = frozenset(dice.sample(people, dice.choice([0, 0, 1, 2])))
    return Pooled(question, given, newcomers)


def attack(pool: Pooled) -> Counter[str]:
    met: Counter[str] = Counter()
    people = {one.person for one in pool.given}
    writers = [one.person for one in pool.given if one.has_text]
    if len(writers) >= pool.texts_needed:
        met["texts"] += 1
        assert len(set(writers) - pool.newcomers) >= MINIMUM
    elif len(writers) >= MINIMUM and len(set(writers) - pool.newcomers) < MINIMUM:
        met["texts of too few people, hidden"] += 1
    shown = pool.shown
    figures = [*shown.options.values(), *([shown.headline] if shown.headline else [])]
    if any(one for one in figures if one.words and not one.words.startswith("Hidden")):
        met["figures"] += 1
        assert len(people - pool.newcomers) >= MINIMUM
    if all(isinstance(figure, Share) for figure in shown.options.values()) and shown.options:
        met["in figures"] += 1
        for insider in people:
            # What one of them is left with, once all that they sent is taken off: never that all others said the same.
            others = Counter(one.code for one in pool.given if one.person != insider)
            assert len(others) > 1
    elif max(Counter(one.code for one in pool.given).values()) >= len(pool.given) - 1:
        met["all alike, in bands or hidden"] += 1
    return met


def run(pools: int, seed: int) -> Counter[str]:
    dice = random.Random(seed)
    question = next(one for one in shipped_questionnaires()[0].questions if not one.is_text and not one.show_if)
    met: Counter[str] = Counter()
    for _ in range(pools):
        met += attack(random_pool(dice, question))
    return met


def test_a_thousand_pools_show_nothing_of_fewer_than_five_people_nor_to_one_of_them() -> None:
    met = run(1000, seed=2026)
    # The attack met all of these: otherwise it proved nothing.
    assert min(met[kind] for kind in KINDS) > 20


@pytest.mark.faults
def test_twenty_thousand_pools_show_nothing_of_fewer_than_five_people_nor_to_one_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    met = run(20_000, seed=1821)
    with capsys.disabled():
        print(f"\n20,000 pools: {dict(met)}")  # noqa: T201
    assert min(met[kind] for kind in KINDS) > 400


KINDS = (
    "texts", "texts of too few people, hidden", "figures", "in figures", "all alike, in bands or hidden",
)  # fmt: skip


def test_the_attacker_would_have_seen_five_texts_of_three_people_by_the_rule_for_one_survey() -> None:
    """Two surveys with the same three people, and two more: five texts, of which the three wrote all."""
    question = next(one for one in shipped_questionnaires()[0].questions if not one.is_text)
    given = [Given(person, "4", has_text=True) for person in (0, 1, 2, 0, 1)]
    given += [Given(person, "4", has_text=False) for person in (2, 3, 4)]
    pool = Pooled(question, given, frozenset())
    assert not pool.rules.is_hidden()
    assert (len([one for one in given if one.has_text]), pool.texts_needed) == (MINIMUM, 8)
