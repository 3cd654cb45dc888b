"""Putting a backup back, after every reason not to has been looked at."""

import sqlite3
import tarfile
from pathlib import Path

from django.conf import settings
from django.db import connection

from cop_portal.installation.backups import keys, manifest, media, postgresql, sqlite
from cop_portal.installation.backups.making import database_tools


class RestoreRefused(Exception):
    """The backup was not put back; the live database is as it was."""


def restore_backup(folder: Path) -> manifest.Manifest:
    """Replace the live database and the uploaded files by a backup that is whole, of this kind, and has its keys.

    The portal must not be running. The outbox notices a restore by itself and holds what may have been sent already.
    """
    try:
        found = manifest.read(folder)
    except manifest.ManifestUnreadable as problem:
        raise RestoreRefused(str(problem)) from problem
    _insist_on_same_kind(found)
    path = folder / found.file
    _insist_on_whole(path, found)
    if gone := keys.missing(found.keys):
        raise RestoreRefused(
            f"This backup is from before {len(gone)} {'key was' if len(gone) == 1 else 'keys were'} destroyed or lost "
            f"({', '.join(gone)}): answers sealed with them could never be opened, so it is not put back. "
            "Take a newer backup, or put the keys back first if they were lost."
        )
    try:
        database_tools().load(path)
        if found.media:
            media.unpack(folder / found.media)
    except (OSError, sqlite3.Error, postgresql.ToolMissing, tarfile.TarError) as problem:
        raise RestoreRefused(f"The backup could not be put back: {problem}") from problem
    return found


def _insist_on_same_kind(found: manifest.Manifest) -> None:
    if found.vendor != connection.vendor:
        raise RestoreRefused(f"This backup is of a {found.vendor} database, and this portal uses {connection.vendor}.")
    if found.is_demo != settings.IS_DEMO:
        kind = "a demo" if found.is_demo else "a portal in earnest"
        raise RestoreRefused(f"This backup is of {kind}, and the two are never mixed.")


def _insist_on_whole(path: Path, found: manifest.Manifest) -> None:
    if not path.is_file():
        raise RestoreRefused(f"{path} is missing from the backup.")
    if path.stat().st_size != found.size or manifest.digest(path) != found.sha256:
        raise RestoreRefused(f"{path} is not the file its manifest describes: it was damaged or changed.")
    files = path.parent / found.media
    if found.media and (not files.is_file() or manifest.digest(files) != found.media_sha256):
        raise RestoreRefused(f"{files}, the uploaded files, is missing, or was damaged or changed.")
    try:
        database_tools().verify(path)
    except (sqlite.CopyIsDamaged, sqlite3.Error, postgresql.ToolMissing) as problem:
        raise RestoreRefused(f"{path} does not stand its checks: {problem}") from problem
