"""Forgetting a demo: its database and everything written beside it, and nothing else in that folder."""

import shutil

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from cop_portal.installation import facts

WRITTEN_BY_A_DEMO = ("portal.sqlite3*", "keys", "mail", "broker", "outbox", "backups", "progress", "beat-schedule*")


def forget_demo() -> None:
    """Remove the demo's data. Refuses outside demo mode and for a database that is not a demo's."""
    if not settings.IS_DEMO:
        raise ImproperlyConfigured("Only a demo can be forgotten: run `make demo-reset`.")
    facts.insist_on_mode()
    connections.close_all()
    for pattern in WRITTEN_BY_A_DEMO:
        for path in settings.DATA_DIR.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
