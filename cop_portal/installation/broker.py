"""The filesystem broker of the embedded default, mended: a message is there whole or not at all.

Kombu writes a message under its final name. A worker that looks just then takes an empty file, cannot read it and dies.
"""

import time
import uuid
from pathlib import Path
from typing import Any, ClassVar

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Messages are written beside their place and put there in one step."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:
        # Kombu takes messages in the order of their names.
        message = Path(self.data_folder_out) / f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unfinished = message.with_suffix(".part")
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.replace(message)
        except OSError as problem:
            raise ChannelError(f"The message could not be written to {message.parent}.") from problem


class Transport(filesystem.Transport):
    """What CELERY_BROKER_TRANSPORT names."""

    Channel: ClassVar[type[Channel]] = Channel
