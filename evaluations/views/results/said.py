"""A line on the results page, and where on it the reason stands for what is hidden: each reason is said once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluations.results import Figure, Suppressed


@dataclass(frozen=True)
class Line:
    """A few words; `why` is the anchor of the reason, where they say that something is not shown."""

    words: str
    why: str = ""


@dataclass(frozen=True)
class Reason:
    """Why figures that say these words are not shown."""

    anchor: str
    words: str
    why: str


@dataclass(frozen=True)
class Reasons:
    """All there are on one page, in the order in which they come up."""

    all: tuple[Reason, ...]

    @classmethod
    def of(cls, hidden: Iterable[Suppressed]) -> Reasons:
        found = dict.fromkeys((one.words, one.why) for one in hidden)
        return cls(tuple(Reason(f"why-{number}", *one) for number, one in enumerate(found, start=1)))

    def line(self, figure: Figure, words: str = "") -> Line:
        """What a figure says, in these words or its own; hidden, with the way to its reason."""
        if not isinstance(figure, Suppressed):
            return Line(words or figure.words)
        return Line(figure.words, next(one.anchor for one in self.all if (one.words, one.why) == said(figure)))


def said(figure: Suppressed) -> tuple[str, str]:
    return figure.words, figure.why
