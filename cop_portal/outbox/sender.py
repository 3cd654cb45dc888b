"""The sweep: claim → talk → fence → dot → record, one mail at a time, until nothing is due or the time is up.

Each step is committed before the next begins, so whatever is killed, the row says how far the mail can have come.
Nothing here may run inside a caller's transaction: `durable=True` refuses it.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from cop_portal.outbox import claim, restore
from cop_portal.outbox.backoff import is_hopeless, wait_after
from cop_portal.outbox.clocks import SweepClock, Wall, database_time
from cop_portal.outbox.kinds import MailKind, is_declined, kind_named
from cop_portal.outbox.message import Letter, ascii_address, write_letter
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.pausing import pause
from cop_portal.outbox.resolve import resolve
from cop_portal.outbox.transports import Outcome, Result, Transport

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 50.0
# From asking whether a mail is still due until the last byte leaves. Later than that, the answer is too old to act on.
DOT_WITHIN_SECONDS = 1.0
# A mail that breaks the connection must not hold up the others; a relay that is down should not be tried for each.
LOST_RELAYS_BEFORE_GIVING_UP = 2


class Step(StrEnum):
    """The steps of one mail, each followed by a commit or by something the relay can see."""

    CLAIMED = "claimed"
    TALKED = "talked"
    FENCED = "fenced"
    HANDED_OVER = "handed over"
    RECORDED = "recorded"


class Stop(StrEnum):
    """Why the fence said no. In each case nothing has been sent."""

    NOT_DUE = "not due any more"
    DECLINED = "not wanted"
    EXPIRED = "its time passed"
    PAUSED = "the outbox was paused"
    LOST = "the lease was lost"
    LATE = "the fence took too long"


AfterStep = Callable[[Step], None]


def deliver(
    *,
    now: datetime,
    transport: Transport,
    wall: Wall = database_time,
    after_step: AfterStep = lambda _: None,
    seconds: float = SWEEP_SECONDS,
) -> bool:
    """Send what is due at `now`. False if the time ran out first, so that more may be due; otherwise True.

    `after_step` is called after each step, where the fault tests stop the process.
    """
    clock = SweepClock(now)
    tidy(now=now, wall=wall, transport=transport)
    lost_relays = 0
    while lost_relays < LOST_RELAYS_BEFORE_GIVING_UP:
        if clock.elapsed > seconds:
            return False
        message = claim.claim(now=clock.now(), wall=wall())
        if message is None:
            break
        after_step(Step.CLAIMED)
        outcome = Attempt(message, transport, clock, wall, after_step).make()
        after_step(Step.RECORDED)
        lost_relays = lost_relays + 1 if outcome.result in (Result.NO_RELAY, Result.SHUT_OUT) else 0
    return True


def tidy(*, now: datetime, wall: Wall, transport: Transport) -> None:
    """What every sweep does first: notice a restore, take mail from senders that are gone, settle what is in doubt."""
    restore.notice_restore(now=now)
    claim.reap(now=now, wall=wall())
    restore.doubt_what_was_due()
    claim.expire_overtaken(now=now)
    resolve(now=now, transport=transport)


@dataclass
class Attempt:
    """One try at one claimed mail."""

    message: OutboxMessage
    transport: Transport
    clock: SweepClock
    wall: Wall
    after_step: AfterStep
    kind: MailKind = field(init=False)
    letter: Letter | None = None
    stopped: Stop | None = None

    def __post_init__(self) -> None:
        self.kind = kind_named(self.message.kind)

    def make(self) -> Outcome:
        """Hand the mail over, or learn why not, and write that down."""
        try:
            outcome = self._hand_over()
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one mail, the others must leave)
            # A transport raises only before the dot, so nothing was sent. The error's own words may hold a link, or an
            # address: its name and place must do.
            place = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"It could not be prepared: {type(error).__name__} at {place.filename}:{place.lineno}"
            logger.error("A mail of the kind %s: %s", self.message.kind, detail)  # noqa: TRY400 (see above)
            outcome = Outcome(Result.PUT_OFF, detail)
        self._until_written(lambda: self._record(outcome))
        return outcome

    def _hand_over(self) -> Outcome:
        self.stopped = self._why_not()
        if self.stopped:
            return Outcome(Result.STOPPED)
        date = self.message.date_header or self.clock.now()
        self.message.date_header = date
        self.letter = write_letter(
            self.kind.render(self.message.params, self.message.recipient),
            to=self.message.recipient,
            message_id=self.message.message_id,
            date=date,
        )
        if self.message.resends and self.message.content_mark not in ("", self.letter.mark):
            return Outcome(Result.UNKNOWN, "It may have been sent, and its words have changed since.")
        outcome = self.transport.transmit(self.letter, self._fence)
        if outcome.result is not Result.STOPPED:
            self.after_step(Step.HANDED_OVER)
        return outcome

    def _why_not(self) -> Stop | None:
        if self.message.not_after is not None and self.message.not_after <= self.clock.now():
            return Stop.EXPIRED
        if is_declined(self.kind, self.message.recipient):
            return Stop.DECLINED
        return None if self.kind.is_still_due(self.message.params) else Stop.NOT_DUE

    def _fence(self) -> bool:
        """Whether the dot may go, committed and written outside the database before this says yes."""
        self.after_step(Step.TALKED)
        asked_at = time.monotonic()
        with transaction.atomic(durable=True):
            self.stopped = self._why_not() or self._pass()
            number = 0 if self.stopped else restore.count_fence()
        if self.stopped:
            return False
        restore.remember(number, OutboxState.load())
        self.after_step(Step.FENCED)
        if time.monotonic() - asked_at > DOT_WITHIN_SECONDS:
            self.stopped = Stop.LATE
        return self.stopped is None

    def _pass(self) -> Stop | None:
        assert self.letter is not None  # noqa: S101 (the letter is written before the transport is called)
        assert self.message.date_header is not None  # noqa: S101
        if not self.kind.ignores_pauses and OutboxState.load().is_paused:
            return Stop.PAUSED
        is_ours = claim.raise_fence(
            self.message, mark=self.letter.mark, date=self.message.date_header, wall=self.wall()
        )
        return None if is_ours else Stop.LOST

    def _record(self, outcome: Outcome) -> None:
        message, now, why = self.message, self.clock.now(), self._without_address(outcome.detail)
        later = now + wait_after(message.attempts)
        match outcome.result:
            case Result.ACCEPTED:
                claim.record_sent(message, reference=outcome.reference, now=now)
            case Result.STOPPED:
                self._record_stop(now, later)
            case Result.REFUSED:
                claim.fail(message, why=why)
            case Result.PUT_OFF if is_hopeless(due_at=message.due_at, now=now):
                claim.fail(message, why=f"Given up after five days. {why}"[:300])
            case Result.PUT_OFF | Result.NO_RELAY:
                claim.put_back(message, why=why, next_try_at=later)
            case Result.SHUT_OUT:
                pause(why=why, now=now)
                claim.put_back(message, why=why, next_try_at=later)
            case Result.UNKNOWN:
                claim.doubt(message, why=why)

    def _record_stop(self, now: datetime, later: datetime) -> None:
        match self.stopped:
            case Stop.NOT_DUE | Stop.DECLINED:
                claim.withdraw(self.message)
            case Stop.EXPIRED:
                claim.expire(self.message)
            case Stop.PAUSED:
                claim.put_back(self.message, why=f"Not sent: {self.stopped}.", next_try_at=now)
            case Stop.LATE:
                claim.put_back(self.message, why=f"Not sent: {self.stopped}.", next_try_at=later)
            case _:
                # Whoever took the lease has the mail, and the say.
                logger.info("A mail of the kind %s changed hands before it was sent.", self.message.kind)

    def _without_address(self, words: str) -> str:
        """A relay's words as they may be kept: without the person they are about."""
        for address in (self.message.recipient, ascii_address(self.message.recipient)):
            words = words.replace(address, "the address")
        return words[:300]

    def _until_written(self, write: Callable[[], None]) -> None:
        """What is known about a mail is written even if the database is away for a while."""
        wait, tries_until = 0.05, time.monotonic() + settings.OUTBOX_GRACE_SECONDS
        while True:
            try:
                with transaction.atomic(durable=True):
                    return write()
            except (DatabaseError, InterfaceError):
                if time.monotonic() > tries_until:
                    raise
                logger.warning("What became of a mail could not be written; trying again.", exc_info=True)
                connection.close_if_unusable_or_obsolete()
                time.sleep(wait)
                wait = min(2 * wait, 5.0)
