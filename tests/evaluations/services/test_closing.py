"""What a close shows, keeps and forgets; when it halts; and that it is taken up again wherever it was cut short."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxCount, OutboxMessage
from evaluations import emails, results
from evaluations.models import PlannedRequest, Release, Survey, WaveSummary
from evaluations.models.inbox import InboxBox
from evaluations.models.response import FreeText, Response, Tally
from evaluations.results import Band, Count, Share, Suppressed
from evaluations.services.answers import boxes
from evaluations.services.closing.closing import SurveyNotOpen, SurveyWasExtended, close_survey
from evaluations.services.surveys.mailing import plan_due_mail
from evaluations.tasks import close_due_surveys
from tests.factories.communities import NOW, MembershipFactory, facilitator_of, staff
from tests.factories.evaluations import FULL, PULSE, close, community_of, core_answers, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

LATER = NOW + timedelta(days=2)


def headline(survey: Survey, code: str) -> Any:
    return next(question.headline for question in results.of(survey).questions if question.code == code)


def test_ten_answers_are_shown_as_shares_with_their_base() -> None:
    survey = open_survey_for(members=14)
    give_answers(survey, answers=[core_answers("4")] * 6 + [core_answers("2")] * 3 + [core_answers("2", C1="na")])
    survey = close(survey)
    shown = results.of(survey)
    assert (survey.state, shown.asked, shown.answered, shown.hidden) == ("closed", 14, Count("10", 10), None)
    m1 = headline(survey, "M1")
    assert isinstance(m1, Share)
    assert (m1.count, m1.base) == (6, 10)
    assert headline(survey, "C1") == Band("about half", "5 to 9")
    assert results.response_rate_words(survey) == "71% of 14"


def test_seven_answers_are_shown_in_bands() -> None:
    survey = open_survey_for(members=14)
    give_answers(survey, answers=[core_answers("4")] * 6 + [core_answers("2")])
    survey = close(survey)
    assert headline(survey, "M1") == Band("over two thirds", "5 to 9")
    assert results.of(survey).answered == Count("5 to 9")
    assert results.response_rate_words(survey) == "5 to 9 of 14"


def test_four_answers_extend_the_survey_once_and_then_stay_hidden_with_what_happens_next() -> None:
    survey = open_survey_for(members=14)
    give_answers(survey, count=4)
    closes_at = survey.closes_at
    survey = close_survey(survey=survey, now=closes_at)
    assert (survey.state, survey.was_extended, survey.closes_at) == ("open", True, closes_at + timedelta(days=7))
    survey = close_survey(survey=survey, now=survey.closes_at)
    shown = results.of(survey)
    assert survey.state == "closed"
    assert shown.hidden is not None
    assert shown.hidden.words == "Hidden: fewer than 5 answers"
    assert [type(question.headline) for question in shown.questions] == [Suppressed] * 10
    assert shown.next_step == (
        "These answers stay unread. They will be shown together with those of the next survey with the same questions, "
        "once at least 5 people have answered."
    )
    assert shown.answered == Count("fewer than 5")
    assert results.response_rate_words(survey) == "Hidden: fewer than 5 answers"


def test_closing_early_with_four_answers_extends_too() -> None:
    survey = open_survey_for(members=14)
    give_answers(survey, count=4)
    closes_at = survey.closes_at
    survey = close_survey(survey=survey, now=LATER, by=staff())
    assert (survey.state, survey.closes_at) == ("open", closes_at + timedelta(days=7))


def test_whoever_closes_an_extended_survey_says_so_and_the_task_leaves_one_that_was_extended_meanwhile() -> None:
    survey, by = open_survey_for(members=14), staff()
    give_answers(survey, count=4)
    extended = close_survey(survey=survey, now=LATER, by=by)
    with pytest.raises(SurveyWasExtended, match="it stays open until"):
        close_survey(survey=survey, now=LATER, by=by)
    # Another worker had read it before.
    assert close_survey(survey=survey, now=LATER).state == "open"
    assert close_survey(survey=extended, now=LATER, by=by, although_extended=True).state == "closed"


def test_newcomers_do_not_make_up_the_five() -> None:
    survey = open_with_newcomer()
    give_answers(survey, count=5)
    survey = close(survey)
    assert results.of(survey).hidden is not None


def open_with_newcomer() -> Survey:
    """Four who have been members for years, and one since yesterday."""
    community = community_of(4)
    MembershipFactory.create(community=community, starts_on=(NOW - timedelta(days=1)).date())
    return open_survey_for(community)


def test_answers_too_few_to_show_are_shown_with_the_next_once_five_people_have_answered() -> None:
    first = open_survey_for(members=8)
    give_answers(first, answers=[core_answers("4")] * 3)
    first = close(first)
    second = open_survey_for(first.community, now=first.closes_at + timedelta(days=100))
    give_answers(second, answers=[core_answers("2")] * 8)
    second = close(second)
    shown = results.of(second)
    assert shown.answered == Count("11", 11)
    # Eight people, three of whom answered twice: protected like eight, so in bands.
    assert headline(second, "M1") == Band("under a third", "11")
    assert shown.includes == (
        "Together with the answers to the survey that closed on 22 December 2026, too few to show alone. Whoever "
        "answered more than once is in them more than once; only different people count towards the minimum."
    )
    first.refresh_from_db()
    assert first.released_with == second
    assert results.of(first).next_step == results.NEXT_STEP_MERGED
    assert results.of(first).hidden is not None


def test_answers_that_stay_with_those_who_lead_are_never_released_in_results_for_members() -> None:
    hidden = open_survey_for(members=9)
    Survey.objects.filter(pk=hidden.pk).update(shared_with=Survey.SharedWith.LEADERS)
    give_answers(hidden, count=3)
    hidden = close(hidden)
    later = open_survey_for(hidden.community, now=hidden.closes_at + timedelta(days=100))
    give_answers(later, count=8)
    later = close(later)
    hidden.refresh_from_db()
    assert hidden.released_with is None
    assert later.release.content["includes"] == ""


def test_the_same_four_people_twice_are_still_four() -> None:
    first = open_survey_for(members=4)
    give_answers(first, count=3)
    first = close(first)
    second = open_survey_for(first.community, now=first.closes_at + timedelta(days=100))
    give_answers(second, count=4)
    second = close(second)
    assert results.of(second).hidden is not None
    first.refresh_from_db()
    assert first.released_with is None


def test_from_ten_responses_on_they_are_kept_without_texts_and_under_ten_only_tallies_are() -> None:
    many, few = open_survey_for(members=12, code=PULSE), open_survey_for(members=12, code=PULSE)
    give_answers(many, answers=[{"P1": "4", "P3": "1", "P4": f"Text {number}"} for number in range(10)])
    give_answers(few, answers=[{"P1": "4", "P3": "1", "P4": f"Text {number}"} for number in range(9)])
    close(many)
    close(few)
    assert [one.answers for one in Response.objects.all()] == [{"P1": "4", "P3": "1"}] * 10
    assert set(Response.objects.values_list("survey", flat=True)) == {many.pk}
    assert sorted(FreeText.objects.filter(survey=few).values_list("text", flat=True)) == [f"Text {n}" for n in range(9)]
    assert Tally.objects.get(survey=few, item_code="P3", option_code="1").count == 9


def test_texts_are_not_in_a_release_and_wait_for_a_second_reader() -> None:
    survey = open_survey_for(members=12, code=PULSE)
    give_answers(survey, answers=[{"P1": "4", "P3": "1", "P4": f"Very secret {number}"} for number in range(10)])
    survey = close(survey)
    assert "secret" not in str(Release.objects.get(survey=survey).content)
    assert set(FreeText.objects.values_list("state", flat=True)) == {FreeText.State.WAITING}


def test_pages_across_surveys_get_one_row_per_published_share_and_none_for_a_band() -> None:
    survey = open_survey_for(members=14)
    give_answers(survey, answers=[core_answers("4", M4="4")] * 7 + [core_answers("2", M4="4")] * 4)
    close(survey)
    rows = {row.item_code: (row.base, str(row.share)) for row in WaveSummary.objects.all()}
    # All eleven agreed with M4: a band, so no row.
    assert set(rows) == {"M1", "M6", "R2", "R4", "C1", "C2", "C3"}
    assert rows["M1"] == (11, "0.6364")


def test_a_close_forgets_the_inbox_and_who_was_reminded_but_keeps_how_many() -> None:
    survey = open_survey_for(members=12)
    plan_due_mail(now=NOW)
    give_answers(survey, count=9)
    plan_due_mail(now=NOW + timedelta(days=7))
    assert OutboxMessage.objects.filter(kind=emails.REMINDER).count() == 3
    close(survey)
    assert InboxBox.objects.count() == 0
    assert not OutboxMessage.objects.filter(dedupe_key__startswith=emails.occasion(survey)).exists()
    counts = dict(OutboxCount.objects.values_list("kind", "count"))
    assert (counts[emails.REQUEST], counts[emails.REMINDER]) == (12, 3)


def test_facilitators_are_told_once_and_the_trail_has_opening_and_closing_only() -> None:
    survey = open_survey_for(members=6)
    facilitator_of(survey.community, email="lead@example.org")
    give_answers(survey, count=6)
    close(survey)
    assert [row.recipient for row in OutboxMessage.objects.filter(kind=emails.CLOSED)] == ["lead@example.org"]
    events = AuditEntry.objects.filter(target_id=str(survey.pk), event__startswith="survey.").order_by("pk")
    assert [entry.event for entry in events] == ["survey.opened", "survey.closing", "survey.closed"]


def test_a_facilitator_s_long_address_does_not_stand_in_the_way_of_a_close() -> None:
    survey = open_survey_for(members=6)
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 50}.example.org"
    facilitator_of(survey.community, email=address)
    give_answers(survey, count=6)
    assert close(survey).state == "closed"
    mail = OutboxMessage.objects.get(kind=emails.CLOSED)
    assert mail.recipient == address
    assert address not in mail.dedupe_key


def test_a_closed_survey_is_not_closed_again_by_hand_and_left_alone_by_the_task() -> None:
    survey = open_survey_for(members=6)
    give_answers(survey, count=6)
    survey = close(survey)
    with pytest.raises(SurveyNotOpen):
        close_survey(survey=survey, now=LATER, by=staff())
    assert close_survey(survey=survey, now=LATER) == survey
    assert (Release.objects.count(), Tally.objects.filter(item_code="M1", option_code="").count()) == (1, 1)


def test_the_task_closes_what_is_due_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    due = open_survey_for(members=6, now=NOW - timedelta(days=22))
    later = open_survey_for(members=6)
    for survey in (due, later):
        give_answers(survey, count=6)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    close_due_surveys()
    assert dict(Survey.objects.values_list("pk", "state")) == {due.pk: "closed", later.pk: "open"}


def test_a_survey_that_cannot_be_closed_keeps_no_other_open_and_no_answer_gets_into_a_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_survey_for(members=12, now=NOW - timedelta(days=40), code=PULSE)
    well = open_survey_for(members=6, now=NOW - timedelta(days=30))
    give_answers(broken, answers=[{"P1": "4", "P3": "1", "P4": "Zanzibar"}] * 10)
    give_answers(well, count=6)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    with database_fails_at("evaluations_response", "INSERT"):
        close_due_surveys()
    assert dict(Survey.objects.values_list("pk", "state")) == {broken.pk: "closing", well.pk: "closed"}
    assert f"Survey {broken.pk} could not be closed" in caplog.text
    assert "Zanzibar" not in caplog.text


def halted(survey: Survey) -> str:
    """Closes, and gives the reason it halted for. Nothing may have been released or thrown away."""
    kept = InboxBox.objects.filter(survey=survey).count()
    survey = close_survey(survey=survey, now=LATER, by=staff(email="staff@example.org"))
    assert survey.state == Survey.State.CLOSING
    assert InboxBox.objects.filter(survey=survey).count() == kept
    assert (Release.objects.count(), Response.objects.count(), Tally.objects.count()) == (0, 0, 0)
    assert OutboxMessage.objects.filter(kind=emails.HALTED, recipient="staff@example.org").count() == 1
    return survey.halted_because


def answered_by(number: int) -> Survey:
    survey = open_survey_for(members=12)
    give_answers(survey, count=number)
    return survey


def test_a_box_that_does_not_open_halts_the_close_which_says_so() -> None:
    survey = answered_by(6)
    spoilt = InboxBox.objects.filter(survey=survey).order_by("pk")[0]
    InboxBox.objects.filter(pk=spoilt.pk).update(body=bytes(spoilt.body)[:-1] + b"\0")
    assert halted(survey) == (
        "The close has halted: a sealed answer does not open with this survey’s key. Nothing is released, "
        "and nothing is thrown away."
    )


def test_a_missing_box_halts_the_close() -> None:
    survey = answered_by(6)
    InboxBox.objects.order_by("pk")[0].delete()
    assert halted(survey) == (
        "The close has halted: there are fewer sealed answers than people who answered. "
        "Nothing is released until the two agree."
    )


def test_a_box_too_many_halts_the_close() -> None:
    survey = answered_by(6)
    body = boxes.sealed(boxes.Record(core_answers()), public_key=bytes(survey.public_key), size=survey.box_size)
    InboxBox.objects.create(survey=survey, body=body)
    assert "there are more sealed answers than people who answered" in halted(survey)


def test_a_box_that_holds_no_answer_to_these_questions_halts_the_close() -> None:
    survey = answered_by(6)
    body = boxes.sealed(boxes.Record({"M1": "99"}), public_key=bytes(survey.public_key), size=survey.box_size)
    spoilt = InboxBox.objects.order_by("pk")[0]
    InboxBox.objects.filter(pk=spoilt.pk).update(body=body)
    assert "does not fit this survey’s questions" in halted(survey)


def test_a_missing_key_halts_the_close_and_with_the_key_back_the_next_run_finishes_it(key_dir: Path) -> None:
    survey = answered_by(6)
    private = key_dir / f"{survey.key_id}.private"
    private.rename(key_dir / "elsewhere")
    assert "The keys of this survey cannot be read." in halted(survey)
    (key_dir / "elsewhere").rename(private)
    survey = close_survey(survey=survey, now=LATER)
    assert (survey.state, survey.halted_because) == ("closed", "")
    assert results.of(survey).answered == Count("5 to 9")


FAIL_ON_POSTGRESQL = """
    CREATE FUNCTION fail_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;
    CREATE TRIGGER fail_now BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION fail_now();
