"""Until when answers of single people are kept. Worked out when asked: another setting counts at once."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.working_days import at_wall_time
from evaluations.models import Survey


def kept_for() -> timedelta:
    return timedelta(days=settings.RESPONSES_KEPT_DAYS)


def kept_until(survey: Survey) -> datetime | None:
    """The end of the time for which answers of single people are kept at least; None before the close."""
    return survey.closed_at + kept_for() if survey.closed_at else None


def due_at(survey: Survey) -> datetime:
    """From when the single answers of a closed survey may be destroyed: not before the end of the key that lets people
    see, correct and erase theirs. Needs the pseudonym key loaded."""
    kept = kept_until(survey)
    assert kept is not None  # noqa: S101 - asked of closed surveys only
    key = survey.pseudonym_key
    if key is None:
        return kept
    return max(kept, key.destroyed_at or at_wall_time(key.ends_on, time.min))


def destroyed_words(survey: Survey) -> str:
    """What stands wherever single answers stood; empty while they are kept."""
    if survey.answers_destroyed_at is None:
        return ""
    return f"The answers of single people were destroyed on {date_format(localtime(survey.answers_destroyed_at))}."
