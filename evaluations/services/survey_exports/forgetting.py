"""Deleting what was made of answers that someone has corrected or erased."""

from __future__ import annotations

from collections.abc import Iterable

from evaluations.models import Survey, SurveyExport

ANSWERS_CHANGED = "Answers in it have been corrected or erased since. Make it again."


def forget_rows_of(surveys: Iterable[Survey | int]) -> int:
    """Deletes the archives of rows of these surveys, in the caller's transaction. Returns how many.

    The trail is not told: an entry would say when somebody corrected or erased their answers.
    """
    kept = SurveyExport.objects.kept().filter(survey__in=surveys, what=SurveyExport.What.ROWS)
    return kept.update(state=SurveyExport.State.DELETED, archive=None, message=ANSWERS_CHANGED)