"""
FAIL_ON_SQLITE = "CREATE TRIGGER fail_now BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'killed'); END"


@contextmanager
def database_fails_at(table: str, verb: str) -> Iterator[None]:
    """The database breaks off at this write, as a kill in the middle of the transaction would."""
    is_postgresql = connection.vendor == "postgresql"
    fail = FAIL_ON_POSTGRESQL if is_postgresql else FAIL_ON_SQLITE
    mend = f"DROP TRIGGER fail_now ON {table}; DROP FUNCTION fail_now()" if is_postgresql else "DROP TRIGGER fail_now"
    with connection.cursor() as cursor:
        cursor.execute(fail.format(table=table, verb=verb))
    yield
    with connection.cursor() as cursor:
        cursor.execute(mend)


@pytest.mark.parametrize(
    ("table", "verb"),
    [
        ("evaluations_invitation", "UPDATE"),
        ("evaluations_response", "INSERT"),
        ("evaluations_freetext", "INSERT"),
        ("evaluations_tally", "INSERT"),
        ("evaluations_release", "INSERT"),
        ("evaluations_wavesummary", "INSERT"),
        ("evaluations_inboxbox", "DELETE"),
        ("outbox_outboxmessage", "DELETE"),
    ],
)
def test_a_close_cut_short_at_any_write_is_taken_up_and_ends_as_if_it_had_not_been(table: str, verb: str) -> None:
    survey = open_survey_for(members=14, code=FULL)
    plan_due_mail(now=NOW)
    answers = {"M1": "4", "M2": "2", "V9": "A form got shorter."}
    give_answers(survey, answers=[answers] * 8 + [{"M1": "2", "M2": "2"}] * 4)
    with database_fails_at(table, verb), pytest.raises(DatabaseError, match="killed"), transaction.atomic():
        close_survey(survey=survey, now=LATER)
    assert InboxBox.objects.count() == 12
    assert (Release.objects.count(), Response.objects.count(), FreeText.objects.count()) == (0, 0, 0)
    survey = close_survey(survey=survey, now=LATER)
    assert survey.state == "closed"
    assert (InboxBox.objects.count(), Response.objects.count(), FreeText.objects.count()) == (0, 12, 8)
    m1 = headline(survey, "M1")
    assert (m1.count, m1.base) == (8, 12)


def test_an_extended_survey_has_a_new_mail_plan_for_everyone_alike() -> None:
    survey = open_survey_for(members=6)
    give_answers(survey, count=2)
    plan_due_mail(now=survey.closes_at - timedelta(days=1))
    survey = close_survey(survey=survey, now=survey.closes_at)
    planned = PlannedRequest.objects.waiting().filter(invitation__survey=survey)
    assert sorted(planned.values_list("number", "kind").distinct()) == [(4, "extension"), (5, "reminder")]
    assert planned.count() == 12
    plan_due_mail(now=survey.closes_at - timedelta(days=6))
    assert OutboxMessage.objects.filter(kind=emails.EXTENSION).count() == 4
