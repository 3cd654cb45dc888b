"""What stands above a page of results: the statements with the most and the least agreement, from what is shown."""

from __future__ import annotations

import pytest

from evaluations.disclosure import Band, Count, Figure, Share, Suppressed
from evaluations.results import OptionResult, QuestionResult, SurveyResults
from evaluations.services.results.in_brief import ALL_HIDDEN, NOTHING_STANDS_OUT, Headline, in_brief

HIDDEN = Suppressed(5, "A group is shown from 5 people on.", "Hidden: fewer than 5 answers")


def question(code: str, headline: Figure | None = None, **options: Figure) -> QuestionResult:
    shown = tuple(OptionResult(label, label, figure) for label, figure in options.items())
    return QuestionResult(code, f"Text of {code}", "likert", "", "", headline, shown, Count("12", 12), Count("0", 0))


def results_of(*questions: QuestionResult, hidden: Suppressed | None = None) -> SurveyResults:
    return SurveyResults(14, Count("12", 12), "", questions, 5, hidden, "")


def share(count: int, base: int = 12) -> Share:
    return Share(count / base, count, base)


def band(words: str) -> Band:
    return Band(words, "5 to 9")


def leads(*headlines: Figure) -> list[tuple[str, str, int]]:
    found = in_brief(results_of(*(question(f"Q{n}", one) for n, one in enumerate(headlines, start=1))))
    return [(one.lead, one.code, one.others) for one in found.headlines]


@pytest.mark.parametrize(
    ("headlines", "expected"),
    [
        ([share(7), share(11), share(3)], [("Most agreement", "Q2", 0), ("Least agreement", "Q3", 0)]),
        ([share(11), share(7), share(11), share(7)], [("Most agreement", "Q1", 1), ("Least agreement", "Q2", 1)]),
        ([share(8), share(8), share(8)], [("Agreement", "Q1", 2)]),
        ([share(8)], [("Agreement", "Q1", 0)]),
        ([HIDDEN, share(8), HIDDEN], [("Agreement", "Q2", 0)]),
        (
            [band("about half"), band("over two thirds"), band("under a third"), band("over two thirds")],
            [("Over two thirds agree", "Q2", 1), ("Under a third agree", "Q3", 0)],
        ),
        ([band("about half"), band("about half")], [("About half agree", "Q1", 1)]),
    ],
)
def test_the_most_and_the_least_agreement_are_named_with_how_many_say_as_much(
    headlines: list[Figure], expected: list[tuple[str, str, int]]
) -> None:
    assert leads(*headlines) == expected


def test_beside_a_band_figures_are_compared_in_bands_for_nobody_can_say_which_is_more() -> None:
    assert leads(share(9), band("over two thirds"), share(11), share(2)) == [
        ("Over two thirds agree", "Q1", 2),
        ("Under a third agree", "Q4", 0),
    ]


def test_a_headline_says_what_its_question_says() -> None:
    found = in_brief(results_of(question("M1", share(9))))

    assert found.headlines == (Headline("Agreement", "M1", "Text of M1", "Agreeing: 75% (9 of 12)"),)
    assert found.why_none == ""


def test_where_nothing_is_agreed_with_the_first_answer_that_stands_before_the_others_is_named() -> None:
    level = question("V1", Yes=share(6), No=share(6))
    ahead = question("V2", Yes=share(3), No=share(9))

    assert in_brief(results_of(level, ahead)).headlines == (
        Headline("Most frequent answer", "V2", "Text of V2", "No: 75% (9 of 12)"),
    )
    assert in_brief(results_of(level)).why_none == NOTHING_STANDS_OUT
    assert in_brief(results_of(question("V3", Yes=band("about half"), No=band("about half")))).headlines == ()


def test_where_nothing_may_be_shown_a_sentence_says_why() -> None:
    assert in_brief(results_of(question("M1", HIDDEN), question("M2", HIDDEN))).why_none == ALL_HIDDEN
    assert in_brief(results_of(question("M1"), hidden=HIDDEN)).why_none == HIDDEN.why
    assert in_brief(results_of(question("T1"))).why_none == NOTHING_STANDS_OUT
