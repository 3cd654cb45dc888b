"""When mail may reach a person: working days 08:00 to 17:30 in Europe/London, never on an English bank holiday."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
DAY_BEGINS = time(8, 0)
DAY_ENDS = time(17, 30)
SATURDAY = 5


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """This day if it is a working day, otherwise the next that is."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, number: int) -> date:
    """The day `number` working days later (earlier, if negative)."""
    step = timedelta(days=1 if number > 0 else -1)
    for _ in range(abs(number)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def at_wall_time(day: date, wall: time) -> datetime:
    """The moment at which clocks in London show this time.

    A time that the clocks skip in spring moves forward; of one that comes twice in autumn the first is taken.
    """
    moment = datetime.combine(day, wall, tzinfo=LONDON)
    # A skipped time does not survive the way through UTC: it comes back an hour later, which is what is wanted.
    return moment.astimezone(UTC).astimezone(LONDON)


def next_working_moment(moment: datetime) -> datetime:
    """This moment if it lies in working hours, otherwise the beginning of the next working day's."""
    local = moment.astimezone(LONDON)
    if is_working_day(local.date()):
        if local.time() < DAY_BEGINS:
            return at_wall_time(local.date(), DAY_BEGINS)
        if local.time() <= DAY_ENDS:
            return moment
    return at_wall_time(next_working_day(local.date() + timedelta(days=1)), DAY_BEGINS)
