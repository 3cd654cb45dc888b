"""An archive on its way: asked for once, tried again, kept for some days, never handed out once its data changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from cop_portal.audit.models import AuditEntry
from cop_portal.refusals import Refusal
from evaluations.exports import package
from evaluations.models import Invitation, PrivacyMode, PseudonymKey, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.services.answers.own_answers import correct_own_answers, erase_own_answers, own_answers
from evaluations.services.survey_exports.asking import (
    AnswersNotKept,
    NoRows,
    ReasonMissing,
    SurveyNotClosed,
    ask_for_export,
)
from evaluations.services.survey_exports.forgetting import ANSWERS_CHANGED
from evaluations.services.survey_exports.keeping import (
    OUTDATED,
    ExportNotReady,
    archive_for,
    forget_exports,
    trouble_with,
)
from evaluations.services.survey_exports.making import MOST_ATTEMPTS, OUR_FAULT, STOPPED, make_export
from evaluations.services.survey_exports.progress import held, progress_of
from evaluations.tasks import make_waiting_exports
from tests.evaluations.exporting import (
    FIGURES,
    LATER,
    MARKER,
    ROWS,
    closed,
    confidential_of,
    ready,
    twelve,
)
from tests.factories.communities import NOW, staff

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CONFIDENTIAL, NAMED = PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED


def test_asked_for_twice_it_is_made_once() -> None:
    survey, by = closed(twelve()), staff()
    first = ask_for_export(survey=survey, what=FIGURES, reason="", by=by, now=LATER)
    assert ask_for_export(survey=survey, what=FIGURES, reason="", by=by, now=LATER).pk == first.pk
    assert (progress_of(first).percent, make_waiting_exports(), make_waiting_exports()) == (0, 1, 0)
    first.refresh_from_db()
    assert (first.state, progress_of(first).percent) == ("ready", 100)
    assert make_export(export=first, now=LATER) is False


def test_what_fails_is_tried_again_but_not_for_ever_and_says_nothing_of_an_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    export = ask_for_export(survey=closed(twelve()), what=FIGURES, reason="", by=staff(), now=LATER)

    def broken(*_: Any, **__: Any) -> bytes:
        raise ValueError(MARKER)

    monkeypatch.setattr(package, "workbook_of", broken)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert make_waiting_exports() == 0
        export.refresh_from_db()
        assert (export.attempts, export.is_waiting) == (attempt, attempt < MOST_ATTEMPTS)
    assert (export.state, export.message, export.archive) == ("failed", OUR_FAULT, None)
    assert MARKER not in caplog.text


def test_what_ends_the_worker_three_times_is_not_tried_a_fourth(monkeypatch: pytest.MonkeyPatch) -> None:
    export = ask_for_export(survey=closed(twelve()), what=FIGURES, reason="", by=staff(), now=LATER)

    def killed(*_: Any, **__: Any) -> bytes:
        raise SystemExit

    monkeypatch.setattr(package, "workbook_of", killed)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(SystemExit):
            make_waiting_exports()
        export.refresh_from_db()
        assert (export.attempts, export.is_waiting) == (attempt, True)
    assert make_waiting_exports() == 0
    export.refresh_from_db()
    assert (export.state, export.message, export.attempts) == ("failed", STOPPED, MOST_ATTEMPTS)
    assert "Ask again" in trouble_with(export, now=LATER)


def test_only_one_worker_makes_it_and_only_its_tries_count() -> None:
    export = ask_for_export(survey=closed(twelve()), what=FIGURES, reason="", by=staff(), now=LATER)
    with held(export) as is_mine:
        assert (is_mine, make_waiting_exports()) == (True, 0)
        export.refresh_from_db()
        assert (export.attempts, export.is_waiting) == (0, True)
    assert make_waiting_exports() == 1


def test_it_is_kept_for_some_days_and_then_deleted(settings: Settings) -> None:
    export = ready(closed(twelve()))
    last = LATER + timedelta(days=settings.EXPORT_KEPT_DAYS)
    assert export.kept_until == last
    just_before = last - timedelta(seconds=1)
    assert (forget_exports(now=just_before), trouble_with(export, now=just_before)) == (0, "")
    assert archive_for(export=export, now=just_before).content == bytes(export.archive or b"")
    with pytest.raises(ExportNotReady):
        archive_for(export=export, now=last)
    assert (forget_exports(now=last), forget_exports(now=last)) == (1, 0)
    export.refresh_from_db()
    assert (export.state, export.archive) == ("deleted", None)


def test_confidential_rows_are_not_kept_past_the_end_of_the_key() -> None:
    survey = confidential_of(30)
    key = survey.pseudonym_key
    assert key is not None
    day_before = LATER.replace(year=key.ends_on.year, month=key.ends_on.month, day=key.ends_on.day) - timedelta(days=1)
    # Where the answers themselves would be kept longer.
    Survey.objects.filter(pk=survey.pk).update(closed_at=day_before - timedelta(days=30))
    survey.refresh_from_db()
    export = ask_for_export(survey=survey, what=ROWS, reason="Why", by=staff(), now=day_before)
    assert make_export(export=export, now=day_before)
    export.refresh_from_db()
    assert export.kept_until is not None
    assert export.kept_until.date() == PseudonymKey.objects.get(pk=key.pk).ends_on
    with pytest.raises(ExportNotReady):
        archive_for(export=export, now=export.kept_until)


def test_an_archive_whose_data_have_changed_is_handed_out_no_more_and_deleted() -> None:
    survey = confidential_of(35)
    export, figures = ready(survey, ROWS, reason="Why"), ready(survey)
    # As many as are not given away by it are gone.
    gone = ConfidentialResponse.objects.filter(survey=survey).order_by("pk").values_list("pk", flat=True)[:5]
    ConfidentialResponse.objects.filter(pk__in=list(gone)).delete()
    assert (trouble_with(export, now=LATER), trouble_with(figures, now=LATER)) == (OUTDATED, "")
    assert forget_exports(now=LATER) == 1
    export.refresh_from_db()
    assert (export.state, export.archive, export.message) == ("deleted", None, OUTDATED)


@pytest.mark.parametrize("changes", ["correct", "erase"])
def test_whoever_corrects_or_erases_their_answers_deletes_what_was_made_of_them_and_the_trail_is_not_told(
    changes: str,
) -> None:
    survey = confidential_of(30)
    export, figures = ready(survey, ROWS, reason="Why"), ready(survey)
    person = Invitation.objects.filter(survey=survey, is_answered=True).order_by("pk")[0].person
    before = AuditEntry.objects.count()
    if changes == "erase":
        erase_own_answers(survey=survey, by=person.user, now=NOW)
    else:
        seen = own_answers(person, survey.pk).version
        correct_own_answers(survey=survey, answers={"P1": "3"}, seen=seen, by=person.user)
    export.refresh_from_db()
    figures.refresh_from_db()
    assert (export.state, export.archive, export.message) == ("deleted", None, ANSWERS_CHANGED)
    assert (figures.state, AuditEntry.objects.count()) == ("ready", before)


def test_refusals_are_sentences_with_a_status_for_pages_and_api() -> None:
    for refusal in (SurveyNotClosed, NoRows, ReasonMissing, AnswersNotKept, ExportNotReady):
        assert issubclass(refusal, Refusal)
    assert (SurveyNotClosed.status, ExportNotReady.status, NoRows.status) == (409, 409, 422)
