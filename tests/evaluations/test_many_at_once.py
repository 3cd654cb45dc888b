"""Eight and thirty-two people answer one survey at the same moment, by real HTTP; some while workers are killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cop_portal.installation import clock
from tests.evaluations.answering_crowd import ACCEPTED, ALREADY, Crowd, killing, only
from tests.evaluations.web_server import web_server
from tests.factories.evaluations import open_survey_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> None:
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)


@pytest.mark.parametrize("people", [8, 32])
def test_people_who_answer_at_the_same_moment_are_all_heard_and_counted_once(people: int) -> None:
    survey = open_survey_for(members=people, now=clock.now())

    with web_server() as server:
        crowd = Crowd(server, survey)
        ends = crowd.answer()

    assert ends == {ACCEPTED: people}
    assert only(crowd.statuses, [200, 302]) == {}
    assert crowd.stored() == (people, people)
    counted, sent = crowd.counted()
    assert counted == sent


def test_no_accepted_answer_is_lost_or_doubled_when_workers_are_killed() -> None:
    people, kills = 16, 6
    survey = open_survey_for(members=people, now=clock.now())

    with web_server() as server:
        crowd = Crowd(server, survey, killing(server, seed=6, kills=kills))
        ends = crowd.answer()

    assert server.killed == kills
    assert ends[ACCEPTED] + ends[ALREADY] == people, ends
    # Cut off, and nothing worse.
    assert only(crowd.statuses, [0, 200, 302]) == {}
    assert crowd.stored() == (people, people)
    counted, sent = crowd.counted()
    assert counted == sent
