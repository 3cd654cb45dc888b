"""Rows of confidential answers beside the results, and beside rows given out before: nobody can be taken off."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from pytest_django import Settings

from cop_portal.accounts.models import User
from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.services.answers.own_answers import erase_own_answers
from evaluations.services.answers.rows import RowsGiveAway, TooFewRows, confidential_rows
from tests.factories.communities import NOW, MembershipFactory
from tests.factories.evaluations import PULSE, close, community_of, core_answers, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CONFIDENTIAL = PrivacyMode.CONFIDENTIAL


@pytest.fixture(autouse=True)
def few_are_enough(settings: Settings) -> None:
    settings.CONFIDENTIAL_ROWS_FROM = 10


def who_answered(survey: Survey) -> list[User]:
    answered = Invitation.objects.filter(survey=survey, is_answered=True).order_by("pk").select_related("person__user")
    return [one.person.user for one in answered]


def test_rows_are_refused_where_results_hold_an_earlier_survey_of_very_few_too() -> None:
    community = community_of(16)
    earlier = open_survey_for(community, mode=CONFIDENTIAL)
    give_answers(earlier, answers=[core_answers("1")] * 3)
    earlier = close(earlier)
    assert earlier.closed_at is not None
    survey = open_survey_for(community, mode=CONFIDENTIAL, now=earlier.closed_at + timedelta(days=30))
    give_answers(survey, answers=[core_answers("4")] * 7 + [core_answers("2")] * 4)
    survey = close(survey)
    shown = {option.code: option.figure for option in results.of(survey).questions[0].options}
    # All fourteen are shown as figures: less eleven rows they would say what the three had answered.
    assert isinstance(shown["1"], results.Share)
    assert shown["1"].count == 3
    with pytest.raises(RowsGiveAway, match="an earlier one too"):
        confidential_rows(survey)


def test_people_who_were_planted_do_not_make_up_the_rows() -> None:
    community = community_of(3)
    MembershipFactory.create_batch(9, community=community, starts_on=NOW.date(), added_on=NOW.date())
    survey = open_survey_for(community, mode=CONFIDENTIAL, code=PULSE)
    give_answers(survey, answers=[{"P1": "4"}] * 12)
    with pytest.raises(TooFewRows, match="members well before"):
        confidential_rows(close(survey))


def test_rows_less_rows_and_results_less_rows_are_nobody_or_five_people() -> None:
    survey = open_survey_for(members=24, mode=CONFIDENTIAL, code=PULSE)
    give_answers(survey, answers=[{"P1": str(1 + place % 5)} for place in range(22)])
    survey = close(survey)
    shown = results.of(survey).questions[0].options
    figures: Counter[str] = Counter({one.code: one.figure.count for one in shown})  # type: ignore[union-attr]
    given = [Counter(str(row["P1"]) for row in confidential_rows(survey))]
    for someone in who_answered(survey)[:10]:
        erase_own_answers(survey=survey, by=someone, now=NOW)
        try:
            given.append(Counter(str(row["P1"]) for row in confidential_rows(survey)))
        except RowsGiveAway:
            continue
    assert [(figures - rows).total() for rows in given] == [0, 5, 10]


def test_the_refusal_does_not_say_how_many_have_erased_theirs() -> None:
    survey = open_survey_for(members=24, mode=CONFIDENTIAL, code=PULSE)
    give_answers(survey, answers=[{"P1": "4"}] * 22)
    survey = close(survey)
    said = set()
    for someone in who_answered(survey)[:4]:
        erase_own_answers(survey=survey, by=someone, now=NOW)
        with pytest.raises(RowsGiveAway) as refusal:
            confidential_rows(survey)
        said.update(refusal.value.messages)
    assert len(said) == 1
