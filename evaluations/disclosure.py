"""What the tallies of a closed survey may show. Pure rules; the only place where they are written down.

- Under the minimum (5; a site may raise it) nothing is shown. Only people who were members well before the opening
  count towards it, so nobody can be planted to unlock the answers of four.
- From the minimum on, bands: "under a third", "about half", "over two thirds". The base is a band too ("5 to 9").
- From five above the minimum on (10), figures: count, share, base, and a 95 % interval where the base is under 30.

Bands must stay bands when everything published is put together by someone who knows these rules:

- Three options that are nearly level share out a small group in one way only, and so does an agreement of exactly a
  third or two thirds: there, and where no option reaches a third, the headline alone is shown.
- With fewer people asked than figures need, the base is known too well: the headline alone is shown.
- What was left out is not shown beside a band: it would give the base away.
- A question asked of some only, by their answer to another, is shown only where the other is shown in figures.
- Where all, or all but one, gave the same answer only a band is shown; the one would otherwise know all the others.
  So would somebody who had several: answers of people who were planted, or who answered more than one of the surveys
  that are shown together, are taken off first.

What was left out of a base (skipped, does not apply, not asked) is one figure: 0, "1 to 4" or the number. It can be
worked out from the base and the number of answers; that is accepted, because it holds nobody's answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from evaluations.questionnaire import LIKERT, MULTIPLE, AskedQuestion

RULE_VERSION = 1
BAND_WIDTH = 5
INTERVAL_UNDER = 30
FEW = 5
AGREEING_FROM = 4
Z_95 = 1.959963984540054

UNDER_A_THIRD, ABOUT_HALF, OVER_TWO_THIRDS = "under a third", "about half", "over two thirds"
NOT_BESIDE_BANDS = "not shown beside bands"


@dataclass(frozen=True)
class Count:
    """A number of people, as far as it may be known."""

    words: str
    value: int | None = None


@dataclass(frozen=True)
class Share:
    """`count` of `base` people. `low` and `high` are the 95 % interval, where the base is small enough to need one."""

    value: float
    count: int
    base: int
    low: float | None = None
    high: float | None = None

    @property
    def words(self) -> str:
        return f"{percent(self.value)} ({self.count} of {self.base}{self._interval})"

    @property
    def _interval(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"; 95% interval {percent(self.low)} to {percent(self.high)}"


@dataclass(frozen=True)
class Band:
    """Roughly what share, of roughly how many."""

    words: str
    base_words: str


@dataclass(frozen=True)
class Suppressed:
    """Nothing is shown; `words` say so and `why` gives the reason."""

    minimum: int
    why: str
    words: str


Figure = Share | Band | Suppressed


@dataclass(frozen=True)
class Turnout:
    """How many were asked, how many answered, and how many of those count towards the minimum."""

    asked: int
    answered: int
    established: int

    @property
    def newcomers(self) -> int:
        return self.answered - self.established


@dataclass(frozen=True)
class Tallied:
    """How a question was answered: by `base` people (left-out options apart), and each option by how many."""

    question: AskedQuestion
    base: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Shown:
    """What may be shown of one question."""

    question: AskedQuestion
    headline: Figure | None
    options: Mapping[str, Figure]
    base: Count
    left_out: Count
    is_in_figures: bool = False


@dataclass(frozen=True)
class Rules:
    """The rules for one survey: its minimum and who was there."""

    minimum: int
    turnout: Turnout

    @property
    def figures_from(self) -> int:
        return self.minimum + BAND_WIDTH

    @property
    def band_of_bases(self) -> str:
        return f"{self.minimum} to {self.figures_from - 1}"

    @property
    def too_few(self) -> Suppressed:
        why = (
            f"A group is shown from {self.minimum} people on, so that nobody’s answer can be worked out. People who "
            "joined just before the survey opened do not count towards this."
        )
        return Suppressed(self.minimum, why, f"Hidden: fewer than {self.minimum} answers")

    @property
    def gives_away(self) -> Suppressed:
        return Suppressed(
            self.minimum,
            "The bands of these answers, put together, would give exact numbers away.",
            "Hidden: it would show an exact number",
        )

    @property
    def part_of_a_group(self) -> Suppressed:
        return Suppressed(
            self.minimum,
            "Only some were asked this, by their answer to another question that is not shown in figures.",
            "Hidden: asked of part of a small group",
        )

    def is_hidden(self) -> bool:
        return self.turnout.established < self.minimum

    def counted(self, number: int) -> Count:
        """A number of people who answered, as far as it may be known."""
        if number < self.minimum:
            return Count(f"fewer than {self.minimum}")
        if number < self.figures_from:
            return Count(self.band_of_bases)
        return Count(str(number), number)

    def show(self, tallies: Iterable[Tallied]) -> list[Shown]:
        """Everything that may be shown of a survey, question by question, in the order given."""
        shown: dict[str, Shown] = {}
        for tally in tallies:
            rule = tally.question.show_if
            is_part = rule is not None and not shown[rule.question].is_in_figures
            shown[tally.question.code] = self.nothing_of(tally.question, is_part=is_part) if is_part else self.of(tally)
        return list(shown.values())

    def of(self, tally: Tallied) -> Shown:
        question = tally.question
        if question.is_text:
            return self.texts(tally)
        # Whoever was planted knows their own answers and can take them off: only the others protect each other.
        protected = tally.base - self.turnout.newcomers
        if self.is_hidden() or protected < self.minimum:
            return self.nothing_of(question)
        if protected < self.figures_from:
            return self.in_bands(tally)
        return self.in_figures(tally)

    def nothing_of(self, question: AskedQuestion, *, is_part: bool = False) -> Shown:
        why = self.part_of_a_group if is_part else self.too_few
        return Shown(question, why, {}, Count("hidden"), Count("hidden"))

    def texts(self, tally: Tallied) -> Shown:
        """How many texts wait for a second reader. The texts themselves are no business of this module."""
        hidden = Count("hidden")
        return Shown(tally.question, None, {}, hidden if self.is_hidden() else self.counted(tally.base), hidden)

    def in_bands(self, tally: Tallied) -> Shown:
        question, base = tally.question, self.counted(tally.base)
        agreeing = agreeing_count(tally)
        headline = None if agreeing is None else Band(band(agreeing, tally.base), base.words)
        if self.turnout.asked < self.figures_from or gives_exact_numbers(tally):
            return Shown(question, headline or self.gives_away, {}, base, Count(NOT_BESIDE_BANDS))
        options: dict[str, Figure] = {
            option.code: Band(band(tally.counts.get(option.code, 0), tally.base), base.words)
            for option in question.counted_options
        }
        return Shown(question, headline, options, base, Count(NOT_BESIDE_BANDS))

    def in_figures(self, tally: Tallied) -> Shown:
        question, base = tally.question, self.counted(tally.base)
        left_out = self.turnout.answered - tally.base
        left = Count(f"1 to {FEW - 1}") if 0 < left_out < FEW else Count(str(left_out), left_out)
        same = {code for code, count in tally.counts.items() if count >= tally.base - known_to_one(self)}
        if same and question.kind != MULTIPLE:
            same = {option.code for option in question.counted_options}
        options = {
            option.code: self.figure(tally, tally.counts.get(option.code, 0), is_banded=option.code in same)
            for option in question.counted_options
        }
        agreeing = agreeing_count(tally)
        headline = None if agreeing is None else self.figure(tally, agreeing, is_banded=bool(same))
        return Shown(question, headline, options, base, left, is_in_figures=not same)

    def figure(self, tally: Tallied, count: int, *, is_banded: bool) -> Figure:
        return Band(band(count, tally.base), str(tally.base)) if is_banded else share(count, tally.base)


def known_to_one(rules: Rules) -> int:
    """How many answers one person may know: those of people who were planted, those beyond the first that somebody
    gave to surveys shown together, and their own."""
    return rules.turnout.newcomers + 1


def band(count: int, base: int) -> str:
    """The band of a share. A third and two thirds belong to the middle: so each band holds two counts or more."""
    if 3 * count < base:
        return UNDER_A_THIRD
    return OVER_TWO_THIRDS if 3 * count > 2 * base else ABOUT_HALF


def share(count: int, base: int) -> Share:
    low, high = wilson(count, base) if base < INTERVAL_UNDER else (None, None)
    return Share(count / base, count, base, low, high)


def wilson(count: int, base: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927), which holds for small groups and near 0 and 1."""
    observed, z2 = count / base, Z_95**2
    middle = (observed + z2 / (2 * base)) / (1 + z2 / base)
    half = Z_95 * sqrt(observed * (1 - observed) / base + z2 / (4 * base**2)) / (1 + z2 / base)
    return max(0.0, middle - half), min(1.0, middle + half)


