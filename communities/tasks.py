"""What the worker does for communities, at night. Each may run twice, late or not at all."""

from celery import shared_task

from communities.models import Session
from communities.services.counts import mend_counts
from cop_portal.installation import clock


@shared_task
def recount_attendance() -> int:
    """Checks the counts kept on every held session against a recount and mends those that are wrong."""
    return mend_counts(sessions=Session.objects.all(), by=None, now=clock.now())
