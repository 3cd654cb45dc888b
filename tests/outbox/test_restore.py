"""A database restored from a backup does not mail people what they have had already."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cop_portal import outbox
from cop_portal.outbox import claim, pausing, restore
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import Transport
from tests.outbox.kinds import INVITATION, NOW, REMINDER, SIGN_IN, a_mail
from tests.outbox.relay import ScriptedRelay
from tests.outbox.support import deliver_all, delivered, path_of

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def a_database_as_migrated() -> None:
    """A test with real transactions may have emptied every table before this one."""
    OutboxState.load()


def dump() -> list[OutboxMessage | OutboxState]:
    return [*OutboxMessage.objects.all(), *OutboxState.objects.all()]


def put_back(rows: list[OutboxMessage | OutboxState]) -> None:
    OutboxMessage.objects.all().delete()
    OutboxState.objects.all().delete()
    for row in rows:
        row.save(force_insert=True)


def states() -> dict[str, str]:
    return dict(OutboxMessage.objects.values_list("dedupe_key", "state"))


def test_after_a_restore_due_mail_is_in_doubt_and_the_outbox_waits_for_a_person(
    relay: ScriptedRelay, smtp: Transport
) -> None:
    outbox.enqueue(a_mail(0))
    deliver(now=NOW, transport=smtp)
    outbox.enqueue(a_mail(1, kind=REMINDER), a_mail(2, kind=REMINDER, due_at=LATER))
    backup = dump()
    deliver(now=NOW, transport=smtp)
    put_back(backup)
    for _ in range(2):
        deliver(now=NOW + timedelta(hours=1), transport=smtp)

    assert len(relay.accepted) == 2
    assert states() == {
        f"{INVITATION}:0": State.SENT,
        f"{REMINDER}:1": State.IN_DOUBT,
        f"{REMINDER}:2": State.READY,
    }
    assert "restored from a backup" in OutboxState.load().why


def test_once_resumed_only_what_cannot_have_been_sent_leaves_by_itself(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER), a_mail(2, kind=REMINDER, due_at=LATER))
    backup = dump()
    deliver(now=NOW, transport=smtp)
    put_back(backup)
    deliver(now=NOW + timedelta(hours=1), transport=smtp)
    pausing.resume()
    deliver(now=LATER, transport=smtp)

    assert [mail.recipient for mail in relay.accepted] == ["person1@example.org", "person2@example.org"]
    assert states()[f"{REMINDER}:1"] == State.IN_DOUBT


def test_an_occasion_planned_anew_after_the_restore_is_in_doubt_too(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(0))
    deliver(now=NOW - timedelta(hours=1), transport=smtp)
    backup = dump()
    outbox.enqueue(a_mail(1, kind=REMINDER))
    deliver(now=NOW, transport=smtp)
    assert len(relay.accepted) == 2
    put_back(backup)
    deliver(now=LATER, transport=smtp)
    pausing.resume()
    outbox.enqueue(a_mail(1, kind=REMINDER))
    deliver(now=LATER, transport=smtp)

    assert states()[f"{REMINDER}:1"] == State.IN_DOUBT
    assert len([mail for mail in relay.accepted if mail.recipient == "person1@example.org"]) == 1


def test_an_occasion_planned_anew_while_a_sweep_runs_is_not_claimed_by_it() -> None:
    OutboxState.objects.update(restored_at=LATER)
    outbox.enqueue(a_mail(1), a_mail(2, due_at=LATER + timedelta(seconds=1)))
    claimed = claim.claim(now=LATER + timedelta(minutes=1), wall=timezone.now())

    assert claimed is not None
    assert claimed.dedupe_key == f"{INVITATION}:2"


def test_a_mail_known_not_to_be_taken_is_in_doubt_again_after_another_restore(
    relay: ScriptedRelay, smtp: Transport
) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER))
    relay.will("dot", "451 later")
    deliver(now=NOW, transport=smtp)
    backup = dump()
    deliver(now=NOW + timedelta(minutes=2), transport=smtp)
    put_back(backup)
    deliver(now=NOW + timedelta(minutes=5), transport=smtp)
    pausing.resume()
    deliver(now=NOW + timedelta(days=1), transport=smtp)

    assert len(relay.accepted) == 1
    assert states() == {f"{REMINDER}:1": State.IN_DOUBT}


def test_a_database_moved_without_its_counter_looks_restored(smtp: Transport, own_folder: Path) -> None:
    outbox.enqueue(a_mail(1))
    deliver(now=NOW, transport=smtp)
    for path in (own_folder / "outbox").iterdir():
        path.unlink()
    deliver(now=NOW, transport=smtp)

    assert OutboxState.load().is_paused is True


def test_a_new_database_in_an_old_folder_is_not_taken_for_a_restored_one(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1))
    deliver(now=NOW, transport=smtp)
    put_back([])
    outbox.enqueue(a_mail(2))
    deliver(now=NOW, transport=smtp)

    assert len(relay.accepted) == 2
    assert OutboxState.load().is_paused is False


def test_no_restore_is_noticed_where_there_was_none(smtp: Transport) -> None:
    for n in range(5):
        outbox.enqueue(a_mail(n))
        deliver(now=NOW + timedelta(minutes=n), transport=smtp)

    assert restore.notice_restore(now=LATER) is False
    assert set(states().values()) == {State.SENT}


def test_the_counter_outside_never_goes_back(own_folder: Path) -> None:
    state = OutboxState.load()
    for number in (7, 12, 9, 11):
        restore.remember(number, state)

    (path,) = (own_folder / "outbox").iterdir()
    assert int(path.read_text()) == 12


def test_a_transport_that_knows_settles_every_doubt_of_a_restore() -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER), a_mail(2, kind=REMINDER, due_at=LATER))
    backup = dump()
    deliver_all(NOW)
    put_back(backup)
    deliver_all(LATER)
    assert states() == {f"{REMINDER}:1": State.IN_DOUBT, f"{REMINDER}:2": State.IN_DOUBT}
    first_arrived = path_of(OutboxMessage.objects.get(dedupe_key=f"{REMINDER}:1")).stat().st_ino

    pausing.resume()
    deliver_all(LATER)
    assert states() == {f"{REMINDER}:1": State.SENT, f"{REMINDER}:2": State.SENT}
    assert len(delivered(REMINDER)) == 2
    assert path_of(OutboxMessage.objects.get(dedupe_key=f"{REMINDER}:1")).stat().st_ino == first_arrived


def test_people_can_still_sign_in_while_a_restored_outbox_waits(relay: ScriptedRelay, smtp: Transport) -> None:
    outbox.enqueue(a_mail(1, kind=REMINDER), a_mail(2, kind=SIGN_IN, not_after=NOW + timedelta(minutes=10)))
    backup = dump()
    deliver(now=NOW, transport=smtp)
    put_back(backup)
    minute = NOW + timedelta(minutes=1)
    deliver(now=minute, transport=smtp)
    outbox.enqueue(a_mail(3, kind=SIGN_IN, due_at=minute + timedelta(seconds=1)))
    deliver(now=minute + timedelta(seconds=2), transport=smtp)
    deliver(now=NOW + timedelta(minutes=11), transport=smtp)

    assert [mail.recipient for mail in relay.accepted].count("person2@example.org") == 1
    assert [mail.recipient for mail in relay.accepted].count("person3@example.org") == 1
    assert states()[f"{SIGN_IN}:2"] == State.EXPIRED
