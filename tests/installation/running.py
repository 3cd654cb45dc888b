"""A real portal in a process of its own, in earnest on SQLite, as `make serve` starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.architecture.sources import PROJECT

START_SECONDS = 180
SECRET_KEY = "q7Vt-2nXw9_kLmRzB4cYdHfJ6sPaGeUxTi8oN3vWbQ5yKjZrCh1MlDg0SuEpFaXq"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Portal:
    """One running portal: its supervisor, its port, and a file with all it has printed."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    supervisor: psutil.Popen = field(init=False)

    def start(self) -> None:
        (self.folder / "keys").mkdir(mode=0o700, exist_ok=True)
        variables = {
            "PATH": os.environ["PATH"],
            "PORTAL_MODE": "production",
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1",
            "KEY_DIR": str(self.folder / "keys"),
            "DATA_DIR": str(self.folder / "data"),
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "USES_HTTPS": "0",
            "WEB_PROCESSES": "2",
            **self.extra,
        }
        with self.log.open("ab") as log:
            self.supervisor = psutil.Popen(
                [sys.executable, PROJECT / "manage.py", "portal", "--port", str(self.port)],
                env=variables,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.folder / "printed.txt"

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def get(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def send_raw(self, request: bytes) -> bytes:
        """The first line of the answer to bytes that need not be HTTP."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(request)
            return connection.recv(1000).partition(b"\r\n")[0]

    def wait_until(self, condition: object, seconds: float = START_SECONDS) -> float:
        """Wait for a callable to become true; the seconds it took. Fails with what was printed."""
        assert callable(condition)
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > seconds:
                raise AssertionError(f"Not within {seconds} s. The portal printed:\n{self.printed()}")
            time.sleep(0.05)
        return time.monotonic() - started

    def wait_until_ready(self) -> float:
        return self.wait_until(lambda: self.get("/readyz") == 200)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything under it."""
        return [psutil.Process(self.supervisor.pid), *self.supervisor.children(recursive=True)]

    def children(self) -> list[psutil.Process]:
        children: list[psutil.Process] = self.supervisor.children()
        return children

    def send(self, number: signal.Signals) -> None:
        self.supervisor.send_signal(number)


@contextmanager
def portal(folder: Path, **extra: str) -> Iterator[Portal]:
    """Start one, and make sure that nothing of it outlives the block, whatever the test found."""
    running = Portal(folder, extra)
    running.start()
    known: list[psutil.Process] = []
    try:
        yield running
    finally:
        if running.supervisor.poll() is None:
            known = running.processes()
        for process in known:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        running.supervisor.wait()
        psutil.wait_procs(known, timeout=5)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie that nobody has reaped yet does not."""
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
