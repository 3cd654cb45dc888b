"""The attack on anonymous answers at full length: 400 people, 20 surveys, every way of guessing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evaluations.services.closing.closing import close_survey
from tests.evaluations.secrecy.attacker import answer_one_after_another, guesses
from tests.evaluations.secrecy.snapshots import differences, snapshot
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, community_of, open_survey_for

pytestmark = [pytest.mark.faults, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

PEOPLE, SURVEYS = 400, 20
# One right guess a survey is what chance gives: twenty in all. Sixty by luck come less than once in 10¹² tries.
BY_LUCK = 60


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> None:
    settings.KEY_DIR = tmp_path / "keys"
    settings.KEY_DIR.mkdir(mode=0o700)


def test_four_hundred_people_in_twenty_surveys_cannot_be_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    community = community_of(PEOPLE)
    found: Counter[str] = Counter()
    for number in range(SURVEYS):
        survey = open_survey_for(community, code=FULL, now=NOW + timedelta(days=30 * number))
        before = snapshot()
        answered = answer_one_after_another(survey)
        assert differences(before, snapshot()) == {
            "evaluations_inboxbox": ["+"] * PEOPLE,
            "evaluations_invitation": ["is_answered"] * PEOPLE,
        }
        close_survey(survey=survey, now=survey.closes_at)
        found.update(dict(guesses(survey, answered)))
    guess, right = found.most_common(1)[0]
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{SURVEYS} surveys of {PEOPLE}: of {PEOPLE * SURVEYS:,} people the best of {len(found)} attacks "
            f"({guess}) got {right} right; chance gives {SURVEYS}."
        )
    assert {guess: right for guess, right in found.items() if right >= BY_LUCK} == {}
