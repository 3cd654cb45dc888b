"""Reading ages against texts whose figures are published, and syllables against a dictionary's."""

from __future__ import annotations

import pytest

from evaluations.instrument_checks.reading import WORD, grade, reading_of, sentences, syllables

# Words, syllables and Flesch's reading ease as published (Wikipedia, "Flesch–Kincaid readability tests").
PUBLISHED = [
    ("The cat sat on the mat.", 6, 6, 116),
    ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 16, 23, 69),
    ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 13, 24, 37.5),
]
SPOKEN = """
1: asked changed hour lived live role scale stopped through used whole years learn moved tried while
2: able agreed being changes colleague colleagues decide doing every happened houses listened little nurses
2: people progress questions safely safety settled staffing something travelled useful values workplace written
3: anyone area beautiful created decided difference enabled everyone evidence example families genuine idea influence
3: leadership medicines national opinion period policy serious services theory vehicle video
4: activity available commissioner communities community delirium emergency experience maternity society usually
4: voluntary variety reality responsible
5: collaboration evaluation implementation individual organisations
6: deterioration responsibility sustainability
7: multidisciplinary
"""


@pytest.mark.parametrize(("text", "words", "spoken", "ease"), PUBLISHED)
def test_published_texts_come_out_as_published(text: str, words: int, spoken: int, ease: float) -> None:
    found = WORD.findall(text)

    assert (len(found), sum(syllables(word) for word in found)) == (words, spoken)
    # The published ease and our grade stand on the same two figures.
    assert 206.835 - 1.015 * words - 84.6 * spoken / words == pytest.approx(ease, abs=0.8)
    assert grade(text) == pytest.approx(0.39 * words + 11.8 * spoken / words - 15.59)


@pytest.mark.parametrize(
    ("word", "spoken"),
    [(word, int(line[0])) for line in SPOKEN.strip().splitlines() for word in line[3:].split()],
)
def test_syllables_are_those_one_hears(word: str, spoken: int) -> None:
    assert syllables(word) == spoken
    assert syllables(word.upper()) == spoken


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("The cat sat on the mat.", 5),
        ("Sessions are a good use of my time.", 6),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 16),
        ("We have agreed what success looks like. We check how we are doing.", 6),
    ],
)
def test_the_age_is_the_grade_and_five(text: str, age: int) -> None:
    assert reading_of(text).age == age


def test_long_words_are_named_once_and_a_hard_text_says_so() -> None:
    reading = reading_of(
        "Commissioners evaluate interdisciplinary collaboration; commissioners prioritise sustainability."
    )

    assert reading.is_hard
    assert reading.long_words[:3] == ("Commissioners", "evaluate", "interdisciplinary")
    assert not reading_of("What will you try?").is_hard


def test_sentences_end_where_they_end() -> None:
    assert len(sentences("Think of one change. How far has it got?")) == 2
    assert len(sentences("Use 3.5 or more, e.g. 4. Ask Dr. Smith.")) == 2
    assert len(sentences("One line\nand another")) == 2
    assert len(sentences("no full stop at all")) == 1


@pytest.mark.parametrize("text", ["", "   ", "?!", "—"])
def test_what_has_no_words_has_no_age(text: str) -> None:
    assert reading_of(text).age is None
