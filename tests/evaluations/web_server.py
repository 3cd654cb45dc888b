"""The web server as `make serve` runs it, in processes of its own, on the database of the test."""

from __future__ import annotations

import os
import random
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import psutil
from django.db import connections

from cop_portal.installation.supervisor import processes
from tests.forking import forget_inherited_connections
from tests.installation.running import free_port

READY_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back: empty where the connection was cut."""

    status: int
    location: str = ""
    cookie: str = ""
    page: str = field(default="", repr=False)


@dataclass
class WebServer:
    """gunicorn's first process and the port it listens on."""

    process: psutil.Process
    port: int
    killed: int = 0

    def ask(self, method: str, path: str, body: str = "", cookie: str = "") -> Answer:
        """One request on a connection of its own. Status 0 where the answer did not come."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null", "Cookie": cookie}
        try:
            connection.request(method, path, body, headers)
            came = connection.getresponse()
            page = came.read().decode()
        except (OSError, HTTPException):
            return Answer(0)
        finally:
            connection.close()
        kept = (came.headers.get("Set-Cookie") or "").partition(";")[0]
        return Answer(came.status, came.headers.get("Location") or "", kept, page)

    def kill_a_worker(self, dice: random.Random) -> None:
        """SIGKILL to one of the workers, whatever it is doing. gunicorn starts another."""
        if workers := self.process.children():
            with suppress(psutil.NoSuchProcess):
                dice.choice(workers).kill()
                self.killed += 1


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Started by forking, so that it has this test's settings, keys and database; gone at the end with its workers."""
    port = free_port()
    connections.close_all()
    child = os.fork()
    if not child:
        _serve(port)
    server = WebServer(psutil.Process(child), port)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while server.ask("GET", "/healthz").status != 200:
            assert time.monotonic() < deadline, "the web server is not ready"
            time.sleep(0.05)
        yield server
    finally:
        family = [server.process, *server.process.children(recursive=True)]
        server.process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=30)
        for process in alive:
            process.kill()


def _serve(port: int) -> None:
    # Warnings are errors in tests; here they would be those of the server's own packages.
    warnings.simplefilter("ignore")
    try:
        forget_inherited_connections()
        processes.serve_pages("127.0.0.1", port)
    finally:
        os._exit(0)
