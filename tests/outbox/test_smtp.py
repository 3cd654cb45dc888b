"""The real SMTP transport against a relay on loopback: every answer at every stage, and what it means for the row."""

from datetime import timedelta
from typing import Any

import pytest

from cop_portal import outbox
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.sender import Step, deliver
from cop_portal.outbox.transports import Transport, open_transport
from tests.outbox.kinds import INVITATION, NOW, REMINDER, SIGN_IN, a_mail, answered
from tests.outbox.relay import ACCEPT_AND_HANG, ACCEPT_AND_HANG_UP, HANG, HANG_UP, ScriptedRelay

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


def the_row() -> OutboxMessage:
    return OutboxMessage.objects.get()


def test_a_mail_arrives_once_and_as_it_was_worded(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    for _ in range(3):
        deliver(now=NOW, transport=smtp)

    (mail,) = relay.accepted
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert mail.recipient == "person1@example.org"
    assert body.get_content().splitlines()[1] == ".a line that begins with a dot"
    assert the_row().state == State.SENT
    assert the_row().provider_reference == "queued as 4711"


def test_many_mails_share_a_connection(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(20)))
    deliver(now=NOW, transport=smtp)

    assert len(relay.accepted) == 20
    assert relay.conversations == 1


def test_a_connection_the_relay_has_closed_meanwhile_is_opened_again(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1), a_mail(2))
    relay.will("MAIL", "250 fine", HANG_UP)
    deliver(now=NOW, transport=smtp)

    assert len(relay.accepted) == 2
    assert relay.conversations == 2


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
def test_a_mail_put_off_is_sent_later_byte_for_byte_the_same_date(
    relay: ScriptedRelay, smtp: Transport, stage: str
) -> None:
    outbox.enqueue(a_mail(1))
    relay.will(stage, "451 try again later, person1@example.org")
    deliver(now=NOW, transport=smtp)
    row = the_row()
    deliver(now=NOW + timedelta(seconds=59), transport=smtp)

    assert (row.state, row.attempts, row.next_try_at > NOW + timedelta(seconds=59)) == (State.READY, 1, True)
    assert row.last_error == "451 try again later, the address"
    assert relay.accepted == []

    deliver(now=NOW + timedelta(seconds=62), transport=smtp)
    assert the_row().state == State.SENT
    assert len(relay.accepted) == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
def test_a_mail_refused_fails_and_the_next_one_leaves(relay: ScriptedRelay, smtp: Transport, stage: str) -> None:
    outbox.enqueue(a_mail(1), a_mail(2, due_at=NOW + timedelta(microseconds=1)))
    relay.will(stage, "550 nobody here called person1@example.org")
    deliver(now=NOW + timedelta(seconds=1), transport=smtp)

    first, second = OutboxMessage.objects.order_by("due_at")
    assert (first.state, first.last_error) == (State.FAILED, "550 nobody here called the address")
    assert second.state == State.SENT
    assert [mail.recipient for mail in relay.accepted] == ["person2@example.org"]
    assert OutboxState.load().is_paused is False


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL"])
def test_a_relay_that_shuts_us_out_pauses_the_outbox_and_no_mail_fails(
    relay: ScriptedRelay, smtp: Transport, stage: str
) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(5)))
    relay.will("HELO", "554 go away")
    relay.will(stage, "554 go away")
    deliver(now=NOW, transport=smtp)

    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {State.READY}
    assert OutboxState.load().is_paused is True
    assert "554 go away" in OutboxState.load().why
    assert relay.accepted == []


def test_a_relay_that_refuses_the_password_pauses_the_outbox(relay: ScriptedRelay, settings: Any) -> None:
    relay.will("EHLO", "250-relay.test\r\n250 AUTH PLAIN")
    relay.will("AUTH", "535 wrong password")
    outbox.enqueue(a_mail(1))
    transport = open_transport(relay.url.replace("//", "//portal:s3cret@"))
    deliver(now=NOW, transport=transport)
    transport.close()

    assert the_row().state == State.READY
    assert OutboxState.load().is_paused is True
    assert "s3cret" not in OutboxState.load().why


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({}, "STARTTLS"),
        ({"EHLO": "250-relay.test\r\n250 STARTTLS", "STARTTLS": "554 no TLS today"}, "554 no TLS today"),
    ],
)
def test_a_relay_without_the_encryption_asked_for_gets_no_mail_and_no_password(
    relay: ScriptedRelay, script: dict[str, str], words: str
) -> None:
    for stage, answer in script.items():
        relay.will(stage, answer)
    outbox.enqueue(a_mail(1))
    transport = open_transport(relay.url.replace("//", "//portal:s3cret@") + "?starttls=yes")
    deliver(now=NOW, transport=transport)
    transport.close()

    assert words in OutboxState.load().why
    assert the_row().state == State.READY
    assert [command for command in relay.commands if command.startswith(("AUTH", "MAIL"))] == []


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL"])
@pytest.mark.parametrize("answer", ["421 too busy", HANG_UP, HANG])
def test_a_relay_that_is_away_is_tried_again_and_nothing_pauses(
    relay: ScriptedRelay, smtp: Transport, stage: str, answer: str
) -> None:
    outbox.enqueue(a_mail(1))
    relay.will("HELO", answer)
    relay.will(stage, answer)
    deliver(now=NOW, transport=smtp)
    assert (the_row().state, OutboxState.load().is_paused) == (State.READY, False)

    deliver(now=NOW + timedelta(minutes=2), transport=smtp)
    assert len(relay.accepted) == 1


