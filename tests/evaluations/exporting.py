"""A closed survey, and the archive that was asked for and made of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from communities.exports.archives import unpacked
from cop_portal.accounts.models import User
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.services.survey_exports.asking import (
    ask_for_export,
)
from evaluations.services.survey_exports.making import make_export
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import CORE, PULSE, close, community_of, core_answers, give_answers, open_survey_for

FIGURES, ROWS = SurveyExport.What.FIGURES, SurveyExport.What.ROWS
LATER = NOW + timedelta(days=40)
MARKER = "Zanzibar-4711-whistle"


def closed(
    answers: Sequence[Mapping[str, Any]], *, mode: PrivacyMode = PrivacyMode.ANONYMOUS, code: str = CORE, more: int = 4
) -> Survey:
    """A closed survey with these answers, in a community called Sepsis."""
    community = community_of(len(answers) + more, name="Sepsis", slug="sepsis")
    survey = open_survey_for(community, code=code, mode=mode)
    give_answers(survey, answers=answers)
    return close(survey)


def ready(survey: Survey, what: str = FIGURES, *, reason: str = "", by: User | None = None) -> SurveyExport:
    export = ask_for_export(survey=survey, what=what, reason=reason, by=by or staff(), now=LATER)
    assert make_export(export=export, now=LATER)
    return SurveyExport.objects.select_related("survey__version", "survey__community").get(pk=export.pk)


def files_of(export: SurveyExport) -> dict[str, bytes]:
    return dict(unpacked(bytes(export.archive or b"")))


def everything_in(export: SurveyExport) -> str:
    """Every letter of every file, those inside the workbook too."""
    files = files_of(export)
    inside = dict(unpacked(files["workbook.xlsx"]))
    return "\n".join(content.decode("utf-8", "replace") for content in [*files.values(), *inside.values()])


def table(export: SurveyExport, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files_of(export)[f"code/{name}.csv"].decode(), newline="")))


def twelve() -> list[dict[str, Any]]:
    return [core_answers("4")] * 7 + [core_answers("2")] * 4 + [core_answers("4", C1="na")]


def confidential_of(number: int) -> Survey:
    answers = [{"P1": str(1 + place % 5), "P3": "1", "P4": MARKER} for place in range(number)]
    return closed(answers, mode=PrivacyMode.CONFIDENTIAL, code=PULSE)
