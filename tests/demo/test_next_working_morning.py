"""The button that moves the demo's clock: to which morning, and what happens then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from communities.working_days import LONDON
from cop_portal.demo import morning
from cop_portal.demo.loader.world import World
from cop_portal.demo.mornings import last_working_day, next_working_morning
from cop_portal.installation import clock
from cop_portal.installation.models import Installation
from cop_portal.outbox.models import OutboxMessage
from evaluations.emails import REMINDER
from evaluations.models import Survey
from tests.demo.conftest import SUNDAY

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-24 08:59", "2026-11-24 09:00"),  # a Tuesday, early
        ("2026-11-24 09:00", "2026-11-25 09:00"),  # the very moment: the next one
        ("2026-11-27 17:00", "2026-11-30 09:00"),  # Friday evening: over the weekend
        ("2026-04-02 16:00", "2026-04-07 09:00"),  # Maundy Thursday: over Good Friday and Easter Monday
        ("2026-12-24 12:00", "2026-12-29 09:00"),  # Christmas Eve: Boxing Day is a Saturday, its holiday a Monday
        ("2027-12-31 12:00", "2028-01-04 09:00"),  # New Year's Day is a Saturday, its holiday a Monday
        ("2026-03-27 12:00", "2026-03-30 09:00"),  # the clocks go forward in between
        ("2026-10-23 12:00", "2026-10-26 09:00"),  # and back
    ],
)
def test_the_next_working_morning_leaves_out_weekends_and_bank_holidays(now: str, then: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=LONDON)
    assert next_working_morning(moment).strftime("%Y-%m-%d %H:%M") == then
    assert next_working_morning(moment).utcoffset() == datetime.fromisoformat(then).replace(tzinfo=LONDON).utcoffset()


def test_the_last_working_day_before_new_year_was_its_eve() -> None:
    assert str(last_working_day(datetime(2027, 1, 3, tzinfo=LONDON).date())) == "2026-12-31"


@pytest.mark.django_db
def test_on_the_next_morning_a_reminder_is_due_for_each_who_has_not_answered_and_nobody_else(
    visitor: Client, demo: World
) -> None:
    survey = Survey.objects.open().get()
    unanswered = survey.invitations.unanswered().values_list("person__user__name", flat=True)
    moved = morning.move_on()
    assert moved.now.strftime("%A %d %B %H:%M") == "Monday 23 November 09:00"
    due = OutboxMessage.objects.due(clock.now())
    reminders = due.filter(kind=REMINDER)
    addresses = EmailAddress.objects.filter(user__in=[demo.users[name] for name in unanswered])
    reminded = set(addresses.values_list("email", flat=True))
    assert set(reminders.values_list("recipient", flat=True)) == reminded
    assert reminders.count() == len(reminded) == len(unanswered) > 0
    # Beside them what the communities' own affairs ask for that morning.
    assert moved.mails == due.count() > reminders.count()


@pytest.mark.django_db
def test_a_night_passes_so_the_count_of_answers_is_of_that_morning(visitor: Client) -> None:
    morning.move_on()
    assert str(Survey.objects.open().get().counted_on) == "2026-11-23"


@pytest.mark.django_db
def test_the_clock_stands_at_the_morning_it_was_moved_to_and_goes_on_from_there(visitor: Client) -> None:
    with time_machine.travel(SUNDAY, tick=False) as traveller:
        moved = morning.move_on()
        assert clock.now() == moved.now
        traveller.shift(timedelta(minutes=5))
        assert clock.now() == moved.now + timedelta(minutes=5)
        assert timezone.now() == SUNDAY + timedelta(minutes=5)


@pytest.mark.django_db
def test_the_page_says_what_happened(visitor: Client) -> None:
    page = visitor.post(reverse("demo:next-working-morning"), follow=True).content.decode()
    assert "It is Monday 23 November 2026, 09:00" in page
    assert f"{OutboxMessage.objects.due(clock.now()).count()} mails are due" in page
    assert "No survey closed." in page


@pytest.mark.django_db
def test_reading_the_page_moves_nothing(visitor: Client) -> None:
    response = visitor.get(reverse("demo:next-working-morning"))
    assert response.status_code == 302
    assert Installation.objects.get().clock_offset == timedelta()


@pytest.mark.django_db
def test_staff_stay_signed_in_over_the_weekend_that_the_clock_leaps(visitor: Client) -> None:
    visitor.post(reverse("demo:enter", args=["staff"]))
    for _ in range(3):
        visitor.post(reverse("demo:next-working-morning"))
    assert visitor.get(reverse("network")).status_code == 200
