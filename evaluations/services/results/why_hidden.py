"""Why something of a survey is hidden: each reason once, however many figures it hides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evaluations.results import Figure, OptionResult, Suppressed, SurveyResults
from evaluations.services.results.side_by_side import Beside


def reasons_of(found: SurveyResults, earlier: Iterable[Beside] = ()) -> list[Suppressed]:
    """The reasons of all that is hidden in these results and in the surveys beside them, as they come up in reading."""
    return list(dict.fromkeys(figure for figure in _figures(found, earlier) if isinstance(figure, Suppressed)))


def _figures(found: SurveyResults, earlier: Iterable[Beside]) -> Iterator[Figure | None]:
    yield found.hidden
    for group in found.breakdown.groups if found.breakdown else ():
        yield group.hidden
    for question in found.questions:
        yield from _of_one(question.headline, question.options)
    for group in found.breakdown.groups if found.breakdown else ():
        for part in group.questions:
            yield from _of_one(part.headline, part.options)
    for one in earlier:
        yield one.hidden
        if one.result:
            yield from _of_one(one.result.headline, one.result.options)


def _of_one(headline: Figure | None, options: Iterable[OptionResult]) -> Iterator[Figure | None]:
    yield headline
    yield from (option.figure for option in options)
