"""Deleting what was made of answers that someone has corrected or erased, or that have been destroyed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from evaluations.models import Survey, SurveyExport

ANSWERS_CHANGED = "Answers in it have been corrected or erased since. Make it again."


def forget_rows_of(surveys: Iterable[Survey | int]) -> int:
    """Deletes the archives of rows of these surveys, in the caller's transaction. Returns how many.

    The trail is not told: an entry would say when somebody corrected or erased their answers.
    """
    kept = SurveyExport.objects.kept().filter(survey__in=surveys, what=SurveyExport.What.ROWS)
    return kept.update(state=SurveyExport.State.DELETED, archive=None, message=ANSWERS_CHANGED)


def destroy_rows_of(survey: Survey, *, on: datetime) -> None:
    """Deletes the archives of rows of a survey whose single answers are destroyed; those still waited for are not made.

    In the caller's transaction.
    """
    words = f"The answers of single people were destroyed on {date_format(localtime(on))}."
    rows = SurveyExport.objects.filter(survey=survey, what=SurveyExport.What.ROWS)
    rows.kept().update(state=SurveyExport.State.DELETED, archive=None, message=words)
    rows.waiting().update(state=SurveyExport.State.FAILED, message=words)
