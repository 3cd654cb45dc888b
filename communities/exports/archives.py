"""Archives without a clock of their own: the same files and the same moment give the same bytes."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

READABLE = 0o644 << 16
UNIX = 3


def packed(files: Iterable[tuple[str, bytes]], *, at: datetime) -> bytes:
    """A zip of these files, in this order, each as if it had been written at `at`."""
    moment = timezone.localtime(at)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body in files:
            entry = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # What a zip says of the system it was made on would differ from one to the next.
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, body)
    return content.getvalue()


def unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """The files of an archive we have made ourselves, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
