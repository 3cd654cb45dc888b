"""Every way through a questionnaire: which questions are asked, by what is answered. And those that nobody reaches.

A way is a set of questions that someone may be asked. Who skips is asked nothing that depends on the answer, so
skipping is a way of its own, except where an answer is required. Ways multiply: they are counted in full up to a limit,
and listed up to a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

from evaluations.instrument_checks.loops import Loop, loops_of
from evaluations.questionnaire import MULTIPLE, AskedQuestion, Questionnaire

MOST_LISTED = 24
MOST_COUNTED = 10_000
# A question with several answers that show different questions: as many combinations as are looked at.
MOST_CHOICES = 256


@dataclass(frozen=True)
class Unreachable:
    """A question that nobody can be asked, and why."""

    code: str
    why: str


@dataclass(frozen=True)
class Choice:
    """One way to answer a question that decides what comes next, in words, and what it shows."""

    code: str
    words: str
    shows: frozenset[str]


@dataclass(frozen=True)
class Path:
    """One way through: what is answered where it matters, and all questions that are then asked, in order."""

    choices: tuple[Choice, ...]
    questions: tuple[AskedQuestion, ...]

    @property
    def words(self) -> str:
        return "; ".join(f"{choice.code}: {choice.words}" for choice in self.choices) or "Whatever is answered"


@dataclass(frozen=True)
class Ways:
    """The ways through a questionnaire. `count` is exact where `is_counted`; otherwise there are more."""

    loops: tuple[Loop, ...]
    unreachable: tuple[Unreachable, ...]
    paths: tuple[Path, ...]
    count: int
    is_counted: bool

    @property
    def is_listed(self) -> bool:
        """Whether every way is among `paths`."""
        return self.is_counted and self.count == len(self.paths)


@dataclass(frozen=True)
class _Tree:
    """The questions that can be asked, each below the one whose answer shows it."""

    questions: tuple[AskedQuestion, ...]
    below: Mapping[str, Sequence[AskedQuestion]]
    tops: Sequence[AskedQuestion]
    by_code: Mapping[str, AskedQuestion] = field(default_factory=dict)

    @cached_property
    def choices(self) -> dict[str, tuple[Choice, ...]]:
        return {code: _choices(self.by_code[code], shown) for code, shown in self.below.items()}

    def ways(self, question: AskedQuestion) -> Iterator[tuple[Choice, ...]]:
        """What can be answered from here down."""
        if question.code not in self.below:
            yield ()
            return
        for choice in self.choices[question.code]:
            shown = [one for one in self.below[question.code] if one.code in choice.shows]
            for rest in self.together(shown):
                yield (choice, *rest)

    def together(self, questions: Sequence[AskedQuestion]) -> Iterator[tuple[Choice, ...]]:
        for parts in product(*(_Again(self, question) for question in questions)):
            yield tuple(choice for part in parts for choice in part)

    def count(self, question: AskedQuestion) -> int:
        if question.code not in self.below:
            return 1
        return sum(
            self.count_of([one for one in self.below[question.code] if one.code in choice.shows])
            for choice in self.choices[question.code]
        )

    def count_of(self, questions: Sequence[AskedQuestion]) -> int:
        count = 1
        for question in questions:
            count *= self.count(question)
        return count

    def path(self, choices: tuple[Choice, ...]) -> Path:
        shown = frozenset(code for choice in choices for code in choice.shows)
        return Path(choices, tuple(one for one in self.questions if one.show_if is None or one.code in shown))


@dataclass(frozen=True)
class _Again:
    """The ways of one question, as often as they are asked for: what `product` would otherwise hold in memory."""

    tree: _Tree
    question: AskedQuestion

    def __iter__(self) -> Iterator[tuple[Choice, ...]]:
        return islice(self.tree.ways(self.question), MOST_LISTED)


def ways_through(questionnaire: Questionnaire) -> Ways:
    """All of it, up to the limits."""
    loops = tuple(loops_of({q.code: q.show_if.question for q in questionnaire.questions if q.show_if}))
    unreachable = _unreachable(questionnaire, loops)
    lost = {one.code for one in unreachable}
    tree = _tree([question for question in questionnaire.questions if question.code not in lost])
    count = tree.count_of(tree.tops)
    paths = tuple(tree.path(choices) for choices in islice(tree.together(tree.tops), MOST_LISTED))
    return Ways(loops, unreachable, paths, min(count, MOST_COUNTED), is_counted=count <= MOST_COUNTED)


def _tree(questions: Sequence[AskedQuestion]) -> _Tree:
    below: dict[str, list[AskedQuestion]] = {}
    for question in questions:
        if question.show_if is not None:
            below.setdefault(question.show_if.question, []).append(question)
    tops = [question for question in questions if question.show_if is None]
    return _Tree(tuple(questions), below, tops, {question.code: question for question in questions})


def _unreachable(questionnaire: Questionnaire, loops: Sequence[Loop]) -> tuple[Unreachable, ...]:
    """Each with the first reason that holds. What hangs on a lost question is lost with it."""
    in_loop = {code: loop.words for loop in loops for code in loop.codes}
    earlier: dict[str, AskedQuestion] = {}
    lost: dict[str, str] = {}
    known = {question.code for question in questionnaire.questions}
    for question in questionnaire.questions:
        if question.code in in_loop:
            lost[question.code] = in_loop[question.code]
        elif question.show_if is not None:
            why = _why_not(question, earlier, lost, known)
            if why:
                lost[question.code] = why
        earlier[question.code] = question
    return tuple(Unreachable(code, why) for code, why in lost.items())


def _why_not(
    question: AskedQuestion, earlier: Mapping[str, AskedQuestion], lost: Mapping[str, str], known: set[str]
) -> str:
    rule = question.show_if
    assert rule is not None  # noqa: S101 - asked of those with a rule only
    if rule.question not in known:
        return f"It depends on {rule.question}, which is not in this questionnaire."
    if rule.question not in earlier:
        return f"It depends on {rule.question}, which is asked later."
    if rule.question in lost:
        return f"It depends on {rule.question}, which nobody is asked."
    offered = {option.code for option in earlier[rule.question].options}
    if not offered:
        return f"It depends on {rule.question}, which has no answers to choose from."
    if not offered & rule.codes:
        return f"It depends on an answer that {rule.question} does not offer."
    return ""


def _choices(question: AskedQuestion, shown: Sequence[AskedQuestion]) -> tuple[Choice, ...]:
    """The ways to answer that differ in what they show; those that show the same are one."""
    by_option = {
        option.code: frozenset(one.code for one in shown if one.show_if and option.code in one.show_if.codes)
        for option in question.options
    }
    groups: dict[frozenset[str], list[str]] = {}
    for option in question.options:
        groups.setdefault(by_option[option.code], []).append(f"“{option.label}”")
    skips = [] if question.is_required else ["not answered"]
    if skips or frozenset() in groups:
        groups[frozenset()] = groups.get(frozenset(), []) + skips
    choices = [Choice(question.code, _either(words), shows) for shows, words in groups.items()]
    return tuple(choices + _together(question, by_option) if question.kind == MULTIPLE else choices)


def _together(question: AskedQuestion, by_option: Mapping[str, frozenset[str]]) -> list[Choice]:
    """Of several answers at once: what they show beyond what single ones show."""
    found = {frozenset(), *by_option.values()}
    several = [option for option in question.options if by_option[option.code] and not option.is_exclusive]
    combined: dict[frozenset[str], list[str]] = {frozenset(): []}
    for option in several:
        for shows, labels in list(combined.items()):
            if len(combined) < MOST_CHOICES:
                combined.setdefault(shows | by_option[option.code], [*labels, f"“{option.label}”"])
    return [
        Choice(question.code, " and ".join(labels), shows) for shows, labels in combined.items() if shows not in found
    ]


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
