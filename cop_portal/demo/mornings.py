"""The mornings on which the network works, and on which mail leaves."""

from datetime import date, datetime, timedelta

from communities.working_days import LONDON, at_wall_time, is_working_day, next_working_day
from evaluations.services.surveys.request_plan import REMINDED_AT


def last_working_day(day: date) -> date:
    """This day if it is a working day, otherwise the last that was."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def next_working_morning(now: datetime) -> datetime:
    """The next time that reminders go out: nine in the morning in London, on a working day, after `now`."""
    day = next_working_day(now.astimezone(LONDON).date())
    morning = at_wall_time(day, REMINDED_AT)
    return morning if morning > now else at_wall_time(next_working_day(day + timedelta(days=1)), REMINDED_AT)
