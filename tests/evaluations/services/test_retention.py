"""Single answers whose time is over: listed, destroyed by an administrator and by nobody else, and what stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from communities.models import Person
from communities.services.people.erasure import lift_hold, place_hold
from cop_portal.audit.models import AuditEntry
from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Release, Survey, SurveyExport, WaveSummary
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response, Tally
from evaluations.services.keys.pseudonym_keys import end_due_keys, hold_key, lift_key_hold
from evaluations.services.results.text_review import (
    TextReadMeanwhile,
    piles,
    texts_to_read,
    withdraw_text,
)
from evaluations.services.results.texts import released_texts
from evaluations.services.retention.dates import due_at
from evaluations.services.retention.destroying import (
    AnswersAlreadyDestroyed,
    AnswersOnLegalHold,
    AnswersStillKept,
    destroy_answers,
    destroy_answers_of_all,
)
from evaluations.services.retention.inventory import in_brief, inventory_of
from evaluations.services.retention.reviewing import due, listed, reviewed, survey_to_review
from evaluations.services.survey_exports.asking import AnswersNotKept, ask_for_export
from evaluations.services.survey_exports.contents import data_of
from evaluations.services.survey_exports.making import make_export
from tests.evaluations.retaining import administrator, closed, due_day, pulse, related, with_texts
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import FULL

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

MODES = [PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED]
A_MINUTE = timedelta(minutes=1)


def stage(survey: Survey, now: Any) -> str:
    return reviewed([related(survey)], now=now)[0].stage.value


def single_answers() -> dict[str, int]:
    tables = (Response, ConfidentialResponse, NamedResponse, FreeText)
    return {model.__name__: model._default_manager.count() for model in tables if model._default_manager.exists()}


def what_stays(survey: Survey) -> Any:
    """Everything that is shown of a survey, and all that it is made of."""
    survey = related(survey)
    return (
        list(Release.objects.values()), list(WaveSummary.objects.values()), list(Tally.objects.order_by("pk").values()),
        results.of(survey), released_texts(survey), data_of(survey, SurveyExport.What.FIGURES).digest,
        list(Invitation.objects.order_by("pk").values("pk", "person", "is_answered")),
    )  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_single_answers_go_on_or_after_their_day_and_what_was_released_stays_to_the_byte(mode: PrivacyMode) -> None:
    survey, by = pulse(mode), administrator()
    before, day = what_stays(survey), due_day(survey)
    assert sum(single_answers().values()) >= 12

    with pytest.raises(AnswersStillKept):
        destroy_answers(survey=survey, by=by, now=day - A_MINUTE)
    assert sum(single_answers().values()) >= 12
    destroyed = destroy_answers(survey=survey, by=by, now=day)

    assert single_answers() == {}
    assert destroyed.answers_destroyed_at == day
    assert what_stays(survey) == before


def test_the_trail_says_who_destroyed_the_answers_to_which_survey_once() -> None:
    survey, by = pulse(PrivacyMode.NAMED), administrator()
    day = due_day(survey)
    destroy_answers(survey=survey, by=by, now=day)
    with pytest.raises(AnswersAlreadyDestroyed) as again:
        destroy_answers(survey=survey, by=administrator(), now=day + A_MINUTE)
    assert again.value.messages == ["The answers of single people were destroyed on 15 December 2027."]
    entries = AuditEntry.objects.filter(event="survey.answers_destroyed")
    assert [(entry.by_id, entry.target_id) for entry in entries] == [(by.pk, str(survey.pk))]


# When it is due


def test_an_anonymous_survey_is_listed_sixty_days_before_and_due_a_year_after_its_close() -> None:
    survey = closed()
    day = due_day(survey)
    assert survey.closed_at is not None
    assert day == survey.closed_at + timedelta(days=365)
    assert list(listed(now=day - timedelta(days=60) - A_MINUTE)) == []
    for now, expected in ((day - timedelta(days=60), "coming"), (day - A_MINUTE, "coming"), (day, "due")):
        assert list(listed(now=now)) == [survey]
        assert stage(survey, now) == expected
    assert (list(due(now=day - A_MINUTE)), list(due(now=day))) == ([], [survey])


def test_confidential_answers_are_due_when_their_key_has_ended_where_that_is_later() -> None:
    survey = pulse(PrivacyMode.CONFIDENTIAL)
    assert survey.closed_at is not None
    assert survey.pseudonym_key is not None
    a_year = survey.closed_at + timedelta(days=365)
    assert due_at(survey) > a_year
    assert stage(survey, a_year) == "coming"
    assert list(listed(now=a_year)) == [survey]
    # Its day has come, and the worker has not been: those who answered can still see theirs.
    assert stage(survey, due_at(survey)) == "coming"
    with pytest.raises(AnswersStillKept):
        destroy_answers(survey=survey, by=administrator(), now=due_at(survey))
    end_due_keys(now=due_at(survey))
    assert stage(survey, due_at(related(survey))) == "due"


def test_a_survey_of_which_nothing_of_single_people_is_kept_is_not_listed() -> None:
    survey = closed(7)
    assert single_answers() == {}
    assert list(listed(now=due_day(survey))) == []


def test_a_survey_that_is_open_keeps_its_answers() -> None:
    survey = closed()
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSING)
    with pytest.raises(AnswersStillKept):
        destroy_answers(survey=survey, by=administrator(), now=due_day(survey))


def test_only_a_closed_survey_outlives_its_answers() -> None:
    survey = closed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(state=Survey.State.OPEN, answers_destroyed_at=NOW)


# Legal holds


def test_a_hold_on_the_key_pauses_it_until_it_is_lifted_and_the_key_has_ended() -> None:
    survey, by = pulse(PrivacyMode.CONFIDENTIAL), administrator()
    assert survey.pseudonym_key is not None
    day = due_at(survey)
    hold_key(key=survey.pseudonym_key, because="An inquiry needs it", by=staff(), now=NOW)
    end_due_keys(now=day)

    [found] = reviewed(listed(now=day).select_related("pseudonym_key"), now=day)
    assert (found.stage.value, found.paused_because) == (
        "paused", "A legal hold on the key to its pseudonyms: An inquiry needs it",
    )  # fmt: skip
    assert list(due(now=day)) == []
    with pytest.raises(AnswersOnLegalHold, match="An inquiry needs it"):
        destroy_answers(survey=survey, by=by, now=day)

    lift_key_hold(key=survey.pseudonym_key, by=staff(), now=day)
    end_due_keys(now=day)
    destroy_answers(survey=survey, by=by, now=day)
    assert single_answers() == {}


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_hold_on_the_record_of_someone_who_answered_by_name_pauses_it(is_merged: bool) -> None:
    survey, by = pulse(PrivacyMode.NAMED), administrator()
    day = due_day(survey)
    answered = Person.objects.get(pk=NamedResponse.objects.order_by("pk")[0].person_id)
    held = answered
    if is_merged:
        held = Person.objects.get(user=staff())
        Person.objects.filter(pk=answered.pk).update(merged_into=held)
    hold = place_hold(person=held, reason="A claim", by=staff(), now=NOW)

    assert (stage(survey, day), list(due(now=day))) == ("paused", [])
    with pytest.raises(AnswersOnLegalHold):
        destroy_answers(survey=survey, by=by, now=day)
    assert NamedResponse.objects.count() == 12

    lift_hold(hold=hold, by=staff(), now=day)
    assert (stage(survey, day), list(due(now=day))) == ("due", [survey])


def test_a_hold_on_someone_who_did_not_answer_pauses_nothing() -> None:
    survey = pulse(PrivacyMode.NAMED)
    silent = Invitation.objects.filter(survey=survey, is_answered=False).order_by("pk")[0]
    place_hold(person=silent.person, reason="A claim", by=staff(), now=NOW)
    assert stage(survey, due_day(survey)) == "due"


# Texts


def test_of_texts_only_the_words_that_are_shown_are_left() -> None:
    survey, by = with_texts(), administrator()
    before, shown = what_stays(survey), released_texts(survey)
    destroy_answers(survey=survey, by=by, now=due_day(survey))
    kept = sorted(FreeText.objects.values_list("text", "redacted", "is_shown"))
    assert sorted(text or redacted for text, redacted, _ in kept) == sorted(shown["V9"])
    with_words_left_out = [("", text) for text in shown["V9"] if text.startswith("[a place] ")]
    assert [(text, redacted) for text, redacted, _ in kept if redacted] == with_words_left_out
    assert len(kept) == 6
    assert what_stays(survey) == before


def test_texts_that_nobody_read_go_unread_and_wait_for_nobody() -> None:
    survey, by = closed([{"M1": "4", "V9": f"Text {n}."} for n in range(6)] + [{"M1": "4"}] * 5, code=FULL), staff()
    assert len(piles(by=by)) == 1
    destroy_answers(survey=survey, by=administrator(), now=due_day(survey))
    assert single_answers() == {}
    assert piles(by=by) == []
    assert texts_to_read(survey=survey, by=by) == []


def test_a_text_withdrawn_after_that_is_gone_as_well() -> None:
    survey, by = with_texts(), staff()
    destroy_answers(survey=survey, by=administrator(), now=due_day(survey))
    Survey.objects.filter(pk=survey.pk).update(is_wiped=True)
    shown = FreeText.objects.filter(redacted="").order_by("pk")[0].pk
    withdraw_text(survey=survey, text=shown, by=by, now=NOW)
    assert not FreeText.objects.filter(pk=shown).exists()
    assert not Survey.objects.get(pk=survey.pk).is_wiped
    with pytest.raises(FreeText.DoesNotExist):
        withdraw_text(survey=survey, text=shown, by=by, now=NOW)


def test_a_text_withdrawn_before_that_is_kept_until_then() -> None:
    survey, by = with_texts(), staff()
    shown = FreeText.objects.filter(is_shown=True, redacted="").order_by("pk")[0].pk
    withdraw_text(survey=survey, text=shown, by=by, now=NOW)
    assert FreeText.objects.get(pk=shown).text
    with pytest.raises(TextReadMeanwhile):
        withdraw_text(survey=survey, text=shown, by=by, now=NOW)


def test_nothing_joins_the_shown_texts_of_one_person_any_more() -> None:
    survey = pulse(PrivacyMode.CONFIDENTIAL)
    FreeText.objects.update(state=FreeText.State.RELEASED)
    FreeText.objects.update(is_shown=True)
    before = set(FreeText.objects.values_list("pseudonym", flat=True))
    destroy_answers(survey=survey, by=administrator(), now=due_day(survey))
    after = set(FreeText.objects.values_list("pseudonym", flat=True))
    assert len(before) == len(after) == 12
    assert before.isdisjoint(after)


# What was taken away


def test_files_made_of_the_answers_go_with_them_and_none_is_made_any_more() -> None:
    survey, by = pulse(PrivacyMode.NAMED), staff()
    day = due_day(survey)
    asked_at = day - timedelta(days=1)
    what: dict[str, Any] = {"survey": survey, "what": SurveyExport.What.ROWS, "reason": ""}
    ready = ask_for_export(by=by, now=asked_at, **what)
    assert make_export(export=ready, now=asked_at)
    waiting = ask_for_export(by=staff(), now=asked_at, **what)

    destroy_answers(survey=survey, by=administrator(), now=day)

    found = SurveyExport.objects.in_bulk([ready.pk, waiting.pk])
    words = "The answers of single people were destroyed on 15 December 2027."
    assert [(found[one.pk].state, found[one.pk].archive, found[one.pk].message) for one in (ready, waiting)] == [
        ("deleted", None, words), ("failed", None, words),
    ]  # fmt: skip
    with pytest.raises(AnswersNotKept, match="were destroyed on 15 December 2027"):
        ask_for_export(by=by, now=asked_at, **{**what, "survey": related(survey)})


# Several at once, and the dry run


def test_of_several_those_that_may_not_go_stay_and_the_others_go() -> None:
    ready, held, gone = closed(), pulse(PrivacyMode.NAMED), closed()
    day = max(map(due_day, (ready, held, gone)))
    place_hold(person=NamedResponse.objects.order_by("pk")[0].person, reason="A claim", by=staff(), now=NOW)
    destroy_answers(survey=gone, by=administrator(), now=day)
    came = destroy_answers_of_all(surveys=[ready, held, gone], by=administrator(), now=day)
    assert came.done == [ready]
    assert [(survey, why.split(".")[0]) for survey, why in came.left] == [
        (held, "Nothing is destroyed while it lasts"),
        (gone, "The answers of single people were destroyed on 15 December 2027"),
    ]
    assert single_answers() == {"NamedResponse": 12}


def test_the_dry_run_says_no_more_of_a_few_answers_than_the_results_do() -> None:
    survey = pulse(PrivacyMode.CONFIDENTIAL, 7)
    loaded = survey_to_review(Survey.objects.all()).get(pk=survey.pk)
    goes = inventory_of(loaded).goes
    assert goes == [
        "The answers of 5 to 9 people, a row for each, under pseudonyms to which there is no key any more.",
        "Texts about “What will you try?” that are not shown. Written: a number that is hidden; shown: 0.",
    ]
    listed_one = listed(now=due_day(survey)).with_turnout().get()
    assert in_brief(listed_one) == "Answers of 5 to 9 people and texts that are not shown"


def test_the_dry_run_counts_what_is_no_secret_and_changes_nothing() -> None:
    survey = with_texts()
    loaded = survey_to_review(Survey.objects.all()).get(pk=survey.pk)
    before = what_stays(survey), single_answers()
    inventory = inventory_of(loaded)
    assert inventory.goes[0] == "The answers of 12 people, a row for each, without names."
    assert inventory.goes[1].endswith(" Written: 5 to 9; shown: 6.")
    assert inventory.goes[2] == "What stood in 1 text that is shown with words left out."
    assert inventory.stays[1] == "The 6 texts that are shown with the results, as they are shown."
    assert inventory.stays[2] == "That 16 people were asked, and who of them answered."
    assert (what_stays(survey), single_answers()) == before
