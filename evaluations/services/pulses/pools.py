"""Pulses with too few answers are shown together with others of the same quarter, once there are enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.formats import date_format

from communities.working_days import at_wall_time
from evaluations.models import Survey
from evaluations.results import NEXT_STEP_HIDDEN

MONTHS, DECEMBER = 3, 12
WAITS = (
    "These answers stay unread. They are shown together with those after other sessions of the quarter that ends on "
    "{last}, once at least {{minimum}} people have answered. If that does not happen, they are never shown."
)

TOO_FEW_ALONE = (
    "too few to show alone. Whoever answered more than once is in them more than once; only different people count "
    "towards the minimum."
)


def quarter_of(day: date) -> tuple[date, date]:
    """The first day of a day's quarter, and the first day of the next one."""
    month = (day.month - 1) // MONTHS * MONTHS + 1
    after = date(day.year + 1, 1, 1) if month + MONTHS > DECEMBER else date(day.year, month + MONTHS, 1)
    return date(day.year, month, 1), after


def pooled_with(survey: Survey) -> Q:
    """Which other surveys' answers may be shown together with this one's, as far as sessions decide it."""
    if survey.session is None:
        return Q(session=None)
    first, after = quarter_of(survey.session.day)
    return Q(session__starts_at__gte=_start(first), session__starts_at__lt=_start(after))


def _start(day: date) -> datetime:
    return at_wall_time(day, time.min)


def waits_words(survey: Survey) -> str:
    """What too few answers wait for. "{minimum}" stands in it for how many there must be."""
    if survey.session is None:
        return NEXT_STEP_HIDDEN
    _, after = quarter_of(survey.session.day)
    return WAITS.format(last=date_format(after - timedelta(days=1)))


def includes_words(earlier: Iterable[Survey]) -> str:
    """Which earlier pulses are in the figures of one, in words."""
    days = [date_format(pulse.session.day) for pulse in earlier if pulse.session]
    sessions = "session" if len(days) == 1 else "sessions"
    return f"Together with the answers after the {sessions} of {' and of '.join(days)}, {TOO_FEW_ALONE}"
