"""Answers are shown back as people gave them."""

import pytest

from evaluations.questionnaire import AskedQuestion, options_of
from evaluations.views.answers.answer_words import answer_text


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("number", "12", "12"),
        ("number", "0", "0"),
        ("date", "2026-08-06", "6 August 2026"),
        ("zero_to_ten", "0", "0"),
        ("zero_to_ten", None, "Not answered"),
    ],
)
def test_numbers_and_dates_read_as_people_write_them(kind: str, answer: str | None, words: str) -> None:
    question = AskedQuestion("X1", kind, "?", "", "1a", options=options_of(kind, []))

    assert answer_text(question, answer) == words
