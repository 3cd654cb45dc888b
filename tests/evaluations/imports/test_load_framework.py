"""The framework goes in whole or not at all; the four questions stay RAND's and everything else stays ours."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from communities.imports.documents import DocumentRefused, read_document
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework
from evaluations.models import EvaluationQuestion, Framework, MaturityLevel, MaturityStatement

pytestmark = pytest.mark.django_db

SHIPPED: dict[str, Any] = json.loads(FRAMEWORK_FILE.read_text())


def load(data: dict[str, Any]) -> str:
    return str(load_framework(read_document(json.dumps(data, indent=1), schema=FRAMEWORK_SCHEMA)))


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = copy.deepcopy(SHIPPED)
    change(data)
    return data


def test_only_the_four_overarching_questions_are_marked_as_quoted() -> None:
    load(SHIPPED)

    assert list(EvaluationQuestion.objects.filter(is_quoted=True).order_by("code").values_list("code", "name")) == [
        ("1", "Momentum"),
        ("2", "Progress and value"),
        ("3", "Rhythm of learning"),
        ("4", "Culture"),
    ]
    assert EvaluationQuestion.objects.get(code="3c").parent == EvaluationQuestion.objects.get(code="3")
    assert EvaluationQuestion.objects.filter(parent=None).count() == 4


def test_the_five_levels_and_their_statements_come_with_thresholds() -> None:
    load(SHIPPED)

    assert list(MaturityLevel.objects.order_by("level").values_list("name", flat=True)) == [
        "Starting",
        "Meeting",
        "Trying",
        "Changing",
        "Sustaining",
    ]
    assert MaturityStatement.objects.get(code="returners_share").threshold == 0.5
    assert MaturityStatement.objects.get(code="linked_programme").threshold is None


def test_loading_it_again_changes_nothing_and_a_new_wording_changes_one_row_and_the_digest() -> None:
    load(SHIPPED)
    before = Framework.objects.get().digest

    assert load(SHIPPED) == "Nothing to change: all 48 are as the document says."
    reworded = changed(lambda data: data["maturity"]["levels"][0].update(text="They have met."))
    assert load(reworded) == "0 created, 2 changed, 46 as they were."
    assert MaturityLevel.objects.get(level=1).text == "They have met."
    assert Framework.objects.get().digest != before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda data: data["maturity"]["levels"][2]["ready_for_next"][0].update(dimension="luck"),
            "there is no dimension 'luck'.",
        ),
        (lambda data: data["evaluation_questions"][0]["subsidiary"][0].update(code="2a"), "'2a' is not below 1."),
        (
            lambda data: data["evaluation_questions"].append(copy.deepcopy(data["evaluation_questions"][0])),
            "'1' stands here a second time.",
        ),
        (lambda data: data["value_cycles"].pop(), "the portal knows exactly these, in this order"),
        (lambda data: data["problem_reach"]["lever"].append("the moon"), "the portal knows exactly these"),
        (lambda data: data["maturity"]["levels"][0].update(level=0), "0 is less than the minimum of 1"),
    ],
)
def test_a_faulty_framework_is_refused_and_nothing_of_it_is_loaded(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        load(changed(change))

    assert any(sentence in str(fault) and fault.line > 1 for fault in refused.value.faults)
    assert EvaluationQuestion.objects.count() == MaturityLevel.objects.count() == 0


def test_a_question_that_vanished_from_the_document_is_a_fault_because_records_point_to_it() -> None:
    load(SHIPPED)

    with pytest.raises(DocumentRefused, match="4d is in the portal but not here"):
        load(changed(lambda data: data["evaluation_questions"][3]["subsidiary"].pop()))
    assert EvaluationQuestion.objects.filter(code="4d").exists()
