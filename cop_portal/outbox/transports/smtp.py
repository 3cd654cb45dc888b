"""Mail over SMTP, one command at a time, so that the fence stands between the last line and the final dot."""

import logging
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import Literal

from cop_portal.outbox.message import Letter
from cop_portal.outbox.transports.base import Fence, Outcome, Result

logger = logging.getLogger(__name__)

SERVICE_CLOSING = 421


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over, and how long to wait for an answer there, in seconds."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    reply_seconds: float = 30
    dot_seconds: float = 300


class _NotTakenError(Exception):
    """The relay ended the conversation before the dot: what that means for the mail and for the outbox."""

    def __init__(self, result: Result, detail: str, *, is_open: bool = False) -> None:
        super().__init__(detail)
        self.outcome = Outcome(result, detail)
        self.is_open = is_open


class SmtpTransport:
    """One connection, kept from letter to letter. Before the final dot nothing is sent; after it, only 250 is a yes."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._connection: smtplib.SMTP | None = None

    def transmit(self, letter: Letter, fence: Fence) -> Outcome:
        was_open = self._connection is not None
        try:
            try:
                connection = self._talk(letter)
            except _NotTakenError as first:
                # A relay may have tired of a connection kept open. That says nothing about the next one.
                if not was_open or first.outcome.result in (Result.REFUSED, Result.PUT_OFF):
                    raise
                self.close()
                connection = self._talk(letter)
        except _NotTakenError as end:
            if not end.is_open:
                self.close()
            return end.outcome
        return self._let_go(connection, fence)

    def has(self, message_id: str) -> bool | None:
        """SMTP cannot be asked."""
        return None

    def close(self) -> None:
        """Hang up without a word: an unfinished DATA is dropped by the relay (RFC 5321, 4.1.1.4)."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _talk(self, letter: Letter) -> smtplib.SMTP:
        """Everything up to, but not including, the final dot."""
        connection = self._connection or self._connect()
        self._connection = connection
        try:
            _expect(connection.mail(letter.sender), {250}, refused=Result.SHUT_OUT, put_off=Result.NO_RELAY)
            _expect(connection.rcpt(letter.recipient), {250, 251}, refused=Result.REFUSED, put_off=Result.PUT_OFF)
            _expect(connection.docmd("DATA"), {354}, refused=Result.REFUSED, put_off=Result.PUT_OFF)
            connection.send(_stuffed(letter.content))
        except _NotTakenError as end:
            if end.is_open:
                self._start_over(connection, end)
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise _NotTakenError(Result.NO_RELAY, f"The connection was lost on the way: {error}") from error
        return connection

    def _start_over(self, connection: smtplib.SMTP, end: _NotTakenError) -> None:
        """After a refused address the connection is good for the next letter, if the relay agrees."""
        try:
            end.is_open = connection.docmd("RSET")[0] == 250
        except (OSError, smtplib.SMTPException):
            end.is_open = False

    def _connect(self) -> smtplib.SMTP:
        relay = self.relay
        try:
            if relay.security == "tls":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(
                    relay.host, relay.port, timeout=relay.reply_seconds, context=ssl.create_default_context()
                )
            else:
                connection = smtplib.SMTP(relay.host, relay.port, timeout=relay.reply_seconds)
        except smtplib.SMTPResponseException as error:
            raise _from_greeting("The relay does not greet us", error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise _NotTakenError(Result.NO_RELAY, f"The relay does not answer: {error}") from error
        if connection.sock is not None:
            # The dot follows the body by itself. It must leave at once, not wait for the body to be acknowledged.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._introduce(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _introduce(self, connection: smtplib.SMTP) -> None:
        relay = self.relay
        try:
            connection.ehlo_or_helo_if_needed()
            if relay.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo_or_helo_if_needed()
            if relay.user:
                connection.login(relay.user, relay.password)
        except smtplib.SMTPResponseException as error:
            raise _from_greeting("The relay does not let us in", error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise _NotTakenError(Result.SHUT_OUT, f"The relay lacks what EMAIL_URL asks for: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise _NotTakenError(Result.NO_RELAY, f"The relay does not let us in: {error}") from error

    def _let_go(self, connection: smtplib.SMTP, fence: Fence) -> Outcome:
        try:
            may_go = fence()
        except BaseException:
            self.close()
            raise
        if not may_go:
            self.close()
            return Outcome(Result.STOPPED)
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self.relay.dot_seconds)
            connection.send(b".\r\n")
            code, reply = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self.relay.reply_seconds)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome(Result.UNKNOWN, f"No answer to the final dot: {error}")
        return self._verdict(code, _words(reply))

    def _verdict(self, code: int, words: str) -> Outcome:
        if code == SERVICE_CLOSING:
            self.close()
        match code // 100:
            case 2:
                return Outcome(Result.ACCEPTED, reference=words)
            case 4:
                return Outcome(Result.PUT_OFF, f"{code} {words}")
            case 5:
                return Outcome(Result.REFUSED, f"{code} {words}")
        self.close()
        return Outcome(Result.UNKNOWN, f"The answer to the final dot makes no sense: {code} {words}")


def _expect(answer: tuple[int, bytes], good: set[int], *, refused: Result, put_off: Result) -> None:
    """Go on after a good answer; otherwise say what the answer means at this point of the conversation."""
    code, words = answer[0], _words(answer[1])
    if code in good:
        return
    if code == SERVICE_CLOSING:
        raise _NotTakenError(Result.NO_RELAY, f"{code} {words}")
    if code // 100 == 5:
        raise _NotTakenError(refused, f"{code} {words}", is_open=refused is Result.REFUSED)
    raise _NotTakenError(put_off, f"{code} {words}", is_open=put_off is Result.PUT_OFF)


def _from_greeting(what: str, error: smtplib.SMTPResponseException) -> _NotTakenError:
    is_for_good = error.smtp_code // 100 == 5
    detail = f"{what}: {error.smtp_code} {_words(error.smtp_error)}"
    return _NotTakenError(Result.SHUT_OUT if is_for_good else Result.NO_RELAY, detail)


def _words(reply: bytes | str) -> str:
    """A relay's answer as one line of text."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())


def _stuffed(content: bytes) -> bytes:
    """The content as it goes over the wire: a dot that begins a line is doubled, and the last line is ended."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
