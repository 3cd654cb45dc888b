"""Sweeps of this room; each may run twice, late or not at all."""

from celery import shared_task

from cop_portal.installation import backups, clock


@shared_task
def back_up_when_due() -> None:
    backups.back_up_when_due(now=clock.now())
