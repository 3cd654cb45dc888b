"""The filesystem broker of the embedded default."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from cop_portal.celery import app

MESSAGES = 1_000


def connection(folder: Path) -> Connection:
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder / "control"}
    return Connection(
        "filesystem://localhost",
        transport="cop_portal.installation.broker:Transport",
        transport_options=options | {"polling_interval": 0.001},
    )


def put_all(folder: Path) -> None:
    with connection(folder) as writing:
        queue = writing.SimpleQueue("celery")
        for number in range(MESSAGES):
            queue.put({"number": number, "words": "x" * 4_000})


def test_a_worker_that_looks_while_a_message_is_written_never_takes_half_of_it(tmp_path: Path) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=put_all, args=(tmp_path,))
    with connection(tmp_path) as reading:
        queue = reading.SimpleQueue("celery")
        writer.start()
        taken = []
        for _ in range(MESSAGES):
            message = queue.get(timeout=30)
            message.ack()
            taken.append(message.payload["number"])
    writer.join()

    assert sorted(taken) == list(range(MESSAGES))
    assert list(tmp_path.glob("*.*")) == []


@pytest.mark.embedded
def test_the_embedded_default_uses_it_and_redis_needs_none_of_it(settings: Any) -> None:
    used = app.connection_for_write().transport.__module__
    assert used == ("kombu.transport.redis" if settings.REDIS_URL else "cop_portal.installation.broker")
