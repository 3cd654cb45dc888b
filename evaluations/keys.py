"""The key directory: the only place outside memory where an open survey's keys are.

It lies outside the database, media, code and every backup of them. Per survey there are two files, named by its
key id: `.private` opens the sealed answers, `.link` makes the personal links. Where an offline recovery key is
configured, `.recovery` holds both, sealed to it. `.destroyed` remains for ever once they are gone.

`.pseudonym` is a key of another kind, with a key id and an end of its own: it makes the pseudonyms of confidential
surveys. It has a recovery copy and a mark of destruction like the others.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hmac
import logging
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

logger = logging.getLogger(__name__)

KEY_BYTES = 32
NO_RECOVERY = "none"
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyTrouble(Exception):
    """The keys are not as they must be; the message says how, to staff."""


class KeysUnsafe(KeyTrouble):
    """The key directory cannot hold keys as it is now."""


class KeyMissing(KeyTrouble):
    """The keys of a survey cannot be read."""


class KeyDestroyed(KeyMissing):
    """The keys of a survey were destroyed on purpose, and nothing may go on as if they had not been."""


def directory() -> Path:
    return Path(settings.KEY_DIR)


def check_directory() -> None:
    """Raises KeysUnsafe unless the directory exists, is ours, and is closed to everyone else."""
    try:
        found = directory().lstat()
    except OSError:
        raise KeysUnsafe("The key directory is missing or cannot be reached.") from None
    if not stat.S_ISDIR(found.st_mode):
        raise KeysUnsafe("The key directory is not a directory.")
    if found.st_uid != os.geteuid():
        raise KeysUnsafe("The key directory belongs to another user.")
    if found.st_mode & OPEN_TO_OTHERS:
        raise KeysUnsafe("The key directory can be read by other users. Make it private: chmod 700.")


def recovery_key() -> PublicKey | None:
    """The offline recovery key; None where the site has confirmed that it has none. Raises KeysUnsafe if undecided."""
    configured = settings.RECOVERY_PUBLIC_KEY
    if configured == NO_RECOVERY or (not configured and settings.MODE != "production"):
        return None
    try:
        return PublicKey(base64.b64decode(configured, validate=True))
    except (binascii.Error, ValueError, CryptoError):
        raise KeysUnsafe(
            "RECOVERY_PUBLIC_KEY must be the offline recovery key (32 bytes, base64), or the word none."
        ) from None


def create(key_id: UUID) -> bytes:
    """Make, store and read back the keys of a new survey; return the public key. Raises KeysUnsafe, leaving nothing."""
    private, link = PrivateKey.generate(), secrets.token_bytes(KEY_BYTES)
    _store(key_id, {"private": bytes(private), "link": link})
    return bytes(private.public_key)


def create_pseudonym_key(key_id: UUID) -> str:
    """Make, store and read back a key for pseudonyms; return its proof. Raises KeysUnsafe, leaving nothing."""
    _store(key_id, {"pseudonym": secrets.token_bytes(KEY_BYTES)})
    return proof_of(pseudonym_key(key_id), key_id)


def _store(key_id: UUID, made: Mapping[str, bytes]) -> None:
    """New keys, each in a file of its own, and all of them in a recovery copy where there is a recovery key."""
    check_directory()
    recovery = recovery_key()
    try:
        for kind, key in made.items():
            _write(_path(key_id, kind), key)
        if recovery:
            _write(_path(key_id, "recovery"), SealedBox(recovery).encrypt(b"".join(made.values())))
        _sync_directory()
        if any(_read(key_id, kind) != key for kind, key in made.items()):
            raise KeysUnsafe("The keys that were just written read back differently.")
    except (OSError, KeyTrouble) as trouble:
        _remove(key_id)
        if isinstance(trouble, KeyTrouble):
            raise
        full = trouble.errno in (errno.ENOSPC, errno.EDQUOT)
        raise KeysUnsafe(
            "The key directory is full." if full else "The key directory cannot be written to."
        ) from trouble


def private_key(key_id: UUID) -> PrivateKey:
    return PrivateKey(_read(key_id, "private"))


def link_key(key_id: UUID) -> bytes:
    return _read(key_id, "link")


def pseudonym_key(key_id: UUID) -> bytes:
    return _read(key_id, "pseudonym")


def proof_of(key: bytes, key_id: UUID) -> str:
    """What only this key makes of its own id; it says nothing of the key."""
    return hmac.digest(key, f"proof of {key_id}".encode(), "sha256").hex()


def proves(key_id: UUID, proof: str) -> bool:
    """Whether the key for pseudonyms is still the one whose proof this is."""
    try:
        return hmac.compare_digest(proof_of(pseudonym_key(key_id), key_id), proof)
    except KeyTrouble:
        return False


def can_read_link_key(key_id: UUID) -> bool:
    try:
        return bool(link_key(key_id))
    except KeyTrouble:
        return False


def opens(key_id: UUID, sealed: bytes, *, expected: bytes) -> bool:
    """Whether the survey's private key still opens what was sealed at its opening."""
    try:
        return bool(SealedBox(private_key(key_id)).decrypt(sealed) == expected)
    except (KeyTrouble, CryptoError):
        return False


def files_of(key_id: UUID) -> list[str]:
    """The files of the key directory that a survey cannot do without, by name."""
    return [_path(key_id, kind).name for kind in ("private", "link")]


def pseudonym_file_of(key_id: UUID) -> str:
    return _path(key_id, "pseudonym").name


def is_destroyed(key_id: UUID) -> bool:
    return _path(key_id, "destroyed").exists()


def destroy(key_id: UUID) -> None:
    """Destroy every copy of a survey's keys here, for good. May be repeated, also after being cut short.

    The mark of destruction comes first: from then on a database restored to before this moment is refused.
    """
    mark = _path(key_id, "destroyed")
    if not mark.exists():
        _write(mark, b"")
        _sync_directory()
    _remove(key_id)


def discard(key_id: UUID) -> None:
    """Remove keys that no survey ever used. Leaves no mark."""
    _remove(key_id)


def _path(key_id: UUID, kind: str) -> Path:
    return directory() / f"{key_id}.{kind}"


def _read(key_id: UUID, kind: str) -> bytes:
    if is_destroyed(key_id):
        raise KeyDestroyed("The keys of this survey have been destroyed.")
    try:
        key = _path(key_id, kind).read_bytes()
    except OSError:
        raise KeyMissing("The keys of this survey cannot be read.") from None
    if len(key) != KEY_BYTES:
        raise KeyMissing("The keys of this survey are damaged.")
    return key


def _write(path: Path, content: bytes) -> None:
    """A new file, readable by us alone, on the disk when this returns. OSError if it exists or does not fit."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(errno.ENOSPC, "short write")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(key_id: UUID) -> None:
    """Overwrite, then unlink. What the disk itself keeps of a file is the reason for encrypted disks: see docs."""
    for kind in ("private", "link", "pseudonym", "recovery"):
        path = _path(key_id, kind)
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except OSError:
            continue
        try:
            os.write(descriptor, secrets.token_bytes(os.fstat(descriptor).st_size))
            os.fsync(descriptor)
        except OSError:
            logger.warning("A key could not be overwritten before it was removed.")
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
    _sync_directory()


def _sync_directory() -> None:
    """Makes the names of files survive a power cut, as fsync on a file makes its content."""
    try:
        descriptor = os.open(directory(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
