"""A question's result as the page shows it: a chart, and the same figures as a table with their base."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from cop_portal.design.charts import DivergingBar, ShareBar, diverging_bars, share_bars
from evaluations.disclosure import ABOUT_HALF, OVER_TWO_THIRDS, UNDER_A_THIRD, percent
from evaluations.questionnaire import LIKERT, TEXTS
from evaluations.results import Band, Figure, OptionResult, QuestionResult, Share, Suppressed

# Where on the scale a band lies, and no more exactly than its words say.
RANGES = {UNDER_A_THIRD: (0.0, 1 / 3), ABOUT_HALF: (1 / 3, 2 / 3), OVER_TWO_THIRDS: (2 / 3, 1.0)}
TEXTS_WAIT = "Texts are shown once a second reader has released them, from five texts on."


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


def question_block(question: QuestionResult) -> QuestionBlock:
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
        about_texts=TEXTS_WAIT if is_text else "",
    )


def headline_words(figure: Figure | None) -> str:
    """Agreeing: 62% (13 of 21)"""
    if figure is None or isinstance(figure, Suppressed):
        return ""
    return f"Agreeing: {figure.words}"


def chart_of(question: QuestionResult) -> SafeString:
    """Diverging bars for an agreement scale in figures; bars otherwise; nothing where nothing may be drawn."""
    figures = [option.figure for option in question.options]
    if not figures or all(isinstance(figure, Suppressed) for figure in figures):
        return SafeString("")
    shares = [figure.value for figure in figures if isinstance(figure, Share)]
    if question.kind == LIKERT and not question.is_two_sided and len(shares) == len(figures):
        return diverging_bars([_diverging(question, shares)], title=question.text)
    return share_bars([_bar(option) for option in question.options], title=question.text)


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


def _bar(option: OptionResult) -> ShareBar:
    figure = option.figure
    if isinstance(figure, Share):
        return ShareBar(option.label, figure.words, share=figure.value, low=figure.low, high=figure.high)
    if isinstance(figure, Band):
        low, high = RANGES[figure.words]
        return ShareBar(option.label, figure.words, low=low, high=high)
    return ShareBar(option.label, figure.words)
