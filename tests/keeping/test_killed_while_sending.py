"""What is sent is done once, whoever is killed while sending it. The full numbers are in tests/faults."""

from pathlib import Path

import pytest

from tests.keeping.submitting import Sending

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def test_forms_sent_twice_by_processes_that_are_killed_are_done_once(tmp_path: Path) -> None:
    sending = Sending(forms=40, kills=4, answers=tmp_path / "answers")
    assert sending.run() == {1: 40}
    assert sending.killed == 4
