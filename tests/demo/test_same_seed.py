"""The same seed on the same day tells the same two years; another seed tells others; any day will do."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.serializers.json import DjangoJSONEncoder

from communities.models import Action, Attendance, Escalation, LearningPoint, Membership, Problem, ProblemStep, Session
from cop_portal.demo.loader import run
from evaluations.models import Invitation, Release, Survey
from tests.demo.conftest import SUNDAY, forget, only

pytestmark = pytest.mark.django_db(transaction=True)

# What people would notice. Keys, tokens and ids are random on purpose.
NOTICED = (
    (Membership, ("community__slug", "person__user__name", "starts_on", "ends_on")),
    (Session, ("community__slug", "starts_at", "ends_at", "state", "kind", "place", "focus", "present_count")),
    (Attendance, ("session__community__slug", "session__starts_at", "membership__person__user__name", "status")),
    (LearningPoint, ("session__starts_at", "text", "position")),
    (Action, ("community__slug", "text", "owner__user__name", "due_on", "state", "state_since")),
    (Problem, ("title", "state", "state_since", "since_on", "knowledge", "lever", "came_of_it")),
    (ProblemStep, ("problem__title", "from_state", "to_state", "at")),
    (Escalation, ("problem__title", "lever_holder__name", "asked_at", "answered_at", "verdict", "answer")),
    (Survey, ("community__slug", "version__instrument__code", "opened_at", "closes_at", "state", "asked_count")),
    (Invitation, ("survey__community__slug", "survey__opened_at", "person__user__name", "is_answered")),
    (Release, ("survey__community__slug", "survey__opened_at", "content")),
)


def as_json(row: tuple[object, ...]) -> str:
    return json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True)


def digest_of_a_load(*, seed: int, now: datetime = SUNDAY) -> str:
    forget()
    run.load(now=now, seed=seed, text=only("sepsis"))
    rows = [
        sorted(
            json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True) for row in model._default_manager.values_list(*names)
        )
        for model, names in NOTICED
    ]
    assert all(rows), "a table without rows would be the same every time"
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(mail_folder: Path) -> None:
    first = digest_of_a_load(seed=1)
    assert digest_of_a_load(seed=1) == first
    assert digest_of_a_load(seed=2) != first


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 12, 27, 22, 0, tzinfo=UTC),  # a Sunday between two bank holidays
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the night the clocks go forward
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),  # a day that next year does not have
    ],
    ids=["christmas", "summer time", "leap day"],
)
def test_the_demo_loads_on_any_day(now: datetime, mail_folder: Path, settings: LazySettings) -> None:
    digest_of_a_load(seed=run.SEED, now=now)
    survey = Survey.objects.open().get()
    assert survey.opened_at < now < survey.closes_at
    assert Session.objects.planned().filter(starts_at__lt=now).count() == 1
    assert not Session.objects.held().filter(starts_at__gt=now).exists()
