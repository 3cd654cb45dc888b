"""What a release shows, as tables: each figure a row, with its base or with why it is hidden. Never a count that the
results page does not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from communities.exports.tables import Cells, Kind
from evaluations.exports.datasets import Dataset, Variable, coded
from evaluations.questionnaire import TEXTS, AskedQuestion, Option, Questionnaire
from evaluations.results import (
    Band,
    Figure,
    GroupResult,
    OptionResult,
    Share,
    Suppressed,
    SurveyResults,
)

SHOWN_AS = coded(("figure", "A figure, with its base"), ("band", "A band only"), ("hidden", "Hidden"))
PART = coded(("agreeing", "Agreeing: the two upper answers together"), ("option", "One answer or group of answers"))

QUESTION = (
    Variable("question", "Question", note="The code of the question in the codebook."),
    Variable("wording", "What was asked"),
)
FIGURE = (
    Variable("part", "What is counted", values=PART),
    Variable("option", "Answer", note="The code of the answer; blank for “agreeing”."),
    Variable("option_label", "Answer in words"),
    Variable("shown_as", "Shown as", values=SHOWN_AS),
    Variable("words", "As the results page says it"),
    Variable("share", "Share", Kind.NUMBER, note="From 0 to 1, of the base. Blank where only a band is shown."),
    Variable("count", "Number of people", Kind.NUMBER, note="Blank where only a band is shown."),
    Variable("base", "Base", Kind.NUMBER, note="People who answered, without what is left out of the base."),
    Variable("base_words", "Base in words"),
    Variable("low", "95% interval from", Kind.NUMBER, note="Where the base is under 30."),
    Variable("high", "95% interval to", Kind.NUMBER, note="Where the base is under 30."),
    Variable("why_hidden", "Why it is hidden"),
)


def datasets_of(
    results: SurveyResults, questionnaire: Questionnaire, texts: Mapping[str, Sequence[str]] | None
) -> tuple[Dataset, ...]:
    """Questions and figures; the figures by group where a breakdown was declared; texts where there are questions for
    them. `texts` is None where texts stay with the rest of their answer."""
    found = [questions(results), figures(results)]
    if results.breakdown is not None:
        found.append(by_group(results))
    if texts is not None and any(question.is_text for question in questionnaire.questions):
        found.append(texts_shown(texts, questionnaire))
    return tuple(found)


def questions(results: SurveyResults) -> Dataset:
    """One row for each question: its base, and what was left out of it."""
    return Dataset(
        name="questions",
        title="Questions",
        about="One row for each question: how many answered it, as far as that may be shown.",
        variables=(
            *QUESTION,
            Variable("section", "Section"),
            Variable("kind", "Kind of question"),
            Variable("evaluation_question", "Evaluation question"),
            Variable("base", "Base", Kind.NUMBER, note="Blank where it may not be shown as a number."),
            Variable("base_words", "Base in words"),
            Variable("left_out", "Left out of the base", Kind.NUMBER, note="Skipped, does not apply, or not asked."),
            Variable("left_out_words", "Left out in words"),
            Variable("why_hidden", "Why it is hidden"),
        ),
        rows=[
            (
                one.code, one.text, one.section, one.kind, one.evaluation_question, one.base.value, one.base.words,
                one.left_out.value, one.left_out.words, why_hidden(one.headline or results.hidden),
            )
            for one in results.questions
        ],
    )  # fmt: skip


def figures(results: SurveyResults) -> Dataset:
    """One row for each figure of each question."""
    return Dataset(
        name="figures",
        title="Figures",
        about="One row for each figure: the share of the base, or the band, or why it is hidden.",
        variables=(*QUESTION, *FIGURE),
        rows=[
            (one.code, one.text, *cells)
            for one in results.questions
            if one.kind not in TEXTS
            for cells in _figures(one.headline, one.options)
        ],
    )


def by_group(results: SurveyResults) -> Dataset:
    """The same by the groups of the declared breakdown; a hidden group is one row that says why."""
    breakdown = results.breakdown
    assert breakdown is not None  # noqa: S101 - asked by the caller
    wording = {one.code: one.text for one in results.questions}
    rows = [cells for group in breakdown.groups for cells in _of_group(group, wording)]
    return Dataset(
        name="figures_by_group",
        title="Figures by group",
        about=f"The figures by {breakdown.label}, the one breakdown that was declared before anyone was asked. "
        f"{breakdown.why}".strip(),
        variables=(
            Variable("group", "Group"),
            Variable("group_label", "Group in words"),
            *QUESTION,
            *FIGURE,
        ),
        rows=rows,
    )


def _of_group(group: GroupResult, wording: Mapping[str, str]) -> Iterator[Cells]:
    if group.hidden is not None:
        yield (group.code, group.label, None, None, None, None, None, *_figure(group.hidden))
        return
    for one in group.questions:
        for cells in _figures(one.headline, one.options):
            yield (group.code, group.label, one.code, wording.get(one.code, ""), *cells)


def texts_shown(texts: Mapping[str, Sequence[str]], questionnaire: Questionnaire) -> Dataset:
    """What people wrote, once a second reader has released it, in the order in which it is shown."""
    wording = {question.code: question.text for question in questionnaire.questions}
    return Dataset(
        name="texts",
        title="Texts",
        about="What people wrote in their own words: only what a second reader has released, in a random order of its "
        "own for each question, and only where enough texts are shown.",
        variables=(*QUESTION, Variable("text", "Text")),
        rows=[(code, wording[code], text) for code in wording for text in texts.get(code, ())],
    )


def _figures(headline: Figure | None, options: Sequence[OptionResult]) -> Iterator[Cells]:
    if headline is not None:
        yield ("agreeing", None, None, *_figure(headline))
    for option in options:
        yield ("option", option.code, option.label, *_figure(option.figure))


def _figure(figure: Figure) -> tuple[Any, ...]:
    match figure:
        case Share():
            interval = tuple(None if end is None else round(end, 4) for end in (figure.low, figure.high))
            value = round(figure.value, 4)
            return ("figure", figure.words, value, figure.count, figure.base, str(figure.base), *interval, None)
        case Band():
            return ("band", figure.words, None, None, None, figure.base_words, None, None, None)
        case Suppressed():
            return ("hidden", figure.words, None, None, None, None, None, None, figure.why)


def why_hidden(figure: Figure | None) -> str | None:
    return figure.why if isinstance(figure, Suppressed) else None


def answers_described(question: AskedQuestion, shares: Mapping[tuple[str, str], Figure]) -> tuple[Option, ...]:
    """The answers that a codebook lists: the options; the groups where answers have none (a number, a date), and where
    a 0–10, which is answered in points, is shown in groups."""
    is_in_groups = any((question.code, group.code) in shares for group in question.groups)
    return question.counted_options if is_in_groups or not question.options else question.options


def shares_of(results: SurveyResults) -> dict[tuple[str, str], Figure]:
    """By question and answer: the figure that a codebook may print beside an answer."""
    return {(one.code, option.code): option.figure for one in results.questions for option in one.options}
