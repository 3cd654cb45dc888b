"""Times on the wall in London, and the moments they stand for."""

from datetime import UTC, date, datetime, time

import pytest

from communities.calendar import NoSuchTime, wall_time


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (date(2026, 11, 24), time(12, 30), datetime(2026, 11, 24, 12, 30, tzinfo=UTC)),
        (date(2026, 7, 1), time(12, 30), datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        # The clocks go back on 25 October 2026 at 02:00: the hour from 01:00 comes twice.
        (date(2026, 10, 25), time(0, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        # They go forward on 29 March 2026 at 01:00: the hour from 01:00 is skipped.
        (date(2026, 3, 29), time(0, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (date(2026, 3, 29), time(2, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_time_is_one_moment_and_the_first_of_two(day: date, at: time, moment: datetime) -> None:
    assert wall_time(day, at) == moment


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_the_clocks_skip_is_refused(minute: int) -> None:
    with pytest.raises(NoSuchTime) as refused:
        wall_time(date(2026, 3, 29), time(1, minute))
    assert refused.value.messages == [
        f"There is no 01:{minute:02} on 29 March 2026: the clocks go forward that night. Choose another time."
    ]
