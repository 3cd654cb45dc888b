"""A question's result as the page shows it: a chart, the same figures as a table with their base, what groups and
earlier surveys said beside it, and what was written. Whatever is hidden leads to its reason, which stands once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString

from cop_portal.design.charts import DivergingBar, ShareBar, diverging_bars, share_bars
from evaluations.disclosure import ABOUT_HALF, NOT_BESIDE_BANDS, OVER_TWO_THIRDS, UNDER_A_THIRD, percent
from evaluations.models import PrivacyMode, Survey
from evaluations.questionnaire import LIKERT, TEXTS
from evaluations.results import (
    Band,
    BreakdownResult,
    Figure,
    GroupResult,
    OptionResult,
    QuestionResult,
    Share,
    Suppressed,
    SurveyResults,
)
from evaluations.services.results.side_by_side import Beside, beside
from evaluations.services.results.texts import TextsOfQuestion, texts_by_question
from evaluations.services.results.why_hidden import reasons_of
from evaluations.views.results.said import Line, Reasons

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# Where on the scale a band lies, and no more exactly than its words say.
RANGES = {UNDER_A_THIRD: (0.0, 1 / 3), ABOUT_HALF: (1 / 3, 2 / 3), OVER_TWO_THIRDS: (2 / 3, 1.0)}
NO_CHART = SafeString("")
TEXTS_WAIT, TEXTS_FEW = "Not shown yet", "Hidden: fewer than {minimum} texts"
WHY_TEXTS_WAIT = (
    "A second reader, who is not in this community, reads the texts first. "
    "They are shown from {minimum} released texts on."
)
WHY_TEXTS_FEW = (
    "With so few, a text could show who wrote it; so nobody reads them, "
    "or fewer than {minimum} were released by the second reader."
)
TEXTS_GONE = "Not shown: destroyed when their time was over"
WHY_TEXTS_GONE = (
    "Texts that are not shown are kept for as long as other answers of single people. Their time was over before "
    "{minimum} had been read, released and shown."
)
TEXTS_SHOWN = "In members’ own words, in no particular order, as a second reader released them."
SHORT_BREAK = "asked in other words"
BREAK = "Asked in other words, or of others: not comparable, so the row ends here."


@dataclass(frozen=True)
class BesideRow:
    """One survey of a row of surveys, the newest first. `lines` are what it said, `base` of how many."""

    when: str
    lines: tuple[Line, ...]
    base: str


@dataclass(frozen=True)
class GroupRow:
    """One group of the breakdown under one question."""

    label: str
    lines: tuple[Line, ...]
    base: str


@dataclass(frozen=True)
class GroupsHidden:
    """Groups of which nothing is shown under one question, for one reason."""

    labels: str
    line: Line


@dataclass(frozen=True)
class QuestionBlock:
    """One question on the results page. Empty words and an empty chart stand for what there is not."""

    code: str
    text: str
    headline: str
    base: str
    left_out: str
    chart: SafeString
    options: tuple[OptionResult, ...]
    hidden: Line | None
    about_texts: Line | None
    texts: tuple[str, ...]
    beside: tuple[BesideRow, ...]
    beside_chart: SafeString
    groups: tuple[GroupRow, ...]
    groups_hidden: tuple[GroupsHidden, ...]


@dataclass(frozen=True)
class SectionBlock:
    """One section of the questionnaire, with its questions."""

    anchor: str
    title: str
    questions: tuple[QuestionBlock, ...]


@dataclass(frozen=True)
class Shown:
    """All that stands on the page of a survey that is not hidden as a whole, and why the rest does not."""

    sections: tuple[SectionBlock, ...]
    reasons: Reasons
    groups: tuple[GroupRow, ...]
    groups_hidden: tuple[GroupsHidden, ...]
    has_earlier: bool
    has_bands: bool


def shown(survey: Survey, found: SurveyResults, *, reader: User) -> Shown:
    texts, waves = texts_by_question(survey), beside(survey, found, reader=reader)
    written = {
        question.code: texts_hidden(
            texts.get(question.code), found.minimum, are_gone=are_gone(survey, question, found.minimum)
        )
        for question in found.questions
        if question.kind in TEXTS
    }
    reasons = Reasons.of(
        [
            *reasons_of(found, [one for rows in waves.values() for one in rows]),
            *(hidden for hidden in written.values() if hidden),
        ]
    )
    blocks = [
        question_block(
            question,
            reasons=reasons,
            texts=texts.get(question.code),
            texts_hidden=written.get(question.code),
            earlier=waves.get(question.code, ()),
            breakdown=found.breakdown,
        )
        for question in found.questions
    ]
    titles = {question.code: question.section for question in found.questions}
    return Shown(
        sections=tuple(in_sections(blocks, titles)),
        reasons=reasons,
        groups=tuple(groups_as_a_whole(found.breakdown)),
        groups_hidden=tuple(
            together({one.label: one.hidden for one in found.breakdown.groups} if found.breakdown else {}, reasons)
        ),
        has_earlier=bool(waves),
        has_bands=any(question.left_out.words == NOT_BESIDE_BANDS for question in found.questions),
    )


def in_sections(blocks: Iterable[QuestionBlock], titles: dict[str, str]) -> Iterator[SectionBlock]:
    for number, (title, questions) in enumerate(groupby(blocks, key=lambda block: titles[block.code]), start=1):
        yield SectionBlock(f"section-{number}", title or "Questions", tuple(questions))


def question_block(
    question: QuestionResult,
    *,
    reasons: Reasons,
    texts: TextsOfQuestion | None = None,
    texts_hidden: Suppressed | None = None,
    earlier: Sequence[Beside] = (),
    breakdown: BreakdownResult | None = None,
) -> QuestionBlock:
    hidden = question.headline if isinstance(question.headline, Suppressed) else None
    is_text = question.kind in TEXTS
    has_left_out = not (hidden or is_text or question.left_out.words == NOT_BESIDE_BANDS)
    return QuestionBlock(
        code=question.code,
        text=question.text,
        headline=headline_words(question.headline),
        base="" if hidden else f"{'Texts' if is_text else 'Base'}: {question.base.words}",
        left_out=f"Left out of the base: {question.left_out.words}" if has_left_out else "",
        chart=chart_of(question),
        options=question.options,
        hidden=reasons.line(hidden) if hidden else None,
        about_texts=(reasons.line(texts_hidden) if texts_hidden else Line(TEXTS_SHOWN)) if is_text else None,
        texts=tuple(texts.shown) if texts else (),
        beside=tuple(beside_row(row, reasons) for row in earlier),
        beside_chart=beside_chart(question, earlier),
        groups=tuple(group_rows(question.code, breakdown, reasons)),
        groups_hidden=tuple(groups_hidden(question.code, breakdown, reasons)),
    )


def are_gone(survey: Survey, question: QuestionResult, minimum: int) -> bool:
    """Whether texts, enough to be shown, were written that nobody showed before they were destroyed."""
    is_read_by_nobody = survey.mode == PrivacyMode.NAMED or question.base.words == f"fewer than {minimum}"
    return survey.answers_destroyed_at is not None and not is_read_by_nobody


def texts_hidden(texts: TextsOfQuestion | None, minimum: int, *, are_gone: bool = False) -> Suppressed | None:
    """Why the texts of a question are not shown yet, or not at all; None where they are."""
    if texts is not None and texts.shown:
        return None
    words, why = (TEXTS_GONE, WHY_TEXTS_GONE) if are_gone else (TEXTS_FEW, WHY_TEXTS_FEW)
    if texts is not None and texts.is_waiting:
        words, why = TEXTS_WAIT, WHY_TEXTS_WAIT
    return Suppressed(minimum, why.format(minimum=minimum), words.format(minimum=minimum))


def figure_lines(headline: Figure | None, options: Iterable[OptionResult], reasons: Reasons) -> tuple[Line, ...]:
    """What a question said, in words: its share agreeing, or each of its answers, or why neither."""
    if headline is not None:
        return (reasons.line(headline, headline_words(headline)),)
    return tuple(Line(f"{option.label}: {option.figure.words}") for option in options)


def beside_row(row: Beside, reasons: Reasons) -> BesideRow:
    if row.is_break:
        return BesideRow(row.when, (Line(BREAK),), "")
    if row.result is None:
        return BesideRow(row.when, (reasons.line(row.hidden),) if row.hidden else (), "")
    result = row.result
    is_hidden = isinstance(result.headline, Suppressed)
    lines = figure_lines(result.headline, result.options, reasons)
    return BesideRow(row.when, lines, "" if is_hidden else result.base.words)


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


def groups_as_a_whole(breakdown: BreakdownResult | None) -> Iterator[GroupRow]:
    """Each group of which something is shown, and how many of it answered."""
    for group in breakdown.groups if breakdown else ():
        if not group.hidden:
            yield GroupRow(group.label, (), group.base.words)


def group_rows(code: str, breakdown: BreakdownResult | None, reasons: Reasons) -> Iterator[GroupRow]:
    """Each group of which something is shown under one question; none where it is not broken down at all."""
    for group in breakdown.groups if breakdown else ():
        question = group.question(code)
        if question and not isinstance(question.headline, Suppressed):
            lines = figure_lines(question.headline, question.options, reasons)
            yield GroupRow(group.label, lines, group.base.words)


def groups_hidden(code: str, breakdown: BreakdownResult | None, reasons: Reasons) -> Iterator[GroupsHidden]:
    """The other groups under one question; none where it is not broken down at all."""
    if breakdown is None or not any(group.question(code) for group in breakdown.groups):
        return
    found = {group.label: _hidden_of(group, code) for group in breakdown.groups}
    yield from together(found, reasons)


def _hidden_of(group: GroupResult, code: str) -> Figure | None:
    """Why nothing is shown of a group, or of this question in it; or what is shown."""
    question = group.question(code)
    return group.hidden or (question.headline if question else None)


def together(by_label: dict[str, Figure | None], reasons: Reasons) -> Iterator[GroupsHidden]:
    """Those that are hidden, in one line for each reason: not a table of rows that say the same."""
    found: dict[Line, list[str]] = {}
    for label, figure in by_label.items():
        if isinstance(figure, Suppressed):
            found.setdefault(reasons.line(figure), []).append(label)
    for line, labels in found.items():
        yield GroupsHidden(", ".join(labels), line)


def headline_words(figure: Figure | None) -> str:
    """Agreeing: 62% (13 of 21)"""
    if figure is None or isinstance(figure, Suppressed):
        return ""
    return f"Agreeing: {figure.words}"


def chart_of(question: QuestionResult) -> SafeString:
    """Diverging bars for an agreement scale in figures, its share agreeing in a band; bars otherwise; nothing where
    nothing may be drawn. Each answer's band stands in the table."""
    if isinstance(question.headline, Band):
        return share_bars([_bar("Agreeing", question.headline)], title=question.text)
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
