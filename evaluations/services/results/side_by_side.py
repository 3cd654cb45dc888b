"""Earlier surveys beside one: what the same questions said before. Only what each release shows, and no difference.

A question is the same only while its wording is; where it was asked in other words, or of others, the row breaks.
Whoever reads them sees beside one survey only those whose results they may see by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from evaluations import results
from evaluations.models import Question, Survey
from evaluations.permissions import Permission
from evaluations.questionnaire import TEXTS

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# As many earlier surveys as fit beside one another: two years of half-yearly waves.
EARLIER = 4


@dataclass(frozen=True)
class Beside:
    """One question in one survey. Without a result it was hidden with the whole (`hidden`), or the row breaks here."""

    when: str
    result: results.QuestionResult | None
    hidden: results.Suppressed | None = None
    is_break: bool = False


def beside(survey: Survey, found: results.SurveyResults, *, reader: User) -> dict[str, list[Beside]]:
    """For each question that was asked before: this survey first, then the earlier ones, up to where the row breaks.

    Two queries at most. Questions never asked before, and texts, are not among them.
    """
    earlier = list(_earlier(survey, reader))
    wordings = _wordings([survey, *earlier])
    read = [(one, results.of(one)) for one in earlier]
    return {
        question.code: [Beside(when(survey), question), *rows]
        for question in found.questions
        if question.kind not in TEXTS and (rows := _rows(question.code, survey, read, wordings))
    }


def _earlier(survey: Survey, reader: User) -> QuerySet[Survey]:
    """The closed surveys of the community before this one, but those whose answers a later one shows.

    For a member only those that have been shared: what was promised of one survey holds on the page of another.
    """
    before = survey.community.surveys.closed().filter(
        # People answer differently under their name.
        mode=survey.mode,
        opened_at__lt=survey.opened_at,
        session__isnull=survey.session_id is None,
        released_with=None,
    )
    if not reader.has_perm(Permission.SEE_RESULTS, survey):
        before = before.filter(is_shared_with_members=True)
    return before.select_related("release").newest_first()[:EARLIER]


def _wordings(surveys: Sequence[Survey]) -> dict[tuple[int, str], int | None]:
    """The wording of each question by version and code; none are needed where all surveys are of one version."""
    versions = {survey.version_id for survey in surveys}
    if len(versions) == 1:
        return {}
    asked = Question.objects.filter(section__version__in=versions)
    return {(version, code): wording for version, code, wording in asked.values_list(
        "section__version", "item__code", "wording"
    )}  # fmt: skip


def _rows(
    code: str,
    survey: Survey,
    read: Sequence[tuple[Survey, results.SurveyResults]],
    wordings: dict[tuple[int, str], int | None],
) -> list[Beside]:
    rows: list[Beside] = []
    for one, found in read:
        if one.version_id != survey.version_id:
            if (one.version_id, code) not in wordings:
                continue
            wording = wordings[one.version_id, code]
            if wording is None or wording != wordings.get((survey.version_id, code)):
                return [*rows, Beside(when(one), None, is_break=True)]
        result = next((question for question in found.questions if question.code == code), None)
        rows.append(Beside(when(one), None if found.hidden else result, hidden=found.hidden))
    return rows


def when(survey: Survey) -> str:
    """June 2026"""
    return date_format(localtime(survey.opened_at), "F Y")
