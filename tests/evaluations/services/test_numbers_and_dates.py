"""Numbers, dates and a 0 to 10 from asking to results: groups only, everywhere."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from evaluations import results
from evaluations.models import InstrumentVersion, Release
from evaluations.models.response import Tally
from tests.evaluations.asking import ask_and_close, community_of, staff_user
from tests.evaluations.drafting import add, blank, publish, said
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db


def asked_for_numbers() -> InstrumentVersion:
    draft = blank(code="numbers")
    add(draft, said("T", "zero_to_ten"))
    add(draft, said("N", "number", minimum=0, maximum=40))
    add(draft, said("D", "date", minimum=2015, maximum=2026))
    return publish(draft)


def test_results_show_groups_of_numbers_and_dates_and_no_exact_answer() -> None:
    given = [
        {"T": str(number), "N": str(number * 3), "D": f"{2015 + number}-0{number % 9 + 1}-17"} for number in range(11)
    ]
    survey = ask_and_close(community_of(12), given, version=asked_for_numbers())

    found = {question.code: question for question in results.of(survey).questions}
    assert [(option.label, option.figure.words) for option in found["T"].options] == [
        ("0 to 3", "36% (4 of 11; 95% interval 15% to 65%)"),
        ("4 to 6", "27% (3 of 11; 95% interval 10% to 57%)"),
        ("7 to 10", "36% (4 of 11; 95% interval 15% to 65%)"),
    ]
    assert [option.label for option in found["N"].options] == [
        "0 to 7", "8 to 15", "16 to 23", "24 to 31", "32 to 40",
    ]  # fmt: skip
    assert found["D"].options[0].label == "2015 to 2016"
    content = json.dumps(Release.objects.get(survey=survey).content)
    assert not [one["D"] for one in given if one["D"] in content]
    assert set(Tally.objects.filter(survey=survey).values_list("option_code", flat=True)) == {
        "", "g1", "g2", "g3", "g4", "g5",
    }  # fmt: skip
    page = words(sign_in(Client(), staff_user()).get(survey.get_results_url()))
    assert "7 to 10" in page


def test_between_five_and_nine_numbers_there_are_bands_of_groups() -> None:
    given = [{"N": str(number)} for number in (1, 2, 3, 4, 5, 6, 39)]
    survey = ask_and_close(community_of(12), given, version=asked_for_numbers())

    number = next(question for question in results.of(survey).questions if question.code == "N")
    under, over = "under a third", "over two thirds"
    shown = [(option.label, option.figure.words) for option in number.options]
    assert shown[0] == ("0 to 7", over)
    assert shown[1:] == [(label, under) for label in ("8 to 15", "16 to 23", "24 to 31", "32 to 40")]
    assert number.base.words == "5 to 9"
