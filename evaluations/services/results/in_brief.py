"""What members said, in a line or two: what stands out among the figures that are shown anyway, and nothing beside.

Of statements to agree with, those with the most and the least agreement; where there are none, the most frequent answer
to the first question that has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluations.disclosure import ABOUT_HALF, OVER_TWO_THIRDS, UNDER_A_THIRD, band, percent
from evaluations.results import Band, Figure, OptionResult, QuestionResult, Share, Suppressed, SurveyResults

MOST, LEAST, ALIKE, MOST_FREQUENT = "Most agreement", "Least agreement", "Agreement", "Most frequent answer"
# The least agreement first.
LEADS = {
    UNDER_A_THIRD: "Under a third agree",
    ABOUT_HALF: "About half agree",
    OVER_TWO_THIRDS: "Over two thirds agree",
}
ALL_HIDDEN = "Nothing can be shown of any question, so that nobody’s answer can be worked out."
NOTHING_STANDS_OUT = "No one answer stands out. What was said stands under each question."


@dataclass(frozen=True)
class Headline:
    """One result that stands out. `words` is its figure, empty where the lead is the band that it lies in; `others`
    is how many more questions say as much."""

    lead: str
    code: str
    text: str
    words: str
    others: int = 0


@dataclass(frozen=True)
class InBrief:
    """Two headlines at most; `why_none` says why there is none, where there is none."""

    headlines: tuple[Headline, ...]
    why_none: str = ""


def in_brief(found: SurveyResults) -> InBrief:
    if found.hidden:
        return InBrief((), found.hidden.why)
    agreed = [(question, figure) for question, figure in _headlines(found) if not isinstance(figure, Suppressed)]
    headlines = tuple(_most_and_least(agreed)) or tuple(_most_frequent(found))
    if headlines:
        return InBrief(headlines)
    is_all_hidden = all(isinstance(question.headline, Suppressed) for question in found.questions)
    return InBrief((), ALL_HIDDEN if is_all_hidden else NOTHING_STANDS_OUT)


def _headlines(found: SurveyResults) -> Iterator[tuple[QuestionResult, Figure]]:
    for question in found.questions:
        if question.headline is not None:
            yield question, question.headline


def _most_and_least(agreed: Sequence[tuple[QuestionResult, Figure]]) -> Iterator[Headline]:
    """Compared in percent, or, where any of them is a band, in bands: a band is neither above nor below a figure."""
    is_rough = any(isinstance(figure, Band) for _, figure in agreed)
    levels = [_level(figure, is_rough=is_rough) for _, figure in agreed]
    ends = sorted({max(levels), min(levels)}, reverse=True) if levels else []
    for level, exact_lead in zip(ends, (MOST, LEAST) if len(ends) > 1 else (ALIKE,), strict=False):
        same = [one for one, its_level in zip(agreed, levels, strict=True) if its_level == level]
        question, figure = same[0]
        yield Headline(
            lead=list(LEADS.values())[level] if is_rough else exact_lead,
            code=question.code,
            text=question.text,
            words="" if isinstance(figure, Band) else f"Agreeing: {figure.words}",
            others=len(same) - 1,
        )


def _level(figure: Figure, *, is_rough: bool) -> int:
    if isinstance(figure, Share):
        return list(LEADS).index(band(figure.count, figure.base)) if is_rough else int(percent(figure.value)[:-1])
    return list(LEADS).index(figure.words)


def _most_frequent(found: SurveyResults) -> Iterator[Headline]:
    """Of the first question in which one answer stands before all others."""
    for question in found.questions:
        if option := _first_by_far(question.options):
            words = f"{option.label}: {option.figure.words}"
            yield Headline(MOST_FREQUENT, question.code, question.text, words)
            return


def _first_by_far(options: Sequence[OptionResult]) -> OptionResult | None:
    shown = [option for option in options if not isinstance(option.figure, Suppressed)]
    is_rough = any(isinstance(option.figure, Band) for option in shown)
    ranked = sorted(shown, key=lambda option: _level(option.figure, is_rough=is_rough), reverse=True)
    levels = [_level(option.figure, is_rough=is_rough) for option in ranked]
    return ranked[0] if len(levels) > 1 and levels[0] > levels[1] else None
