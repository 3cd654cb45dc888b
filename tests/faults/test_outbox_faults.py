"""Real senders, really killed: SIGKILL at any moment, SIGSTOP beyond the lease, a relay that misbehaves.

`make test` runs a short one; the full numbers run under the `faults` marker and print what they saw.
A *duplicate* is a mail that was accepted more often than once and its permitted resends in doubt.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2  # type: ignore[import-untyped]
import pytest

from tests.outbox.relay import ACCEPT_AND_HANG_UP, HANG, HANG_UP, ScriptedRelay, running_relay

pytestmark = [pytest.mark.embedded]
ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("outbox_worker.py")
LEASE_SECONDS, GRACE_SECONDS = 2, 1


@dataclass
class Run:
    """One outbox under fire: its database, its relay, its senders, and what became of every mail."""

    relay: ScriptedRelay
    environment: dict[str, str]
    mails: int
    chance: random.Random
    senders: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0
    stops: int = 0

    def worker(self, verb: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(WORKER), verb, str(self.mails)]
        return subprocess.run(command, env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True)

    def start_sender(self) -> None:
        command = [sys.executable, str(WORKER), "send", str(self.mails)]
        with self.log.open("ab") as log:
            self.senders.append(subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log))

    @property
    def log(self) -> Path:
        return Path(self.environment["DATA_DIR"]) / "senders.log"

    def kill_one(self) -> None:
        victim = self.senders.pop(self.chance.randrange(len(self.senders)))
        if victim.poll() is None:
            self.kills += 1
        victim.kill()
        victim.wait()

    def stop_one_beyond_its_lease(self) -> None:
        victim = self.chance.choice(self.senders)
        if victim.poll() is not None:
            return
        self.stops += 1
        victim.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + GRACE_SECONDS + 0.5)
        victim.send_signal(signal.SIGCONT)

    def finish(self, seconds: float) -> None:
        """Two senders without further harm, until nothing is left to do."""
        while len(self.senders) < 2:
            self.start_sender()
        deadline = time.monotonic() + seconds
        for sender in self.senders:
            assert sender.wait(max(1, deadline - time.monotonic())) == 0, self.log.read_text()[-3000:]

    def end(self) -> None:
        for sender in self.senders:
            with suppress(ProcessLookupError):
                sender.send_signal(signal.SIGCONT)
            sender.kill()
            sender.wait()

    def outcome(self) -> Outcome:
        rows: dict[str, dict[str, Any]] = json.loads(self.worker("report").stdout)
        times = Counter(mail.recipient.removeprefix("p").partition("@")[0] for mail in self.relay.accepted)
        return Outcome(self, rows, {key: times[key.removeprefix("faults:")] for key in rows})


@dataclass
class Outcome:
    """What became of the mails, counted as the promise counts."""

    run: Run
    rows: dict[str, dict[str, Any]]
    accepted: dict[str, int]

    @property
    def duplicates(self) -> list[str]:
        return [key for key, times in self.accepted.items() if times > 1 + self.rows[key]["resends"]]

    @property
    def forgotten(self) -> list[str]:
        """Neither accepted, nor refused, nor not due any more, nor held for staff to see."""
        kept = ("failed", "in_doubt", "withdrawn")
        return [key for key, times in self.accepted.items() if not times and self.rows[key]["state"] not in kept]

    @property
    def falsely_sent(self) -> list[str]:
        return [key for key, row in self.rows.items() if row["state"] == "sent" and not self.accepted[key]]

    @property
    def unlike(self) -> list[str]:
        """Mails whose resend was not byte for byte the same."""
        contents: dict[str, set[bytes]] = {}
        for mail in self.relay_accepted:
            contents.setdefault(mail.recipient, set()).add(mail.content)
        return [recipient for recipient, seen in contents.items() if len(seen) > 1]

    @property
    def relay_accepted(self) -> list[Any]:
        return self.run.relay.accepted

    def __str__(self) -> str:
        states = Counter(row["state"] for row in self.rows.values())
        twice = sum(times > 1 for times in self.accepted.values())
        resends = sum(row["resends"] for row in self.rows.values())
        return (
            f"{self.run.mails} mails, {self.run.kills} kill -9, {self.run.stops} SIGSTOP: "
            f"{len(self.duplicates)} duplicates, {len(self.forgotten)} forgotten, {len(self.falsely_sent)} untrue "
            f"(apart: {resends} permitted resends in doubt, {twice} of them arrived twice); states {dict(states)}"
        )

    def check(self) -> None:
        assert len(self.rows) == self.run.mails
        assert self.duplicates == []
        assert self.forgotten == []
        assert self.falsely_sent == []
        assert self.unlike == []
        # A reminder is never sent a second time, in doubt or not.
        assert [
            key for key, row in self.rows.items() if row["kind"] == "faults.reminder" and self.accepted[key] > 1
        ] == []
        assert {row["state"] for row in self.rows.values()} <= {"sent", "in_doubt", "failed", "withdrawn"}


@contextmanager
def under_fire(folder: Path, *, mails: int, seed: int) -> Iterator[Run]:
    """An outbox of its own, on the kind of database this test run has."""
    with running_relay() as relay, own_database(folder, f"faults_{os.getpid()}_{seed}") as database:
        environment = {
            **os.environ,
            **database,
            "PORTAL_MODE": "test",
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(folder),
            "FAULTS_RELAY": relay.url,
            "OUTBOX_LEASE_SECONDS": str(LEASE_SECONDS),
            "OUTBOX_GRACE_SECONDS": str(GRACE_SECONDS),
            "OUTBOX_REPLY_SECONDS": "1",
            "OUTBOX_WAIT_SECONDS": "0.05",
            "LOG_LEVEL": "CRITICAL",
        }
        run = Run(relay, environment, mails, random.Random(seed))
        run.worker("prepare")
        try:
            yield run
        finally:
            run.end()


@contextmanager
def own_database(folder: Path, name: str) -> Iterator[dict[str, str]]:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {"DATABASE_URL": "", "REDIS_URL": ""}
        return
    _postgres(url, f"CREATE DATABASE {name}")
    try:
        yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
    finally:
        _postgres(url, f"DROP DATABASE {name} WITH (FORCE)")


def _postgres(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def _say(capsys: pytest.CaptureFixture[str], outcome: Outcome, seconds: float) -> None:
    engine = "PostgreSQL" if outcome.run.environment["DATABASE_URL"] else "SQLite"
    with capsys.disabled():
        print(f"\n{engine}: {outcome} ({seconds:.0f} s)")  # noqa: T201 (the figures are the point)


def _kill(run: Run, times: int, *, apart: int) -> None:
    """Keep two senders running and kill one of them `times` times, each time some mails after the last, at any step."""
    for _ in range(times):
        while len(run.senders) < 2:
            run.start_sender()
        enough = len(run.relay.accepted) + run.chance.randint(1, apart)
        patience = time.monotonic() + 2 * (LEASE_SECONDS + GRACE_SECONDS)
        while len(run.relay.accepted) < enough and time.monotonic() < patience:
            time.sleep(0.002)
        time.sleep(run.chance.uniform(0, 0.03))
        run.kill_one()


def test_a_few_kills_send_nobody_two_mails_and_forget_nobody(tmp_path: Path) -> None:
    with under_fire(tmp_path, mails=60, seed=1) as run:
        # Slow enough that every kill finds mail on its way.
        run.relay.before_dot_answer = lambda: time.sleep(0.02)
        _kill(run, 6, apart=6)
        run.finish(seconds=30)
        outcome = run.outcome()

    outcome.check()
    assert run.kills > 3


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(5))
def test_twenty_kills_in_two_thousand_mails(tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    started = time.monotonic()
    with under_fire(tmp_path, mails=2000, seed=seed) as run:
        _kill(run, 20, apart=60)
        run.finish(seconds=900)
        outcome = run.outcome()

    _say(capsys, outcome, time.monotonic() - started)
    outcome.check()


def misbehaving(chance: random.Random) -> Any:
    """A relay that takes a mail and hangs up (3 %), puts off (3 %), refuses (2 %), hangs up (2 %), hangs (0.3 %)."""

    def answer(stage: str) -> str | None:
        draw = chance.random()
        if stage == "dot":
            for limit, what in ((0.03, ACCEPT_AND_HANG_UP), (0.06, "451 later"), (0.08, "550 no"), (0.083, HANG)):
                if draw < limit:
                    return what
        return HANG_UP if stage in ("MAIL", "RCPT", "DATA") and draw < 0.007 else None

    return answer


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2))
def test_kills_and_stops_with_a_relay_that_misbehaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    started = time.monotonic()
    with under_fire(tmp_path, mails=1000, seed=100 + seed) as run:
        run.relay.chance = misbehaving(random.Random(seed))
        for _ in range(4):
            _kill(run, 3, apart=60)
            run.start_sender()
            time.sleep(1.0)
            run.stop_one_beyond_its_lease()
        run.finish(seconds=900)
        outcome = run.outcome()

    _say(capsys, outcome, time.monotonic() - started)
    outcome.check()
    assert run.stops > 0


@pytest.mark.faults
def test_no_dot_leaves_later_than_a_second_after_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    accepted_at: list[float] = []
    with under_fire(tmp_path, mails=1000, seed=200) as run:
        run.relay.before_dot_answer = lambda: accepted_at.append(time.monotonic())
        people = run.chance.sample(range(1000), 100)
        run.start_sender()
        run.start_sender()
        answered = _answer(run, people)
        run.finish(seconds=900)
        outcome = run.outcome()

    _say(capsys, outcome, time.monotonic() - started)
    outcome.check()
    when = dict(zip((mail.recipient for mail in run.relay.accepted), accepted_at, strict=True))
    late = [when[f"p{n}@example.org"] - at for n, at in answered.items() if f"p{n}@example.org" in when]
    latest = f"the latest dot {max(late, default=0):.3f} s after the answer"
    with capsys.disabled():
        print(f"{len(answered)} answered, {len(late)} of them had their mail, {latest}")  # noqa: T201 (as above)
    assert max(late, default=0) <= 1.0
    assert len(late) < len(answered)


def _answer(run: Run, people: list[int]) -> dict[int, float]:
    """Have these people answer, one after the other, while mail goes out; when each answer was committed."""
    url = run.environment["DATABASE_URL"]
    connection: Any = (
        psycopg2.connect(url)
        if url
        else sqlite3.connect(Path(run.environment["DATA_DIR"]) / "portal.sqlite3", timeout=30)
    )
    answered = {}
    while not run.relay.accepted:
        time.sleep(0.01)
    for n in people:
        cursor = connection.cursor()
        cursor.execute(f"INSERT INTO faults_answered (n) VALUES ({n})")
        connection.commit()
        answered[n] = time.monotonic()
        time.sleep(0.05)
    connection.close()
    return answered
