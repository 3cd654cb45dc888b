"""Checks of a questionnaire while it is written: minutes, every way through it, reading ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.views.generic import TemplateView

from evaluations.instrument_checks.checks import checks_of
from evaluations.instrument_checks.effort import BUDGET, SECONDS_A_POINT, minutes, points_of
from evaluations.instrument_checks.paths import MOST_COUNTED, Path, Ways
from evaluations.instrument_checks.reading import AIMED_AT
from evaluations.questionnaire import questionnaire_of
from evaluations.views.instruments.files import OfVersion


@dataclass(frozen=True)
class PathRow:
    """One way through, in words."""

    answered: str
    count: int
    codes: str
    minutes: int


class InstrumentChecks(OfVersion, TemplateView):
    """What can be said of a questionnaire before anyone is asked."""

    template_name = "evaluations/instruments/checks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        checks = checks_of(questionnaire_of(self.version))
        return super().get_context_data(
            checks=checks,
            ways_words=ways_words(checks.ways),
            paths=[path_row(path) for path in checks.ways.paths],
            budget=BUDGET,
            budget_minutes=minutes(BUDGET),
            seconds_a_point=SECONDS_A_POINT,
            aimed_at=AIMED_AT,
            **kwargs,
        )


def path_row(path: Path) -> PathRow:
    return PathRow(
        answered=path.words,
        count=len(path.questions),
        codes=", ".join(question.code for question in path.questions),
        minutes=minutes(points_of(path.questions)),
    )


def ways_words(ways: Ways) -> str:
    """There is one way through. There are 64 ways through; the first 24 are listed."""
    if not ways.is_counted:
        return f"There are more than {MOST_COUNTED:,} ways through; {len(ways.paths)} of them are listed."
    if ways.count == 1:
        return "There is one way through."
    listed = "" if ways.is_listed else f"; {len(ways.paths)} of them are listed"
    return f"There are {ways.count:,} ways through{listed}."
