"""The folders the portal writes to: made at the start, readable by its own user only."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def prepare() -> None:
    """Make every folder, private. One that cannot be written stops the start with a paragraph."""
    for folder in _needed():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise ImproperlyConfigured(
                f"{folder} cannot be made ({problem.strerror}). The portal keeps its data there: make "
                f"{settings.DATA_DIR} writable for the portal's user, or set DATA_DIR to a folder that is."
            ) from problem
        if not os.access(folder, os.W_OK):
            raise ImproperlyConfigured(
                f"{folder} cannot be written to by the portal's user. Make it writable, or set DATA_DIR to a folder "
                "that is."
            )


def broker() -> Path | None:
    """The filesystem broker's folder, or None where Redis is the broker."""
    return None if settings.REDIS_URL else Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])


def empty_broker() -> None:
    """Throw away what woke nobody: the database is the record of what is due, and a sweep finds it."""
    if folder := broker():
        for message in (*folder.glob("*.msg"), *folder.glob("*.part")):
            message.unlink(missing_ok=True)


def _needed() -> list[Path]:
    folders = [settings.DATA_DIR, settings.MEDIA_ROOT, settings.BACKUP_DIR]
    if not settings.IS_PRODUCTION:
        # In earnest the host makes the key folder, outside the data, before the first start.
        folders += [settings.KEY_DIR, settings.DATA_DIR / "mail"]
    if folder := broker():
        folders += [folder, folder / "control"]
    return folders
