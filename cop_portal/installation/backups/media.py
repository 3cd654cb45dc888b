"""The files that people uploaded, as one archive beside the copy of the database."""

import shutil
import tarfile
from pathlib import Path

from django.conf import settings

FILE = "media.tar"


def pack(target: Path) -> int:
    """Writes every uploaded file to an archive. Returns how many there were.

    After the database: a file that is removed in between is missing only where its row is about to go, too.
    """
    root = Path(settings.MEDIA_ROOT)
    number = 0
    with tarfile.open(target, "w") as archive:
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            # One that has just gone, or a link to elsewhere, is no upload of ours.
            if path.is_symlink() or not path.is_file():
                continue
            try:
                archive.add(path, arcname=str(path.relative_to(root)), recursive=False)
            except FileNotFoundError:
                continue
            number += 1
    return number


def unpack(source: Path) -> None:
    """Puts the files of an archive in the place of those that are there now: all of them, or none."""
    root = Path(settings.MEDIA_ROOT)
    incoming, outgoing = (root.with_name(f"{root.name}.{which}") for which in ("incoming", "outgoing"))
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    incoming.mkdir(mode=0o700, parents=True)
    with tarfile.open(source) as archive:
        archive.extractall(incoming, filter="data")
    if root.exists():
        root.rename(outgoing)
    incoming.rename(root)
    shutil.rmtree(outgoing, ignore_errors=True)
