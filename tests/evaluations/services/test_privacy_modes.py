"""Confidential and named surveys from opening to what a close leaves, and the rows that may be had of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate

from communities.models import Community, Person
from evaluations import keys, results
from evaluations.models import Invitation, PrivacyMode, PseudonymKey, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.inbox import InboxBox
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Response
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers import answering, boxes, rows
from evaluations.services.answers.answering import AlreadyAnswered, AnswersNotValid, NothingAnswered, SurveyClosed
from evaluations.services.answers.named import AnswersSentMeanwhile
from evaluations.services.keys.fresh_keys import KeysNotSafe
from evaluations.services.keys.pseudonyms import KeyEndsTooSoon, pseudonym_of, read_key
from evaluations.services.surveys.extending import give_more_time
from evaluations.services.surveys.opening import NobodyToAsk
from tests.factories.communities import NOW, CommunityFactory
from tests.factories.evaluations import PULSE, close, core_answers, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

LATER = NOW + timedelta(days=1)
CONFIDENTIAL, NAMED = PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED


def people_of(survey: Survey) -> list[Person]:
    """Everyone asked, in the order of `tokens_of`."""
    found = Invitation.objects.filter(survey=survey).select_related("person__user")
    return [one.person for one in found.order_by("person__user__name", "pk")]


def pulse_of(mode: PrivacyMode, answers: Sequence[Mapping[str, Any]], **about: Any) -> Survey:
    survey = open_survey_for(members=len(answers) + 2, code=PULSE, mode=mode, **about)
    give_answers(survey, answers=answers)
    return survey


def key_of(survey: Survey) -> PseudonymKey:
    assert survey.pseudonym_key is not None
    return survey.pseudonym_key


# Confidential


def test_a_confidential_record_says_whose_it_is_and_the_preview_is_what_is_sealed() -> None:
    survey = open_survey_for(members=2, mode=CONFIDENTIAL)
    token, person = tokens_of(survey)[0], people_of(survey)[0]
    door = answering.door(token, LATER)
    preview = answering.record_preview(door, questionnaire_of(survey.version), core_answers())
    answering.submit_answers(token=token, answers=core_answers(), now=LATER)
    box = InboxBox.objects.get(survey=survey)
    record = boxes.opened(bytes(box.body), private_key=keys.private_key(survey.key_id), format_number=box.format)
    assert preview == record.as_stored(box.format) == {"answers": core_answers(), "subject": str(person.pk)}


def test_confidential_answers_are_kept_under_pseudonyms_whatever_their_number_and_texts_apart() -> None:
    answers = [{"P1": "4", "P3": "1", "P4": f"Text {number}"} for number in range(3)]
    survey = close(pulse_of(CONFIDENTIAL, answers))
    key = read_key(key_of(survey))
    kept = {one.pseudonym: one.answers for one in ConfidentialResponse.objects.filter(survey=survey)}
    texts = dict(FreeText.objects.filter(survey=survey).values_list("pseudonym", "text"))
    people = people_of(survey)[:3]
    assert kept == {pseudonym_of(key, str(person.pk)): {"P1": "4", "P3": "1"} for person in people}
    assert texts == {pseudonym_of(key, str(person.pk)): f"Text {number}" for number, person in enumerate(people)}
    assert (Response.objects.count(), InboxBox.objects.count()) == (0, 0)
    assert results.of(survey).hidden is not None


def test_the_next_survey_of_the_same_questions_here_goes_under_the_same_pseudonyms_and_no_other_does() -> None:
    first = pulse_of(CONFIDENTIAL, [{"P1": "4"}] * 6)
    first = close(first)
    again = open_survey_for(first.community, code=PULSE, mode=CONFIDENTIAL, now=first.closes_at + timedelta(days=150))
    elsewhere = open_survey_for(members=4, code=PULSE, mode=CONFIDENTIAL)
    core = open_survey_for(first.community, mode=CONFIDENTIAL)
    assert key_of(again) == key_of(first)
    assert len({key_of(survey).pk for survey in (first, elsewhere, core)}) == 3
    give_answers(again, answers=[{"P1": "2"}] * 6)
    again = close(again)
    pseudonyms = [
        set(ConfidentialResponse.objects.filter(survey=survey).values_list("pseudonym", flat=True))
        for survey in (first, again)
    ]
    assert pseudonyms[0] == pseudonyms[1]
    assert len(pseudonyms[0]) == 6


def test_a_key_that_would_end_too_soon_after_the_close_is_not_used_again() -> None:
    first = open_survey_for(members=3, code=PULSE, mode=CONFIDENTIAL)
    late = NOW + timedelta(days=360)
    close(first)
    second = open_survey_for(first.community, code=PULSE, mode=CONFIDENTIAL, now=late)
    assert key_of(second) != key_of(first)
    assert key_of(second).ends_on == localdate(late + timedelta(days=400))


def test_a_long_survey_has_a_key_that_lasts_four_weeks_beyond_its_extension(settings: Any) -> None:
    settings.PSEUDONYM_KEY_DAYS = 30
    survey = open_survey_for(members=3, code=PULSE, mode=CONFIDENTIAL, days=60)
    assert key_of(survey).ends_on == localdate(survey.closes_at + timedelta(days=7 + 28))
    week = survey.closes_at + timedelta(days=7)
    with pytest.raises(KeyEndsTooSoon, match="The key to these answers is destroyed on 27 February 2027"):
        give_more_time(survey=survey, closes_at=week + timedelta(days=1), by=survey.opened_by, now=LATER)
    assert give_more_time(survey=survey, closes_at=week, by=survey.opened_by, now=LATER).closes_at == week


def test_a_survey_that_is_not_confidential_has_no_pseudonym_key(key_dir: Path) -> None:
    open_survey_for(members=3)
    open_survey_for(members=3, mode=NAMED)
    assert PseudonymKey.objects.count() == 0
    assert list(key_dir.glob("*.pseudonym")) == []


def test_a_confidential_survey_that_is_not_opened_leaves_no_key(key_dir: Path) -> None:
    empty: Community = CommunityFactory.create()
    with pytest.raises(NobodyToAsk):
        open_survey_for(empty, mode=CONFIDENTIAL)
    assert list(key_dir.iterdir()) == []
    assert PseudonymKey.objects.count() == 0


def test_without_room_for_its_pseudonym_key_a_survey_is_not_opened(
    key_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = keys._write

    def full(path: Path, content: bytes) -> None:
        if path.suffix == ".pseudonym":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(keys, "_write", full)
    with pytest.raises(KeysNotSafe, match="The key directory is full"):
        open_survey_for(members=3, mode=CONFIDENTIAL)
    assert (Survey.objects.count(), list(key_dir.iterdir())) == (0, [])


def test_a_missing_pseudonym_key_halts_the_close_and_with_it_back_the_next_run_finishes(key_dir: Path) -> None:
    survey = pulse_of(CONFIDENTIAL, [{"P1": "4"}] * 6)
    file = key_dir / f"{key_of(survey).key_id}.pseudonym"
    file.rename(key_dir / "elsewhere")
    survey = close(survey)
    assert (survey.state, ConfidentialResponse.objects.count()) == ("closing", 0)
    assert "the answers cannot be opened" in survey.halted_because
    (key_dir / "elsewhere").rename(file)
    survey = close(survey)
    assert (survey.state, ConfidentialResponse.objects.count()) == ("closed", 6)


def test_where_the_key_has_ended_before_the_close_answers_go_under_pseudonyms_that_lead_nowhere(key_dir: Path) -> None:
    survey = pulse_of(CONFIDENTIAL, [{"P1": "4"}] * 6)
    key = read_key(key_of(survey))
    keys.destroy(key_of(survey).key_id)
    survey = close(survey)
    kept = set(ConfidentialResponse.objects.values_list("pseudonym", flat=True))
    assert len(kept) == 6
    assert kept.isdisjoint({pseudonym_of(key, str(person.pk)) for person in people_of(survey)})


def test_who_was_erased_before_the_close_leaves_no_row_but_counts_as_having_answered() -> None:
    survey = pulse_of(CONFIDENTIAL, [{"P1": "4", "P3": "1", "P4": f"Text {number}"} for number in range(6)])
    Person.objects.filter(pk=people_of(survey)[0].pk).update(erased_on=LATER.date())
    survey = close(survey)
    assert ConfidentialResponse.objects.count() == 5
    assert set(FreeText.objects.values_list("text", flat=True)) == {f"Text {number}" for number in range(1, 6)}
    assert results.of(survey).answered == results.Count("5 to 9")


def test_a_confidential_box_without_a_subject_halts_the_close() -> None:
    survey = pulse_of(CONFIDENTIAL, [{"P1": "4"}] * 6)
    body = boxes.sealed(
        boxes.Record({"P1": "4"}),
        public_key=bytes(survey.public_key), size=survey.box_size, format_number=boxes.WITH_MORE,
    )  # fmt: skip
    InboxBox.objects.filter(pk=InboxBox.objects.order_by("pk")[0].pk).update(body=body)
    survey = close(survey)
    assert "does not fit this survey’s questions" in survey.halted_because


def test_hidden_answers_are_never_released_together_with_those_of_another_mode() -> None:
    hidden = close(pulse_of(PrivacyMode.ANONYMOUS, [{"P1": "4"}] * 3))
    after = hidden.closes_at + timedelta(days=90)
    named = open_survey_for(hidden.community, code=PULSE, mode=NAMED, now=after)
    give_answers(named, answers=[{"P1": "2"}] * 5)
    close(named)
    hidden.refresh_from_db()
    assert hidden.released_with is None
    assert results.of(named).answered == results.Count("5 to 9")
    assert results.of(named).includes == ""


# Named


def test_a_named_answer_is_kept_with_its_person_at_once_and_nothing_is_sealed() -> None:
    survey = open_survey_for(members=2, code=PULSE, mode=NAMED)
    token, person = tokens_of(survey)[0], people_of(survey)[0]
    sent = {"P1": "4", "P3": "1", "P4": "A form got shorter."}
    preview = answering.record_preview(answering.door(token, LATER), questionnaire_of(survey.version), sent)
    answering.submit_answers(token=token, answers=sent, now=LATER)
    kept = NamedResponse.objects.get(survey=survey)
    assert (kept.person, kept.answers, kept.version) == (person, sent, 1)
    assert preview == {"person": person.name, "answers": sent}
    assert (InboxBox.objects.count(), Invitation.objects.filter(is_answered=True).count()) == (0, 1)


def test_named_answers_can_be_changed_until_the_close_by_whoever_has_seen_them_as_they_are() -> None:
    survey = open_survey_for(members=2, code=PULSE, mode=NAMED)
    token = tokens_of(survey)[0]
    answering.submit_answers(token=token, answers={"P1": "4"}, now=LATER)
    door = answering.door(token, LATER)
    assert (door.is_answered, door.is_over, door.sent_version) == (True, False, 1)
    assert answering.load_draft(token) == {"P1": "4"}
    answering.save_draft(token=token, answers={"P1": "2"})
    answering.submit_answers(token=token, answers={"P1": "2"}, now=LATER, sent_version=1)
    for seen in (0, 1):
        with pytest.raises(AnswersSentMeanwhile):
            answering.submit_answers(token=token, answers={"P1": "5"}, now=LATER, sent_version=seen)
    kept = NamedResponse.objects.get(survey=survey)
    assert (kept.answers, kept.version) == ({"P1": "2"}, 2)
    close(survey)
    with pytest.raises(SurveyClosed):
        answering.submit_answers(token=token, answers={"P1": "5"}, now=LATER, sent_version=2)


@pytest.mark.parametrize("mode", [PrivacyMode.ANONYMOUS, CONFIDENTIAL])
def test_in_the_other_modes_nothing_is_changed_after_sending(mode: PrivacyMode) -> None:
    survey = open_survey_for(members=2, code=PULSE, mode=mode)
    token = tokens_of(survey)[0]
    answering.submit_answers(token=token, answers={"P1": "4"}, now=LATER)
    assert answering.door(token, LATER).is_over
    assert answering.load_draft(token) == {}
    with pytest.raises(AlreadyAnswered):
        answering.save_draft(token=token, answers={"P1": "2"})
    with pytest.raises(AlreadyAnswered):
        answering.submit_answers(token=token, answers={"P1": "2"}, now=LATER, sent_version=1)


@pytest.mark.parametrize(("answers", "refusal"), [({}, NothingAnswered), ({"P1": "99"}, AnswersNotValid)])
def test_bad_named_answers_leave_what_was_sent_as_it_was(answers: dict[str, str], refusal: type[Exception]) -> None:
    survey = open_survey_for(members=2, code=PULSE, mode=NAMED)
    token = tokens_of(survey)[0]
    answering.submit_answers(token=token, answers={"P1": "4"}, now=LATER)
    with pytest.raises(refusal):
        answering.submit_answers(token=token, answers=answers, now=LATER, sent_version=1)
    assert NamedResponse.objects.get().answers == {"P1": "4"}


def test_named_answers_are_released_through_the_same_gate_and_their_texts_stay_with_them() -> None:
    survey = close(pulse_of(NAMED, [{"P1": "4", "P3": "1", "P4": f"Text {number}"} for number in range(7)]))
    assert results.of(survey).answered == results.Count("5 to 9")
    assert (FreeText.objects.count(), Response.objects.count(), NamedResponse.objects.count()) == (0, 0, 7)


def test_a_named_survey_with_an_answer_missing_halts_its_close() -> None:
    survey = pulse_of(NAMED, [{"P1": "4"}] * 6)
    NamedResponse.objects.filter(pk=NamedResponse.objects.order_by("pk")[0].pk).delete()
    survey = close(survey)
    assert survey.state == "closing"
    assert "there are fewer answers than people who answered" in survey.halted_because


# Rows


def test_named_rows_are_everyone_s_answers_in_the_order_of_their_names() -> None:
    survey = pulse_of(NAMED, [{"P1": str(number), "P3": "1", "P4": "Yes"} for number in range(1, 6)])
    with pytest.raises(rows.NotClosedYet):
        rows.named_rows(survey)
    survey = close(survey)
    found = [(row.person, row.answers, row.version) for row in rows.named_rows(survey)]
    people = people_of(survey)
    assert found == [(people[n - 1], {"P1": str(n), "P3": "1", "P4": "Yes"}, 1) for n in range(1, 6)]


def test_confidential_rows_have_no_text_and_no_pseudonym_and_an_order_of_their_own(settings: Any) -> None:
    settings.CONFIDENTIAL_ROWS_FROM = 10
    survey = close(pulse_of(CONFIDENTIAL, [{"P1": str(5 - n % 5), "P3": "1", "P4": f"Text {n}"} for n in range(10)]))
    assert rows.confidential_rows(survey) == [{"P1": str(1 + n // 2), "P3": "1"} for n in range(10)]


def test_under_thirty_there_are_no_confidential_rows(settings: Any) -> None:
    survey = close(pulse_of(CONFIDENTIAL, [{"P1": "4"}] * 29))
    with pytest.raises(rows.TooFewRows, match="from 30 on"):
        rows.confidential_rows(survey)


def test_rows_come_in_the_mode_that_said_so_and_in_no_other() -> None:
    surveys = {mode: close(pulse_of(mode, [{"P1": "4"}] * 10)) for mode in PrivacyMode}
    for mode, survey in surveys.items():
        if mode != NAMED:
            with pytest.raises(rows.NoRowsInThisMode):
                rows.named_rows(survey)
        if mode != CONFIDENTIAL:
            with pytest.raises(rows.NoRowsInThisMode):
                rows.confidential_rows(survey)
