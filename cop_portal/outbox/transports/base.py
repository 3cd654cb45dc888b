"""What a transport promises the sender."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cop_portal.outbox.message import Letter


class Result(StrEnum):
    """What is known once a transport has finished with a letter."""

    ACCEPTED = "accepted"  # the relay took it
    STOPPED = "stopped"  # the fence said no, and nothing was sent
    PUT_OFF = "put_off"  # not taken: this mail may be tried again later
    NO_RELAY = "no_relay"  # not taken: nobody to hand mail to at present, so no other mail need try
    REFUSED = "refused"  # not taken, and never will be: this address or this content
    SHUT_OUT = "shut_out"  # not taken: the relay does not want us at all; a person must look
    UNKNOWN = "unknown"  # handed over, and no answer came


@dataclass(frozen=True)
class Outcome:
    """A result, the words that came with it, and the relay's own reference where it gave one."""

    result: Result
    detail: str = ""
    reference: str = ""


# Called when all but the last byte is handed over. True, and only then, is the mail to be let go, at once.
Fence = Callable[[], bool]


class Transport(Protocol):
    def transmit(self, letter: Letter, fence: Fence) -> Outcome:
        """Hand a letter over, asking the fence before the point of no return.

        It raises only if nothing has been sent; whatever the fence raises passes through.
        """

    def has(self, message_id: str) -> bool | None:
        """Whether this message has been accepted before; None where the transport cannot know."""

    def close(self) -> None:
        """Let go of connections. May be called at any time, and twice."""
