"""A mail server on loopback that does as it is told: accepts, puts off, refuses, hangs up, or says nothing."""

from __future__ import annotations

import socketserver
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

# What a relay can do instead of answering.
HANG = "hang"
HANG_UP = "hang up"
ACCEPT_AND_HANG_UP = "accept and hang up"
ACCEPT_AND_HANG = "accept and hang"

USUAL = {
    "greeting": "220 relay.test ready",
    "EHLO": "250-relay.test\r\n250 8BITMIME",
    "HELO": "250 relay.test",
    "MAIL": "250 sender fine",
    "RCPT": "250 recipient fine",
    "DATA": "354 go ahead",
    "dot": "250 queued as 4711",
    "RSET": "250 start over",
    "NOOP": "250 fine",
    "QUIT": "221 bye",
}


@dataclass(frozen=True)
class Accepted:
    """A mail the relay has taken responsibility for."""

    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(self.content)


@dataclass
class ScriptedRelay:
    """What was accepted, and what to say next. A stage without a script gives its usual answer."""

    port: int = 0
    accepted: list[Accepted] = field(default_factory=list)
    conversations: int = 0
    commands: list[str] = field(default_factory=list)
    before_dot_answer: Callable[[], None] = lambda: None
    chance: Callable[[str], str | None] = lambda _: None
    _scripts: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def will(self, stage: str, *answers: str) -> None:
        """Give these answers, in turn, the next times this stage is reached."""
        self._scripts[stage].extend(answers)

    def next_answer(self, stage: str) -> str:
        with self._lock:
            if self._scripts[stage]:
                return self._scripts[stage].popleft()
            return self.chance(stage) or USUAL.get(stage, "502 not here")

    def accept(self, mail: Accepted) -> None:
        with self._lock:
            self.accepted.append(mail)


class _HangUp(Exception):
    pass


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        relay = self.server.relay
        relay.conversations += 1
        with suppress(_HangUp, ConnectionError):
            self._say(relay.next_answer("greeting"))
            recipient = ""
            while line := self.rfile.readline():
                command = line.decode().rstrip("\r\n")
                verb = command.split(" ")[0].split(":")[0].upper()
                relay.commands.append(command)
                if verb == "RCPT":
                    recipient = command.partition("<")[2].rstrip(">")
                answer = relay.next_answer(verb)
                self._say(answer)
                if verb == "QUIT":
                    return
                if verb == "DATA" and answer.startswith("354"):
                    self._take(recipient)

    def _take(self, recipient: str) -> None:
        """Read up to the final dot, and answer it. Without the dot nothing is taken (RFC 5321, 4.1.1.4)."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        relay = self.server.relay
        answer = relay.next_answer("dot")
        if answer.startswith("2") or answer in (ACCEPT_AND_HANG_UP, ACCEPT_AND_HANG):
            relay.accept(Accepted(recipient, b"".join(lines)))
        relay.before_dot_answer()
        self._say(answer)

    def _say(self, answer: str) -> None:
        match answer:
            case "hang up" | "accept and hang up":
                raise _HangUp
            case "hang" | "accept and hang":
                self.server.relay.closing.wait(30)
                raise _HangUp
        self.wfile.write(answer.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    relay: ScriptedRelay

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed is no error here."""


@contextmanager
def running_relay() -> Iterator[ScriptedRelay]:
    """A relay on a free port, until the block ends."""
    relay = ScriptedRelay()
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.relay = relay
        relay.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            relay.closing.set()
            server.shutdown()
            thread.join()
