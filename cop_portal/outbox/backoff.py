"""When a mail that could not be sent is tried again."""

from datetime import datetime, timedelta

from django.conf import settings

LONGEST_WAIT = timedelta(hours=1)
# RFC 5321, 4.5.4.1: give up on an address after four to five days, not before.
GIVE_UP_AFTER = timedelta(days=5)


def wait_after(attempts: int) -> timedelta:
    """1, 2, 4, 8 … minutes (the first is a setting), never more than an hour. A sign-in mail gets four tries."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(LONGEST_WAIT, timedelta(seconds=settings.OUTBOX_WAIT_SECONDS * int(2**doublings)))


def is_hopeless(*, due_at: datetime, now: datetime) -> bool:
    """Whether a mail has been put off for so long that its address is as good as refused."""
    return now - due_at > GIVE_UP_AFTER
