"""Waking the sender. A broker that is down, slow or full costs a moment, never the request: the next sweep sends."""

import logging
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

TASK = "cop_portal.outbox.tasks.deliver_due_mail"
# Kombu's own default is to try for ever, inside the request that has just committed.
ONCE: dict[str, Any] = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
BRIEFLY: dict[str, Any] = {"socket_connect_timeout": 1, "socket_timeout": 2}


def poke(task: str = TASK) -> None:
    """Ask a worker for a task now: for the sender's sweep, or for another room's. Called after the commit; promises
    not to raise, and not to wait for long."""
    from cop_portal.celery import app

    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | ONCE | (BRIEFLY if settings.REDIS_URL else {})
    try:
        with app.connection_for_write(transport_options=options) as connection:
            app.send_task(task, connection=connection, retry=False)
    except Exception:
        logger.warning("A worker could not be woken; the next sweep will find what is due (%s).", task, exc_info=True)
