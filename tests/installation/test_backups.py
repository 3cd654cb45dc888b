"""A backup is a copy that was opened and checked; a restore brings every row back, or changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from pytest_django import Settings

from cop_portal.accounts.models import User
from cop_portal.installation import backups
from cop_portal.installation.backups import keys, making, manifest, sqlite
from cop_portal.installation.models import Installation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
A_KEY = "2f0c.private"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)
    return tmp_path / "backups"


@pytest.fixture(autouse=True)
def no_other_keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that the database needs, as the room that makes them would say."""
    needed: list[str] = []
    monkeypatch.setattr(keys, "_registered", [lambda: needed])
    return needed


@pytest.fixture
def people() -> Iterator[list[str]]:
    Installation.objects.create()
    names = ["Ada", "Grace", "Ngozi"]
    for name in names:
        EmailAddress.objects.create(user=User.objects.create_user(name=name), email=f"{name.lower()}@example.org")
    yield names
    connections.close_all()


def names_now() -> list[str]:
    return list(User.objects.order_by("name").values_list("name", flat=True))


def test_a_restore_brings_every_row_back(people: list[str]) -> None:
    made = backups.make_backup(now=NOW)
    User.objects.filter(name="Ada").update(name="Somebody else")
    User.objects.create_user(name="Zoë")
    restored = backups.restore_backup(made.folder)
    assert names_now() == people
    assert EmailAddress.objects.count() == 3
    assert restored.rows["accounts_user"] == 3
    # New rows are numbered after the old ones, not over them.
    assert User.objects.create_user(name="Zoë").pk > max(User.objects.exclude(name="Zoë").values_list("pk", flat=True))


def test_the_manifest_says_what_is_in_the_backup(people: list[str]) -> None:
    made = backups.make_backup(now=NOW)
    found = manifest.read(made.folder)
    assert (found.vendor, found.made_at, found.is_demo) == (connection.vendor, NOW, False)
    assert found.rows["accounts_user"] == len(people)
    assert found.sha256 == manifest.digest(made.folder / found.file)
    assert (made.folder.stat().st_mode & 0o077, (made.folder / found.file).stat().st_mode & 0o077) == (0, 0)


def test_a_backup_holds_no_key(people: list[str], settings: Settings, no_other_keys: list[str]) -> None:
    (settings.KEY_DIR / A_KEY).write_bytes(b"the-private-key-itself")
    no_other_keys.append(A_KEY)
    made = backups.make_backup(now=NOW)
    contents = b"".join(path.read_bytes() for path in made.folder.iterdir())
    assert b"the-private-key-itself" not in contents
    assert manifest.read(made.folder).keys == [A_KEY]


def test_a_restore_to_before_a_destroyed_key_is_refused(
    people: list[str], settings: Settings, no_other_keys: list[str]
) -> None:
    (settings.KEY_DIR / A_KEY).write_bytes(b"key")
    no_other_keys.append(A_KEY)
    made = backups.make_backup(now=NOW)
    (settings.KEY_DIR / A_KEY).unlink()
    User.objects.create_user(name="Zoë")
    with pytest.raises(backups.RestoreRefused, match="before 1 key was destroyed"):
        backups.restore_backup(made.folder)
    assert names_now() == [*people, "Zoë"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "missing", "manifest"])
def test_a_damaged_backup_is_refused_and_changes_nothing(people: list[str], damage: str) -> None:
    made = backups.make_backup(now=NOW)
    path = made.folder / made.manifest.file
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "manifest":
        (made.folder / manifest.NAME).write_text("{}")
    else:
        middle = len(content) // 2
        path.write_bytes(content[:middle] if damage == "cut" else content[:middle] + b"\xff" + content[middle + 1 :])
    User.objects.create_user(name="Zoë")
    with pytest.raises(backups.RestoreRefused):
        backups.restore_backup(made.folder)
    assert names_now() == [*people, "Zoë"]


@pytest.mark.parametrize(
    ("claim", "why"),
    [({"vendor": "oracle"}, "of a oracle database"), ({"is_demo": True}, "of a demo"), ({"format": 2}, "has format 2")],
)
def test_a_backup_of_another_kind_is_refused(people: list[str], claim: dict[str, object], why: str) -> None:
    made = backups.make_backup(now=NOW)
    path = made.folder / manifest.NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | claim))
    with pytest.raises(backups.RestoreRefused, match=why):
        backups.restore_backup(made.folder)


