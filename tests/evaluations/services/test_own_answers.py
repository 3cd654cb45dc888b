"""One's own confidential answers until the key ends: seen, corrected, erased by their person and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from communities.models import Person
from communities.services.people.erasure import ask_for_erasure, carry_out_erasure, place_hold
from communities.services.people.merging import merge_people, undo_merge
from communities.services.people.remains import preview_erasure
from cop_portal.accounts.own_data import held_about
from cop_portal.audit.models import AuditEntry
from evaluations import results
from evaluations.models import PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText, Tally
from evaluations.services.answers import own_answers, rows
from evaluations.services.answers.answering import AnswersNotValid, NothingAnswered
from evaluations.services.answers.own_answers import AnswersChangedMeanwhile, AnswersNotFound, AnswersOnHold
from evaluations.services.keys.pseudonym_keys import end_due_keys, hold_key
from tests.evaluations.services.test_privacy_modes import people_of
from tests.factories.communities import NOW, PersonFactory, staff
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CONFIDENTIAL, NAMED = PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED
LATER = NOW + timedelta(days=30)


def closed(count: int = 6, mode: PrivacyMode = CONFIDENTIAL) -> tuple[Survey, list[Person]]:
    """A closed survey, each of whose people wrote something of their own; and those people."""
    survey = open_survey_for(members=count + 1, code=PULSE, mode=mode)
    given = [{"P1": str(n % 5 + 1), "P3": "1", "P4": f"Text {n}"} for n in range(count)]
    give_answers(survey, answers=given)
    return close(survey), people_of(survey)


def correct(survey: Survey, person: Person, answers: dict[str, Any]) -> None:
    seen = own_answers.own_answers(person, survey.pk).version
    own_answers.correct_own_answers(survey=survey, answers=answers, seen=seen, by=person.user)


def test_everyone_finds_exactly_their_own_answers_and_who_did_not_answer_finds_none() -> None:
    survey, people = closed()
    for n, person in enumerate(people[:6]):
        mine = own_answers.own_answers(person, survey.pk)
        assert (mine.survey, mine.answers) == (survey, {"P1": str(n % 5 + 1), "P3": "1", "P4": f"Text {n}"})
    with pytest.raises(AnswersNotFound):
        own_answers.own_answers(people[6], survey.pk)


def test_answers_are_not_found_while_they_are_sealed() -> None:
    survey = open_survey_for(members=3, code=PULSE, mode=CONFIDENTIAL)
    give_answers(survey, answers=[{"P1": "4"}])
    with pytest.raises(AnswersNotFound):
        own_answers.own_answers(people_of(survey)[0], survey.pk)


def test_who_was_merged_into_another_record_finds_their_answers_there() -> None:
    survey, people = closed()
    old, new = people[0], people[6]
    survey.invitations.filter(person=new).delete()
    survey.invitations.filter(person=old).update(person=new)
    Person.objects.filter(pk=old.pk).update(merged_into=new)
    assert own_answers.own_answers(new, survey.pk).answers["P4"] == "Text 0"


@pytest.mark.parametrize("mode", list(PrivacyMode))
def test_whoever_was_asked_can_be_merged_into_another_record_and_taken_apart_again(mode: PrivacyMode) -> None:
    survey, people = closed(mode=mode)
    kept: Person = PersonFactory.create()
    merge = merge_people(kept=kept, merged=people[0], by=staff(), now=LATER)
    assert survey.invitations.get(person=kept).is_answered
    assert undo_merge(merge=merge, by=staff(), now=LATER) == 0
    assert survey.invitations.get(person=people[0]).is_answered
    assert not survey.invitations.filter(person=kept).exists()


def test_a_correction_is_in_the_rows_and_in_no_figure_that_was_shown() -> None:
    survey, people = closed()
    before = results.of(survey)
    correct(survey, people[0], {"P1": "5"})
    assert own_answers.own_answers(people[0], survey.pk).answers == {"P1": "5"}
    assert [own_answers.own_answers(one, survey.pk).answers["P4"] for one in people[1:6]] == [
        f"Text {n}" for n in range(1, 6)
    ]
    assert sorted(FreeText.objects.values_list("text", flat=True)) == [f"Text {n}" for n in range(1, 6)]
    survey.release.refresh_from_db()
    assert results.of(survey) == before


def test_a_text_corrected_after_it_was_read_waits_to_be_read_again() -> None:
    survey, people = closed()
    FreeText.objects.update(state=FreeText.State.RELEASED, is_shown=True)
    FreeText.objects.filter(text="Text 0").update(redacted="Text …")
    correct(survey, people[0], {"P1": "1", "P3": "1", "P4": "Something else"})
    again = FreeText.objects.get(text="Something else")
    assert (again.state, again.redacted, again.is_shown) == (FreeText.State.WAITING, "", False)
    assert FreeText.objects.filter(state=FreeText.State.RELEASED, is_shown=True).count() == 5


def test_a_text_added_later_waits_too_and_belongs_to_its_writer() -> None:
    survey, people = closed()
    correct(survey, people[0], {"P1": "1"})
    correct(survey, people[0], {"P1": "1", "P3": "1", "P4": "I forgot"})
    assert own_answers.own_answers(people[0], survey.pk).answers["P4"] == "I forgot"
    assert FreeText.objects.get(text="I forgot").state == FreeText.State.WAITING


def test_a_correction_of_what_was_changed_meanwhile_is_refused() -> None:
    survey, people = closed()
    seen = own_answers.own_answers(people[0], survey.pk).version
    correct(survey, people[0], {"P1": "5"})
    with pytest.raises(AnswersChangedMeanwhile):
        own_answers.correct_own_answers(survey=survey, answers={"P1": "2"}, seen=seen, by=people[0].user)
    assert own_answers.own_answers(people[0], survey.pk).answers == {"P1": "5"}


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [({}, NothingAnswered), ({"P1": "99"}, AnswersNotValid), ({"X1": "1"}, AnswersNotValid)],
)
def test_a_correction_that_is_no_answer_changes_nothing(answers: dict[str, str], refusal: type[Exception]) -> None:
    survey, people = closed()
    before = own_answers.own_answers(people[0], survey.pk)
    with pytest.raises(refusal):
        correct(survey, people[0], answers)
    assert own_answers.own_answers(people[0], survey.pk) == before


def test_erased_answers_are_gone_and_nobody_elses_are() -> None:
    survey, people = closed()
    own_answers.erase_own_answers(survey=survey, by=people[2].user, now=LATER)
    with pytest.raises(AnswersNotFound):
        own_answers.erase_own_answers(survey=survey, by=people[2].user, now=LATER)
    assert ConfidentialResponse.objects.count() == 5
    assert sorted(FreeText.objects.values_list("text", flat=True)) == [f"Text {n}" for n in (0, 1, 3, 4, 5)]
    assert results.of(survey).answered == results.Count("5 to 9")


def test_tallies_that_nobody_has_seen_yet_follow_what_was_erased_and_corrected() -> None:
    survey, people = closed(count=3)
    assert results.of(survey).hidden is not None
    own_answers.erase_own_answers(survey=survey, by=people[0].user, now=LATER)
    correct(survey, people[1], {"P1": "5"})
    bases = dict(Tally.objects.filter(survey=survey, option_code="").values_list("item_code", "count"))
    assert (bases["P1"], bases["P3"], bases["P4"]) == (2, 1, 1)
    assert Tally.objects.get(survey=survey, item_code="P1", option_code="5").count == 1


def test_neither_is_written_into_the_trail_and_both_are_wiped_from_the_files() -> None:
    survey, people = closed()
    entries = AuditEntry.objects.count()
    Survey.objects.filter(pk=survey.pk).update(is_wiped=True)
    correct(survey, people[0], {"P1": "5"})
    assert not Survey.objects.get(pk=survey.pk).is_wiped
    own_answers.erase_own_answers(survey=survey, by=people[1].user, now=LATER)
    assert AuditEntry.objects.count() == entries


def test_once_the_key_has_ended_answers_stay_and_nobody_can_find_them() -> None:
    survey, people = closed()
    assert survey.pseudonym_key is not None
    end_due_keys(now=survey.closes_at + timedelta(days=400))
    with pytest.raises(AnswersNotFound):
        own_answers.own_answers(people[0], survey.pk)
    with pytest.raises(AnswersNotFound):
        own_answers.erase_own_answers(survey=survey, by=people[0].user, now=LATER)
    assert ConfidentialResponse.objects.count() == 6


def test_a_legal_hold_on_the_person_or_on_the_key_keeps_answers_as_they_are() -> None:
    survey, people = closed()
    assert survey.pseudonym_key is not None
    place_hold(person=people[0], reason="A claim", by=staff(), now=LATER)
    with pytest.raises(AnswersOnHold):
        own_answers.erase_own_answers(survey=survey, by=people[0].user, now=LATER)
    own_answers.erase_own_answers(survey=survey, by=people[1].user, now=LATER)
    hold_key(key=survey.pseudonym_key, because="An inquiry", by=staff(), now=LATER)
    with pytest.raises(AnswersOnHold):
        correct(survey, people[2], {"P1": "5"})
    assert ConfidentialResponse.objects.count() == 5


def test_erasing_a_person_takes_along_what_can_be_told_to_be_theirs() -> None:
    survey, people = closed()
    named = open_survey_for(survey.community, code=PULSE, mode=NAMED)
    give_answers(named, answers=[{"P1": "4"}] * 7)
    person = people[0]
    lines = preview_erasure(person).goes
    assert "Answers given under their name, those already sent and not closed yet included." in lines
    assert len([line for line in lines if line.startswith("Answers to confidential surveys")]) == 1
    request = ask_for_erasure(person=person, by=person.user, now=LATER)
    carry_out_erasure(request=request, by=staff(), now=LATER)
    assert ConfidentialResponse.objects.count() == 5
    assert not FreeText.objects.filter(text="Text 0").exists()
    assert NamedResponse.objects.get(person=person).answers == {}
    named = close(named)
    assert named.state == "closed"
    assert [row.person for row in rows.named_rows(named)] == people[1:]


def test_own_data_holds_what_can_be_told_to_be_one_s_own_in_words() -> None:
    survey, people = closed()
    named = open_survey_for(survey.community, code=PULSE, mode=NAMED)
    give_answers(named, answers=[{"P1": "4"}] * 7)
    held = next(one for one in held_about(people[0].user) if one.key == "answers")
    labels = [(row[2], row[5]) for row in held.rows]
    assert ("Confidential", "Text 0") in labels
    assert ("Named", "Agree") in labels
    assert not any(one.key == "answers" for one in held_about(staff()))


def test_finding_one_s_answers_costs_the_same_for_one_survey_and_for_three(django_assert_num_queries: Any) -> None:
    survey, people = closed()
    with django_assert_num_queries(4):
        assert len(own_answers.all_own_answers(people[0])) == 1
    for _ in range(2):
        again = open_survey_for(survey.community, code=PULSE, mode=CONFIDENTIAL, now=survey.closes_at)
        give_answers(again, answers=[{"P1": "4"}] * 7)
        survey = close(again)
    with django_assert_num_queries(4):
        assert len(own_answers.all_own_answers(people[0])) == 3


@pytest.mark.django_db(transaction=True)
def test_no_row_stands_out_by_the_transaction_that_wrote_it_after_a_correction_or_an_erasure() -> None:
    survey, people = closed()
    order = "ctid" if connection.vendor == "postgresql" else "rowid"
    written = ", xmin::text" if connection.vendor == "postgresql" else ""

    def lie() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pseudonym{written} FROM evaluations_confidentialresponse ORDER BY {order}")
            return list(cursor.fetchall())

    before = [row[0] for row in lie()]
    correct(survey, people[0], {"P1": "5", "P3": "1", "P4": "Something else"})
    after = lie()
    assert [row[0] for row in after] == before
    assert len({row[1:] for row in after}) == 1
    own_answers.erase_own_answers(survey=survey, by=people[1].user, now=LATER)
    assert len({row[1:] for row in lie()}) == 1
