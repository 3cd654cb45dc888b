"""What members wrote: who reads it first, what they may do to it, when it is shown, and when the original goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.models import Community
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from evaluations.models import Invitation, Survey
from evaluations.models.response import FreeText
from evaluations.services.results.text_review import (
    NotASecondReader,
    NothingToShow,
    RedactionAdds,
    RedactionEmpty,
    TextReadMeanwhile,
    TextsStillWait,
    late_piles,
    may_read_texts,
    originals_go_on,
    piles,
    release_text,
    show_texts,
    take_decision_back,
    texts_to_read,
    withdraw_text,
    withhold_text,
)
from evaluations.services.results.texts import released_texts
from tests.factories.communities import NOW, MembershipFactory, facilitator_of, staff
from tests.factories.evaluations import FULL, close, community_of, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

MARKER = "The consultant would not listen"


def survey_with_texts(number: int, *, answers: int = 12, community: Community | None = None) -> Survey:
    """A closed survey in which the first so many wrote something about V9."""
    survey = open_survey_for(community, members=answers + 2, code=FULL)
    given = [{"M1": "4", "V9": f"{MARKER} {place}."} if place < number else {"M1": "4"} for place in range(answers)]
    give_answers(survey, answers=given)
    return close(survey)


def reader() -> User:
    return staff()


def release_all(survey: Survey, by: User, *, number: int | None = None) -> list[UUID]:
    waiting = [text.pk for text in texts_to_read(survey=survey, by=by) if text.state == "waiting"][:number]
    for text in waiting:
        release_text(survey=survey, text=text, by=by, now=NOW)
    return waiting


def test_texts_are_shown_once_all_are_read_and_somebody_says_so() -> None:
    survey, by = survey_with_texts(6), reader()
    assert released_texts(survey) == {}
    release_all(survey, by)
    assert released_texts(survey) == {}
    assert show_texts(survey=survey, by=by, now=NOW) == 6
    assert set(released_texts(survey)) == {"V9"}
    assert sorted(released_texts(survey)["V9"]) == [f"{MARKER} {place}." for place in range(6)]


def test_the_order_of_texts_never_changes_and_is_not_the_order_of_anything_else() -> None:
    survey, by = survey_with_texts(12), reader()
    release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    FreeText.objects.filter(survey=survey).update(item_code="V9")
    first = released_texts(survey)["V9"]
    assert first == released_texts(survey)["V9"]
    assert first == [t.text for t in sorted(FreeText.objects.filter(survey=survey), key=lambda t: t.pk.hex)]


@pytest.mark.parametrize(("written", "shown"), [(4, 0), (5, 5)])
def test_fewer_than_five_texts_are_shown_to_nobody_not_even_to_the_second_reader(written: int, shown: int) -> None:
    survey, by = survey_with_texts(written), reader()
    assert len(texts_to_read(survey=survey, by=by)) == shown
    assert [pile.waiting for pile in piles(by=by)] == ([shown] if shown else [])


def test_with_one_withheld_of_five_nothing_is_shown() -> None:
    survey, by = survey_with_texts(5), reader()
    texts = texts_to_read(survey=survey, by=by)
    withhold_text(survey=survey, text=texts[0].pk, by=by, now=NOW)
    with pytest.raises(NothingToShow, match="no question has 5 released texts"):
        show_texts(survey=survey, by=by, now=NOW)
    assert released_texts(survey) == {}
    assert piles(by=by) == []


def test_people_who_do_not_count_towards_the_minimum_raise_it_for_texts() -> None:
    survey, by = survey_with_texts(5), reader()
    Invitation.objects.filter(
        pk=Invitation.objects.filter(survey=survey, is_answered=True).order_by("pk")[0].pk
    ).update(is_established=False)
    assert texts_to_read(survey=survey, by=by) == []


def test_texts_of_a_survey_that_stays_hidden_are_read_by_nobody_and_come_with_the_next() -> None:
    community, by = community_of(12), reader()
    few = survey_with_texts(4, answers=4, community=community)
    assert (piles(by=by), texts_to_read(survey=few, by=by)) == ([], [])
    # Four people answered both: of nine texts, five are other people's at the least.
    later = survey_with_texts(5, answers=6, community=community)
    assert [(pile.survey, pile.waiting) for pile in piles(by=by)] == [(later, 9)]
    release_all(later, by)
    show_texts(survey=later, by=by, now=NOW)
    few.refresh_from_db()
    assert len(released_texts(later)["V9"]) == 9
    assert released_texts(few) == {}


def test_nobody_reads_the_texts_of_their_own_community_or_where_they_were_asked() -> None:
    survey = survey_with_texts(5)
    outside, inside, asked = staff(), staff(), staff()
    MembershipFactory.create(community=survey.community, person=inside.person)
    Invitation.objects.filter(pk=Invitation.objects.filter(survey=survey).order_by("pk")[0].pk).update(
        person=asked.person
    )
    facilitator = facilitator_of(survey.community)
    elsewhere = facilitator_of(community_of(5))
    assert [may_read_texts(user, survey) for user in (outside, inside, asked, facilitator, elsewhere)] == [
        True, False, False, False, False,
    ]  # fmt: skip
    text = texts_to_read(survey=survey, by=outside)[0].pk
    for user in (inside, asked, facilitator, elsewhere):
        assert piles(by=user) == []
        for verb in (release_text, withhold_text, take_decision_back, withdraw_text):
            with pytest.raises(NotASecondReader):
                verb(survey=survey, text=text, by=user, now=NOW)
        with pytest.raises(NotASecondReader):
            texts_to_read(survey=survey, by=user)
        with pytest.raises(NotASecondReader):
            show_texts(survey=survey, by=user, now=NOW)
    assert FreeText.objects.filter(state="waiting").count() == 5


def test_nobody_reads_texts_among_which_are_those_of_an_earlier_survey_in_which_they_were_asked() -> None:
    community = community_of(14)
    earlier = survey_with_texts(3, answers=3, community=community)
    asked, outside = staff(), staff()
    assert earlier.closed_at is not None
    Invitation.objects.filter(pk=Invitation.objects.filter(survey=earlier).order_by("pk")[0].pk).update(
        person=asked.person
    )
    later = open_survey_for(community, code=FULL, now=earlier.closed_at + timedelta(days=30))
    give_answers(later, answers=[{"M1": "4", "V9": MARKER}] * 10)
    later = close(later)
    assert FreeText.objects.filter(survey__released_with=later).count() == 3
    assert [(may_read_texts(user, later), len(piles(by=user))) for user in (outside, asked)] == [(True, 1), (False, 0)]


def test_a_redaction_is_kept_apart_from_the_original_and_is_what_is_shown() -> None:
    survey, by = survey_with_texts(5), reader()
    first, *_ = texts_to_read(survey=survey, by=by)
    release_text(survey=survey, text=first.pk, redacted="The [someone] would not listen", by=by, now=NOW)
    release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    row = FreeText.objects.get(pk=first.pk)
    assert (row.redacted, row.text.startswith(MARKER)) == ("The [someone] would not listen", True)
    assert released_texts(survey)["V9"].count("The [someone] would not listen") == 1
    assert row.text not in released_texts(survey)["V9"]


@pytest.mark.parametrize(
    ("redacted", "refusal"),
    [("The registrar would not listen", RedactionAdds), ("[nothing]", RedactionEmpty), (" [a] … ", RedactionEmpty)],
)
def test_a_redaction_that_adds_or_leaves_nothing_is_refused(redacted: str, refusal: type[Exception]) -> None:
    survey, by = survey_with_texts(5), reader()
    first, *_ = texts_to_read(survey=survey, by=by)
    with pytest.raises(refusal):
        release_text(survey=survey, text=first.pk, redacted=redacted, by=by, now=NOW)
    assert FreeText.objects.get(pk=first.pk).state == "waiting"


def test_a_decision_is_made_once_and_can_be_taken_back_until_the_texts_are_shown() -> None:
    survey, by = survey_with_texts(6), reader()
    first, *_ = texts_to_read(survey=survey, by=by)
    withhold_text(survey=survey, text=first.pk, by=by, now=NOW)
    with pytest.raises(TextReadMeanwhile):
        release_text(survey=survey, text=first.pk, by=staff(), now=NOW)
    with pytest.raises(TextsStillWait):
        show_texts(survey=survey, by=by, now=NOW)
    take_decision_back(survey=survey, text=first.pk, by=by, now=NOW)
    assert [text.state for text in texts_to_read(survey=survey, by=by)] == ["waiting"] * 6
    release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    with pytest.raises(TextReadMeanwhile):
        take_decision_back(survey=survey, text=first.pk, by=by, now=NOW)
    with pytest.raises(NothingToShow):
        show_texts(survey=survey, by=by, now=NOW)


def test_a_text_that_is_shown_can_be_withdrawn_and_with_it_the_others_where_too_few_are_left() -> None:
    survey, by = survey_with_texts(6), reader()
    pk, *_ = release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    withdraw_text(survey=survey, text=pk, by=by, now=NOW)
    assert len(released_texts(survey)["V9"]) == 5
    with pytest.raises(TextReadMeanwhile):
        withdraw_text(survey=survey, text=pk, by=by, now=NOW)
    other = next(text.pk for text in texts_to_read(survey=survey, by=by) if text.is_shown)
    withdraw_text(survey=survey, text=other, by=by, now=NOW)
    assert released_texts(survey) == {}


def test_a_text_of_another_survey_is_not_found() -> None:
    survey, other, by = survey_with_texts(5), survey_with_texts(5), reader()
    text = texts_to_read(survey=other, by=by)[0].pk
    for pk in (text, uuid4()):
        with pytest.raises(FreeText.DoesNotExist):
            release_text(survey=survey, text=pk, by=by, now=NOW)


def test_names_of_the_community_are_flagged_also_of_those_who_left() -> None:
    survey, by = survey_with_texts(5), reader()
    gone = MembershipFactory.create(community=survey.community, ends_on=timezone.localdate(NOW) - timedelta(days=9))
    pk = texts_to_read(survey=survey, by=by)[0].pk
    FreeText.objects.filter(pk=pk).update(text=f"Ask {gone.person.name} about it.")
    found = next(text for text in texts_to_read(survey=survey, by=by) if text.pk == pk)
    assert [(flag.kind, found.text[flag.start : flag.end]) for flag in found.flags] == [
        ("A member’s name", gone.person.name)
    ]


def test_texts_unread_are_late_after_five_working_days() -> None:
    survey, by = survey_with_texts(5), reader()
    closed_on = timezone.localdate(survey.closed_at)
    late_from = piles(by=by)[0].late_from
    assert (late_from - closed_on).days >= 7
    assert late_piles(by=by, today=late_from - timedelta(days=1)) == []
    assert [pile.survey for pile in late_piles(by=by, today=late_from)] == [survey]
    release_all(survey, by)
    assert late_piles(by=by, today=late_from) == []
    assert [(pile.waiting, pile.unshown) for pile in piles(by=by)] == [(0, 5)]


def test_what_is_not_shown_is_due_with_all_other_single_answers() -> None:
    survey, by = survey_with_texts(5), reader()
    assert survey.closed_at is not None
    assert originals_go_on(survey) == timezone.localdate(survey.closed_at + timedelta(days=365))
    assert [pile.originals_go_on for pile in piles(by=by)] == [originals_go_on(survey)]


def test_the_trail_says_who_decided_on_which_text_and_never_what_it_says() -> None:
    survey, by = survey_with_texts(5), reader()
    texts = release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    entries = AuditEntry.objects.filter(event__startswith="text")
    assert sorted(entries.values_list("event", flat=True)) == ["text.released"] * 5 + ["texts.shown"]
    assert MARKER not in str(list(AuditEntry.objects.values()))
    assert {entry.target_id for entry in entries.filter(event="text.released")} == {str(text) for text in texts}


@pytest.mark.parametrize("change", [{"is_shown": True}, {"redacted": "x"}, {"state": "lost"}])
def test_the_database_shows_no_text_that_was_not_released(change: dict[str, Any]) -> None:
    survey = survey_with_texts(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        FreeText.objects.filter(survey=survey).update(**change)


@pytest.mark.parametrize("number", [1, 30])
def test_the_queue_takes_three_queries_for_thirty_surveys_as_for_one(
    number: int, django_assert_num_queries: Any
) -> None:
    survey, by = survey_with_texts(5), reader()
    for _ in range(number - 1):
        copy = Survey.objects.get(pk=survey.pk)
        copy.pk, copy.key_id = None, uuid4()
        copy.save()
        release = survey.release
        release.pk, release.survey = None, copy
        release.save(force_insert=True)
        FreeText.objects.bulk_create(FreeText(survey=copy, item_code="V9", text=MARKER) for _ in range(5))
    by.roles_by_community = {}
    with django_assert_num_queries(3):
        assert len(piles(by=by)) == number


@pytest.mark.parametrize("number", [5, 30])
def test_showing_texts_takes_two_queries_however_many_there_are(number: int, django_assert_num_queries: Any) -> None:
    survey, by = survey_with_texts(number, answers=32), reader()
    release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    survey = Survey.objects.select_related("release").get(pk=survey.pk)
    with django_assert_num_queries(2):
        assert len(released_texts(survey)["V9"]) == number


def test_answers_given_before_the_close_make_no_text_to_read() -> None:
    survey = open_survey_for(members=12, code=FULL)
    give_answers(survey, answers=[{"M1": "4", "V9": MARKER}] * 8)
    by = reader()
    assert (piles(by=by), texts_to_read(survey=survey, by=by), released_texts(survey)) == ([], [], {})
