"""The two counts kept on each held session, and mending them when the records below them have changed."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from communities.models import Session
from communities.models.session import SessionQuerySet
from cop_portal import audit
from cop_portal.accounts.models import User


@transaction.atomic
def mend_counts(*, sessions: SessionQuerySet, by: User | None, now: datetime) -> int:
    """Recounts the held ones among `sessions` and mends those that are wrong. Returns how many were.

    Called by the services that change who was a member on a past day, and by a nightly check of everything.
    """
    held = sessions.held().with_recount()
    mended = 0
    for session in held.exclude(member_count=F("recounted_members"), present_count=F("recounted_present")):
        # One that is being recorded at this moment gets its counts from that.
        unchanged = Session.objects.filter(pk=session.pk, version=session.version)
        if unchanged.update(member_count=session.recounted_members, present_count=session.recounted_present):
            audit.record(event="session.recounted", by=by, target=session, at=now)
            mended += 1
    return mended
