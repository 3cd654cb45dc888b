"""The audit trail: chained, append-only, and checked."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.audit.chain import GENESIS, entry_hash, verify
from cop_portal.audit.models import AuditEntry
from tests.conftest import triggers_lifted
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.embedded

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def record(user: User, event: str = "user.renamed") -> AuditEntry:
    return audit.record(event=event, by=user, target=user, at=NOW)


@pytest.mark.django_db
def test_an_entry_holds_identifiers_and_seals_the_one_before() -> None:
    user = UserFactory.create(name="Ada Obi")
    first, second = record(user), record(user)
    assert (first.previous_hash, second.previous_hash) == (GENESIS, first.entry_hash)
    assert (first.target_type, first.target_id, first.by_id) == ("accounts.user", str(user.pk), user.pk)
    assert "Ada" not in str(AuditEntry.objects.values())


@pytest.mark.django_db
def test_the_portal_itself_can_be_the_actor() -> None:
    assert audit.record(event="survey.closed", by=None, target=UserFactory.create(), at=NOW).by is None


def test_the_hash_is_the_published_one() -> None:
    # SHA-256 of the JSON list of the previous hash and the content, without spaces.
    content = f'["{GENESIS}","2026-11-24T12:00:00.123456+00:00","user.renamed",7,"accounts.user","7"]'
    found = entry_hash(
        previous=GENESIS, at=NOW, event="user.renamed", by_id=7, target_type="accounts.user", target_id="7"
    )
    assert found == hashlib.sha256(content.encode()).hexdigest()


@pytest.mark.django_db
def test_an_entry_goes_with_the_transaction_it_belongs_to() -> None:
    user = UserFactory.create()

    with transaction.atomic():
        record(user)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == 0


TAMPERING: list[Callable[[], object]] = [
    lambda: AuditEntry.objects.update(event="nothing.happened"),
    lambda: AuditEntry.objects.all().delete(),
]


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", TAMPERING, ids=["update", "delete"])
def test_the_database_refuses_to_change_or_delete_an_entry(tamper: Callable[[], object]) -> None:
    record(UserFactory.create())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tamper()
    assert list(AuditEntry.objects.values_list("event", flat=True)) == ["user.renamed"]


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_empty_the_table() -> None:
    record(UserFactory.create())
    statement = "TRUNCATE audit_auditentry" if connection.vendor == "postgresql" else "DELETE FROM audit_auditentry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_verify_audit_finds_the_trail_whole_and_names_its_last_hash(capsys: pytest.CaptureFixture[str]) -> None:
    user = UserFactory.create()
    last = [record(user) for _ in range(3)][-1]
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert said.startswith("The audit trail holds: 3 entries.")
    assert last.entry_hash in said


def change_event(entry: AuditEntry) -> None:
    AuditEntry.objects.filter(pk=entry.pk).update(event="nothing.happened")


def change_event_and_its_hash(entry: AuditEntry) -> None:
    forged = entry_hash(
        previous=entry.previous_hash,
        at=entry.at,
        event="nothing.happened",
        by_id=entry.by_id,
        target_type=entry.target_type,
        target_id=entry.target_id,
    )
    AuditEntry.objects.filter(pk=entry.pk).update(event="nothing.happened", entry_hash=forged)


def remove(entry: AuditEntry) -> None:
    AuditEntry.objects.filter(pk=entry.pk).delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tamper", "sound"),
    [(change_event, 1), (change_event_and_its_hash, 2), (remove, 1)],
    ids=["changed", "changed with its hash", "removed"],
)
def test_verify_audit_finds_what_was_changed_behind_the_triggers(
    tamper: Callable[[AuditEntry], None], sound: int
) -> None:
    user = UserFactory.create()
    entries = [record(user) for _ in range(4)]
    with triggers_lifted():
        tamper(entries[1])
    found, broken = verify()
    assert (found, broken is not None) == (sound, True)
    with pytest.raises(CommandError, match="does not hold at entry"):
        call_command("verify_audit")


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_make_one_chain_without_a_fork() -> None:
    user = UserFactory.create()
    start, failures = Barrier(8), []

    def write() -> None:
        try:
            start.wait()
            for _ in range(5):
                with transaction.atomic():
                    record(user)
        except Exception as failure:  # noqa: BLE001 - shown below, in the thread that can fail the test
            failures.append(failure)
        finally:
            connection.close()

    writers = [Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert verify() == (40, None)
