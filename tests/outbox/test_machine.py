"""Any sequence of planning, sending, dying, answering, pausing and waiting, with a relay in any mood.

After each of them: nobody was mailed more often than once and once for each permitted resend, and nobody after they
answered. At the end, with everything calm again: no due mail is forgotten.
"""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cop_portal import outbox
from cop_portal.outbox import pausing
from cop_portal.outbox.message import Letter
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.sender import Step, deliver
from cop_portal.outbox.transports import Fence, Outcome, Result
from tests.outbox.kinds import INVITATION, NOW, REMINDER, SIGN_IN, a_mail, answered

State = OutboxMessage.State
REAL = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SILENT_YES, SILENT_NO = "takes it and hangs up", "hangs up"
PEOPLE = st.integers(0, 5)
# The more often a mail is taken, the more often it could be taken twice.
MOODS = [
    *[Result.ACCEPTED] * 4,
    *[SILENT_YES] * 2,
    *[SILENT_NO, Result.PUT_OFF, Result.REFUSED, Result.NO_RELAY, Result.SHUT_OUT],
]


class Killed(BaseException):
    """What kill -9 is to a test."""


class MoodyRelay:
    """A transport with the promises of SMTP, and a relay behind it that does as its mood is."""

    def __init__(self) -> None:
        self.mood: str = Result.ACCEPTED
        self.accepted: list[Letter] = []
        self.accepted_after_answer: list[str] = []
        self.talked_about = -1

    def transmit(self, letter: Letter, fence: Fence) -> Outcome:
        mood = self.mood
        self.talked_about = int(letter.recipient.removeprefix("person").partition("@")[0])
        if mood in (Result.NO_RELAY, Result.SHUT_OUT):
            return Outcome(Result(mood), "before the dot")
        if not fence():
            return Outcome(Result.STOPPED)
        if mood in (Result.ACCEPTED, SILENT_YES):
            self.accepted.append(letter)
            if self.talked_about in answered:
                self.accepted_after_answer.append(letter.recipient)
        return Outcome(Result.UNKNOWN if mood in (SILENT_YES, SILENT_NO) else Result(mood), "after the dot")

    def has(self, message_id: str) -> bool | None:
        return None

    def close(self) -> None:
        """Nothing is held open."""


class Sending(RuleBasedStateMachine):
    """One outbox, any number of senders one after another, and a relay."""

    def __init__(self) -> None:
        super().__init__()
        self.relay = MoodyRelay()
        self.minutes = 0.0

    @initialize()
    def mail_for_six(self) -> None:
        OutboxMessage.objects.all().delete()
        OutboxState.objects.all().delete()
        answered.clear()
        for kind in (INVITATION, REMINDER):
            outbox.enqueue(*(a_mail(n, kind=kind) for n in range(6)))

    @property
    def now(self) -> datetime:
        return NOW + timedelta(minutes=self.minutes)

    @rule(n=PEOPLE, kind=st.sampled_from([INVITATION, REMINDER, SIGN_IN]), wait=st.sampled_from([0, 45]))
    def plan(self, n: int, kind: str, wait: int) -> None:
        due_at = self.now + timedelta(minutes=wait)
        dies = due_at + timedelta(minutes=10) if kind == SIGN_IN else None
        outbox.enqueue(a_mail(n, kind=kind, due_at=due_at, not_after=dies))

    @rule(
        mood=st.sampled_from(MOODS),
        killed=st.sampled_from([None, *Step]),
        at=st.integers(1, 3),
        answers_at=st.sampled_from([None, None, 1, 2]),
        minutes=st.sampled_from([0, 3, 13, 70]),
    )
    def sweep(self, mood: str, killed: Step | None, at: int, answers_at: int | None, minutes: float) -> None:
        """Some time later a sender sweeps. It may be killed; someone may answer just before their fence."""
        self.minutes += minutes
        self.relay.mood = mood
        reached = Counter[Step]()

        def kill(step: Step) -> None:
            reached[step] += 1
            if step is Step.TALKED and reached[step] == answers_at:
                answered.add(self.relay.talked_about)
            if step is killed and reached[step] == at:
                raise Killed

        with suppress(Killed):
            self._deliver(kill)

    def _deliver(self, after_step: Any) -> None:
        real = REAL + timedelta(minutes=self.minutes)
        deliver(now=self.now, wall=lambda: real, transport=self.relay, after_step=after_step)

    @rule(n=PEOPLE)
    def somebody_answers(self, n: int) -> None:
        answered.add(n)

    @rule(may_leave=st.sampled_from([True, True, False]))
    def staff_pause_or_resume(self, may_leave: bool) -> None:
        if may_leave:
            pausing.resume()
        else:
            pausing.pause(why="Staff want it so.", now=self.now)

    @invariant()
    def nobody_is_mailed_twice(self) -> None:
        times = Counter(letter.message_id for letter in self.relay.accepted)
        permitted = {row.message_id: 1 + row.resends for row in OutboxMessage.objects.all()}
        assert {key: number for key, number in times.items() if number > permitted[key]} == {}

    @invariant()
    def only_invitations_are_resent_and_only_once(self) -> None:
        assert set(OutboxMessage.objects.exclude(resends=0).values_list("kind", "resends")) <= {(INVITATION, 1)}

    @invariant()
    def a_resend_is_byte_for_byte_the_same(self) -> None:
        contents = {(letter.message_id, letter.content) for letter in self.relay.accepted}
        assert len(contents) == len({letter.message_id for letter in self.relay.accepted})

    @invariant()
    def nobody_is_mailed_after_they_answered(self) -> None:
        assert self.relay.accepted_after_answer == []

    def teardown(self) -> None:
        """Everything calm again: every mail is sent, or there is a reason anyone can see."""
        pausing.resume()
        self.relay.mood = Result.ACCEPTED
        for _ in range(8):
            self.minutes += 75
            self._deliver(lambda _: None)
        taken = {letter.message_id for letter in self.relay.accepted}
        for row in OutboxMessage.objects.all():
            assert row.state not in (State.READY, State.CLAIMED, State.TRANSMITTING), f"forgotten: {row}"
            assert row.state != State.SENT or row.message_id in taken
            assert row.state != State.EXPIRED or row.kind == SIGN_IN
            assert row.state != State.IN_DOUBT or row.kind != INVITATION or row.resends == 1
            assert row.state != State.WITHDRAWN or row.params["n"] in answered


@pytest.mark.django_db
@pytest.mark.parametrize("examples", [40, pytest.param(2000, marks=pytest.mark.faults)])
def test_whatever_happens_in_whatever_order_nobody_is_mailed_twice_and_nobody_is_forgotten(examples: int) -> None:
    many = settings(
        max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Sending, settings=many)
