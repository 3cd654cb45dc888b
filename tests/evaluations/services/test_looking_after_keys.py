"""Keys are checked while they are needed and destroyed when promised; counts for staff are made by night."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cop_portal.installation import backups
from cop_portal.outbox.models import OutboxMessage
from evaluations import emails, keys
from evaluations.models import Survey
from evaluations.services.closing.closing import close_survey
from evaluations.services.closing.counting import refresh_counts
from evaluations.services.keys.key_care import check_keys, destroy_backed_up_keys, destroy_due_keys, keys_in_use
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import close, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

LATER = NOW + timedelta(days=2)


def closed_survey() -> Survey:
    survey = open_survey_for(members=6)
    give_answers(survey, count=6)
    return close(survey)


def state_of(survey: Survey) -> str:
    survey.refresh_from_db()
    return survey.halted_because


def test_a_key_that_is_there_and_opens_the_canary_is_well() -> None:
    survey = open_survey_for(members=2)
    assert check_keys(now=NOW) == 0
    assert state_of(survey) == ""


def remove(private: Path) -> None:
    private.unlink()


def swap(private: Path) -> None:
    private.write_bytes(b"k" * 32)


@pytest.mark.parametrize("spoil", [remove, swap])
def test_a_key_that_does_not_open_the_canary_stops_answering_and_staff_are_told_once_a_day(
    spoil: Any, key_dir: Path
) -> None:
    staff(email="staff@example.org")
    survey = open_survey_for(members=2)
    spoil(key_dir / f"{survey.key_id}.private")
    assert [check_keys(now=NOW), check_keys(now=NOW + timedelta(hours=1)), check_keys(now=LATER)] == [1, 1, 1]
    assert "the key that opens the answers cannot be read" in state_of(survey)
    told = OutboxMessage.objects.filter(kind=emails.HALTED, recipient="staff@example.org")
    assert told.count() == 2
    assert "Answering has stopped" in emails.render_halted(told[0].params, "").text


def test_keys_live_fourteen_days_after_the_close_and_no_longer() -> None:
    survey = closed_survey()
    assert survey.closed_at is not None
    assert destroy_due_keys(now=survey.closed_at + timedelta(days=13, hours=23)) == 0
    assert len(keys.link_key(survey.key_id)) == 32
    assert destroy_due_keys(now=survey.closed_at + timedelta(days=14)) == 1
    with pytest.raises(keys.KeyDestroyed):
        keys.private_key(survey.key_id)
    assert destroy_due_keys(now=survey.closed_at + timedelta(days=15)) == 0


def test_keys_of_an_open_survey_are_never_destroyed() -> None:
    survey = open_survey_for(members=2)
    assert destroy_due_keys(now=NOW + timedelta(days=400)) == 0
    assert not keys.is_destroyed(survey.key_id)


def test_a_destruction_cut_short_after_the_files_is_noted_by_the_next_run() -> None:
    survey = closed_survey()
    keys.destroy(survey.key_id)
    assert destroy_due_keys(now=survey.closes_at + timedelta(days=20)) == 1
    survey.refresh_from_db()
    assert survey.keys_destroyed_at is not None


def as_if_restored(survey: Survey) -> Survey:
    """The row as an old backup would bring it back: open, as before its close."""
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.OPEN, closed_at=None)
    return Survey.objects.get(pk=survey.pk)


def test_a_database_from_before_a_destroyed_key_takes_no_answer_and_closes_nothing() -> None:
    survey = closed_survey()
    destroy_due_keys(now=survey.closes_at + timedelta(days=20))
    restored = as_if_restored(survey)
    assert check_keys(now=LATER) == 1
    assert "This database was restored to a moment before that" in state_of(restored)


def test_the_keys_a_backup_needs_are_those_of_surveys_not_yet_closed() -> None:
    survey = open_survey_for(members=6)
    assert sorted(keys_in_use()) == [f"{survey.key_id}.link", f"{survey.key_id}.private"]
    give_answers(survey, count=6)
    close_survey(survey=survey, now=LATER)
    assert keys_in_use() == []


@pytest.mark.django_db(transaction=True)
def test_a_verified_backup_after_the_close_lets_the_keys_go_at_once(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_EVERY = timedelta(hours=24)
    before = open_survey_for(members=6)
    made_before = backups.make_backup(now=NOW)
    assert len(made_before.manifest.keys) == 2
    give_answers(before, count=6)
    survey = close_survey(survey=before, now=LATER)
    assert survey.is_wiped
    assert destroy_backed_up_keys(now=LATER + timedelta(hours=1)) == 1
    assert keys.is_destroyed(survey.key_id)
    assert destroy_backed_up_keys(now=LATER + timedelta(hours=2)) == 0
    # A restore to before the destroyed key refuses, and says so.
    with pytest.raises(backups.RestoreRefused, match="from before 2 keys were destroyed or lost"):
        backups.restore_backup(made_before.folder)
    assert Survey.objects.get(pk=survey.pk).state == Survey.State.CLOSED


@pytest.mark.django_db(transaction=True)
def test_a_backup_from_before_the_close_brings_every_answer_back_while_the_key_lives(
    tmp_path: Path, settings: Any
) -> None:
    settings.BACKUP_DIR = tmp_path / "backups"
    survey = open_survey_for(members=6)
    give_answers(survey, count=6)
    made = backups.make_backup(now=NOW)
    close_survey(survey=survey, now=LATER)
    backups.restore_backup(made.folder)
    survey = Survey.objects.get(pk=survey.pk)
    assert survey.state == Survey.State.OPEN
    survey = close_survey(survey=survey, now=LATER)
    assert survey.release.content["answered"]["words"] == "5 to 9"


@pytest.mark.parametrize(("count", "words"), [(3, "fewer than 5"), (6, "5 to 9"), (11, "11")])
def test_staff_see_nightly_counts_no_more_exact_than_results(count: int, words: str) -> None:
    survey = open_survey_for(members=12)
    assert survey.count_words == "Answers are counted once a night; the first count is not in yet."
    give_answers(survey, count=count)
    assert refresh_counts(now=NOW + timedelta(days=1)) == 1
    survey.refresh_from_db()
    assert survey.count_words == f"{words} of 12 had answered on 25 November 2026"


def test_a_nightly_count_does_not_tell_how_many_answers_wait_from_an_earlier_survey() -> None:
    """Ten now, and fourteen released together, would say that four waited: a number under five."""
    first = open_survey_for(members=12)
    give_answers(first, count=4)
    first = close(first)
    second = open_survey_for(first.community, now=first.closes_at + timedelta(days=100))
    give_answers(second, count=10)
    refresh_counts(now=second.opened_at + timedelta(days=1))
    second.refresh_from_db()
    assert second.answered_words == "10 or more"


def test_a_count_does_not_run_while_people_answer() -> None:
    survey = open_survey_for(members=12)
    refresh_counts(now=NOW + timedelta(days=1))
    give_answers(survey, count=8)
    survey.refresh_from_db()
    assert survey.answered_words == "fewer than 5"
