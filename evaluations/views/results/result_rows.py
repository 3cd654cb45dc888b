"""A question's result as the page shows it: a chart, the same figures as a table with their base, what groups and
earlier surveys said beside it, and what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString

from cop_portal.design.charts import DivergingBar, ShareBar, diverging_bars, share_bars
from evaluations.disclosure import ABOUT_HALF, OVER_TWO_THIRDS, UNDER_A_THIRD, percent
from evaluations.models import Survey
from evaluations.questionnaire import LIKERT, TEXTS
from evaluations.results import (
    Band,
    BreakdownResult,
    Figure,
    OptionResult,
    QuestionResult,
    Share,
    Suppressed,
    SurveyResults,
)
from evaluations.services.results.side_by_side import Beside, beside
from evaluations.services.results.texts import TextsOfQuestion, texts_by_question

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# Where on the scale a band lies, and no more exactly than its words say.
RANGES = {UNDER_A_THIRD: (0.0, 1 / 3), ABOUT_HALF: (1 / 3, 2 / 3), OVER_TWO_THIRDS: (2 / 3, 1.0)}
NO_CHART = SafeString("")
TEXTS_WAIT = (
    "Not shown yet: a second reader, who is not in this community, reads the texts first. "
    "They are shown from {minimum} released texts on."
)
TEXTS_FEW = (
    "Hidden: fewer than {minimum} texts. With so few, a text could show who wrote it; so nobody reads them, "
    "or fewer than {minimum} were released by the second reader."
)
TEXTS_SHOWN = "In members’ own words, in no particular order, as a second reader released them."
SHORT_BREAK = "asked in other words"
BREAK = "Asked in other words, or of others: not comparable, so the row ends here."


@dataclass(frozen=True)
class BesideRow:
    """One survey of a row of surveys, the newest first. `lines` are what it said, `base` of how many."""

    when: str
    lines: tuple[str, ...]
    base: str
    is_break: bool = False


@dataclass(frozen=True)
class GroupRow:
    """One group of the breakdown under one question."""

    label: str
    lines: tuple[str, ...]
    base: str


@dataclass(frozen=True)
class QuestionBlock:
    """One question on the results page. Empty words and an empty chart stand for what there is not."""

    code: str
    text: str
    section: str
    headline: str
    base: str
    left_out: str
    chart: SafeString
    options: tuple[OptionResult, ...]
    hidden: Suppressed | None
    about_texts: str
    texts: tuple[str, ...] = ()
    beside: tuple[BesideRow, ...] = ()
    beside_chart: SafeString = NO_CHART
    groups: tuple[GroupRow, ...] = ()


def question_blocks(survey: Survey, found: SurveyResults, *, reader: User) -> list[QuestionBlock]:
    """Every question of a survey that is not hidden as a whole."""
    texts, waves = texts_by_question(survey), beside(survey, found, reader=reader)
    return [
        replace(
            question_block(question, texts=texts.get(question.code), minimum=found.minimum),
            beside=tuple(map(beside_row, waves.get(question.code, ()))),
            beside_chart=beside_chart(question, waves.get(question.code, ())),
            groups=tuple(group_rows(question.code, found.breakdown)) if found.breakdown else (),
        )
        for question in found.questions
    ]


def question_block(
    question: QuestionResult, *, texts: TextsOfQuestion | None = None, minimum: int = 0
) -> QuestionBlock:
    hidden = question.headline if isinstance(question.headline, Suppressed) else None
    is_text = question.kind in TEXTS
    return QuestionBlock(
        code=question.code,
        text=question.text,
        section=question.section,
        headline=headline_words(question.headline),
        base="" if hidden else f"{'Texts' if is_text else 'Base'}: {question.base.words}",
        left_out=""
        if hidden or is_text
        else f"Left out of the base (skipped or does not apply): {question.left_out.words}",
        chart=chart_of(question),
        options=question.options,
        hidden=hidden,
        about_texts=about_texts(texts, minimum) if is_text else "",
        texts=tuple(texts.shown) if texts else (),
    )


def about_texts(texts: TextsOfQuestion | None, minimum: int) -> str:
    """Why the texts of a question are shown, not yet, or not at all."""
    if texts is not None and texts.shown:
        return TEXTS_SHOWN
    return (TEXTS_WAIT if texts is not None and texts.is_waiting else TEXTS_FEW).format(minimum=minimum)


def figure_lines(headline: Figure | None, options: Iterable[OptionResult]) -> tuple[str, ...]:
    """What a question said, in words: its share agreeing, or each of its answers, or why neither."""
    if isinstance(headline, Suppressed):
        return (headline.words,)
    if headline is not None:
        return (headline_words(headline),)
    return tuple(f"{option.label}: {option.figure.words}" for option in options)


def beside_row(row: Beside) -> BesideRow:
    if row.is_break:
        return BesideRow(row.when, (BREAK,), "", is_break=True)
    if row.result is None:
        return BesideRow(row.when, (row.hidden.words,) if row.hidden else (), "")
    result = row.result
    is_hidden = isinstance(result.headline, Suppressed)
    return BesideRow(row.when, figure_lines(result.headline, result.options), "" if is_hidden else result.base.words)


def beside_chart(question: QuestionResult, rows: Sequence[Beside]) -> SafeString:
    """A bar for each survey of a row, of the share agreeing; a break is words without a bar. Other kinds have none."""
    if not rows or question.headline is None:
        return NO_CHART
    bars = [
        ShareBar(row.when, SHORT_BREAK)
        if row.is_break
        else _bar(row.when, row.result.headline if row.result else row.hidden)
        for row in rows
    ]
    return share_bars(bars, title=f"Agreeing, beside earlier surveys: {question.text}")


def group_rows(code: str, breakdown: BreakdownResult) -> Iterator[GroupRow]:
    """Each group under one question; nothing where the question is not broken down at all."""
    if not any(group.question(code) for group in breakdown.groups):
        return
    for group in breakdown.groups:
        question = group.question(code)
        if group.hidden:
            yield GroupRow(group.label, (group.hidden.words,), "")
        elif question:
            yield GroupRow(group.label, figure_lines(question.headline, question.options), group.base.words)


def headline_words(figure: Figure | None) -> str:
    """Agreeing: 62% (13 of 21)"""
    if figure is None or isinstance(figure, Suppressed):
        return ""
    return f"Agreeing: {figure.words}"


def chart_of(question: QuestionResult) -> SafeString:
    """Diverging bars for an agreement scale in figures; bars otherwise; nothing where nothing may be drawn."""
    figures = [option.figure for option in question.options]
    if not figures or all(isinstance(figure, Suppressed) for figure in figures):
        return NO_CHART
    shares = [figure.value for figure in figures if isinstance(figure, Share)]
    if question.kind == LIKERT and not question.is_two_sided and len(shares) == len(figures):
        return diverging_bars([_diverging(question, shares)], title=question.text)
    return share_bars([_bar(option.label, option.figure) for option in question.options], title=question.text)


def _diverging(question: QuestionResult, shares: list[float]) -> DivergingBar:
    """The lower half of the scale against, the upper half for it, a middle answer in between."""
    half = len(shares) // 2
    return DivergingBar(
        label="Agreeing",
        words=percent(question.headline.value) if isinstance(question.headline, Share) else "",
        against=sum(shares[:half]),
        between=sum(shares[half : len(shares) - half]),
        for_it=sum(shares[len(shares) - half :]),
    )


def _bar(label: str, figure: Figure | None) -> ShareBar:
    if isinstance(figure, Share):
        # The interval is drawn, and stands in the table: with it the words would not fit on a small phone.
        words = f"{percent(figure.value)} ({figure.count} of {figure.base})"
        return ShareBar(label, words, share=figure.value, low=figure.low, high=figure.high)
    if isinstance(figure, Band):
        low, high = RANGES[figure.words]
        return ShareBar(label, figure.words, low=low, high=high)
    return ShareBar(label, figure.words if figure else "")
