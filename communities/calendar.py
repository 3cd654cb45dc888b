"""Dates and times on the wall in Europe/London, where every session takes place, and the moments they stand for."""

from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format

from cop_portal.refusals import Refusal


class NoSuchTime(Refusal):
    """A time that the clocks skip when they go forward is no time for a session."""


def wall_time(day: date, at: time) -> datetime:
    """The moment at which London's clocks show this date and time.

    On the October change day, when an hour comes twice, it is the first. On the March change day, when an hour is
    skipped, a time within it is refused: nobody can come at a time that there is not. In UTC, so that durations and
    comparisons are those of the clock that never changes.
    """
    london = timezone.get_default_timezone()
    moment = datetime.combine(day, at, tzinfo=london).astimezone(UTC)
    shown = moment.astimezone(london)
    if (shown.hour, shown.minute) != (at.hour, at.minute):
        raise NoSuchTime(
            f"There is no {at:%H:%M} on {date_format(day)}: the clocks go forward that night. Choose another time.",
            code="no_such_time",
        )
    return moment
