"""Sweeps of this room; each may run twice, late or not at all."""

from celery import shared_task

from cop_portal.installation import clock
from cop_portal.keeping.services.drafts import forget_old_drafts
from cop_portal.keeping.services.submissions import forget_old


@shared_task
def forget_what_is_old() -> None:
    now = clock.now()
    forget_old(now=now)
    forget_old_drafts(now=now)
