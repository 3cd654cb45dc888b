"""Several senders at once, with real connections: each mail leaves once, by one of them."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cop_portal import outbox
from cop_portal.outbox import claim
from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import open_transport
from tests.outbox.kinds import NOW, a_mail, answered
from tests.outbox.relay import ScriptedRelay

State = OutboxMessage.State


def together(number: int, work: Callable[[], object]) -> None:
    """Run `work` in that many threads, each with its own connection to the database."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_send_each_mail_once(relay: ScriptedRelay) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(60)))

    def send() -> None:
        with closing(open_transport(relay.url)) as transport:
            deliver(now=NOW, transport=transport)

    together(4, send)
    # Where four write to one SQLite file on a busy machine, a fence can come too late; then the next sweep sends.
    with closing(open_transport(relay.url)) as transport:
        deliver(now=NOW + timedelta(minutes=5), transport=transport)

    assert Counter(mail.recipient for mail in relay.accepted) == {f"person{n}@example.org": 1 for n in range(60)}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_mail_is_claimed_by_one_of_many(relay: ScriptedRelay) -> None:
    outbox.enqueue(a_mail(1))
    claimed: list[OutboxMessage | None] = []
    together(8, lambda: claimed.append(claim.claim(now=NOW, wall=timezone.now())))

    assert len([message for message in claimed if message is not None]) == 1


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_answers_given_during_a_run_stop_every_mail_not_yet_let_go(relay: ScriptedRelay) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(40)))
    given_at_dot: list[set[int]] = []
    relay.before_dot_answer = lambda: given_at_dot.append(set(answered))

    def send() -> None:
        with closing(open_transport(relay.url)) as transport:
            deliver(now=NOW, transport=transport, after_step=lambda _: answered.add(39 - len(given_at_dot)))

    together(2, send)

    mailed = [int(mail.recipient.removeprefix("person").partition("@")[0]) for mail in relay.accepted]
    states = Counter(OutboxMessage.objects.values_list("state", flat=True))
    assert states[State.SENT] == len(mailed) == len(set(mailed))
    assert states[State.WITHDRAWN] == 40 - len(mailed) > 5


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_sweep_refuses_to_run_inside_a_transaction(relay: ScriptedRelay) -> None:
    outbox.enqueue(a_mail(1))
    with (
        closing(open_transport(relay.url)) as transport,
        pytest.raises(RuntimeError, match="durable"),
        transaction.atomic(),
    ):
        deliver(now=NOW, transport=transport)

    assert relay.accepted == []


@pytest.mark.embedded
@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"state": "lost"},
        {"state": State.CLAIMED},
        {"state": State.TRANSMITTING, "lease_id": uuid.uuid4(), "lease_until": NOW},
        {"state": State.SENT},
        {"sent_at": NOW},
        {"not_after": NOW},
        {"dedupe_key": ""},
        {"message_id": ""},
    ],
)
def test_the_database_refuses_a_row_that_says_too_little(changes: dict[str, object]) -> None:
    outbox.enqueue(a_mail(1))

    with pytest.raises(DatabaseError):
        OutboxMessage.objects.update(**changes)
