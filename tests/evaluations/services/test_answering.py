"""Answering: what a link opens, what is taken, what is refused, and that a refusal stores nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format
from django.utils.timezone import localdate

from cop_portal.refusals import Refusal
from evaluations import keys
from evaluations.links import token_for
from evaluations.models import Invitation, Survey
from evaluations.models.inbox import Draft, InboxBox
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers import answering, boxes, drafts
from evaluations.services.answers.answering import (
    AlreadyAnswered,
    AnsweringStopped,
    AnswersNotValid,
    LinkNotKnown,
    NothingAnswered,
    SurveyClosed,
    submit_answers,
)
from evaluations.services.closing.closing import close_survey
from evaluations.services.keys.key_care import check_keys
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, PULSE, close, core_answers, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

LATER = NOW + timedelta(days=1)


def opened_boxes(survey: Survey) -> list[Any]:
    private_key = keys.private_key(survey.key_id)
    return [
        boxes.opened(bytes(box.body), private_key=private_key, format_number=box.format).as_stored(box.format)
        for box in InboxBox.objects.filter(survey=survey)
    ]


def stored() -> tuple[int, int]:
    return Invitation.objects.filter(is_answered=True).count(), InboxBox.objects.count()


def test_a_link_opens_its_own_survey() -> None:
    survey, other = open_survey_for(members=2), open_survey_for(members=2)
    door = answering.door(tokens_of(survey)[0], LATER)
    assert (door.survey, door.version, door.is_answered) == (survey, survey.version, False)
    assert answering.door(tokens_of(other)[0], LATER).survey == other


def test_looking_through_the_door_changes_nothing() -> None:
    survey = open_survey_for(members=2)
    answering.door(tokens_of(survey)[0], LATER)
    assert stored() == (0, 0)


def test_what_was_previewed_is_what_is_sealed_and_nothing_else() -> None:
    survey = open_survey_for(members=2, code=FULL)
    sent = {
        "M1": "na", "M5": ["10", "1"], "V4": "1", "V5": "3", "V9": "A form got shorter.\r\nThat is all.", "R1": "",
    }  # fmt: skip
    door = answering.door(tokens_of(survey)[0], LATER)
    preview = answering.record_preview(door, questionnaire_of(survey.version), sent)
    submit_answers(token=tokens_of(survey)[0], answers=sent, now=LATER)
    assert opened_boxes(survey) == [preview]
    assert preview == {"M1": "na", "M5": ["1", "10"], "V4": "1", "V9": "A form got shorter.\nThat is all."}


def test_all_boxes_are_of_one_size_and_equal_answers_look_different() -> None:
    survey = open_survey_for(members=4, code=PULSE)
    give_answers(survey, answers=[{"P1": "1"}, {"P1": "1"}, {"P1": "early", "P3": "1", "P4": "😀" * 200}])
    bodies = [bytes(body) for body in InboxBox.objects.values_list("body", flat=True)]
    assert {len(body) for body in bodies} == {survey.box_size + 48}
    assert len(set(bodies)) == 3


def test_a_second_visit_says_it_is_done_and_a_second_answer_is_refused() -> None:
    survey = open_survey_for(members=2)
    token = tokens_of(survey)[0]
    submit_answers(token=token, answers=core_answers(), now=LATER)
    assert answering.door(token, LATER).is_answered
    with pytest.raises(AlreadyAnswered) as refused:
        submit_answers(token=token, answers=core_answers("1"), now=LATER)
    assert (refused.value.status, stored()) == (409, (1, 1))


def forged(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def truncated(token: str) -> str:
    return token[:-4]


def with_a_nul(token: str) -> str:
    return token + "\0"


def half_a_character(token: str) -> str:
    return "\ud83d" + token


def empty(token: str) -> str:
    return ""


def very_long(token: str) -> str:
    return token * 50_000


@pytest.mark.parametrize("spoil", [forged, truncated, with_a_nul, half_a_character, empty, very_long])
def test_a_link_that_is_not_ours_opens_nothing(spoil: Any) -> None:
    survey = open_survey_for(members=2)
    token = spoil(tokens_of(survey)[0])
    with pytest.raises(LinkNotKnown) as refused:
        answering.door(token, LATER)
    assert refused.value.status == 404
    with pytest.raises(LinkNotKnown):
        submit_answers(token=token, answers=core_answers(), now=LATER)
    assert stored() == (0, 0)


def test_a_link_of_another_survey_is_another_key_and_answers_there_alone() -> None:
    survey, other = open_survey_for(members=2), open_survey_for(members=2)
    submit_answers(token=tokens_of(other)[0], answers=core_answers(), now=LATER)
    assert [box.survey for box in InboxBox.objects.select_related("survey")] == [other]
    assert not Invitation.objects.filter(survey=survey, is_answered=True).exists()


def after_its_time(survey: Survey) -> Any:
    return survey.closes_at


def after_its_close(survey: Survey) -> Any:
    give_answers(survey, count=5)
    close_survey(survey=survey, now=LATER)
    return LATER


@pytest.mark.parametrize(
    ("when", "day"), [(after_its_time, "15 December 2026"), (after_its_close, date_format(localdate(LATER)))]
)
def test_after_the_close_a_sentence_gives_the_date_and_nothing_is_stored(when: Any, day: str) -> None:
    survey = open_survey_for(members=6)
    token = tokens_of(survey)[5]
    now = when(survey)
    before = stored()
    for attempt in (
        lambda: answering.door(token, now),
        lambda: submit_answers(token=token, answers=core_answers(), now=now),
    ):
        with pytest.raises(SurveyClosed) as refused:
            attempt()
        assert refused.value.messages == [f"This survey closed on {day}. Nothing more can be sent."]
    assert stored() == before


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({}, NothingAnswered),
        ({"M1": "", "V3": None}, NothingAnswered),
        ({"M1": "6"}, AnswersNotValid),
        ({"M1": ["4"]}, AnswersNotValid),
        ({"Z9": "1"}, AnswersNotValid),
    ],
)
def test_what_cannot_be_sent_leaves_the_invitation_unanswered(answers: Any, refusal: type[Refusal]) -> None:
    survey = open_survey_for(members=2)
    with pytest.raises(refusal):
        submit_answers(token=tokens_of(survey)[0], answers=answers, now=LATER)
    assert stored() == (0, 0)


def test_a_refusal_names_each_question_that_needs_another_look() -> None:
    survey = open_survey_for(members=2, code=FULL)
    answers = {"M1": "6", "M5": ["1", "x1"], "V9": "x" * 1001, "C1": "4"}
    with pytest.raises(AnswersNotValid) as refused:
        submit_answers(token=tokens_of(survey)[0], answers=answers, now=LATER)
    assert refused.value.errors == answering.check_answers(survey.version, answers)
    assert list(refused.value.errors) == ["M1", "M5", "V9"]


def test_a_draft_is_kept_resumed_and_wiped_and_only_its_link_reads_it() -> None:
    survey = open_survey_for(members=2, code=PULSE)
    token, other = tokens_of(survey)
    answering.save_draft(token=token, answers={"P1": "4"})
    answering.save_draft(token=token, answers={"P1": "2", "P3": "3", "P4": "Kept, in case P3 changes back"})
    assert Draft.objects.count() == 1
    assert answering.load_draft(token) == {"P1": "2", "P3": "3", "P4": "Kept, in case P3 changes back"}
    assert answering.load_draft(other) == {}
    answering.clear_draft(token=token)
    assert Draft.objects.count() == 0
    assert answering.load_draft(token) == {}


def test_drafts_are_of_one_size_whatever_is_in_them() -> None:
    survey = open_survey_for(members=2, code=PULSE)
    for token, answers in zip(tokens_of(survey), [{"P1": "4"}, {"P3": "1", "P4": "x" * 200}], strict=True):
        answering.save_draft(token=token, answers=answers)
    assert len({len(bytes(body)) for body in Draft.objects.values_list("body", flat=True)}) == 1


def test_a_draft_that_cannot_be_kept_leaves_the_last_one_as_it_was() -> None:
    survey = open_survey_for(members=2, code=PULSE)
    token = tokens_of(survey)[0]
    answering.save_draft(token=token, answers={"P4": "Something"})
    with pytest.raises(AnswersNotValid):
        answering.save_draft(token=token, answers={"P4": "x" * 201})
    assert answering.load_draft(token) == {"P4": "Something"}


def test_sending_takes_the_draft_with_it_and_none_can_be_made_afterwards() -> None:
    survey = open_survey_for(members=2)
    token = tokens_of(survey)[0]
    answering.save_draft(token=token, answers={"M1": "4"})
    submit_answers(token=token, answers={"M1": "4"}, now=LATER)
    assert Draft.objects.count() == 0
    with pytest.raises(AlreadyAnswered):
        answering.save_draft(token=token, answers={"M1": "1"})
    assert Draft.objects.count() == 0


def test_a_draft_that_someone_tampered_with_reads_as_none() -> None:
    survey = open_survey_for(members=2)
    token = tokens_of(survey)[0]
    answering.save_draft(token=token, answers={"M1": "4"})
    Draft.objects.filter(pk=drafts.locator(token)).update(body=b"x" * 200)
    assert answering.load_draft(token) == {}


def test_no_draft_outlives_the_close() -> None:
    survey = open_survey_for(members=7)
    give_answers(survey, count=5)
    answering.save_draft(token=tokens_of(survey)[6], answers={"M1": "4"})
    close(survey)
    assert Draft.objects.count() == 0


def test_a_draft_that_comes_a_moment_after_the_close_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = open_survey_for(members=8)
    give_answers(survey, count=6)
    token, made = tokens_of(survey)[6], answering._draft_of

    def while_it_closes(*about: Any) -> Any:
        close_survey(survey=survey, now=LATER)
        return made(*about)

    monkeypatch.setattr(answering, "_draft_of", while_it_closes)
    with pytest.raises(SurveyClosed, match=date_format(localdate(LATER))):
        answering.save_draft(token=token, answers={"M1": "4"})
    assert not Draft.objects.exists()


def test_while_a_key_is_missing_nothing_is_taken_and_then_it_is_again(key_dir: Path) -> None:
    survey = open_survey_for(members=2)
    token = tokens_of(survey)[0]
    private = key_dir / f"{survey.key_id}.private"
    private.rename(key_dir / "elsewhere")
    assert check_keys(now=LATER) == 1
    for attempt in (
        lambda: answering.door(token, LATER),
        lambda: submit_answers(token=token, answers=core_answers(), now=LATER),
    ):
        with pytest.raises(AnsweringStopped) as refused:
            attempt()
        assert refused.value.status == 503
    assert stored() == (0, 0)
    (key_dir / "elsewhere").rename(private)
    assert check_keys(now=LATER) == 0
    submit_answers(token=token, answers=core_answers(), now=LATER)
    assert stored() == (1, 1)


def test_sending_takes_eight_statements_and_looking_one() -> None:
    survey = open_survey_for(members=2)
    token = tokens_of(survey)[0]
    with CaptureQueriesContext(connection) as looking:
        answering.door(token, LATER)
    with CaptureQueriesContext(connection) as sending:
        submit_answers(token=token, answers=core_answers(), now=LATER)
    # Link, questions, begin, still open, answered, sealed, draft gone, commit.
    assert (len(looking), len(sending)) == (1, 8)


def test_a_new_generation_of_a_link_makes_the_old_one_void() -> None:
    invitation = Invitation.objects.select_related("survey").filter(survey=open_survey_for(members=1)).get()
    old = token_for(invitation)
    invitation.generation = 2
    assert token_for(invitation) != old
