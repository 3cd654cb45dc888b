"""Thirty-two people at a time, by real HTTP, while the web server's workers are killed: none lost, none doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cop_portal.installation import clock
from tests.evaluations.answering_crowd import ACCEPTED, ALREADY, Crowd, killing, only
from tests.evaluations.web_server import web_server
from tests.factories.evaluations import open_survey_for

pytestmark = [pytest.mark.faults, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

PEOPLE, ROUNDS, KILLS = 32, 10, 10


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> None:
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)


def test_32_at_once_ten_times_with_100_workers_killed(capsys: pytest.CaptureFixture[str]) -> None:
    killed = cut_off = already = 0
    for seed in range(ROUNDS):
        survey = open_survey_for(members=PEOPLE, now=clock.now())
        with web_server() as server:
            crowd = Crowd(server, survey, killing(server, seed=seed, kills=KILLS))
            ends = crowd.answer()
        assert ends[ACCEPTED] + ends[ALREADY] == PEOPLE, ends
        assert only(crowd.statuses, [0, 200, 302]) == {}
        assert crowd.stored() == (PEOPLE, PEOPLE)
        counted, sent = crowd.counted()
        assert counted == sent
        killed, cut_off, already = killed + server.killed, cut_off + crowd.statuses[0], already + ends[ALREADY]
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{ROUNDS * PEOPLE} people, {PEOPLE} at once, {killed} workers killed: {cut_off} requests cut off, "
            f"{already} of them after the answer was in; 0 lost, 0 counted twice, 0 errors."
        )
    assert killed == ROUNDS * KILLS
