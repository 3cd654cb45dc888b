"""Closing the outbox, opening it, and deciding about mail that no machine can decide about."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cop_portal import outbox
from cop_portal.outbox import pausing
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.resolve import Decision, MailMovedOn, decide
from cop_portal.outbox.sender import Step, deliver
from cop_portal.outbox.transports import Transport
from tests.outbox.kinds import INVITATION, NOW, REMINDER, SIGN_IN, a_mail
from tests.outbox.relay import ACCEPT_AND_HANG_UP, HANG_UP, ScriptedRelay

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


def recipients(relay: ScriptedRelay) -> list[str]:
    return [mail.recipient for mail in relay.accepted]


def test_while_paused_only_sign_in_mail_leaves_and_afterwards_everything(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1), a_mail(2, kind=REMINDER), a_mail(3, kind=SIGN_IN))
    pausing.pause(why="The relay is being moved.", now=NOW)
    deliver(now=NOW, transport=smtp)
    assert recipients(relay) == ["person3@example.org"]

    pausing.resume()
    deliver(now=NOW + timedelta(days=1), transport=smtp)
    assert sorted(recipients(relay)) == ["person1@example.org", "person2@example.org", "person3@example.org"]


def test_sign_in_mail_overtakes_a_long_queue(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(*(a_mail(n) for n in range(5)), a_mail(9, kind=SIGN_IN, due_at=NOW + timedelta(seconds=1)))
    deliver(now=NOW + timedelta(seconds=2), transport=smtp)

    assert recipients(relay)[0] == "person9@example.org"


def test_a_pause_stops_even_the_mail_that_is_being_handed_over(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))

    def pause_meanwhile(step: Step) -> None:
        if step is Step.TALKED:
            pausing.pause(why="Stop!", now=NOW)

    deliver(now=NOW, transport=smtp, after_step=pause_meanwhile)

    assert relay.accepted == []
    assert OutboxMessage.objects.get().state == State.READY


def test_the_first_reason_for_a_pause_is_kept() -> None:
    assert pausing.pause(why="The relay refuses us.", now=NOW) is True
    assert pausing.pause(why="Something else.", now=NOW) is False

    assert OutboxState.load().why == "The relay refuses us."


def test_an_invitation_in_doubt_is_not_resent_while_paused(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=INVITATION))
    relay.will("dot", HANG_UP)
    deliver(now=NOW, transport=smtp)
    pausing.pause(why="Wait.", now=NOW)
    deliver(now=NOW + timedelta(days=1), transport=smtp)

    assert OutboxMessage.objects.get().state == State.IN_DOUBT


@pytest.mark.parametrize(
    ("decision", "state", "times"),
    [(Decision.SENT, State.SENT, 1), (Decision.DROP, State.WITHDRAWN, 1), (Decision.AGAIN, State.SENT, 2)],
)
def test_a_person_decides_about_a_mail_that_is_held(
    relay: ScriptedRelay, smtp: Transport, decision: Decision, state: str, times: int
) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))
    relay.will("dot", ACCEPT_AND_HANG_UP)
    deliver(now=NOW, transport=smtp)
    held = OutboxMessage.objects.get()
    decide(message=held, decision=decision, now=NOW)
    deliver(now=NOW, transport=smtp)

    assert OutboxMessage.objects.get().state == state
    assert len(relay.accepted) == times


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_about_a_mail_that_has_moved_on_is_refused(smtp: Transport, decision: Decision) -> None:
    outbox.enqueue(a_mail(1))
    message = OutboxMessage.objects.get()
    deliver(now=NOW, transport=smtp)

    with pytest.raises(MailMovedOn):
        decide(message=message, decision=decision, now=NOW)

    assert OutboxMessage.objects.get().state == State.SENT


def test_two_decisions_to_send_again_send_it_once_more(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))
    relay.will("dot", ACCEPT_AND_HANG_UP)
    deliver(now=NOW, transport=smtp)
    seen_by_both = OutboxMessage.objects.get()
    decide(message=seen_by_both, decision=Decision.AGAIN, now=NOW)

    with pytest.raises(MailMovedOn):
        decide(message=seen_by_both, decision=Decision.AGAIN, now=NOW)


def outbox_command(*words: str) -> str:
    output = StringIO()
    call_command("outbox", *words, stdout=output)
    return output.getvalue()


def test_the_command_tells_pauses_delivers_and_resumes() -> None:
    outbox.enqueue(a_mail(1), a_mail(2, kind=REMINDER))

    assert outbox_command("pause", "--why", "The relay is being moved.") == "Paused.\n"
    assert outbox_command("deliver").splitlines() == [
        "The outbox: Paused: The relay is being moved.",
        f"{INVITATION}: 1 × waiting to be sent",
        f"{REMINDER}: 1 × waiting to be sent",
    ]
    assert outbox_command("resume") == "Open.\n"
    assert outbox_command("resume") == "It was open already.\n"
    assert outbox_command("deliver").splitlines() == [
        "The outbox: Open",
        f"{INVITATION}: 1 × accepted by the mail server",
        f"{REMINDER}: 1 × accepted by the mail server",
    ]


def test_the_command_lists_what_is_held_without_saying_whom_it_is_for(relay: ScriptedRelay, smtp: Transport) -> None:
    assert outbox_command("resolve") == "No mail waits for a decision.\n"
    outbox.enqueue(a_mail(1, kind=REMINDER))
    relay.will("dot", HANG_UP)
    deliver(now=NOW, transport=smtp)
    held = OutboxMessage.objects.get()

    listed = outbox_command("resolve")
    assert listed.startswith(f"{held.pk}  {REMINDER}, nobody knows whether it was accepted  due 2026-03-02 09:00 UTC")
    assert "person1" not in listed
    assert outbox_command("resolve", str(held.pk), "sent") == "Done.\n"
    assert OutboxMessage.objects.get().state == State.SENT


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("resolve", "not-an-id", "sent"), "No mail has the id not-an-id."),
        (("resolve", "6a5b1c5e-7b0f-4b8e-9d1c-3f1f0c0a1b2c", "sent"), "No mail has the id"),
        (("resolve", "6a5b1c5e-7b0f-4b8e-9d1c-3f1f0c0a1b2c"), "Say what to do with it"),
    ],
)
def test_the_command_explains_what_it_cannot_do(words: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        outbox_command(*words)
