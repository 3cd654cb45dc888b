"""One supervisor for one folder of data."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from cop_portal.installation.supervisor import CannotStart


@contextmanager
def alone() -> Iterator[None]:
    """Hold the data for this process and its children; refuse if another holds it. The kernel lets go of it."""
    with (settings.DATA_DIR / "portal.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"The portal is running on the data in {settings.DATA_DIR}: stop it first.") from None
        yield
