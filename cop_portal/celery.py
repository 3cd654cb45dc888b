"""The Celery app, and what beat sweeps. The broker only wakes workers; the database is the record of what is due."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop_portal.settings")

app = Celery("cop_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def sweep(task: str, schedule: timedelta | crontab) -> dict[str, Any]:
    """One of beat's entries. A request nobody took before the next one comes is thrown away, not piled up."""
    expires = schedule.total_seconds() if isinstance(schedule, timedelta) else 60 * 60
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


def often(*, demo: int, earnest: int) -> timedelta:
    """So many seconds apart; a demo sweeps more often so that one can watch."""
    return timedelta(seconds=demo if settings.IS_DEMO else earnest)


# Tasks may run twice, late or not at all: beat sweeps what is due.
app.conf.beat_schedule = {
    "deliver-mail": sweep("cop_portal.outbox.tasks.deliver_due_mail", often(demo=2, earnest=20)),
    "plan-survey-mail": sweep("evaluations.tasks.plan_due_mail", often(demo=5, earnest=60)),
    "close-due-surveys": sweep("evaluations.tasks.close_due_surveys", often(demo=10, earnest=60)),
    "check-keys": sweep("evaluations.tasks.check_keys", crontab(minute="7")),
    "destroy-keys": sweep("evaluations.tasks.destroy_keys", crontab(minute="37")),
    "count-answers": sweep("evaluations.tasks.refresh_counts", crontab(hour="3", minute="10")),
    "end-waiting-for-replies": sweep("communities.tasks.end_waiting_for_replies", crontab(hour="6", minute="40")),
    "make-survey-exports": sweep("evaluations.tasks.make_waiting_exports", often(demo=2, earnest=20)),
    "forget-survey-exports": sweep("evaluations.tasks.forget_exports", crontab(hour="3", minute="55")),
    "forget-instrument-files": sweep("evaluations.tasks.forget_instrument_files", crontab(hour="4", minute="5")),
    "run-waiting-imports": sweep("communities.tasks.run_waiting_imports", often(demo=2, earnest=20)),
    "forget-old-imports": sweep("communities.tasks.forget_old_imports", crontab(hour="3", minute="50")),
    "remind-of-actions": sweep("communities.tasks.remind_of_actions", often(demo=20, earnest=30 * 60)),
    "invite-to-sessions": sweep("communities.tasks.invite_to_sessions", crontab(minute="17")),
    "forget-addresses": sweep("communities.tasks.forget_addresses", crontab(hour="4", minute="5")),
    "forget-joining": sweep("communities.tasks.forget_who_did_not_join", crontab(hour="3", minute="30")),
    "forget-check-ins": sweep("communities.tasks.forget_old_check_ins", crontab(hour="3", minute="35")),
    "sweep-files": sweep("communities.tasks.sweep_resource_files", crontab(hour="4", minute="15")),
    "recount-attendance": sweep("communities.tasks.recount_attendance", crontab(hour="3", minute="20")),
    "forget-old-drafts": sweep("cop_portal.keeping.tasks.forget_what_is_old", crontab(hour="3", minute="40")),
    # It makes a backup when the newest is older than BACKUP_EVERY, so it may be asked as often as we like.
    "back-up": sweep("cop_portal.installation.tasks.back_up_when_due", timedelta(minutes=10)),
}
if settings.IS_DEMO:
    del app.conf.beat_schedule["back-up"]
