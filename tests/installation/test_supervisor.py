"""One command starts everything, and stopping it, however rudely, leaves nothing behind."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import services
from tests.installation.running import Portal, alive, portal

TOKEN = "kV9x-secret-token-of-one-person"
STOP_SECONDS = 45


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One set-up for the whole file: every start after the first finds it done."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def set_up(folder: Path) -> Path:
    with portal(folder) as first:
        first.wait_until_ready()
        first.send(signal.SIGTERM)
        assert first.supervisor.wait(STOP_SECONDS) == 0
    return folder


@pytest.fixture
def running(set_up: Path) -> Iterator[Portal]:
    with portal(set_up) as started:
        started.wait_until_ready()
        yield started


def test_a_second_start_sets_nothing_up_again_and_is_ready_within_five_seconds(set_up: Path) -> None:
    with portal(set_up) as second:
        before = second.printed()
        took = second.wait_until_ready()
        assert re.findall(r"Preparing|Loading|Filling|Collecting", second.printed().removeprefix(before)) == []
        # Processor time, not the wall's: other tests run beside this one.
        spent = sum(sum(process.cpu_times()[:2]) for process in second.processes())
        assert (spent < 5, took < 30) == (True, True), f"{spent:.1f} s of processor time in {took:.1f} s"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_drains_and_leaves_no_process(running: Portal, number: signal.Signals) -> None:
    # The supervisor; web server, worker and clock; two web processes.
    running.wait_until(lambda: len(running.processes()) == 1 + 3 + 2)
    everything = running.processes()
    running.send(number)
    assert running.supervisor.wait(STOP_SECONDS) == 0
    assert alive(everything) == []
    assert running.printed().rstrip().endswith("Stopped.")


def test_a_killed_supervisor_takes_everything_with_it(running: Portal) -> None:
    everything = running.processes()
    running.send(signal.SIGKILL)
    running.supervisor.wait(STOP_SECONDS)
    running.wait_until(lambda: alive(everything) == [])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", running.port)) != 0


def test_a_child_that_dies_is_started_again_without_its_stragglers(running: Portal) -> None:
    running.wait_until(lambda: len(alive(running.children())) == 3)
    for name, child in zip(("web server", "worker", "clock"), running.children(), strict=True):
        family = [child, *child.children(recursive=True)]
        child.kill()
        running.wait_until(lambda name=name: f"The {name} has died and is started again." in running.printed())
        running.wait_until(lambda family=family: alive(family) == [] and len(alive(running.children())) == 3)
    running.wait_until_ready()
    assert running.supervisor.poll() is None


def test_what_it_says_and_what_it_logs(running: Portal, set_up: Path, tmp_path: Path) -> None:
    running.wait_until(lambda: "The portal is at http://127.0.0.1/" in running.printed())

    for path in (f"/a/{TOKEN}/", f"/a/{TOKEN}/?from={TOKEN}", f"/nowhere/{TOKEN}", "/privacy/"):
        running.get(path)
    # Requests that gunicorn cannot read, or that want to be taken for another: it would log their path and sender.
    assert b"400" in running.send_raw(f"GET /a/{TOKEN}/ {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert b"404" in running.send_raw(
        f"GET /a/{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nSCRIPT_NAME: /x\r\n\r\n".encode()
    )
    running.wait_until(lambda: '"privacy/" 200' in running.printed())
    running.wait_until(lambda: "could not be read" in running.printed())
    assert 'GET "a/<str:token>/"' in running.printed()
    assert TOKEN not in running.printed()
    requests = [line for line in running.printed().splitlines() if " GET " in line or "request" in line]
    assert [line for line in requests if "127.0.0.1" in line] == []
    # The page where answers are checked is as long as the answers are.
    assert [line for line in requests if "bytes" in line] == []

    taken = Portal(tmp_path, port=running.port)
    taken.start()
    assert taken.supervisor.wait(STOP_SECONDS) == 1
    (line,) = taken.printed().strip().splitlines()
    assert line.startswith(f"Port {running.port} on 127.0.0.1 is not free")

    twice = Portal(tmp_path, {"KEY_DIR": str(set_up / "keys"), "DATA_DIR": str(set_up / "data")})
    twice.start()
    assert twice.supervisor.wait(STOP_SECONDS) == 1
    assert "The portal is running on the data in" in twice.printed()
    assert running.get("/readyz") == 200


def test_it_serves_on_postgresql_and_redis_too(tmp_path: Path) -> None:
    with (
        services.running() as urls,
        portal(tmp_path, DATABASE_URL=urls.database, REDIS_URL=urls.redis) as started,
    ):
        started.wait_until_ready()
        assert started.get("/privacy/") == 200
        started.send(signal.SIGTERM)
        assert started.supervisor.wait(STOP_SECONDS) == 0
