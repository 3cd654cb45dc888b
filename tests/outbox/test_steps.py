"""A sender killed right after any step: nobody is mailed twice, and nobody is forgotten."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from cop_portal import outbox
from cop_portal.outbox import claim
from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.sender import Step, deliver
from cop_portal.outbox.transports import Transport, open_transport
from tests.outbox.kinds import INVITATION, NOW, REMINDER, a_mail
from tests.outbox.relay import ScriptedRelay

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
REAL = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


class Killed(BaseException):
    """What kill -9 is to a test: nothing in the sender may catch it."""


def killed_after(step: Step) -> Callable[[Step], None]:
    def kill(reached: Step) -> None:
        if reached is step:
            raise Killed

    return kill


def sweep(transport: Transport, *, minutes: float = 0, real_minutes: float = 0, killed: Step | None = None) -> None:
    """A sweep with the portal's clock moved on by `minutes` and the real one by `real_minutes`."""
    deliver(
        now=NOW + timedelta(minutes=minutes),
        wall=lambda: REAL + timedelta(minutes=real_minutes),
        transport=transport,
        after_step=killed_after(killed) if killed else lambda _: None,
    )


def die(transport: Transport, step: Step) -> None:
    with pytest.raises(Killed):
        sweep(transport, killed=step)
    transport.close()  # as the kernel would


@pytest.fixture(params=[INVITATION, REMINDER])
def the_mail(request: pytest.FixtureRequest) -> None:
    outbox.enqueue(a_mail(1, kind=request.param))


@pytest.mark.parametrize(
    ("step", "left_as"), [(Step.CLAIMED, State.CLAIMED), (Step.TALKED, State.CLAIMED), (Step.RECORDED, State.SENT)]
)
def test_killed_before_the_fence_or_after_the_record_the_mail_goes_exactly_once(
    relay: ScriptedRelay, smtp: Transport, the_mail: None, step: Step, left_as: str
) -> None:
    die(smtp, step)
    assert OutboxMessage.objects.get().state == left_as

    sweep(smtp, real_minutes=1.9)  # the lease still runs
    assert OutboxMessage.objects.get().state == left_as
    for minutes in (2, 3):
        sweep(smtp, real_minutes=minutes)

    assert len(relay.accepted) == 1
    assert OutboxMessage.objects.get().state == State.SENT


@pytest.mark.parametrize(("step", "taken"), [(Step.FENCED, 0), (Step.HANDED_OVER, 1)])
def test_killed_at_the_dot_a_reminder_is_held_and_never_sent_again(
    relay: ScriptedRelay, smtp: Transport, step: Step, taken: int
) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))
    die(smtp, step)

    sweep(smtp, real_minutes=11.9)  # the lease and the grace time still run
    assert OutboxMessage.objects.get().state == State.TRANSMITTING
    for minutes in (12, 60, 600):
        sweep(smtp, minutes=minutes, real_minutes=minutes)

    assert OutboxMessage.objects.get().state == State.IN_DOUBT
    assert len(relay.accepted) == taken


@pytest.mark.parametrize(("step", "taken"), [(Step.FENCED, 1), (Step.HANDED_OVER, 2)])
def test_killed_at_the_dot_an_invitation_is_sent_once_more_and_is_the_same(
    relay: ScriptedRelay, smtp: Transport, step: Step, taken: int
) -> None:
    outbox.enqueue(a_mail(1, kind=INVITATION))
    die(smtp, step)
    for minutes in (12, 20, 60, 600):
        sweep(smtp, minutes=minutes, real_minutes=minutes)

    row = OutboxMessage.objects.get()
    assert (row.state, row.resends) == (State.SENT, 1)
    assert len(relay.accepted) == taken
    assert len({mail.content for mail in relay.accepted}) == 1


