"""Mail as files: whole or not at all, one file per mail, never in production."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cop_portal.outbox import Rendered
from cop_portal.outbox.checks import email_url_names_a_transport
from cop_portal.outbox.message import Letter, message_id_for, write_letter
from cop_portal.outbox.transports import FilesTransport, Outcome, Result, open_transport
from tests.outbox.kinds import NOW


@pytest.fixture
def letter() -> Letter:
    return write_letter(Rendered("Hello", "text"), to="a@example.org", message_id=message_id_for("key"), date=NOW)


@pytest.fixture
def folder(own_folder: Path) -> FilesTransport:
    return FilesTransport(own_folder / "mail")


def files(folder: FilesTransport) -> list[str]:
    return sorted(path.name for path in folder.folder.iterdir())


def test_a_letter_is_one_file_however_often_it_is_sent(folder: FilesTransport, letter: Letter) -> None:
    assert folder.has(letter.message_id) is False
    outcomes = [folder.transmit(letter, lambda: True) for _ in range(3)]

    name = folder.path_of(letter.message_id).name
    assert outcomes == [Outcome(Result.ACCEPTED, reference=name)] * 3
    assert files(folder) == [name]
    assert folder.path_of(letter.message_id).read_bytes() == letter.content
    assert folder.has(letter.message_id) is True


def test_nothing_is_in_the_folder_when_the_fence_says_no(folder: FilesTransport, letter: Letter) -> None:
    assert folder.transmit(letter, lambda: False) == Outcome(Result.STOPPED)
    assert files(folder) == []


def test_nothing_is_in_the_folder_when_the_fence_breaks(folder: FilesTransport, letter: Letter) -> None:
    def broken() -> bool:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        folder.transmit(letter, broken)
    assert files(folder) == []


def test_a_reader_never_sees_half_a_letter(folder: FilesTransport, letter: Letter) -> None:
    seen = []
    folder.transmit(letter, lambda: not seen.append(folder.has(letter.message_id)))  # type: ignore[func-returns-value]

    assert seen == [False]


def test_what_a_killed_sender_left_is_cleared_away_after_an_hour(folder: FilesTransport, letter: Letter) -> None:
    folder.folder.mkdir()
    old, fresh = folder.folder / ".unfinished-old", folder.folder / ".unfinished-fresh"
    for path in (old, fresh):
        path.write_text("half a lett")
    os.utime(old, times=(time.time() - 3700,) * 2)
    folder.transmit(letter, lambda: True)

    assert files(folder) == sorted([fresh.name, folder.path_of(letter.message_id).name])


def test_a_folder_that_cannot_be_written_is_a_relay_that_is_away(letter: Letter, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    outcome = FilesTransport(tmp_path / "a file" / "mail").transmit(letter, lambda: True)

    assert outcome.result is Result.NO_RELAY


def test_mail_goes_into_a_folder_in_a_demo_only(settings: Any) -> None:
    assert email_url_names_a_transport() == []
    settings.MODE = "production"

    with pytest.raises(ImproperlyConfigured, match="demo only"):
        open_transport(settings.EMAIL_URL)
    assert [error.id for error in email_url_names_a_transport()] == ["outbox.E001"]


@pytest.mark.parametrize(
    "url", ["", "http://relay.example.org", "smtps://", "smtp://relay.example.org?starttls=perhaps"]
)
def test_an_address_of_a_relay_that_makes_no_sense_stops_the_start(settings: Any, url: str) -> None:
    settings.EMAIL_URL = url

    assert [error.id for error in email_url_names_a_transport()] == ["outbox.E001"]
