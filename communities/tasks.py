"""What the worker does for communities, at night. Each may run twice, late or not at all."""

from celery import shared_task

from communities.models import ImportBatch, Session
from communities.services.imports.batches import forget_imports
from communities.services.imports.running import run_import
from communities.services.imports.undoing import run_undo
from communities.services.joining.join_endings import forget_joining
from communities.services.people.erasure import forget_last_mails
from communities.services.problems.escalations import end_waiting
from communities.services.promises import action_reminders
from communities.services.resources.keeping import sweep_files
from communities.services.sessions.check_in_claims import forget_check_ins
from communities.services.sessions.counts import mend_counts
from communities.services.sessions.session_mail import invite_to_what_is_near
from cop_portal.accounts.services.addresses import forget_claims
from cop_portal.installation import clock


@shared_task
def recount_attendance() -> int:
    """Checks the counts kept on every held session against a recount and mends those that are wrong."""
    return mend_counts(sessions=Session.objects.all(), by=None, now=clock.now())


@shared_task
def end_waiting_for_replies() -> int:
    """Problems put to someone who has not answered for longer than the setting allows read “no reply”."""
    return end_waiting(now=clock.now())


@shared_task
def remind_of_actions() -> int:
    """Reminds owners of their open actions, once before the day they are due and once after it."""
    return action_reminders.remind_of_actions(now=clock.now())


@shared_task
def invite_to_sessions() -> int:
    """Members are written to about sessions that have come near."""
    return invite_to_what_is_near(now=clock.now())


@shared_task
def run_waiting_imports() -> int:
    """Imports, and takes back, what someone has asked for, the oldest file first. Returns how many it did."""
    waiting = ImportBatch.objects.with_worker().select_related("by", "asked_by", "community")
    done = 0
    for batch in waiting.order_by("uploaded_at", "pk"):
        run = run_undo if batch.state == ImportBatch.State.UNDOING else run_import
        done += run(batch=batch, now=clock.now())
    return done


@shared_task
def forget_old_imports() -> int:
    """Forgets what was in files that serve nothing any more."""
    return forget_imports(now=clock.now())


@shared_task
def forget_addresses() -> int:
    """Forgets addresses that nobody proved, and those of people who were erased once their last mail has gone."""
    now = clock.now()
    return forget_claims(now=now) + forget_last_mails(now=now)


@shared_task
def forget_who_did_not_join() -> int:
    """Deletes what is held of people who were invited, or asked to join, and did not."""
    return forget_joining(now=clock.now())


@shared_task
def forget_old_check_ins() -> int:
    """Forgets what served to check in at sessions that are over."""
    return forget_check_ins(now=clock.now())


@shared_task
def sweep_resource_files() -> int:
    """Deletes uploaded files that belong to no resource."""
    return sweep_files(now=clock.now())
