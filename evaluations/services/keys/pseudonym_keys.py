"""The end of the keys to pseudonyms: kept to the day, unless a legal hold delays it; then those asked are told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from communities.models import Person
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations import emails, keys
from evaluations.models import PseudonymKey
from evaluations.services.surveys.mailing import addresses_of


class NoReasonForHold(Refusal):
    """Whoever delays a promise says why."""


class KeyAlreadyHeld(Conflict):
    """A key is held once at a time."""


class KeyNotHeld(Conflict):
    """Only a hold that is in place is lifted."""


class KeyAlreadyDestroyed(Conflict):
    """What is destroyed cannot be kept any longer."""


def end_due_keys(*, now: datetime) -> int:
    """Destroys the keys whose day has come, unless they are held; returns how many.

    Where a hold delays the end, those asked are told, once. Where it had, they are told that it has come after all.
    """
    today = localdate(now)
    for key in PseudonymKey.objects.ended(today).held().filter(delayed_since=None).order_by("pk"):
        _tell_of_delay(key, now)
    ended = list(PseudonymKey.objects.ended(today).free().order_by("pk"))
    for key in ended:
        # First the file: cut short here, the next run finds the key again and finishes.
        keys.destroy(key.key_id)
        _note_destroyed(key, now)
    return len(ended)


@transaction.atomic
def _note_destroyed(key: PseudonymKey, now: datetime) -> None:
    if not PseudonymKey.objects.living().filter(pk=key.pk).update(destroyed_at=now):
        return
    audit.record(event="pseudonym_key.destroyed", by=None, target=key, at=now)
    if key.delayed_since:
        _tell_those_asked(key, emails.key_ended, now)


@transaction.atomic
def _tell_of_delay(key: PseudonymKey, now: datetime) -> None:
    waiting = PseudonymKey.objects.living().held().filter(pk=key.pk, delayed_since=None)
    if waiting.update(delayed_since=localdate(now)):
        audit.record(event="pseudonym_key.delayed", by=None, target=key, at=now)
        _tell_those_asked(key, emails.key_delayed, now)


def _tell_those_asked(key: PseudonymKey, mail: emails.KeyMail, now: datetime) -> None:
    """Everyone who was asked under this key, whether they answered or not."""
    asked = Person.objects.filter(
        pk__in=key.surveys.values("invitations__person"), erased_on=None, merged_into=None
    ).order_by("pk")
    addresses = addresses_of(person.user_id for person in asked)
    outbox.enqueue(
        *(mail(key, person=one, to=addresses[one.user_id], now=now) for one in asked if one.user_id in addresses)
    )


@transaction.atomic
def hold_key(*, key: PseudonymKey, because: str, by: User, now: datetime) -> PseudonymKey:
    """Keeps a key beyond its day, for as long as the hold lasts. Those asked can read why.

    Raises NoReasonForHold, KeyAlreadyHeld, KeyAlreadyDestroyed.
    """
    if not because.strip():
        raise NoReasonForHold("Say why. The people asked can read this.", code="no_reason_for_hold")
    free = PseudonymKey.objects.living().free().filter(pk=key.pk)
    held = free.update(held_because=because.strip(), held_at=now, held_by=by)
    key.refresh_from_db()
    if not held and not key.is_living:
        raise KeyAlreadyDestroyed("This key has been destroyed already.", code="key_already_destroyed")
    if not held:
        raise KeyAlreadyHeld("A legal hold is in place already.", code="key_already_held")
    audit.record(event="pseudonym_key.held", by=by, target=key, at=now)
    return key


@transaction.atomic
def lift_key_hold(*, key: PseudonymKey, by: User, now: datetime) -> PseudonymKey:
    """Lets a key end: on its day, or within the hour where that has passed. Raises KeyNotHeld."""
    held = PseudonymKey.objects.living().held().filter(pk=key.pk)
    if not held.update(held_because="", held_at=None, held_by=None):
        raise KeyNotHeld("There is no legal hold on this key.", code="key_not_held")
    key.refresh_from_db()
    audit.record(event="pseudonym_key.hold_lifted", by=by, target=key, at=now)
    return key
