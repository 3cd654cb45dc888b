"""A process that closes a survey is killed at any moment, again and again: nothing is lost, nothing counted twice."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from evaluations import results
from evaluations.models import Release, Survey
from evaluations.models.inbox import InboxBox
from evaluations.models.response import FreeText, Response, Tally
from evaluations.services.closing.closing import close_survey
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, give_answers, open_survey_for
from tests.forking import forget_inherited_connections

pytestmark = [pytest.mark.faults, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

PEOPLE, ROUNDS = 60, 12
LATER = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> None:
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)


def close_in_a_process_killed_after(survey: Survey, seconds: float) -> None:
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            forget_inherited_connections()
            close_survey(survey=survey, now=LATER)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_close_killed_at_any_moment_ends_as_if_it_had_not_been(capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(1047)
    seen = set()
    for _ in range(ROUNDS):
        survey = open_survey_for(members=PEOPLE, code=FULL)
        give_answers(survey, answers=[{"M1": "4", "V9": "A form got shorter."}] * 40 + [{"M1": "2"}] * 20)
        for _ in range(4):
            close_in_a_process_killed_after(survey, dice.uniform(0.0, 0.25))
            seen.add(str(Survey.objects.values_list("state", flat=True).get(pk=survey.pk)))
        survey = close_survey(survey=survey, now=LATER)
        assert (survey.state, survey.is_wiped, survey.halted_because) == ("closed", True, "")
        assert InboxBox.objects.filter(survey=survey).count() == 0
        assert Release.objects.filter(survey=survey).count() == 1
        assert Response.objects.filter(survey=survey).count() == PEOPLE
        assert FreeText.objects.filter(survey=survey).count() == 40
        assert Tally.objects.get(survey=survey, item_code="M1", option_code="4").count == 40
        assert results.of(survey).answered.value == PEOPLE
    with capsys.disabled():
        print(f"\n{ROUNDS} closes, each killed 4 times, found in the states {sorted(seen)}: none lost, none double.")  # noqa: T201
    assert {"closing", "closed"} <= seen
