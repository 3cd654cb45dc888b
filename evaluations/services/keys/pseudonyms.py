"""Pseudonyms of confidential surveys, and the keys that make them: one for a community and questionnaire, with an end.

The key outlives a survey, so that the next survey's answers of the same person go under the same pseudonym. Its end is
promised when it is made and printed in every mail that asks under it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localdate

from communities.models import Community
from cop_portal.refusals import Refusal
from evaluations import keys
from evaluations.models import InstrumentVersion, PrivacyMode, PseudonymKey, Survey


class KeyEndsTooSoon(Refusal):
    """The key to pseudonyms ends on its day, and there must be time to use it after the close."""


def pseudonym_of(key: bytes, subject: str) -> str:
    """What someone's answers are kept under. Only the key can tell whose it is, or whether it is someone's."""
    return hmac.digest(key, f"pseudonym|{subject}".encode(), "sha256").hex()


def read_key(key: PseudonymKey) -> bytes:
    """Raises keys.KeyTrouble where it cannot be read; keys.KeyDestroyed once it has ended."""
    if not key.is_living:
        raise keys.KeyDestroyed("The key to these pseudonyms has been destroyed.")
    return keys.pseudonym_key(key.key_id)


def key_at_close(survey: Survey) -> bytes:
    """The survey's key, or where it has ended while the survey still waited to close: one that nobody keeps.

    So the promised end holds, and the answers are kept under pseudonyms that lead nowhere. Raises keys.KeyMissing.
    """
    key = survey.pseudonym_key
    if key is None:
        raise keys.KeyMissing("This survey has no key to pseudonyms.")
    try:
        return read_key(key)
    except keys.KeyDestroyed:
        return secrets.token_bytes(keys.KEY_BYTES)


@contextmanager
def promised_key(survey: Survey) -> Iterator[None]:
    """Gives a confidential survey that is about to be opened its key: one in use that lasts long enough, or a new one.

    Raises keys.KeyTrouble. Whatever goes wrong inside takes a new key away again.
    """
    if survey.mode != PrivacyMode.CONFIDENTIAL:
        yield
        return
    used = _usable(survey)
    key = survey.pseudonym_key = used or _new(survey)
    try:
        yield
    except BaseException:
        if used is None:
            keys.discard(key.key_id)
        raise


def store_key(survey: Survey) -> None:
    """The row of a new key, in the transaction that opens its first survey."""
    if survey.pseudonym_key is not None and survey.pseudonym_key_id is None:
        survey.pseudonym_key.save(force_insert=True)


def _lasts_until(survey: Survey, days: int) -> datetime:
    return survey.closes_at + timedelta(days=settings.SURVEY_EXTENSION_DAYS + days)


def _usable(survey: Survey) -> PseudonymKey | None:
    needed = localdate(_lasts_until(survey, settings.PSEUDONYM_KEY_LEFT_DAYS))
    living = PseudonymKey.objects.living().filter(
        community=survey.community, instrument=survey.version.instrument_id, ends_on__gte=needed
    )
    return next((key for key in living.order_by("-ends_on", "-pk") if keys.proves(key.key_id, key.proof)), None)


def _new(survey: Survey) -> PseudonymKey:
    key_id = uuid4()
    return PseudonymKey(
        community=survey.community,
        instrument_id=survey.version.instrument_id,
        key_id=key_id,
        proof=keys.create_pseudonym_key(key_id),
        made_at=survey.opened_at,
        ends_on=_end_of_new(survey),
    )


def _end_of_new(survey: Survey) -> date:
    usual = survey.opened_at + timedelta(days=settings.PSEUDONYM_KEY_DAYS)
    return localdate(max(usual, _lasts_until(survey, settings.PSEUDONYM_KEY_LEFT_DAYS)))


def promised_end(*, community: Community, version: InstrumentVersion, opens_at: datetime, closes_at: datetime) -> date:
    """When the key of a confidential survey would end, if it were opened so. Makes none. Raises keys.KeyTrouble."""
    would_be = Survey(community=community, version=version, opened_at=opens_at, closes_at=closes_at)
    used = _usable(would_be)
    return used.ends_on if used else _end_of_new(would_be)


def require_time_to_use_key(survey: Survey, closes_at: datetime) -> None:
    """Refuses a close so late that its key, which ends as promised, leaves no time to see, correct or erase."""
    if survey.pseudonym_key is None:
        return
    latest = survey.pseudonym_key.ends_on - timedelta(days=settings.PSEUDONYM_KEY_LEFT_DAYS)
    if localdate(closes_at) > latest:
        ends_on = date_format(survey.pseudonym_key.ends_on)
        raise KeyEndsTooSoon(
            f"The key to these answers is destroyed on {ends_on}, as those asked were told. Choose "
            f"{date_format(latest)} or an earlier day, so that there is time left to use it.",
            code="key_ends_too_soon",
        )
