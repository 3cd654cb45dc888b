"""Instruments are published whole or not at all, and a published version never changes."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from communities.imports.documents import DocumentRefused, read_document
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework
from evaluations.imports.instruments import INSTRUMENTS_FILE, INSTRUMENTS_SCHEMA, load_instruments
from evaluations.models import InstrumentVersion, Item, Question

pytestmark = pytest.mark.django_db

SHIPPED: dict[str, Any] = json.loads(INSTRUMENTS_FILE.read_text())
NOW = datetime(2026, 8, 6, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def framework() -> None:
    load_framework(read_document(FRAMEWORK_FILE.read_text(), schema=FRAMEWORK_SCHEMA))


def load(data: dict[str, Any]) -> str:
    return str(load_instruments(read_document(json.dumps(data, indent=1), schema=INSTRUMENTS_SCHEMA), now=NOW))


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = copy.deepcopy(SHIPPED)
    change(data)
    return data


def question(data: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in data["instruments"][0]["questions"] if one["code"] == code)
    return found


def test_the_three_shipped_instruments_are_published_with_their_questions_in_order() -> None:
    load(SHIPPED)

    core = InstrumentVersion.objects.get(instrument__code="cop-core")
    assert core.published_at == NOW
    assert list(
        Question.objects.filter(section__version=core)
        .order_by("section__position", "position")
        .values_list("item__code", flat=True)
    ) == ["M1", "M4", "M6", "V3", "V4", "R2", "R4", "C1", "C2", "C3"]
    assert InstrumentVersion.objects.published().count() == 3


def test_an_item_used_in_two_instruments_is_one_item() -> None:
    load(SHIPPED)

    assert Item.objects.get(code="M1").questions.count() == 2


def test_a_scale_gives_its_options_and_says_what_is_left_out_of_the_base() -> None:
    load(SHIPPED)

    options = Question.objects.get(item__code="P1").options
    assert [option["code"] for option in options if option.get("excluded")] == ["na", "early"]
    assert [option.get("score") for option in options] == [1, 2, 3, 4, 5, None, None]


def test_a_scale_of_more_answers_than_anybody_reads_is_refused_in_a_sentence() -> None:
    options = [{"code": f"o{number}", "label": f"Answer {number}"} for number in range(10_000)]
    with pytest.raises(DocumentRefused) as refused:
        load(changed(lambda data: data["scales"][0].update(options=options)))
    assert [fault.message for fault in refused.value.faults] == ["there are more than 50 of these."]


def test_loading_them_again_changes_nothing() -> None:
    load(SHIPPED)

    assert load(SHIPPED) == "Nothing to change: all 3 are as the document says."
    assert InstrumentVersion.objects.count() == 3


def test_a_published_version_never_changes_but_the_next_version_is_welcome() -> None:
    load(SHIPPED)

    def reword(data: dict[str, Any]) -> None:
        data["instruments"][2]["questions"][1]["text"] = "I could speak openly."

    with pytest.raises(DocumentRefused, match="version 1 of session-pulse is published and never changes"):
        load(changed(reword))

    def next_version(data: dict[str, Any]) -> None:
        reword(data)
        data["instruments"][2]["version"] = 2

    assert load(changed(next_version)) == "1 created, 0 changed, 2 as they were."


def test_a_scale_changed_under_a_published_version_is_refused_too() -> None:
    load(SHIPPED)

    with pytest.raises(DocumentRefused, match="is published and never changes"):
        load(changed(lambda data: data["scales"][0]["options"][0].update(label="Not at all")))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: question(data, "M1").update(kind="liker"), "'liker' is not one of"),
        (lambda data: question(data, "M1").update(scale="agree7"), "there is no scale 'agree7'."),
        (lambda data: question(data, "M1").update(evaluation_question="9z"), "there is no evaluation question '9z'."),
        (
            lambda data: question(data, "V5").update(show_if={"question": "C5", "in": ["1"]}),
            "is not an earlier question",
        ),
        (
            lambda data: question(data, "V5").update(show_if={"question": "V5", "in": ["1"]}),
            "V5 is shown by its own answer, so nobody would ever be asked it.",
        ),
        (
            lambda data: (
                question(data, "V5").update(show_if={"question": "V6", "in": ["1"]}),
                question(data, "V6").update(show_if={"question": "V5", "in": ["1"]}),
            ),
            "This goes in a circle: V5 is shown by the answer to V6, V6 is shown by the answer to V5.",
        ),
        (lambda data: question(data, "V5").update(show_if={"question": "V4", "in": ["9"]}), "V4 has no option '9'."),
        (lambda data: question(data, "V9").pop("max_length"), "every text has a limit"),
        (lambda data: question(data, "V2").pop("options"), "a choice needs a scale or options."),
        (lambda data: question(data, "V9").update(scale="agree5"), "only a choice has a scale or options."),
        (lambda data: question(data, "M1").update(options=[{"code": "1", "label": "Yes"}]), "not both"),
        (lambda data: question(data, "M1").update(text="We made progress."), "M1 is worded or built differently"),
        (lambda data: data["instruments"][0]["sections"][0]["questions"].pop(), "'M8' is in no section."),
        (lambda data: data["instruments"][0]["sections"][1]["questions"].append("M1"), "'M1' is in a section already."),
        (lambda data: data["instruments"][0]["sections"][1]["questions"].append("Z1"), "there is no question 'Z1'."),
        (
            lambda data: question(data, "M5")["options"].append({"code": "1", "label": "Again"}),
            "'1' stands here a second time.",
        ),
    ],
)
def test_a_faulty_document_is_refused_by_line_and_nothing_of_it_is_loaded(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        load(changed(change))

    assert any(sentence in str(fault) and fault.line > 1 for fault in refused.value.faults), refused.value.messages
    assert InstrumentVersion.objects.count() == Item.objects.count() == 0
