"""Closing and opening the outbox. Sign-in mail goes on leaving; everything else waits, and nothing is forgotten."""

import logging
from datetime import datetime

from cop_portal.outbox.models import OutboxState

logger = logging.getLogger(__name__)


def pause(*, why: str, now: datetime) -> bool:
    """Close the outbox and say why. Whoever paused first keeps their reason; False if it was closed already."""
    OutboxState.load()
    was_open = OutboxState.objects.filter(pk=1, is_paused=False).update(is_paused=True, why=why[:300], paused_at=now)
    if was_open:
        logger.error("The outbox is paused: %s", why)
    return bool(was_open)


def resume() -> bool:
    """Open the outbox again; False if it was open."""
    return bool(OutboxState.objects.filter(pk=1, is_paused=True).update(is_paused=False, why="", paused_at=None))
