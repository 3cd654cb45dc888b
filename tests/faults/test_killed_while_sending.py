"""2,000 forms, each sent twice at once, by processes of which 40 are killed: none lost, none done twice."""

from pathlib import Path

import pytest

from tests.keeping.submitting import Sending

pytestmark = [pytest.mark.faults, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def test_2000_forms_and_40_killed_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sending = Sending(forms=2000, kills=40, answers=tmp_path / "answers")
    assert sending.run() == {1: 2000}
    assert sending.killed == 40
    with capsys.disabled():
        print(f"\n2000 forms sent twice at once, 40 processes killed, {sending.rounds} rounds: 0 lost, 0 double.")  # noqa: T201
