"""Mail of the two years: none of it is sent now. What the open survey asked for lies in the demo's mail."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from django.conf import settings
from kombu import Queue

from cop_portal.celery import app
from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import open_transport
from evaluations.services.surveys.mailing import plan_due_mail


def withdraw_past_mail(now: datetime) -> None:
    """What was due before `now` never left, and never will: the rows say so."""
    past = OutboxMessage.objects.ready().filter(due_at__lt=now)
    past.update(state=OutboxMessage.State.WITHDRAWN, last_error="From before the demo began.")


def deliver_mail(now: datetime) -> None:
    """Plans and sends what is due at `now`, in the same way as the worker does."""
    plan_due_mail(now=now)
    with closing(open_transport(settings.EMAIL_URL)) as transport:
        deliver(now=now, transport=transport)


def forget_wakings() -> None:
    """Each mail of two years has woken a sender that does not run yet; they would hold up the first real one."""
    with app.connection_for_write() as connection:
        Queue(app.conf.task_default_queue, channel=connection.channel()).purge()
