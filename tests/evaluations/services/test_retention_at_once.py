"""Two administrators at the same moment, someone who places a hold meanwhile, and what is left in the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from communities.services.people.erasure import place_hold
from cop_portal.audit.models import AuditEntry
from evaluations.models import PrivacyMode, Survey
from evaluations.models.named import NamedResponse
from evaluations.models.response import Response
from evaluations.services.retention.destroying import destroy_answers, destroy_answers_of_all
from evaluations.tasks import close_due_surveys
from tests.evaluations.retaining import MARKER, administrator, closed, due_day, pulse
from tests.evaluations.secrecy.snapshots import differences, snapshot
from tests.evaluations.services.test_at_the_same_time import at_once
from tests.factories.communities import NOW, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


def test_of_several_administrators_at_once_one_destroys_the_answers() -> None:
    survey = closed()
    day, by = due_day(survey), [administrator() for _ in range(4)]
    ends = at_once([lambda one=one: destroy_answers(survey=survey, by=one, now=day) for one in by])  # type: ignore[misc]
    assert ends == {"done": 1, "AnswersAlreadyDestroyed": 3}
    assert Response.objects.count() == 0
    assert AuditEntry.objects.filter(event="survey.answers_destroyed").count() == 1


def test_two_who_destroy_all_that_is_due_at_once_destroy_each_survey_once() -> None:
    surveys = [closed() for _ in range(4)]
    day, by = max(map(due_day, surveys)), [administrator(), administrator()]
    done: list[Survey] = []

    def all_of(order: list[Survey], who: int) -> None:
        done.extend(destroy_answers_of_all(surveys=order, by=by[who], now=day).done)

    assert at_once([lambda: all_of(surveys, 0), lambda: all_of(surveys[::-1], 1)]) == {"done": 2}
    assert sorted(survey.pk for survey in done) == sorted(survey.pk for survey in surveys)
    assert Response.objects.count() == 0
    assert AuditEntry.objects.filter(event="survey.answers_destroyed").count() == 4


def test_a_hold_placed_at_that_moment_keeps_the_answers_or_comes_too_late_for_them() -> None:
    survey = pulse(PrivacyMode.NAMED)
    day, by, lawyer = due_day(survey), administrator(), staff()
    person = NamedResponse.objects.select_related("person").order_by("pk")[0].person
    ends = at_once(
        [
            lambda: destroy_answers(survey=survey, by=by, now=day),
            lambda: place_hold(person=person, reason="A claim", by=lawyer, now=NOW),
        ]
    )
    assert ends in ({"done": 2}, {"done": 1, "AnswersOnLegalHold": 1})
    assert NamedResponse.objects.count() == (12 if "AnswersOnLegalHold" in ends else 0)


@pytest.mark.parametrize("mode", [PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED])
def test_the_files_are_wiped_of_what_was_destroyed(mode: PrivacyMode) -> None:
    survey = pulse(mode)
    before = in_the_files()
    destroyed = destroy_answers(survey=survey, by=administrator(), now=due_day(survey))
    assert destroyed.is_wiped
    assert before > 0
    assert in_the_files() == 0


def test_what_could_not_be_wiped_at_once_is_wiped_by_the_next_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = pulse(PrivacyMode.NAMED)
    day = due_day(survey)
    monkeypatch.setattr("evaluations.services.retention.destroying.wipe", lambda *, survey: False)
    assert not destroy_answers(survey=survey, by=administrator(), now=day).is_wiped
    close_due_surveys()
    assert Survey.objects.get(pk=survey.pk).is_wiped
    assert in_the_files() == 0


def in_the_files() -> int:
    """How often the marker stands in the tables of answers as they lie on the disk."""
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        files = [file for file in (name, name.with_name(f"{name.name}-wal")) if file.exists()]
        return sum(file.read_bytes().count(MARKER.encode()) for file in files)
    found = 0
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        for table in ("evaluations_freetext", "evaluations_namedresponse"):
            cursor.execute("SELECT pg_relation_filepath(%s::regclass), current_setting('data_directory')", [table])
            path, folder = cursor.fetchone()
            found += (Path(folder) / path).read_bytes().count(MARKER.encode())
    return found


@pytest.mark.parametrize(
    ("mode", "table"),
    [
        (PrivacyMode.ANONYMOUS, "evaluations_response"),
        (PrivacyMode.CONFIDENTIAL, "evaluations_confidentialresponse"),
        (PrivacyMode.NAMED, "evaluations_namedresponse"),
    ],
)
def test_destroying_touches_the_answers_the_survey_and_the_trail_and_nothing_else(
    mode: PrivacyMode, table: str
) -> None:
    survey, by = pulse(mode), administrator()
    day, before = due_day(survey), snapshot()
    destroy_answers(survey=survey, by=by, now=day)
    changed = differences(before, snapshot())
    changed.pop("(counters)", None)
    texts = {} if mode == PrivacyMode.NAMED else {"evaluations_freetext": ["-"] * 12}
    assert changed == {
        "audit_auditentry": ["+"],
        "evaluations_survey": ["answers_destroyed_at"],
        table: ["-"] * 12,
        **texts,
    }
