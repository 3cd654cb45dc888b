"""The rules of what may be shown, one by one; and, for groups of five to nine, a proof by going through all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest

from evaluations.disclosure import (
    ABOUT_HALF,
    OVER_TWO_THIRDS,
    UNDER_A_THIRD,
    Band,
    Count,
    Rules,
    Share,
    Shown,
    Suppressed,
    Tallied,
    Turnout,
    band,
    wilson,
)
from evaluations.questionnaire import LIKERT, LONG_TEXT, MULTIPLE, SINGLE, AskedQuestion, Option, ShowIf

AGREE5 = tuple(Option(str(score), f"Score {score}", score=score) for score in range(1, 6))


def question(
    kind: str = LIKERT, *, options: Sequence[Option] = AGREE5, code: str = "Q", show_if: ShowIf | None = None
) -> AskedQuestion:
    return AskedQuestion(code, kind, "Text", "Section", "1a", options=tuple(options), show_if=show_if)


def rules(answered: int, *, asked: int = 20, newcomers: int = 0, minimum: int = 5) -> Rules:
    return Rules(minimum, Turnout(asked=asked, answered=answered, established=answered - newcomers))


def likert(*counts: int) -> Tallied:
    """How many chose 1 to 5 on the agreement scale."""
    return Tallied(question(), sum(counts), {str(score): count for score, count in enumerate(counts, start=1)})


def show(tally: Tallied, answered: int | None = None, **about: int) -> Shown:
    return rules(tally.base if answered is None else answered, **about).of(tally)


def words(shown: Shown) -> list[str]:
    return [figure.words for figure in shown.options.values()]


def test_four_answers_show_nothing_but_that_they_are_hidden() -> None:
    shown = show(likert(0, 0, 1, 2, 1))
    assert isinstance(shown.headline, Suppressed)
    assert shown.headline.words == "Hidden: fewer than 5 answers"
    assert shown.options == {}
    assert (shown.base, shown.left_out) == (Count("hidden"), Count("hidden"))


def test_a_site_that_raises_the_minimum_hides_seven_answers_too() -> None:
    shown = show(likert(0, 0, 1, 4, 2), minimum=8)
    assert isinstance(shown.headline, Suppressed)
    assert shown.headline.words == "Hidden: fewer than 8 answers"


@pytest.mark.parametrize("answers", [(0, 1, 0, 3, 1), (1, 0, 1, 4, 3)])
def test_five_to_nine_answers_show_bands_and_no_number(answers: tuple[int, ...]) -> None:
    shown = show(likert(*answers))
    assert shown.headline == Band(OVER_TWO_THIRDS, "5 to 9")
    assert shown.base == Count("5 to 9")
    assert shown.left_out.value is None


def test_ten_answers_show_counts_shares_base_and_interval() -> None:
    shown = show(likert(1, 1, 2, 4, 2))
    assert isinstance(shown.headline, Share)
    assert (shown.headline.count, shown.headline.base, shown.headline.value) == (6, 10, 0.6)
    assert shown.headline.words == "60% (6 of 10; 95% interval 31% to 83%)"
    assert words(shown)[3] == "40% (4 of 10; 95% interval 17% to 69%)"
    assert shown.base == Count("10", 10)


def test_thirty_answers_need_no_interval() -> None:
    shown = show(likert(5, 5, 5, 10, 5), asked=40)
    assert isinstance(shown.headline, Share)
    assert (shown.headline.low, shown.headline.high) == (None, None)
    assert shown.headline.words == "50% (15 of 30)"


@pytest.mark.parametrize(
    ("count", "base", "low", "high"), [(0, 10, 0.0, 0.2775), (8, 10, 0.4902, 0.9433), (15, 29, 0.3444, 0.6861)]
)
def test_the_interval_is_wilsons(count: int, base: int, low: float, high: float) -> None:
    assert wilson(count, base) == pytest.approx((low, high), abs=0.0001)


@pytest.mark.parametrize(
    ("left_out", "said"), [(0, Count("0", 0)), (1, Count("1 to 4")), (4, Count("1 to 4")), (5, Count("5", 5))]
)
def test_skipped_and_does_not_apply_are_one_figure(left_out: int, said: Count) -> None:
    assert show(likert(1, 1, 2, 4, 2), answered=10 + left_out).left_out == said


def test_an_item_that_many_skipped_is_hidden_in_a_survey_that_many_answered() -> None:
    shown = show(likert(0, 0, 1, 1, 1), answered=14)
    assert isinstance(shown.headline, Suppressed)
    # With the number left out, fourteen less eleven would give the three away.
    assert (shown.base.value, shown.left_out.value) == (None, None)


def test_an_item_that_some_skipped_keeps_its_base_in_a_band() -> None:
    shown = show(likert(0, 1, 1, 3, 2), answered=14)
    assert shown.base == Count("5 to 9")
    assert shown.left_out == Count("not shown beside bands")


@pytest.mark.parametrize("answers", [(0, 0, 0, 10, 0), (0, 0, 1, 9, 0)])
def test_where_all_or_all_but_one_gave_the_same_answer_only_bands_are_shown(answers: tuple[int, ...]) -> None:
    shown = show(likert(*answers))
    assert shown.headline == Band(OVER_TWO_THIRDS, "10")
    assert words(shown) == [UNDER_A_THIRD] * 3 + [OVER_TWO_THIRDS, UNDER_A_THIRD]


def test_two_dissenters_are_not_everyone() -> None:
    assert isinstance(show(likert(0, 0, 2, 8, 0)).headline, Share)


def test_planted_newcomers_neither_unlock_results_nor_figures() -> None:
    assert isinstance(show(likert(0, 0, 1, 4, 1), newcomers=2).headline, Suppressed)
    assert show(likert(1, 1, 1, 7, 1), newcomers=2).headline == Band(OVER_TWO_THIRDS, "11")


def test_a_multiple_choice_is_in_shares_of_people_not_of_ticks() -> None:
    ticked = Tallied(question(MULTIPLE, options=AGREE5[:3]), 10, {"1": 8, "2": 7, "3": 2})
    shown = show(ticked)
    assert [figure.value for figure in shown.options.values() if isinstance(figure, Share)] == [0.8, 0.7, 0.2]
    assert shown.headline is None


def test_an_option_that_everyone_ticked_is_a_band_beside_the_figures_of_others() -> None:
    shown = show(Tallied(question(MULTIPLE, options=AGREE5[:3]), 10, {"1": 10, "2": 7, "3": 2}))
    assert [type(figure) for figure in shown.options.values()] == [Band, Share, Share]


def test_a_two_sided_scale_has_no_headline() -> None:
    spread = AskedQuestion("R1", SINGLE, "Too short, too long", "S", "3a", options=AGREE5, is_two_sided=True)
    assert show(Tallied(spread, 12, {"1": 2, "2": 2, "3": 5, "4": 2, "5": 1})).headline is None


def test_texts_are_only_counted_and_only_roughly() -> None:
    text = question(LONG_TEXT, options=())
    assert rules(12).of(Tallied(text, 3, {})).base == Count("fewer than 5")
    assert rules(12).of(Tallied(text, 7, {})).base == Count("5 to 9")
    assert rules(12).of(Tallied(text, 11, {})).base == Count("11", 11)
    assert rules(4).of(Tallied(text, 4, {})).base == Count("hidden")


def test_a_question_asked_of_some_is_shown_only_beside_figures_of_the_question_it_hangs_on() -> None:
    parent = Tallied(question(code="V4"), 12, {"1": 2, "2": 2, "3": 2, "4": 3, "5": 3})
    child = Tallied(question(code="V5", show_if=ShowIf("V4", frozenset({"3", "4", "5"}))), 6, {"1": 1, "2": 1, "3": 4})
    assert rules(12).show([parent, child])[1].base == Count("5 to 9")
    in_bands = Tallied(parent.question, 8, {"1": 1, "2": 1, "3": 1, "4": 2, "5": 3})
    hidden = rules(8).show([in_bands, child])[1].headline
    assert isinstance(hidden, Suppressed)
    assert hidden.words == "Hidden: asked of part of a small group"


def test_with_fewer_than_ten_asked_only_the_headline_is_shown() -> None:
    shown = show(likert(0, 0, 1, 3, 1), asked=5)
    assert shown.headline == Band(OVER_TWO_THIRDS, "5 to 9")
    assert shown.options == {}


@pytest.mark.parametrize("base", range(5, 60))
def test_each_band_holds_at_least_two_counts(base: int) -> None:
    for name in (UNDER_A_THIRD, ABOUT_HALF, OVER_TWO_THIRDS):
        assert sum(band(count, base) == name for count in range(base + 1)) >= 2


# What someone who knows the rules sees of a question, and every group that would have looked the same.
Looks = tuple[tuple[str, ...], str]
Groups = Mapping[Looks, list[tuple[int, tuple[int, ...]]]]


def shares_of(base: int, options: int) -> Iterator[tuple[int, ...]]:
    """Every way in which `base` people can each give one answer."""
    if options == 1:
        yield (base,)
        return
    for first in range(base + 1):
        for rest in shares_of(base - first, options - 1):
            yield (first, *rest)


def looks(shown: Shown) -> Looks:
    return tuple(words(shown)), "" if shown.headline is None else shown.headline.words


def groups_by_look(asked: AskedQuestion, ways: Iterator[tuple[int, tuple[int, ...]]], minimum: int) -> Groups:
    found: dict[Looks, list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
    for base, counts in ways:
        codes = [option.code for option in asked.options]
        tally = Tallied(asked, base, dict(zip(codes, counts, strict=True)))
        found[looks(rules(base, asked=20, minimum=minimum).of(tally))].append((base, counts))
    return found


def assert_nothing_can_be_undone(groups: Groups, headline: Sequence[int] = ()) -> None:
    for look, group in groups.items():
        assert len({base for base, _ in group}) > 1, f"{look} gives the base away"
        places = [*([place] for place in range(len(group[0][1]))), *([list(headline)] if headline else [])]
        for figure in places:
            counts = {(base, sum(given[place] for place in figure)) for base, given in group}
            assert len({count for _, count in counts}) > 1, f"{look} gives a count away"
            assert len({count / base for base, count in counts}) > 1, f"{look} gives a share away"


@pytest.mark.parametrize("minimum", [5, 6, 8, 11])
@pytest.mark.parametrize(
    ("options", "agreeing"), [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 0), (4, 1), (4, 2), (5, 0), (5, 1), (5, 2)]
)
def test_no_band_of_one_answer_each_can_be_undone(options: int, agreeing: int, minimum: int) -> None:
    """Every group of five to nine, sorted by what is shown of it: nothing shown ever fits one count only."""
    scores = [5 if place >= options - agreeing else 1 for place in range(options)]
    asked = question(
        LIKERT if agreeing else SINGLE, options=[Option(str(n), str(n), score=score) for n, score in enumerate(scores)]
    )
    ways = ((base, counts) for base in range(minimum, minimum + 5) for counts in shares_of(base, options))
    headline = range(options - agreeing, options) if agreeing else ()
    assert_nothing_can_be_undone(groups_by_look(asked, ways, minimum), headline)


@pytest.mark.parametrize(("options", "alone"), [(2, 0), (3, 1), (3, 2), (4, 0), (4, 2), (4, 3), (5, 2)])
def test_no_band_of_several_answers_each_can_be_undone(options: int, alone: int) -> None:
    asked = question(MULTIPLE, options=[Option(str(n), str(n), is_exclusive=n < alone) for n in range(options)])

    def ways() -> Iterator[tuple[int, tuple[int, ...]]]:
        for base in range(5, 10):
            for counts in product(range(base + 1), repeat=options):
                others = base - sum(counts[:alone])
                if others >= 0 and max(counts[alone:], default=0) <= others <= sum(counts[alone:]):
                    yield base, counts

    assert_nothing_can_be_undone(groups_by_look(asked, ways(), 5))
