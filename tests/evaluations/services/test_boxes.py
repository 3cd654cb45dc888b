"""What is in a box, by the format that its survey writes; and that its size says nothing."""

from __future__ import annotations

import pytest
from nacl.public import PrivateKey

from evaluations.models import PrivacyMode, Survey
from evaluations.questionnaire import AskedQuestion, Option, Questionnaire
from evaluations.services.answers import boxes
from evaluations.services.answers.boxes import FORMAT, WITH_MORE, BoxDoesNotOpen, Record, Shape

KEY = PrivateKey(bytes(range(32)))
CHOICE = AskedQuestion("A", "single", "A?", "One", "E1", options=(Option("1", "Yes"), Option("22", "No")))
NUMBER = AskedQuestion("C", "number", "C?", "One", "E1", minimum=-500, maximum=40)
DAY = AskedQuestion("D", "date", "D?", "One", "E1", minimum=2015, maximum=2026)
TEXT = AskedQuestion("B", "short_text", "B?", "One", "E1", max_length=20)
QUESTIONS = Questionnaire("Two questions", (CHOICE, TEXT))


def box(record: Record, shape: Shape, *, format_number: int | None = None) -> bytes:
    return boxes.sealed(
        record,
        public_key=bytes(KEY.public_key),
        size=boxes.largest_size(QUESTIONS, shape),
        format_number=format_number or shape.format,
    )


def test_an_anonymous_survey_without_a_breakdown_writes_the_answers_alone() -> None:
    shape = boxes.shape_of(Survey(mode=PrivacyMode.ANONYMOUS))
    assert shape.format == FORMAT
    # Whatever else is known of who sends it: this format has no place for it.
    assert Record({"A": "1"}, subject="7", group="nurse").as_stored(FORMAT) == {"A": "1"}


def test_a_confidential_survey_writes_whose_answers_they_are() -> None:
    shape = boxes.shape_of(Survey(mode=PrivacyMode.CONFIDENTIAL))
    assert (shape.format, shape.has_subject) == (WITH_MORE, True)
    assert Record({"A": "1"}, subject="7").as_stored(WITH_MORE) == {"answers": {"A": "1"}, "subject": "7"}


@pytest.mark.parametrize(
    ("record", "shape"),
    [
        (Record({"A": "1"}), Shape()),
        (Record({"A": "22", "B": "ärger"}, subject="12"), Shape(has_subject=True)),
        (Record({"A": "1"}, group="nurse"), Shape(groups=("nurse", "doctor"))),
        (Record({}, group=""), Shape(groups=("nurse",))),
    ],
)
def test_what_was_sealed_is_what_is_opened(record: Record, shape: Shape) -> None:
    opened = boxes.opened(box(record, shape), private_key=KEY, format_number=shape.format)
    assert opened == record


@pytest.mark.parametrize("shape", [Shape(), Shape(has_subject=True), Shape(True, ("a", "ü" * 30, "b\n"))])
def test_every_box_of_a_survey_has_the_size_of_the_longest_record_possible(shape: Shape) -> None:
    longest = Record(
        {"A": "22", "B": "𝓍" * 20},
        subject=boxes.LONGEST_SUBJECT * shape.has_subject,
        group=max(shape.groups, key=len, default=""),
    )
    shortest = Record({"A": "1"})
    assert len(box(longest, shape)) == len(box(shortest, shape))


def test_a_record_read_in_the_wrong_format_does_not_open() -> None:
    shape = Shape(has_subject=True)
    for content in ({"A": "1"}, {"answers": ["1"]}, {"answers": {}, "subject": 7}, {"answers": {}, "name": "x"}):
        body = box(Record(content), shape, format_number=FORMAT)  # type: ignore[arg-type]
        with pytest.raises(BoxDoesNotOpen):
            boxes.opened(body, private_key=KEY, format_number=WITH_MORE)
    with pytest.raises(BoxDoesNotOpen):
        boxes.opened(box(Record({}), Shape()), private_key=KEY, format_number=3)


def test_a_box_has_room_for_the_longest_number_and_for_any_day() -> None:
    questionnaire = Questionnaire("Two more", (NUMBER, DAY))
    empty = Questionnaire("Nothing", ())

    # {"C":"-500","D":"2026-08-06"} has 27 characters more than {}.
    assert boxes.largest_size(questionnaire, Shape()) - boxes.largest_size(empty, Shape()) == 27