def test_a_backup_that_fails_its_checks_is_not_left_lying_about(
    people: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(making.database_tools(), "verify", fails)
    with pytest.raises(backups.BackupFailed, match="No space left on device"):
        backups.make_backup(now=NOW)
    assert list(folder.iterdir()) == []


def test_a_backup_is_never_made_inside_a_transaction(people: list[str]) -> None:
    with transaction.atomic(), pytest.raises(backups.BackupFailed, match="inside a transaction"):
        backups.make_backup(now=NOW)


def test_one_is_made_when_the_newest_is_old_enough_and_the_oldest_go(
    people: list[str], folder: Path, settings: Settings
) -> None:
    settings.BACKUPS_KEPT = 2
    moments = [NOW, NOW + timedelta(hours=23), NOW + timedelta(hours=24), NOW + timedelta(hours=48)]
    made = [backups.back_up_when_due(now=moment) is not None for moment in moments]
    assert made == [True, False, True, True]
    assert [at for at, _ in making.finished(folder)] == [moments[3], moments[2]]
    settings.BACKUP_EVERY = timedelta()
    assert backups.back_up_when_due(now=NOW + timedelta(days=30)) is None


def test_the_commands_say_what_they_did(people: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", to=tmp_path / "elsewhere")
    (made,) = (tmp_path / "elsewhere").iterdir()
    assert f": {made}\n" in capsys.readouterr().out
    User.objects.create_user(name="Zoë")
    call_command("restore", made)
    assert "rows as they were at" in capsys.readouterr().out
    assert names_now() == people
    with pytest.raises(CommandError, match=r"has no manifest\.json"):
        call_command("restore", tmp_path)


def test_a_sqlite_backup_shows_neither_what_was_deleted_nor_the_order_of_random_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, copy = tmp_path / "live.sqlite3", tmp_path / "copy.sqlite3"
    monkeypatch.setattr(sqlite, "_live", lambda: live)
    with closing(sqlite3.connect(live)) as database:
        database.execute("CREATE TABLE sealed (id varchar(32) PRIMARY KEY, body text)")
        database.executemany("INSERT INTO sealed VALUES (?, 'forgotten-text')", ["c", "a", "d", "b"])
        database.execute("CREATE TRIGGER append_only BEFORE DELETE ON sealed BEGIN SELECT RAISE(ABORT, 'no'); END")
        database.execute("UPDATE sealed SET body = ''")
        database.commit()
    sqlite.dump(copy)
    sqlite.verify(copy)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT id FROM sealed ORDER BY rowid").fetchall() == [("a",), ("b",), ("c",), ("d",)]
        with pytest.raises(sqlite3.IntegrityError, match="no"):
            database.execute("DELETE FROM sealed")
    assert b"forgotten-text" not in copy.read_bytes()


@pytest.fixture
def uploads(settings: Settings, tmp_path: Path) -> Path:
    """The folder of uploaded files, with one in it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "resources").mkdir(parents=True)
    (tmp_path / "media" / "resources" / "2f0c").write_bytes(b"the file itself")
    return tmp_path / "media" / "resources"


def test_a_restore_brings_every_uploaded_file_back_and_no_later_one(people: list[str], uploads: Path) -> None:
    made = backups.make_backup(now=NOW)
    assert (made.manifest.media_files, (made.folder / made.manifest.media).stat().st_mode & 0o077) == (1, 0)
    (uploads / "2f0c").unlink()
    (uploads / "later").write_bytes(b"later")
    backups.restore_backup(made.folder)
    assert {path.name: path.read_bytes() for path in uploads.iterdir()} == {"2f0c": b"the file itself"}


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_backup_whose_uploaded_files_are_damaged_is_refused(people: list[str], uploads: Path, damage: str) -> None:
    made = backups.make_backup(now=NOW)
    archive = made.folder / made.manifest.media
    if damage == "missing":
        archive.unlink()
    else:
        archive.write_bytes(archive.read_bytes().replace(b"the file", b"a f1le  "))
    (uploads / "2f0c").write_bytes(b"as it is now")
    User.objects.create_user(name="Zoë")
    with pytest.raises(backups.RestoreRefused, match="the uploaded files"):
        backups.restore_backup(made.folder)
    assert (names_now(), (uploads / "2f0c").read_bytes()) == ([*people, "Zoë"], b"as it is now")


def test_a_backup_from_before_there_were_uploads_still_restores(people: list[str], uploads: Path) -> None:
    made = backups.make_backup(now=NOW)
    path = made.folder / manifest.NAME
    old = {name: value for name, value in json.loads(path.read_text()).items() if not name.startswith("media")}
    path.write_text(json.dumps(old))
    (uploads / "later").write_bytes(b"later")
    backups.restore_backup(made.folder)
    assert names_now() == people
    assert {path.name for path in uploads.iterdir()} == {"2f0c", "later"}
