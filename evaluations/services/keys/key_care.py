"""Looking after keys: do they still open what they should, and are they destroyed when promised?"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from cop_portal import audit
from cop_portal.installation import backups
from evaluations import keys
from evaluations.models import PseudonymKey, Survey
from evaluations.services.keys.fresh_keys import canary_of
from evaluations.services.surveys.mailing import tell_staff

logger = logging.getLogger(__name__)

KEY_LOST = (
    "Answering has stopped: the key that opens the answers cannot be read, or no longer opens what was sealed with it. "
    "Answers sealed so far can be opened only with this key."
)
KEY_DESTROYED = (
    "Answering has stopped: the keys of this survey have been destroyed. "
    "This database was restored to a moment before that, and its answers can never be opened."
)


def check_keys(*, now: datetime) -> int:
    """Opens the canary of every open survey; returns how many failed. Those stop taking answers, and staff are told.

    A survey whose keys are found again takes answers again.
    """
    failed = 0
    for survey in Survey.objects.open().select_related("pseudonym_key").order_by("pk"):
        trouble = trouble_with(survey)
        failed += bool(trouble)
        Survey.objects.open().filter(pk=survey.pk).exclude(halted_because=trouble).update(halted_because=trouble)
        if trouble:
            tell_staff(survey, now=now)
    return failed


def trouble_with(survey: Survey) -> str:
    """What is wrong with a survey's keys, for staff; empty when nothing is."""
    if keys.is_destroyed(survey.key_id):
        return KEY_DESTROYED
    is_safe = keys.opens(survey.key_id, bytes(survey.canary), expected=canary_of(survey.key_id))
    pseudonyms = survey.pseudonym_key
    if pseudonyms is not None and pseudonyms.is_living:
        is_safe = is_safe and keys.proves(pseudonyms.key_id, pseudonyms.proof)
    return "" if is_safe else KEY_LOST


def destroy_due_keys(*, now: datetime) -> int:
    """Destroys the keys of surveys that closed KEY_DESTRUCTION_DAYS ago, backup or none, and of those cancelled.

    Returns how many.
    """
    closed_before = now - timedelta(days=settings.KEY_DESTRUCTION_DAYS)
    return destroy_keys_of(list(Survey.objects.due_to_lose_keys(closed_before).order_by("pk")), now=now)


def destroy_keys_of(surveys: list[Survey], *, now: datetime) -> int:
    """Destroys every copy of these surveys' keys, for good; returns how many surveys. May be repeated."""
    for survey in surveys:
        # First the keys: cut short here, the next run finds the survey again and finishes.
        keys.destroy(survey.key_id)
        with transaction.atomic():
            if Survey.objects.filter(pk=survey.pk, keys_destroyed_at=None).update(keys_destroyed_at=now):
                audit.record(event="survey.keys_destroyed", by=None, target=survey, at=now)
    return len(surveys)


def destroy_backed_up_keys(*, now: datetime) -> int:
    """Where this installation makes backups: one of after the close, verified, and then the keys go at once.

    A backup that fails destroys nothing; `destroy_due_keys` keeps the promised date all the same.
    """
    waiting = list(Survey.objects.due_to_lose_keys(now).filter(is_wiped=True).order_by("pk"))
    if not waiting or not settings.BACKUP_EVERY:
        return 0
    try:
        backups.make_backup(now=now)
    except backups.BackupFailed:
        logger.exception("No backup after a close: keys are kept until their date.")
        return 0
    return destroy_keys_of(waiting, now=now)


def keys_in_use() -> list[str]:
    """The key files without which this database would hold answers that nobody can open; for backups and restores."""
    unfinished = Survey.objects.filter(state__in=[Survey.State.OPEN, Survey.State.CLOSING])
    living = PseudonymKey.objects.living().values_list("key_id", flat=True)
    return [
        *(name for key_id in unfinished.values_list("key_id", flat=True) for name in keys.files_of(key_id)),
        *(keys.pseudonym_file_of(key_id) for key_id in living),
    ]