def test_a_relay_that_is_down_is_not_tried_for_every_mail(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(50)))
    relay.will("greeting", *["421 too busy"] * 50)
    deliver(now=NOW, transport=smtp)

    assert relay.conversations == 2
    assert OutboxMessage.objects.filter(attempts=0).count() == 48


@pytest.mark.parametrize("answer", [HANG_UP, HANG, ACCEPT_AND_HANG_UP, ACCEPT_AND_HANG, "354 what was that?"])
def test_a_mail_whose_dot_is_not_answered_is_in_doubt(relay: ScriptedRelay, smtp: Transport, answer: str) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))
    relay.will("dot", answer)
    deliver(now=NOW, transport=smtp)
    deliver(now=NOW + timedelta(days=1), transport=smtp)

    assert the_row().state == State.IN_DOUBT
    assert relay.commands.count("DATA") == 1


def test_an_invitation_in_doubt_is_resent_once_byte_for_byte_the_same(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=INVITATION))
    relay.will("dot", ACCEPT_AND_HANG_UP, ACCEPT_AND_HANG_UP)
    for day in range(4):
        deliver(now=NOW + timedelta(days=day), transport=smtp)
        deliver(now=NOW + timedelta(days=day, minutes=5), transport=smtp)

    first, second = relay.accepted
    assert first.content == second.content
    assert (the_row().state, the_row().resends) == (State.IN_DOUBT, 1)


def test_an_invitation_whose_words_have_changed_is_not_resent_but_held(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=INVITATION))
    relay.will("dot", ACCEPT_AND_HANG_UP)
    deliver(now=NOW, transport=smtp)
    OutboxMessage.objects.update(params={"n": 1, "subject": "Corrected"})
    deliver(now=NOW, transport=smtp)
    deliver(now=NOW + timedelta(days=1), transport=smtp)

    assert len(relay.accepted) == 1
    assert the_row().state == State.IN_DOUBT
    assert "words have changed" in the_row().last_error


def test_someone_who_answers_while_the_mail_is_being_handed_over_is_not_mailed(
    relay: ScriptedRelay, smtp: Transport
) -> None:
    outbox.enqueue(a_mail(1), a_mail(2, due_at=NOW + timedelta(microseconds=1)))

    def answer(step: Step) -> None:
        if step is Step.TALKED:
            answered.add(1)

    deliver(now=NOW + timedelta(seconds=1), transport=smtp, after_step=answer)

    states = {row.dedupe_key: row.state for row in OutboxMessage.objects.all()}
    assert [mail.recipient for mail in relay.accepted] == ["person2@example.org"]
    assert states[f"{INVITATION}:1"] == State.WITHDRAWN
    assert states[f"{INVITATION}:2"] == State.SENT


def test_a_mail_not_due_any_more_does_not_trouble_the_relay(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    answered.add(1)
    deliver(now=NOW, transport=smtp)

    assert relay.conversations == 0
    assert the_row().state == State.WITHDRAWN


def test_a_mail_put_off_for_five_days_is_given_up(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    relay.will("RCPT", *["450 mailbox full"] * 3)
    deliver(now=NOW, transport=smtp)
    deliver(now=NOW + timedelta(days=4), transport=smtp)
    assert the_row().state == State.READY

    deliver(now=NOW + timedelta(days=5, minutes=1), transport=smtp)
    assert the_row().state == State.FAILED
    assert the_row().last_error == "Given up after five days. 450 mailbox full"


@pytest.mark.parametrize("minutes", [10, 11])
def test_a_sign_in_code_that_came_too_late_is_never_sent(relay: ScriptedRelay, smtp: Transport, minutes: int) -> None:
    outbox.enqueue(a_mail(1, kind=SIGN_IN, not_after=NOW + timedelta(minutes=10)))
    relay.will("greeting", "421 too busy")
    deliver(now=NOW, transport=smtp)
    deliver(now=NOW + timedelta(minutes=minutes), transport=smtp)

    assert the_row().state == State.EXPIRED
    assert relay.accepted == []


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtps://u:p%40ss@relay.example.org", 465, "tls"),
        ("smtp://relay.example.org", 587, "starttls"),
        ("smtp://relay.example.org:25?starttls=no", 25, "none"),
        ("smtp://127.0.0.1:2525", 2525, "none"),
    ],
)
def test_mail_goes_unencrypted_only_on_this_machine_or_where_somebody_said_so(
    url: str, port: int, security: str
) -> None:
    relay = open_transport(url).relay  # type: ignore[attr-defined]

    assert (relay.port, relay.security) == (port, security)
