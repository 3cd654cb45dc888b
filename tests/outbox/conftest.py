"""Each test of the outbox has a folder, a relay and an answer list of its own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cop_portal.outbox import sender
from cop_portal.outbox.transports import Transport, open_transport
from tests.outbox.kinds import answered
from tests.outbox.relay import ScriptedRelay, running_relay


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """The restore counter and delivered files of one test do not meet those of another."""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_URL = f"file://{tmp_path}/mail"
    settings.OUTBOX_LEASE_SECONDS, settings.OUTBOX_GRACE_SECONDS = 120, 600
    yield tmp_path
    answered.clear()


@pytest.fixture(autouse=True)
def a_busy_machine_is_no_late_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fence that waits for the disk of a loaded machine is late in earnest; in a test it would be luck."""
    monkeypatch.setattr(sender, "DOT_WITHIN_SECONDS", 60.0)


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with running_relay() as relay:
        yield relay


@pytest.fixture
def smtp(relay: ScriptedRelay, settings: Any) -> Iterator[Transport]:
    """The real SMTP transport, talking to the scripted relay; two seconds are a long silence here."""
    settings.OUTBOX_REPLY_SECONDS = settings.OUTBOX_DOT_SECONDS = 2
    with closing(open_transport(relay.url)) as transport:
        yield transport
