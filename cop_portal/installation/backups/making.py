"""Making a backup, proving it, and letting the oldest go."""

import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection

from cop_portal.installation.backups import keys, manifest, media, postgresql, sqlite
from cop_portal.installation.models import Installation

UNFINISHED = ".unfinished"


class BackupFailed(Exception):
    """No backup was made, or it did not stand its checks; what was there before is untouched."""


@dataclass(frozen=True)
class Backup:
    """A verified backup and the folder it lies in."""

    folder: Path
    manifest: manifest.Manifest


def database_tools() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def make_backup(*, now: datetime, to: Path | None = None) -> Backup:
    """Copy the database and the uploaded files, check the copy, write its manifest, keep the newest; all or nothing.

    Never inside a transaction: neither database can be copied whole from within one.
    """
    if connection.in_atomic_block:
        raise BackupFailed("A backup cannot be made inside a transaction.")
    root = to or settings.BACKUP_DIR
    name = f"{now:%Y-%m-%d-%H%M%S}"
    unfinished = root / f"{name}{UNFINISHED}"
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        made = _fill(unfinished, now)
        finished = unfinished.rename(root / name)
    except (OSError, sqlite.CopyIsDamaged, sqlite3.Error, postgresql.ToolMissing, tarfile.TarError) as problem:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise BackupFailed(f"The backup in {root} was not made: {problem}") from problem
    _let_go_of_oldest(root)
    return Backup(folder=finished, manifest=made)


def _fill(folder: Path, now: datetime) -> manifest.Manifest:
    tools = database_tools()
    path = folder / tools.FILE
    # Named before the copy: a key destroyed meanwhile is then asked for at a restore, never forgotten.
    names = keys.in_use()
    tools.dump(path)
    tools.verify(path)
    files = folder / media.FILE
    number = media.pack(files)
    made = manifest.Manifest(
        made_at=now,
        vendor=connection.vendor,
        is_demo=Installation.objects.filter(is_demo=True).exists(),
        file=path.name,
        size=path.stat().st_size,
        sha256=manifest.digest(path),
        rows=tools.count_rows(path),
        keys=names,
        media=files.name,
        media_sha256=manifest.digest(files),
        media_files=number,
    )
    path.chmod(0o600)
    files.chmod(0o600)
    made.write(folder)
    return made


def finished(root: Path) -> Iterator[tuple[datetime, Path]]:
    """Backups in a folder that have a readable manifest, newest first."""
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir() and folder.suffix != UNFINISHED:
            try:
                found.append((manifest.read(folder).made_at, folder))
            except manifest.ManifestUnreadable:
                continue
    yield from sorted(found, reverse=True)


def back_up_when_due(*, now: datetime) -> Backup | None:
    """Make a backup if the newest is older than BACKUP_EVERY, or there is none. BACKUP_EVERY of nothing: never."""
    if not settings.BACKUP_EVERY:
        return None
    newest = next(finished(settings.BACKUP_DIR), None)
    if newest is not None and now - newest[0] < settings.BACKUP_EVERY:
        return None
    return make_backup(now=now)


def _let_go_of_oldest(root: Path) -> None:
    for number, (_, folder) in enumerate(finished(root)):
        if number >= settings.BACKUPS_KEPT:
            shutil.rmtree(folder)
