"""The Celery app. The broker only wakes workers; the database is the record of what is due."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop_portal.settings")

app = Celery("cop_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def insist_on_facts(**_: Any) -> None:
    """Also when somebody starts a worker by hand: it never sends a demo's mail in earnest, nor the other way round."""
    from cop_portal.installation import facts

    facts.insist()
