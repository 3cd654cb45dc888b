"""Waking the sender. A broker that is down, slow or full costs a moment, never the request: the next sweep sends."""

import logging

from django.conf import settings

logger = logging.getLogger(__name__)

# Kombu's own default is to try for ever, inside the request that has just committed.
PUBLISH_OPTIONS = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def poke() -> None:
    """Ask a worker to sweep now. Called after the commit; promises not to raise."""
    from cop_portal.celery import app
    from cop_portal.outbox.tasks import deliver_due_mail

    try:
        with app.connection_for_write(connect_timeout=1) as connection:
            connection.transport_options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PUBLISH_OPTIONS}
            if settings.REDIS_URL:
                connection.transport_options |= {"socket_connect_timeout": 1, "socket_timeout": 2}
            deliver_due_mail.apply_async(connection=connection, retry=False)
    except Exception:
        logger.warning("The mail sender could not be woken; the next sweep will find what is due.", exc_info=True)
