"""Mail as files in a folder. For the demo and for tests only: a folder of letters keeps working links at rest."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

from cop_portal.outbox.message import Letter
from cop_portal.outbox.transports.base import Fence, Outcome, Result

UNFINISHED = ".unfinished-"
UNFINISHED_SECONDS = 3600


class FilesTransport:
    """Writes each letter whole or not at all; the same letter twice is one file; it knows which it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def transmit(self, letter: Letter, fence: Fence) -> Outcome:
        path = self.path_of(letter.message_id)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep_unfinished()
            unfinished = self._write_unfinished(letter)
        except OSError as error:
            return Outcome(Result.NO_RELAY, f"The mail folder cannot be written: {error.strerror}")
        try:
            if not fence():
                return Outcome(Result.STOPPED)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return Outcome(Result.ACCEPTED, reference=path.name)

    def has(self, message_id: str) -> bool | None:
        return self.path_of(message_id).exists()

    def close(self) -> None:
        """Nothing is held open."""

    def path_of(self, message_id: str) -> Path:
        """Where a message is, or would be: its name is the keyed hash in its Message-ID, so it says nothing."""
        return self.folder / f"{message_id.strip('<>').partition('@')[0]}.eml"

    def _write_unfinished(self, letter: Letter) -> Path:
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(letter.content)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _sweep_unfinished(self) -> None:
        """A sender that was killed left its letter behind; an hour later nobody is writing it."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                    path.unlink()
