"""The key directory: what it must be like, what it survives, and that what is destroyed stays destroyed."""

from __future__ import annotations

import base64
import errno
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from evaluations import keys
from evaluations.checks import check_recovery_key


@pytest.fixture
def key_dir(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    settings.KEY_DIR = folder
    return folder


def test_keys_read_back_as_they_were_made_and_are_ours_alone(key_dir: Path) -> None:
    key_id = uuid4()
    public = keys.create(key_id)
    assert bytes(keys.private_key(key_id).public_key) == public
    assert len(keys.link_key(key_id)) == 32
    assert {path.name: path.stat().st_mode & 0o777 for path in key_dir.iterdir()} == {
        f"{key_id}.private": 0o600,
        f"{key_id}.link": 0o600,
    }


def test_two_surveys_never_share_a_key(key_dir: Path) -> None:
    first, second = uuid4(), uuid4()
    assert keys.create(first) != keys.create(second)
    assert keys.link_key(first) != keys.link_key(second)


def make_missing(folder: Path) -> None:
    folder.rmdir()


def make_readable_by_group(folder: Path) -> None:
    folder.chmod(0o750)


def make_readable_by_all(folder: Path) -> None:
    folder.chmod(0o701)


def make_a_file(folder: Path) -> None:
    folder.rmdir()
    folder.touch(0o600)


def make_a_link(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (make_missing, "The key directory is missing or cannot be reached."),
        (make_readable_by_group, "The key directory can be read by other users. Make it private: chmod 700."),
        (make_readable_by_all, "The key directory can be read by other users. Make it private: chmod 700."),
        (make_a_file, "The key directory is not a directory."),
        (make_a_link, "The key directory is not a directory."),
    ],
)
def test_a_directory_that_is_not_safe_gets_no_key(spoil: Any, sentence: str, key_dir: Path) -> None:
    spoil(key_dir)
    with pytest.raises(keys.KeysUnsafe, match=f"^{sentence}$"):
        keys.create(uuid4())


def test_a_full_directory_is_said_to_be_full_and_nothing_is_left_in_it(
    key_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def disk_full_at_the_second_file(descriptor: int, content: bytes) -> int:
        if any(key_dir.glob("*.link")):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", disk_full_at_the_second_file)
    with pytest.raises(keys.KeysUnsafe, match="directory is full"):
        keys.create(uuid4())
    assert [path.stat().st_size for path in key_dir.iterdir()] == []


def test_keys_that_read_back_differently_are_not_used(key_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[::-1]))
    with pytest.raises(keys.KeysUnsafe, match="read back differently"):
        keys.create(uuid4())
    assert list(key_dir.iterdir()) == []


def test_a_recovery_key_kept_offline_opens_a_copy_of_both_keys(key_dir: Path, settings: Any) -> None:
    offline = PrivateKey.generate()
    settings.RECOVERY_PUBLIC_KEY = base64.b64encode(bytes(offline.public_key)).decode()
    key_id = uuid4()
    keys.create(key_id)
    copy = SealedBox(offline).decrypt((key_dir / f"{key_id}.recovery").read_bytes())
    assert copy == bytes(keys.private_key(key_id)) + keys.link_key(key_id)


@pytest.mark.parametrize("configured", ["", "no", "bm90IGEga2V5"])
def test_production_wants_a_recovery_key_or_the_word_none(configured: str, key_dir: Path, settings: Any) -> None:
    settings.MODE, settings.RECOVERY_PUBLIC_KEY = "production", configured
    assert [message.id for message in check_recovery_key()] == ["evaluations.E001"]
    with pytest.raises(keys.KeysUnsafe, match="RECOVERY_PUBLIC_KEY"):
        keys.create(uuid4())
    settings.RECOVERY_PUBLIC_KEY = "none"
    assert check_recovery_key() == []
    assert len(keys.create(uuid4())) == 32


def test_destroyed_keys_are_gone_overwritten_and_can_never_be_read_again(
    key_dir: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECOVERY_PUBLIC_KEY = base64.b64encode(bytes(PrivateKey.generate().public_key)).decode()
    key_id = uuid4()
    keys.create(key_id)
    before = {path.suffix: path.read_bytes() for path in key_dir.iterdir()}
    at_unlink: dict[str, bytes] = {}
    unlink = Path.unlink

    def looked_at(path: Path, **options: bool) -> None:
        at_unlink[path.suffix] = path.read_bytes()
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", looked_at)
    keys.destroy(key_id)
    assert {path.name for path in key_dir.iterdir()} == {f"{key_id}.destroyed"}
    assert set(at_unlink) == {".private", ".link", ".recovery"}
    assert all(at_unlink[suffix] != before[suffix] for suffix in before)
    for read in (keys.private_key, keys.link_key):
        with pytest.raises(keys.KeyDestroyed):
            read(key_id)


def test_a_key_put_back_after_its_destruction_is_refused(key_dir: Path) -> None:
    key_id = uuid4()
    keys.create(key_id)
    kept = (key_dir / f"{key_id}.private").read_bytes()
    keys.destroy(key_id)
    (key_dir / f"{key_id}.private").write_bytes(kept)
    with pytest.raises(keys.KeyDestroyed):
        keys.private_key(key_id)


def test_a_destruction_cut_short_is_finished_by_the_next(key_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_id = uuid4()
    keys.create(key_id)
    with monkeypatch.context() as cut_short:
        cut_short.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            keys.destroy(key_id)
    assert keys.is_destroyed(key_id)
    keys.destroy(key_id)
    assert {path.name for path in key_dir.iterdir()} == {f"{key_id}.destroyed"}


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_no_key(key_dir: Path, content: bytes) -> None:
    key_id = uuid4()
    keys.create(key_id)
    (key_dir / f"{key_id}.link").write_bytes(content)
    with pytest.raises(keys.KeyMissing, match="damaged"):
        keys.link_key(key_id)


def test_a_canary_opens_with_its_own_key_only(key_dir: Path) -> None:
    ours, other = uuid4(), uuid4()
    canary = SealedBox(PublicKey(keys.create(ours))).encrypt(b"hm")
    keys.create(other)
    assert keys.opens(ours, canary, expected=b"hm")
    assert not keys.opens(ours, canary, expected=b"something else")
    assert not keys.opens(other, canary, expected=b"hm")
    assert not keys.opens(uuid4(), canary, expected=b"hm")
