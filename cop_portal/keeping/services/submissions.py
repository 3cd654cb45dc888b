"""A write is done once, however often it is sent: by a double click, a repeated request, a lost answer.

The sender names the write with a key of its own. The key is claimed in the transaction of the effect, so that either
both are there or neither, and whoever comes second waits at the unique index until the first has ended.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from cop_portal.keeping.models import Draft, Submission
from cop_portal.refusals import Refusal

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    """A write as it was sent: by whom, under which key, where and what."""

    who: str
    key: str
    content: bytes

    @property
    def key_hash(self) -> str:
        return hash_of_key(who=self.who, key=self.key)

    @property
    def fingerprint(self) -> str:
        return hmac.digest(_secret(b"submissions"), self.content, "sha256").hex()


@dataclass(frozen=True)
class Answer:
    """What the sender was told the first time."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class AlreadyDone(Exception):
    """Not an error: this very write has been done. Holds the answer given then; None if it cannot be read any more."""

    def __init__(self, answer: Answer | None) -> None:
        super().__init__("This has been done already.")
        self.answer = answer


class KeyUsedForAnotherWrite(Refusal):
    """One key names one write."""


def _secret(purpose: bytes) -> bytes:
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=purpose).digest()


def hash_of_key(*, who: str, key: str) -> str:
    """What is kept of a key: it says neither the key nor who sent it."""
    return hmac.digest(_secret(b"submissions"), f"{who}|{key}".encode(), "sha256").hex()


def _box(sent: Sent) -> SecretBox:
    return SecretBox(hmac.digest(_secret(b"answers"), f"{sent.who}|{sent.key}".encode(), "sha256"))


def find(sent: Sent) -> None:
    """Raises AlreadyDone if this very write has been done, KeyUsedForAnotherWrite if another one was, under its key."""
    earlier = Submission.objects.filter(key_hash=sent.key_hash).first()
    if earlier is None:
        return
    if not hmac.compare_digest(earlier.fingerprint, sent.fingerprint):
        raise KeyUsedForAnotherWrite(
            "This was sent and saved once already, with other content. Check that what you want to send is not there "
            "yet, then send it again.",
            code="idempotency_key_reused",
        )
    try:
        answer = Answer(**json.loads(_box(sent).decrypt(bytes(earlier.sealed_answer))))
    except (CryptoError, ValueError):
        # SECRET_KEY has been changed since.
        answer = None
    raise AlreadyDone(answer)


def claim(sent: Sent, *, now: datetime) -> Submission:
    """Takes the key for the rest of the caller's transaction. Raises as `find` does."""
    try:
        with transaction.atomic():
            return Submission.objects.create(key_hash=sent.key_hash, fingerprint=sent.fingerprint, at=now)
    except IntegrityError:
        find(sent)
        raise


def settle(submission: Submission, sent: Sent, answer: Answer | None) -> None:
    """Keeps what the sender is told, sealed, for when the same is sent again. None: nothing was done, the key is
    free again."""
    if answer is None:
        submission.delete()
        return
    submission.sealed_answer = _box(sent).encrypt(json.dumps(vars(answer)).encode())
    submission.save(update_fields=["sealed_answer"])


def is_done(*, who: str, key: str) -> bool:
    """Whether what was sent under this key has been done."""
    return Submission.objects.filter(key_hash=hash_of_key(who=who, key=key)).exists()


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Forgets what was sent more than KEPT_FOR ago, with drafts that were overtaken by it. Returns how many."""
    old = Submission.objects.filter(at__lt=now - KEPT_FOR)
    Draft.objects.filter(key_hash__in=old.values("key_hash")).delete()
    return old.delete()[0]
