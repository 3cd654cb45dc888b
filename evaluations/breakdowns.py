"""The one declared breakdown of a survey's results: who belongs to which group, and what of the groups may be shown.

Pure rules, on top of disclosure.py. The whole is published beside the parts, so whatever is shown of some groups can be
taken off it. Somebody who knows these rules, every figure of the whole, and how many answered in each group, still
finds no answer of a small group:

- A group is hidden under the minimum (5), and the next smallest with it until, in every question at once, those hidden
  together are none or at least the minimum, and never one group alone.
- A question is broken down only where every group that is shown has enough answers to it.
- Figures from ten answers in a group, and only while the groups without figures are two or more and ten answers or
  more together: they are known exactly, as one. Otherwise the smallest group in figures goes back to a band.
- Of an agreement scale the share agreeing is shown, in figures or a band. Of other questions the options, in figures
  only; bands of several options in several groups could be put together.
- Where a group, or all groups without figures together, gave the same answer (or all did but those that one person may
  know), and where the bands and the whole fit in one way only, the question is not broken down. Where that alone would
  give a group away, it is never broken down, whatever was answered.
- Questions asked of some only are not broken down; neither are answers released together with an earlier survey's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.disclosure import (
    Band,
    Count,
    Figure,
    Rules,
    Suppressed,
    Tallied,
    agreeing_count,
    band,
    known_to_one,
    share,
)
from evaluations.questionnaire import SINGLE, Answers, AskedQuestion, Questionnaire

ITEM, PROFESSION, ORGANISATION = "item", "profession", "organisation"
ASKED_FROM = 40
# The group of those who did not say, or of whom the roster does not say.
NOT_SAID = ""
NOT_SAID_LABEL = "Not said, or not known"
POOLED = "These answers were released together with an earlier survey’s, which were not counted by group."
NO_TWO_GROUPS = "The answers do not make two groups of which anything may be shown without giving a smaller one away."


@dataclass(frozen=True)
class Declared:
    """The breakdown a survey was opened with. `groups`: code and label of each; `item`: of which question, if one."""

    kind: str
    label: str
    groups: tuple[tuple[str, str], ...]
    item: str = ""

    @property
    def is_from_roster(self) -> bool:
        return self.kind != ITEM

    @property
    def choice(self) -> str:
        """How it is chosen when a survey is opened."""
        return self.kind if self.is_from_roster else f"{ITEM}:{self.item}"

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.groups)

    def label_of(self, code: str) -> str:
        return dict(self.groups).get(code, NOT_SAID_LABEL)

    def known(self, code: str) -> str:
        """The group a person counts in: a code that was not there at the opening is as good as none."""
        return code if code in self.codes else NOT_SAID

    def group_of(self, answers: Answers, sealed: str) -> str:
        """The group of one record: by its answer to the question, or as it was sealed with the answers."""
        return self.known(sealed if self.is_from_roster else str(answers.get(self.item, NOT_SAID)))

    def told(self, group: str | None = None) -> str:
        """What people read before they answer: that results are also shown by it, and how that reaches their answers.

        `group` is theirs, where the roster says it.
        """
        rule = "A group is shown only where that gives nobody away."
        if not self.is_from_roster:
            return f"Results are also shown by the answers to “{self.label}” {rule}"
        kept = f"Your {self.label.lower()} is kept with your answers, because results are also shown by it."
        yours = (
            "" if group is None else f" It counts as “{self.label_of(group)}”, as the community’s list of members says."
        )
        return f"{kept}{yours} {rule}"

    def written(self) -> dict[str, Any]:
        """As the survey keeps it."""
        groups = [{"code": code, "label": label} for code, label in self.groups]
        return {"kind": self.kind, "label": self.label, "item": self.item, "groups": groups}


def declared(written: Mapping[str, Any] | None) -> Declared | None:
    """What `Declared.written` wrote; None for a survey without a breakdown."""
    if written is None:
        return None
    groups = tuple((group["code"], group["label"]) for group in written["groups"])
    return Declared(kind=written["kind"], label=written["label"], groups=groups, item=written["item"])


def may_break_down(question: AskedQuestion) -> bool:
    """Whether the answers to this question may be what results are broken down by: one of several, asked of all."""
    return question.kind == SINGLE and question.show_if is None and len(question.counted_options) > 1


def by_question(question: AskedQuestion) -> Declared:
    groups = tuple((option.code, option.label) for option in question.counted_options)
    return Declared(ITEM, question.text, groups, item=question.code)


def items_of(questionnaire: Questionnaire) -> list[AskedQuestion]:
    return [question for question in questionnaire.questions if may_break_down(question)]


@dataclass(frozen=True)
class Group:
    """The answers of one group: how many answered, and how, by the code of the question."""

    code: str
    label: str
    answered: int
    tallies: Mapping[str, Tallied]

    def base(self, question: str) -> int:
        return self.tallies[question].base


@dataclass(frozen=True)
class ShownQuestion:
    """One question in one group: the share agreeing, or each option (code, label, figure), or why neither."""

    code: str
    headline: Figure | None
    options: tuple[tuple[str, str, Figure], ...] = ()


@dataclass(frozen=True)
class ShownGroup:
    code: str
    label: str
    base: Count
    questions: tuple[ShownQuestion, ...]
    hidden: Suppressed | None = None


@dataclass(frozen=True)
class Breakdown:
    """What may be shown by group. `why` says why nothing is, where nothing is."""

    label: str
    why: str
    groups: tuple[ShownGroup, ...] = ()


def show(*, rules: Rules, label: str, groups: Sequence[Group], whole: Iterable[Tallied], item: str = "") -> Breakdown:
    """What may be shown by group beside the whole. `item`: the question that the groups come from, if one."""
    if rules.is_hidden():
        return Breakdown(label, rules.too_few.why)
    tallies = list(whole)
    in_figures = {shown.question.code for shown in rules.show(tallies) if shown.is_in_figures}
    questions = [
        tally
        for tally in tallies
        if tally.question.code in in_figures and tally.question.show_if is None and tally.question.code != item
    ]
    shown = Solved.of(rules, groups, questions)
    if not shown.shown:
        return Breakdown(label, NO_TWO_GROUPS)
    written = {tally.question.code: shown.question(tally) for tally in questions if shown.is_kept(tally.question.code)}
    return Breakdown(
        label,
        "",
        tuple(
            ShownGroup(
                group.code,
                group.label,
                rules.counted(group.answered),
                tuple(by_group[group.code] for by_group in written.values()),
            )
            if group in shown.shown
            else ShownGroup(group.code, group.label, Count("hidden"), (), small_group(rules))
            for group in groups
        ),
    )


def small_group(rules: Rules) -> Suppressed:
    return Suppressed(
        rules.minimum,
        f"Groups of fewer than {rules.minimum} are hidden, and the next smallest with them, so that nobody’s answers "
        "can be worked out by taking the other groups off the whole.",
        "Hidden: to protect a small group",
    )


def only_in_figures(rules: Rules) -> Suppressed:
    return Suppressed(
        rules.minimum,
        f"The answers to this kind of question are shown by group from {rules.figures_from} answers in a group on.",
        f"Hidden: fewer than {rules.figures_from} answers",
    )


@dataclass(frozen=True)
class Solved:
    """Which groups are shown, the same in every question; the smallest first."""

    rules: Rules
    shown: tuple[Group, ...]
    hidden: tuple[Group, ...]

    @classmethod
    def of(cls, rules: Rules, groups: Sequence[Group], questions: Sequence[Tallied]) -> Solved:
        """Hides the next smallest until those hidden protect each other in every question at once."""
        by_size = sorted(groups, key=lambda group: group.answered)
        number = sum(protected(rules, group.answered) < rules.minimum for group in by_size)
        codes = [tally.question.code for tally in questions]
        while number < len(by_size):
            solved = cls(rules, tuple(by_size[number:]), tuple(by_size[:number]))
            if solved._is_safe(codes):
                break
            number += 1
        if sum(group.answered > 0 for group in groups) < 2:
            number = len(by_size)
        return cls(rules, tuple(by_size[number:]), tuple(by_size[:number]))

    def is_kept(self, code: str) -> bool:
        """Whether every group that is shown has enough answers to this question."""
        return all(protected(self.rules, group.base(code)) >= self.rules.minimum for group in self.shown)

    def _is_safe(self, codes: Iterable[str]) -> bool:
        if len(self.hidden) == 1:
            return False
        remainders = [sum(group.answered for group in self.hidden)]
        remainders += [sum(group.base(code) for group in self.hidden) for code in codes if self.is_kept(code)]
        return all(not number or protected(self.rules, number) >= self.rules.minimum for number in remainders)

    def question(self, whole: Tallied) -> dict[str, ShownQuestion]:
        """One question in every group that is shown, by the code of the group."""
        return Parts.of(self, whole.question).written(whole)


@dataclass(frozen=True)
class Parts:
    """One question's groups: those in figures, those in bands, and those hidden. The last two are `unknown`."""

    rules: Rules
    question: AskedQuestion
    exact: tuple[Group, ...]
    banded: tuple[Group, ...]
    hidden: tuple[Group, ...]

    @classmethod
    def of(cls, solved: Solved, question: AskedQuestion) -> Parts:
        """In figures are as many of the larger groups as leave the others two groups and ten answers, or nobody."""
        rules = solved.rules
        by_base = sorted(solved.shown, key=lambda group: group.base(question.code))
        number = sum(protected(rules, group.base(question.code)) < rules.figures_from for group in by_base)
        hidden = tuple(group for group in solved.hidden if group.base(question.code))
        while number < len(by_base):
            unknown = [*hidden, *by_base[:number]]
            together = sum(group.base(question.code) for group in unknown)
            if not unknown or (len(unknown) > 1 and protected(rules, together) >= rules.figures_from):
                break
            number += 1
        return cls(rules, question, tuple(by_base[number:]), tuple(by_base[:number]), hidden)

    @property
    def unknown(self) -> tuple[Group, ...]:
        return self.banded + self.hidden

    def tally(self, group: Group) -> Tallied:
        return group.tallies[self.question.code]

    def written(self, whole: Tallied) -> dict[str, ShownQuestion]:
        if (agreeing := agreeing_count(whole)) is not None:
            is_told = self._gives_away_agreeing(agreeing, whole.base)
            return {group.code: self._one(self.gives_away if is_told else self._agreeing(group)) for group in self.all}
        if self._gives_away_options(whole):
            return {group.code: self._one(self.gives_away) for group in self.all}
        found = {group.code: self._one(None, self._options(group)) for group in self.exact}
        return found | {group.code: self._one(only_in_figures(self.rules)) for group in self.banded}

    @property
    def all(self) -> tuple[Group, ...]:
        return self.exact + self.banded

    @property
    def gives_away(self) -> Suppressed:
        return Suppressed(
            self.rules.minimum,
            "The groups and the whole, put together, would give a group’s exact numbers or everyone’s answer away.",
            "Hidden: it would show an exact number",
        )

    def _one(self, headline: Figure | None, options: tuple[tuple[str, str, Figure], ...] = ()) -> ShownQuestion:
        return ShownQuestion(self.question.code, headline, options)

    def _agreeing(self, group: Group) -> Figure:
        tally = self.tally(group)
        count = agreeing_count(tally) or 0
        if group in self.exact:
            return share(count, tally.base)
        return Band(band(count, tally.base), self.rules.counted(tally.base).words)

    def _options(self, group: Group) -> tuple[tuple[str, str, Figure], ...]:
        tally = self.tally(group)
        return tuple(
            (option.code, option.label, share(tally.counts[option.code], tally.base))
            for option in self.question.counted_options
        )

    def _gives_away_options(self, whole: Tallied) -> bool:
        """Whether a group in figures, or the others together, gave one answer: all, or all but those one may know."""
        tallies = [self.tally(group) for group in self.exact]
        rest = {code: number - sum(tally.counts[code] for tally in tallies) for code, number in whole.counts.items()}
        others = whole.base - sum(tally.base for tally in tallies)
        known = known_to_one(self.rules)
        told = [number >= tally.base - known for tally in tallies for number in tally.counts.values()]
        return any(told) or (others > 0 and any(number >= others - known for number in rest.values()))

    def _gives_away_agreeing(self, agreeing: int, base: int) -> bool:
        counted = [(agreeing_count(self.tally(group)) or 0, self.tally(group).base) for group in self.exact]
        rest, others = agreeing - sum(count for count, _ in counted), base - sum(base for _, base in counted)
        known = known_to_one(self.rules)
        if any(is_one_sided(*one, known=known) for one in [(agreeing, base), *counted]):
            return True
        if not self.unknown:
            return False
        if is_one_sided(rest, others, known=known) or rest in (sum(low) for low in zip(*self._edges(), strict=True)):
            return True
        return not self.exact and self._is_told_by_hiding(rest)

    def _edges(self) -> list[tuple[int, int]]:
        """The least and the most that could agree in each group without figures, as its band says or, hidden, all."""
        found = []
        for group in self.banded:
            tally = self.tally(group)
            words = band(agreeing_count(tally) or 0, tally.base)
            fits = [count for count in range(tally.base + 1) if band(count, tally.base) == words]
            found.append((fits[0], fits[-1]))
        return found + [(0, self.tally(group).base) for group in self.hidden]

    def _is_told_by_hiding(self, total: int) -> bool:
        """Whether hiding a question only where the bands fit in one way would itself say how.

        Depends on what everybody knows and on no group's answers.
        """
        lows, highs = [], []
        for group in self.unknown:
            base = self.tally(group).base
            edges = band_edges(base) if group in self.banded else [(0, base)]
            lows.append([low for low, _ in edges])
            highs.append([high for _, high in edges])
        fits = [low | high for low, high in zip(adding_up(lows, total), adding_up(highs, total), strict=True)]
        return any(len(values) == 1 for values in fits)


def protected(rules: Rules, number: int) -> int:
    """How many of these the others protect: whoever was planted could all be in one group, and take themselves off."""
    return number - rules.turnout.newcomers


def is_one_sided(count: int, base: int, *, known: int) -> bool:
    """Whether all are on the same side, but for those whose answers somebody may know."""
    return count <= known or count >= base - known


def band_edges(base: int) -> list[tuple[int, int]]:
    """The least and the most of each band."""
    words = [band(count, base) for count in range(base + 1)]
    return [(words.index(one), base - words[::-1].index(one)) for one in dict.fromkeys(words)]


def adding_up(choices: Sequence[Sequence[int]], total: int) -> list[set[int]]:
    """Of all ways to take one number from each so that they add up to the total: which number each can be."""
    before: list[set[int]] = [{0}]
    for numbers in choices:
        before.append({so_far + number for so_far in before[-1] for number in numbers})
    after: list[set[int]] = [{0}]
    for numbers in reversed(choices):
        after.append({so_far + number for so_far in after[-1] for number in numbers})
    after.reverse()
    return [
        {number for number in numbers if any(total - number - so_far in after[place + 1] for so_far in before[place])}
        for place, numbers in enumerate(choices)
    ]