def test_a_sender_that_wakes_after_its_lease_sends_no_dot(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    asleep = {Step.CLAIMED: 0.0, Step.TALKED: 3.0}
    real = [0.0]

    def sleep(step: Step) -> None:
        real[0] = asleep.get(step, real[0])

    deliver(now=NOW, wall=lambda: REAL + timedelta(minutes=real[0]), transport=smtp, after_step=sleep)
    assert relay.accepted == []
    sweep(smtp, real_minutes=3)

    assert len(relay.accepted) == 1
    assert OutboxMessage.objects.get().attempts == 2


def test_a_mail_taken_over_by_another_sender_is_not_sent_by_the_first(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    asleep = [True]

    def other_sender_meanwhile(step: Step) -> None:
        if step is Step.TALKED and asleep.pop():
            asleep.append(False)
            second = claim_after_reaping()
            assert second is not None

    def claim_after_reaping() -> OutboxMessage | None:
        late = REAL + timedelta(minutes=3)
        claim.reap(now=NOW, wall=late)
        return claim.claim(now=NOW, wall=late)

    deliver(now=NOW, wall=lambda: REAL, transport=smtp, after_step=other_sender_meanwhile)

    assert relay.accepted == []
    assert OutboxMessage.objects.get().state == State.CLAIMED


def test_the_yes_of_a_relay_is_recorded_though_the_mail_was_already_in_doubt(
    relay: ScriptedRelay, smtp: Transport
) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))

    def reaped_meanwhile(step: Step) -> None:
        if step is Step.FENCED:
            claim.reap(now=NOW, wall=REAL + timedelta(hours=1))
            assert OutboxMessage.objects.get().state == State.IN_DOUBT

    deliver(now=NOW, wall=lambda: REAL, transport=smtp, after_step=reaped_meanwhile)

    assert OutboxMessage.objects.get().state == State.SENT
    assert len(relay.accepted) == 1


def test_a_fence_that_took_too_long_lets_nothing_go(
    relay: ScriptedRelay, smtp: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.enqueue(a_mail(1))
    monkeypatch.setattr("cop_portal.outbox.sender.DOT_WITHIN_SECONDS", 0.0)
    deliver(now=NOW, transport=smtp)
    assert relay.accepted == []
    assert OutboxMessage.objects.get().state == State.READY

    monkeypatch.undo()
    deliver(now=NOW + timedelta(minutes=2), transport=smtp)
    assert len(relay.accepted) == 1
    assert OutboxMessage.objects.get().resends == 0


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_what_the_relay_said_is_written_once_the_database_is_back(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    away = [0]

    def database_away(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if "sent_at" in sql and sql.startswith("UPDATE") and away[0] < 3:
            away[0] += 1
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(database_away):
        deliver(now=NOW, transport=smtp)

    assert away[0] == 3
    assert OutboxMessage.objects.get().state == State.SENT
    assert len(relay.accepted) == 1


def test_moving_the_demo_clock_takes_no_mail_from_its_sender(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))

    def next_morning(step: Step) -> None:
        if step is Step.TALKED:
            with closing(open_transport(relay.url)) as another:
                sweep(another, minutes=24 * 60)

    deliver(now=NOW, wall=lambda: REAL, transport=smtp, after_step=next_morning)

    row = OutboxMessage.objects.get()
    assert (row.state, row.attempts) == (State.SENT, 1)
    assert len(relay.accepted) == 1


def test_a_mail_that_cannot_be_worded_waits_and_the_others_leave(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, params={"n": 1, "subject": "Hello\nBcc: everyone@example.org"}), a_mail(2))
    sweep(smtp)

    states = dict(OutboxMessage.objects.values_list("dedupe_key", "state"))
    assert states == {f"{INVITATION}:1": State.READY, f"{INVITATION}:2": State.SENT}
    error = OutboxMessage.objects.get(dedupe_key=f"{INVITATION}:1").last_error
    assert error.startswith("It could not be prepared: ValueError")
    assert "everyone" not in error


def test_a_mail_whose_senders_keep_dying_waits_longer_and_longer(smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    waits = []
    minutes = 0.0
    for _ in range(5):
        with pytest.raises(Killed):
            sweep(smtp, minutes=minutes, real_minutes=minutes, killed=Step.CLAIMED)
        minutes += 3
        claim.reap(now=NOW + timedelta(minutes=minutes), wall=REAL + timedelta(minutes=minutes))
        wait = (OutboxMessage.objects.get().next_try_at - NOW).total_seconds() / 60 - minutes
        waits.append(round(wait))
        minutes += wait

    assert waits == [0, 1, 2, 4, 8]


def test_reaping_twice_changes_nothing_more(smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    die(smtp, Step.CLAIMED)
    late = REAL + timedelta(hours=1)

    assert claim.reap(now=NOW, wall=late) == claim.Reaped(unsent=1, in_doubt=0)
    assert claim.reap(now=NOW, wall=late) == claim.Reaped(unsent=0, in_doubt=0)