def agreeing_count(tally: Tallied) -> int | None:
    """How many agreed (4 or 5 on the scale): the headline of an agreement scale. Other kinds have none."""
    if tally.question.kind != LIKERT or tally.question.is_two_sided:
        return None
    return sum(
        tally.counts.get(option.code, 0)
        for option in tally.question.counted_options
        if (option.score or 0) >= AGREEING_FROM
    )


def gives_exact_numbers(tally: Tallied) -> bool:
    """Whether the bands of a question's options, put together, could be undone.

    Hides rather more than is strictly needed: that something is hidden must not itself give the numbers away. Proven
    by going through every possible group in tests.
    """
    options = tally.question.counted_options
    if len(options) < 2:
        return True
    if tally.question.kind == MULTIPLE:
        return is_nearly_level(_counts_that_share_out_the_base(tally))
    agreeing = agreeing_count(tally)
    is_on_an_edge = agreeing is not None and 3 * agreeing in (tally.base, 2 * tally.base)
    counts = [tally.counts.get(option.code, 0) for option in options]
    is_spread_thin = 3 * max(counts) < tally.base
    return len(options) > 2 and (is_on_an_edge or is_spread_thin or is_nearly_level(counts))


def _counts_that_share_out_the_base(tally: Tallied) -> list[int]:
    """Of a multiple choice: answers that go with no other, and the most frequent of those that go together."""
    alone = [option.code for option in tally.question.counted_options if option.is_exclusive]
    together = [
        tally.counts.get(option.code, 0) for option in tally.question.counted_options if not option.is_exclusive
    ]
    return [*(tally.counts.get(code, 0) for code in alone), max(together, default=0)]


def is_nearly_level(counts: Iterable[int]) -> bool:
    """Whether the three largest lie within one of each other."""
    largest = sorted(counts, reverse=True)[:3]
    return len(largest) == 3 and largest[2] >= largest[0] - 1


def percent(value: float) -> str:
    return f"{round(value * 100)}%"
