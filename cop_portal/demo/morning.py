"""The next working morning: the demo's clock moves on, a night passes, and what is due is planned, closed and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from communities.tasks import end_waiting_for_replies, invite_to_sessions, recount_attendance, remind_of_actions
from cop_portal.demo.mornings import next_working_morning
from cop_portal.installation import clock
from cop_portal.installation.models import Installation
from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.poke import poke
from evaluations.models import Survey
from evaluations.tasks import close_due_surveys, plan_due_mail, refresh_counts


@dataclass(frozen=True)
class Morning:
    """What moving on did. `mails` are due and leave in the next seconds; `closed` surveys have results now."""

    was: datetime
    now: datetime
    mails: int
    closed: int


def move_on() -> Morning:
    """Moves the demo's clock to the next working morning and wakes whoever works at night or in the morning."""
    was, now = _move_clock()
    already_closed = Survey.objects.closed().count()
    close_due_surveys()
    recount_attendance()
    refresh_counts()
    end_waiting_for_replies()
    invite_to_sessions()
    remind_of_actions()
    plan_due_mail()
    poke()
    return Morning(
        was=was,
        now=now,
        mails=OutboxMessage.objects.due(clock.now()).count(),
        closed=Survey.objects.closed().count() - already_closed,
    )


@transaction.atomic
def _move_clock() -> tuple[datetime, datetime]:
    installation = Installation.objects.select_for_update().get(pk=1, is_demo=True)
    real = timezone.now()
    was = real + installation.clock_offset
    morning = next_working_morning(was)
    Installation.objects.filter(pk=installation.pk).update(clock_offset=morning - real)
    return was, morning
