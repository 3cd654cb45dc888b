"""Random surveys with a breakdown, against someone who knows the rules, the whole, and who answered in each group."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from evaluations import breakdowns
from evaluations.breakdowns import Declared, Group
from evaluations.disclosure import Rules, Tallied, Turnout
from evaluations.questionnaire import Answers, AskedQuestion, Questionnaire
from evaluations.results import content_of
from evaluations.services.closing.tallying import tallied
from tests.evaluations.test_disclosure_attack import bounds, random_answer, shipped_questionnaires

MINIMUM, FIGURES_FROM = 5, 10


@dataclass(frozen=True)
class Asking:
    """A survey as it came back, group by group. `item`: the question the groups come from, if one."""

    questionnaire: Questionnaire
    rules: Rules
    groups: tuple[Group, ...]
    whole: tuple[Tallied, ...]
    item: str = ""

    @property
    def content(self) -> Any:
        shown = breakdowns.show(rules=self.rules, label="Group", groups=self.groups, whole=self.whole, item=self.item)
        return json.loads(json.dumps(content_of(rules=self.rules, tallies=self.whole, breakdown=shown)))


def random_survey(dice: random.Random, questionnaires: Sequence[Questionnaire]) -> Asking:
    questionnaire = dice.choice(questionnaires)
    answered = dice.choice([dice.randint(5, 20), dice.randint(12, 30), dice.randint(20, 60)])
    size = dice.randint(2, 8)
    declared = Declared(breakdowns.PROFESSION, "Group", tuple((str(number), str(number)) for number in range(size)))
    items = breakdowns.items_of(questionnaire)
    if items and dice.random() < 0.3:
        declared = breakdowns.by_question(dice.choice(items))
    weights = [dice.choice([1, 1, 2, 5]) for _ in range(size)]
    mood = (dice.choice([0.0, 0.0, 0.1, 0.3]), dice.choice([0.5, 1.0, 1.0, 2.0]), dice.random())
    # Groups that think alike, and groups that do not.
    moods = [(mood[0], mood[1] * dice.choice([1.0, 1.0, 0.2, 5.0]), mood[2]) for _ in range(size)]
    by_group: dict[str, list[Answers]] = defaultdict(list)
    records = []
    for _ in range(answered):
        place = dice.choices(range(size), weights)[0]
        given = {question.code: random_answer(question, dice, moods[place]) for question in questionnaire.questions}
        record = questionnaire.check(given).answers
        records.append(record)
        by_group[declared.group_of(record, str(place))].append(record)
    newcomers = dice.choice([0, 0, 0, 1, 2])
    return Asking(
        questionnaire,
        Rules(MINIMUM, Turnout(asked=40 + answered, answered=answered, established=answered - newcomers)),
        tuple(group_of(code, questionnaire, by_group[code]) for code in [*declared.codes, breakdowns.NOT_SAID]),
        tuple(tallied(questionnaire, records)),
        declared.item,
    )


def group_of(code: str, questionnaire: Questionnaire, records: Sequence[Answers]) -> Group:
    tallies = {tally.question.code: tally for tally in tallied(questionnaire, records)}
    return Group(code, code, len(records), tallies)


def attack(asking: Asking, dice: random.Random) -> Counter[str]:
    content = asking.content
    shown = {group["code"]: group for group in content["breakdown"]["groups"]}
    if not shown:
        assert content["breakdown"]["why"]
        return Counter({"surveys without": 1})
    kinds = attack_groups(asking, shown)
    for question in asking.questionnaire.questions:
        parts = {
            code: next((one for one in group["questions"] if one["code"] == question.code), None)
            for code, group in shown.items()
        }
        if any(parts.values()):
            kinds += attack_question(asking, question, parts)
    # What is hidden leaves no trace: had those hidden given each other's answers, nothing would look different.
    hidden = [code for code, group in shown.items() if group["hidden"]]
    assert swapped(asking, hidden, dice).content == content
    return kinds + Counter({"surveys broken down": 1})


def attack_groups(asking: Asking, shown: Mapping[str, Any]) -> Counter[str]:
    """No published group under the minimum, and no remainder of 1 to 4, planted answers taken off."""
    planted = asking.rules.turnout.newcomers
    hidden = [group for group in asking.groups if shown[group.code]["hidden"]]
    assert len(hidden) != 1
    for group in asking.groups:
        base = shown[group.code]["base"]
        if group in hidden:
            assert (base, shown[group.code]["questions"]) == ({"words": "hidden", "value": None}, [])
        else:
            assert group.answered - planted >= MINIMUM
            assert base["value"] is None or base["value"] >= FIGURES_FROM
    remainder = sum(group.answered for group in hidden)
    assert remainder == 0 or remainder - planted >= MINIMUM
    return Counter({"groups hidden": len(hidden), "groups shown": len(shown) - len(hidden)})


def attack_question(asking: Asking, question: AskedQuestion, parts: Mapping[str, Any]) -> Counter[str]:
    """Everything shown of one question put together, by someone who knows how many of each group answered it."""
    whole = next(tally for tally in asking.whole if tally.question.code == question.code)
    planted = asking.rules.turnout.newcomers
    bases = {group.code: group.tallies[question.code].base for group in asking.groups}
    remainder = sum(base for code, base in bases.items() if parts[code] is None)
    assert remainder == 0 or remainder - planted >= MINIMUM
    assert all(bases[code] - planted >= MINIMUM for code, part in parts.items() if part)
    kinds = Counter(figure["type"] for part in parts.values() if part for figure in figures_of(part))
    exact = {code for code, part in parts.items() if part and is_exact(part)}
    for code in exact:
        assert bases[code] - planted >= FIGURES_FROM
    if exact:
        # Those without figures are known together, to the number: a group of their own, and never one group.
        others = [base for code, base in bases.items() if code not in exact and base]
        assert not others or (len(others) > 1 and sum(others) - planted >= FIGURES_FROM)
        attack_those_left_over(asking, whole, exact)
    bands = {code: part["headline"]["words"] for code, part in parts.items() if part and is_band(part)}
    if bands:
        kinds["bands attacked"] += attack_bands(asking, whole, exact=exact, bands=bands, bases=bases)
    return kinds


def figures_of(part: Mapping[str, Any]) -> list[Any]:
    return [option["figure"] for option in part["options"]] + ([part["headline"]] if part["headline"] else [])


def is_exact(part: Mapping[str, Any]) -> bool:
    return all(figure["type"] == "share" for figure in figures_of(part))


def is_band(part: Mapping[str, Any]) -> bool:
    return bool(part["headline"]) and part["headline"]["type"] == "band"


def agreed(tally: Tallied) -> int:
    return sum(tally.counts[option.code] for option in tally.question.counted_options if (option.score or 0) >= 4)


def attack_those_left_over(asking: Asking, whole: Tallied, exact: set[str]) -> None:
    """Nobody shown, and nobody left over, gave the same answer to a man, nor all but one, planted answers taken off."""
    tallies = [group.tallies[whole.question.code] for group in asking.groups if group.code in exact]
    left = whole.base - sum(tally.base for tally in tallies)
    for counts, base in [*((tally.counts, tally.base) for tally in tallies), (minus(whole, tallies), left)]:
        assert base == 0 or max(counts.values()) <= base - 2 - asking.rules.turnout.newcomers


def minus(whole: Tallied, tallies: Sequence[Tallied]) -> dict[str, int]:
    return {code: number - sum(tally.counts[code] for tally in tallies) for code, number in whole.counts.items()}


def attack_bands(
    asking: Asking, whole: Tallied, *, exact: set[str], bands: Mapping[str, str], bases: Mapping[str, int]
) -> int:
    """Every number of people agreeing, in each group without figures, that fits the whole: there are always several."""
    known = sum(agreed(group.tallies[whole.question.code]) for group in asking.groups if group.code in exact)
    total = agreed(whole) - known
    fits = {
        code: bounds(bands[code], base) if code in bands else range(base + 1)
        for code, base in bases.items()
        if code not in exact and base
    }
    for code, counts in fits.items():
        others = [fit for other, fit in fits.items() if other != code]
        least, most = sum(fit[0] for fit in others), sum(fit[-1] for fit in others)
        possible = [count for count in counts if least <= total - count <= most]
        assert len(possible) > 1, (whole.question.code, code, bands)
    return len(bands)


def swapped(asking: Asking, hidden: Sequence[str], dice: random.Random) -> Asking:
    """The same survey, had the people of hidden groups given each other's answers."""
    groups = {group.code: group for group in asking.groups}
    for tally in asking.whole:
        code = tally.question.code
        if tally.question.kind == "multiple" or not tally.counts:
            continue
        given = [
            option for name in hidden for option, number in groups[name].tallies[code].counts.items()
            for _ in range(number)
        ]  # fmt: skip
        dice.shuffle(given)
        for name in hidden:
            base = groups[name].tallies[code].base
            mine, given = Counter(given[:base]), given[base:]
            changed = replace(groups[name].tallies[code], counts={option: mine[option] for option in tally.counts})
            groups[name] = replace(groups[name], tallies={**groups[name].tallies, code: changed})
    return replace(asking, groups=tuple(groups.values()))


def run(surveys: int, seed: int) -> Counter[str]:
    dice = random.Random(seed)
    questionnaires = shipped_questionnaires()
    kinds: Counter[str] = Counter()
    for _ in range(surveys):
        kinds += attack(random_survey(dice, questionnaires), dice)
    return kinds


def test_two_hundred_random_surveys_give_no_group_away() -> None:
    kinds = run(200, seed=2026)
    # The attack met all of it: otherwise it proved nothing.
    assert min(kinds["share"], kinds["bands attacked"], kinds["suppressed"], kinds["groups hidden"]) > 70, kinds


@pytest.mark.faults
def test_five_thousand_random_surveys_give_no_group_away(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = run(5000, seed=1821)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n5,000 random surveys with a breakdown, {kinds['surveys broken down']:,} of them shown by group: "
            f"{kinds['groups shown']:,} groups shown and {kinds['groups hidden']:,} hidden, no remainder of 1 to 4; "
            f"{kinds['share']:,} figures, {kinds['bands attacked']:,} bands attacked and none undone, "
            f"{kinds['suppressed']:,} figures hidden and none recovered."
        )
    assert min(kinds["share"], kinds["bands attacked"], kinds["suppressed"], kinds["groups hidden"]) > 2000
