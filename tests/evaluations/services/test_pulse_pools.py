"""Pulses with too few answers are shown together with others of their quarter, and never with anything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from evaluations import results
from evaluations.models import Survey
from evaluations.models.response import FreeText
from evaluations.services.pulses.pools import TOO_FEW_ALONE, quarter_of
from evaluations.services.results.text_review import texts_to_read
from evaluations.services.results.texts import needed, released_texts
from evaluations.services.results.turnouts import people_at_least
from tests.evaluations.pulsing import USEFUL, answer_in, asked_by_mail, asked_in_the_room, closed, recorded, session_of
from tests.factories.communities import staff
from tests.factories.evaluations import PULSE, close, community_of, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

OCTOBER = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 3, 31), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 11, 24), date(2026, 10, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_day_is_in_its_quarter(day: date, first: date, after: date) -> None:
    assert quarter_of(day) == (first, after)


def pulse_by_mail(community: object, at: datetime, *, present: int, answers: int) -> Survey:
    """A pulse of a session at that time, sent the day after and closed."""
    session = recorded(session_of(community, at=at), online=present)  # type: ignore[arg-type]
    pulse = asked_by_mail(session, now=at + timedelta(days=1))
    give_answers(pulse, answers=[USEFUL] * answers, now=at + timedelta(days=2))
    return closed(pulse)


def test_two_pulses_of_a_quarter_are_shown_together_once_five_different_people_have_answered() -> None:
    community = community_of(9)
    first = pulse_by_mail(community, OCTOBER, present=3, answers=3)
    assert results.of(first).hidden is not None
    second = pulse_by_mail(community, NOVEMBER, present=9, answers=8)
    shown = results.of(second)
    assert shown.hidden is None
    assert shown.includes == f"Together with the answers after the session of 6 October 2026, {TOO_FEW_ALONE}"
    assert shown.answered.value == 11
    first.refresh_from_db()
    assert first.released_with == second


def test_the_same_four_people_after_two_sessions_are_still_four() -> None:
    community = community_of(4)
    pulse_by_mail(community, OCTOBER, present=4, answers=4)
    second = pulse_by_mail(community, NOVEMBER, present=4, answers=4)
    assert results.of(second).hidden is not None


def test_five_texts_of_three_people_after_two_sessions_are_read_by_nobody() -> None:
    """Eight answers of five people, three of whom answered twice and wrote all five texts."""
    community = community_of(5)
    writes = {**USEFUL, "P3": "1", "P4": "Only we three write"}
    first = recorded(session_of(community, at=OCTOBER), online=3)
    pulse = asked_by_mail(first, now=OCTOBER + timedelta(days=1))
    give_answers(pulse, answers=[writes] * 3, now=OCTOBER + timedelta(days=2))
    closed(pulse)
    second = recorded(session_of(community, at=NOVEMBER), online=5)
    pulse = asked_by_mail(second, now=NOVEMBER + timedelta(days=1))
    give_answers(pulse, answers=[writes] * 2 + [USEFUL] * 3, now=NOVEMBER + timedelta(days=2))
    pulse = closed(pulse)
    assert results.of(pulse).hidden is None
    assert FreeText.objects.count() == 5
    assert needed(pulse) == 8
    assert texts_to_read(survey=pulse, by=staff()) == []
    FreeText.objects.update(state=FreeText.State.RELEASED, is_shown=True)
    assert released_texts(pulse) == {}


def test_the_pulse_of_another_quarter_stays_out() -> None:
    community = community_of(9)
    first = pulse_by_mail(community, SEPTEMBER, present=3, answers=3)
    second = pulse_by_mail(community, OCTOBER, present=9, answers=9)
    assert (results.of(second).includes, results.of(second).asked) == ("", 9)
    first.refresh_from_db()
    assert first.released_with is None


def test_a_questionnaire_put_to_all_members_and_a_pulse_are_never_shown_together() -> None:
    community = community_of(9)
    survey = open_survey_for(community, code=PULSE, now=OCTOBER)
    give_answers(survey, answers=[USEFUL] * 3, now=OCTOBER + timedelta(days=1))
    close(survey)
    pulse = pulse_by_mail(community, NOVEMBER, present=9, answers=8)
    assert results.of(pulse).includes == ""
    later = open_survey_for(community, code=PULSE, now=NOVEMBER + timedelta(days=10))
    give_answers(later, answers=[USEFUL] * 9)
    assert "closed on" in results.of(close(later)).includes


def test_two_rooms_are_not_taken_for_different_people_unless_they_must_be() -> None:
    """Four places answered in each of two rooms, by the same four for all anyone knows."""
    community = community_of(8)
    for at in (OCTOBER, NOVEMBER):
        session = session_of(community, at=at)
        room = asked_in_the_room(session, heads=4, now=at)
        answer_in(room, [USEFUL] * 4, now=at)
        recorded(session, room=8)
        pulse = closed(room.survey)
    assert results.of(pulse).hidden is not None


@pytest.mark.parametrize(
    ("by_link", "rooms", "at_least"),
    [
        (set(), [], 0),
        ({1, 2, 3}, [], 3),
        (set(), [(4, {1, 2, 3, 4, 5})], 4),
        # More places were answered than members of long standing were there: guests, or one phone too many.
        (set(), [(9, {1, 2, 3})], 3),
        # Two rooms with the same people in them.
        (set(), [(4, {1, 2, 3, 4}), (3, {1, 2, 3, 4})], 4),
        # Two of those in the room answered another pulse by a link: two places may be theirs.
        ({1, 2, 9}, [(4, {1, 2, 3, 4})], 5),
        ({1, 2, 3}, [(2, {1, 2, 3})], 3),
        # Nobody is recorded in the room.
        ({1, 2}, [(6, set())], 2),
    ],
)
def test_so_many_different_people_answered_at_the_least(
    by_link: set[int], rooms: list[tuple[int, set[int]]], at_least: int
) -> None:
    assert people_at_least(by_link, rooms) == at_least
