"""The filesystem broker of the embedded default, mended: a message is there whole or not at all.

Kombu writes a message under its final name. A worker that looks just then takes an empty file, cannot read it and dies.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Messages are written beside their place and put there in one step."""

    # The stubs of kombu's two base classes name the second argument differently.
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        # Kombu takes messages in the order of their names.
        place = Path(self.data_folder_out) / f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unfinished = place.with_suffix(".part")
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.replace(place)
        except OSError as problem:
            raise ChannelError(f"The message could not be written to {place.parent}.") from problem


class Transport(filesystem.Transport):
    """What CELERY_BROKER_TRANSPORT names."""

    Channel = Channel
