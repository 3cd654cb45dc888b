"""Two records made one: nobody reads another's confidential answers by it, and one person counts once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from communities.models import Person, PersonMerge
from communities.services.people.erasure import ask_for_erasure, carry_out_erasure
from communities.services.people.merging import merge_people, preview_merge, undo_merge
from cop_portal.accounts.own_data import held_about
from cop_portal.outbox.models import OutboxMessage
from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.inbox import Draft
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText
from evaluations.services.answers import answering, own_answers, rows
from evaluations.services.answers.own_answers import AnswersNotFound, AnswersWithheld, MergeCanBeUndone
from evaluations.services.results.turnouts import turnout_of
from tests.evaluations.services.test_privacy_modes import people_of
from tests.factories.communities import NOW, PersonFactory, staff
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

ANONYMOUS, CONFIDENTIAL, NAMED = PrivacyMode.ANONYMOUS, PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED
DAY = timedelta(days=1)
AFTER = NOW + 40 * DAY


def merge(kept: Person, merged: Person, now: datetime) -> PersonMerge:
    return merge_people(kept=fresh(kept), merged=fresh(merged), by=staff(), now=now)


def undo(kept: Person, now: datetime) -> int:
    found = PersonMerge.objects.select_related("kept__user", "merged__user").get(kept=kept, undone_at=None)
    return undo_merge(merge=found, by=staff(), now=now)


def fresh(person: Person) -> Person:
    return Person.objects.select_related("user").get(pk=person.pk)


def given(number: int) -> dict[str, str]:
    return {"P1": str(number % 5 + 1), "P3": "1", "P4": f"Text {number}"}


def closed_survey(count: int = 6) -> tuple[Survey, list[Person]]:
    survey = open_survey_for(members=count, code=PULSE, mode=CONFIDENTIAL)
    give_answers(survey, answers=[given(number) for number in range(count)])
    return close(survey), people_of(survey)


# Nobody reads by it what another has answered


@pytest.mark.parametrize("victim_is_kept", [False, True])
def test_whoever_holds_the_other_mailbox_neither_reads_nor_changes_nor_destroys_what_the_victim_answered(
    *, victim_is_kept: bool
) -> None:
    survey, people = closed_survey()
    victim, planted = people[0], PersonFactory.create()
    kept, merged = (victim, planted) if victim_is_kept else (planted, victim)
    seen = own_answers.own_answers(victim, survey.pk).version
    merge(kept, merged, AFTER)
    assert own_answers.all_own_answers(kept) == []
    assert "Text 0" not in str(held_about(kept.user))
    with pytest.raises(AnswersWithheld, match="not shown"):
        own_answers.own_answers(kept, survey.pk)
    assert own_answers.found_in(kept, survey.pk).answers == {}
    with pytest.raises(AnswersWithheld):
        own_answers.correct_own_answers(survey=survey, answers={"P1": "5"}, seen=seen, by=kept.user)
    with pytest.raises(MergeCanBeUndone):
        own_answers.erase_own_answers(survey=survey, by=kept.user, now=AFTER + 29 * DAY)
    assert ConfidentialResponse.objects.count() == 6


def test_once_a_merge_can_no_longer_be_undone_the_answers_can_be_erased_unread() -> None:
    survey, people = closed_survey()
    kept = PersonFactory.create()
    merge(kept, people[0], AFTER)
    own_answers.erase_own_answers(survey=survey, by=kept.user, now=AFTER + 30 * DAY)
    assert ConfidentialResponse.objects.count() == 5
    assert not FreeText.objects.filter(text="Text 0").exists()
    with pytest.raises(AnswersNotFound):
        own_answers.found_in(kept, survey.pk)


def test_erasing_the_person_takes_withheld_answers_along_at_any_time() -> None:
    _survey, people = closed_survey()
    kept = PersonFactory.create()
    merge(kept, people[0], AFTER)
    request = ask_for_erasure(person=fresh(kept), by=kept.user, now=AFTER)
    carry_out_erasure(request=request, by=staff(), now=AFTER)
    assert ConfidentialResponse.objects.count() == 5
    assert not FreeText.objects.filter(text="Text 0").exists()


def test_undoing_gives_each_record_its_own_answers_again() -> None:
    survey, people = closed_survey()
    assert "Text 0" in str(held_about(people[0].user))
    merge(people[1], people[0], AFTER)
    undo(people[1], AFTER + DAY)
    for number in (0, 1):
        assert own_answers.own_answers(people[number], survey.pk).answers["P4"] == f"Text {number}"


def test_what_was_asked_after_the_merge_is_one_s_own_again() -> None:
    survey, people = closed_survey()
    merge(people[1], people[0], AFTER)
    again = open_survey_for(survey.community, code=PULSE, mode=CONFIDENTIAL, now=AFTER + DAY)
    give_answers(again, answers=[given(number) for number in range(6)])
    close(again)
    found = own_answers.all_own_answers(people[1])
    assert [one.survey for one in found] == [again]


def test_what_was_answered_while_two_records_were_one_is_shown_to_neither_afterwards_and_can_be_erased() -> None:
    """The one invitation was in the hands of both: nobody can tell which of the two answered."""
    survey = open_survey_for(members=6, code=PULSE, mode=CONFIDENTIAL)
    people, other = people_of(survey), PersonFactory.create()
    merge(other, people[0], NOW + DAY)
    give_answers(survey, answers=[given(number) for number in range(6)], now=NOW + 2 * DAY)
    undo(other, NOW + 3 * DAY)
    survey = close(survey)
    assert own_answers.all_own_answers(other) == []
    assert own_answers.find_answers(other) == []
    with pytest.raises(AnswersWithheld):
        own_answers.own_answers(people[0], survey.pk)
    own_answers.erase_own_answers(survey=survey, by=people[0].user, now=AFTER)
    assert ConfidentialResponse.objects.count() == 5


def test_an_erased_person_s_answers_are_left_out_though_another_record_held_the_invitation_for_a_while() -> None:
    survey = open_survey_for(members=6, code=PULSE, mode=CONFIDENTIAL)
    people, other = people_of(survey), PersonFactory.create()
    merge(other, people[0], NOW + DAY)
    give_answers(survey, answers=[given(number) for number in range(6)], now=NOW + 2 * DAY)
    undo(other, NOW + 3 * DAY)
    request = ask_for_erasure(person=fresh(people[0]), by=people[0].user, now=NOW + 4 * DAY)
    carry_out_erasure(request=request, by=staff(), now=NOW + 4 * DAY)
    close(survey)
    assert ConfidentialResponse.objects.count() == 5


@pytest.mark.parametrize("mode", list(PrivacyMode))
def test_what_one_record_had_begun_is_not_read_by_the_other(mode: PrivacyMode) -> None:
    survey = open_survey_for(members=3, code=PULSE, mode=mode)
    people = people_of(survey)
    for token in tokens_of(survey):
        answering.save_draft(token=token, answers={"P4": "Begun"})
    merge(PersonFactory.create(), people[0], NOW + DAY)
    assert Draft.objects.count() == 2
    merge(people[1], PersonFactory.create(), NOW + DAY)
    assert Draft.objects.count() == 1


def test_both_records_are_written_to_and_nobody_once_it_is_undone() -> None:
    kept, merged = PersonFactory.create(email="one@nhs.example.org"), PersonFactory.create(email="two@nhs.example.org")
    merge(kept, merged, NOW)
    mails = OutboxMessage.objects.filter(kind="communities.records_merged")
    assert set(mails.values_list("recipient", flat=True)) == {"one@nhs.example.org", "two@nhs.example.org"}


def test_the_page_before_a_merge_says_what_becomes_of_answers_and_the_same_of_everybody() -> None:
    _survey, people = closed_survey()
    asked = preview_merge(kept=people[0], merged=people[1], by=staff()).answers
    nobody = preview_merge(kept=PersonFactory.create(), merged=PersonFactory.create(), by=staff()).answers
    assert "not shown in the joined record" in asked[0]
    assert asked == nobody


# One person counts once, in any order


def asked_twice(mode: PrivacyMode, others: int = 6) -> tuple[Survey, Person, Person]:
    """An open survey that asked two records of one person, and six other people who have answered."""
    survey = open_survey_for(members=others + 2, code=PULSE, mode=mode)
    kept, merged = people_of(survey)[:2]
    for token in tokens_of(survey)[2:]:
        answering.submit_answers(token=token, answers={"P1": "4"}, now=NOW + DAY)
    return survey, kept, merged


def answer_as(survey: Survey, person: Person, what: str) -> None:
    """Through the link that this record was mailed, whoever holds the invitation now."""
    token = tokens_of(survey)[people_of(survey).index(person)]
    version = answering.door(token, NOW + 2 * DAY).sent_version
    answering.submit_answers(token=token, answers={"P1": what}, now=NOW + 2 * DAY, sent_version=version)


def take(step: str, survey: Survey, kept: Person, merged: Person) -> None:
    match step:
        case "K":
            answer_as(survey, kept, "1")
        case "M":
            answer_as(survey, merged, "2")
        case "merge":
            merge(kept, merged, NOW + DAY)
        case "undo":
            undo(kept, NOW + 3 * DAY)


ORDERS = [
    # steps, people who answered beside the six, whether the answer of the record kept is among those counted
    ("K M merge", 1, "1"), ("M K merge", 1, "1"), ("merge K M", 1, "1"), ("merge M K", 1, "1"),
    ("K merge M", 1, "1"), ("M merge K", 1, "1"), ("M merge", 1, "2"), ("merge M", 1, "2"), ("K merge", 1, "1"),
    ("merge", 0, ""), ("K M merge undo", 2, "12"), ("M merge K undo", 2, "12"), ("merge M K undo", 2, "12"),
    ("merge M undo K", 2, "12"), ("merge K undo M", 2, "12"), ("M merge undo", 1, "2"), ("merge K undo", 1, "1"),
    ("merge undo", 0, ""), ("M merge undo merge K", 1, "1"),
]  # fmt: skip


@pytest.mark.parametrize("mode", list(PrivacyMode))
@pytest.mark.parametrize(("steps", "more", "counted"), ORDERS)
def test_a_survey_that_asked_one_person_twice_closes_and_counts_them_once(
    mode: PrivacyMode, steps: str, more: int, counted: str
) -> None:
    survey, kept, merged = asked_twice(mode)
    for step in steps.split():
        take(step, survey, kept, merged)
    survey = close(survey)
    assert (survey.state, survey.halted_because) == (Survey.State.CLOSED, "")
    turnout, sent = turnout_of([survey.pk]), Invitation.objects.filter(survey=survey, is_answered=True).count()
    # In an anonymous survey nobody can tell whose two answers are: both are counted, and one protects nobody.
    assert turnout.answered == (sent if mode == ANONYMOUS else 6 + more)
    assert turnout.established == 6 + more
    if mode != ANONYMOUS:
        assert sorted(own_codes(survey)) == sorted([*("4" * 6), *counted])
    assert results.of(survey).hidden is None


def own_codes(survey: Survey) -> list[str]:
    """What was answered to the first question, in the rows that count."""
    if survey.mode == NAMED:
        return [str(row.answers["P1"]) for row in rows.named_rows(survey)]
    return [str(one.answers["P1"]) for one in ConfidentialResponse.objects.filter(survey=survey)]


@pytest.mark.parametrize("order", ["merge K close undo", "M merge close undo", "K M merge close undo"])
def test_named_answers_are_with_the_record_whose_invitation_they_answer_when_a_merge_is_undone_after_the_close(
    order: str,
) -> None:
    survey, kept, merged = asked_twice(NAMED)
    for step in order.split():
        if step == "close":
            survey = close(survey)
        else:
            take(step, survey, kept, merged)
    answered = set(Invitation.objects.filter(survey=survey, is_answered=True).values_list("person", flat=True))
    assert set(NamedResponse.objects.filter(survey=survey).values_list("person", flat=True)) == answered


def test_undoing_moves_named_answers_back_and_nothing_is_said_to_have_been_left() -> None:
    survey, kept, merged = asked_twice(NAMED)
    answer_as(survey, merged, "2")
    merge(kept, merged, NOW + DAY)
    assert NamedResponse.objects.get(survey=survey, answers__P1="2").person == merged
    assert undo(kept, NOW + 2 * DAY) == 0
    assert NamedResponse.objects.get(survey=survey, answers__P1="2").person == merged


def test_four_people_of_whom_one_has_two_records_are_four() -> None:
    """Five invitations were answered, by people of whom two are one."""
    for mode in PrivacyMode:
        survey, kept, merged = asked_twice(mode, others=3)
        answer_as(survey, kept, "1")
        answer_as(survey, merged, "2")
        merge(kept, merged, NOW + 2 * DAY)
        assert results.of(close(survey)).hidden is not None


def test_who_is_known_twice_finds_what_they_sent_by_name_under_either_record() -> None:
    survey, kept, merged = asked_twice(NAMED)
    answer_as(survey, kept, "1")
    answer_as(survey, merged, "2")
    merge(kept, merged, NOW + 2 * DAY)
    sent: list[Any] = [answers["P1"] for _, answers in own_answers.own_named_answers(kept)]
    assert sent == ["1", "2"]
