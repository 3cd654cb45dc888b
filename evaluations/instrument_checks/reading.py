"""How old one is, in an English school, when one reads a text with ease: Flesch and Kincaid's grade, plus five.

    grade = 0.39 × words per sentence + 11.8 × syllables per word − 15.59
    (Kincaid, Fishburne, Rogers and Chissom 1975, for the United States Navy)

The first grade is begun at six, so grade 4 is an age of 9. NHS pages aim at 9 to 11. Syllables are counted by the rules
of spelling and a short list of words that break them; a number counts as one word of one syllable. It is a guide: a
question is short, so one long word weighs much, and no formula knows whether a word is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

YOUNGEST = 5
AIMED_AT = 11
LONG_WORD = 4
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,:/]\d+)*", re.UNICODE)
# A sentence ends with . ! ? : or a line break; not with the point of 3.5 or of e.g.
SENTENCE = re.compile(r"[.!?:]+(?=\s|$|[”\"')])|\n+")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|dr|mr|mrs|ms|vs|no)\.", re.IGNORECASE)
VOWELS = re.compile(r"[aeiouy]+")
# An e that is written and not spoken: at the end, in -es and -ed, and where a word goes on with an ending of its own.
SILENT = re.compile(
    r"(?<=[^aeiouy])(?<![^aeiouyl]l)e$"
    r"|(?<=[^aeiouy])(?<![csxzgh])(?<![^aeiouyl]l)e(?=s$)|(?<=[aeiouyt]h)e(?=s$)"
    r"|(?<=[^aeiouytd])(?<![^aeiouyl]l)e(?=d$)"
    r"|(?<=[^aeiouyp])e(?=ments?\b|less|ful|ly$|ness)|(?<=[mrsy])e(?=thing|where|times?$|ones?$|body)|(?<=k)e(?=hold)"
)
# Vowels that stand together and are spoken apart.
APART = re.compile(
    r"(?<![cgst])(?<!l(?=ian))ia|ia(?=t)|io(?!n|u)|(?<![ctgx])iou(?!r)|(?<=[^aeiouytscxglnh])ion|i(?=et)|(?<=[lr])ie(?=n[ct])|scie"
    r"|iu|eo(?!n|p)|eum|(?:cr|id|ar)ea(?!m|k|s[et])|reali|reac|theat|(?<![gq])u(?=a|en[ct]|o)|uine|oe(?=[mt])"
    r"|[aeiouy](?=ing)|(?<=..)ier(?=s?$)|ism(?=s?$)"
)
# Words that follow no rule.
EXCEPTIONS = {
    "anyone": 3, "business": 2, "businesses": 3, "colleague": 2, "colleagues": 2, "creature": 2, "creatures": 2,
    "entirely": 4, "every": 2, "everybody": 4, "everyone": 3, "everything": 3, "genuine": 3, "giant": 2, "hundred": 2,
    "hundreds": 2, "league": 1, "medicine": 3, "safety": 2, "seriously": 4, "valuable": 3, "wednesday": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """How hard a text is to read. `age` is None where there are no words."""

    age: int | None
    long_words: tuple[str, ...] = ()

    @property
    def is_hard(self) -> bool:
        return self.age is not None and self.age > AIMED_AT


def syllables(word: str) -> int:
    """At least one. Parts joined by a hyphen count each for itself."""
    if "-" in word:
        return sum(syllables(part) for part in word.split("-") if part)
    plain = word.lower().replace("’", "'")
    if plain in EXCEPTIONS:
        return EXCEPTIONS[plain]
    plain = re.sub(r"'[a-z]+$", "", plain)
    return max(1, _by_spelling(plain)) if plain.isalpha() else 1


def grade(text: str) -> float | None:
    """Flesch and Kincaid's grade; None of a text without words."""
    words = WORD.findall(text)
    if not words:
        return None
    count = sum(syllables(word) for word in words)
    return 0.39 * len(words) / max(1, len(sentences(text))) + 11.8 * count / len(words) - 15.59


def sentences(text: str) -> list[str]:
    plain = ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text)
    return [sentence for sentence in SENTENCE.split(plain) if WORD.search(sentence)]


def reading_of(text: str) -> Reading:
    """The age in whole years, and the words of four syllables or more, each once, as they stand."""
    found = grade(text)
    if found is None:
        return Reading(None)
    long_words = dict.fromkeys(word for word in WORD.findall(text) if syllables(word) >= LONG_WORD)
    return Reading(max(YOUNGEST, round(found + 5)), tuple(long_words))


def _by_spelling(word: str) -> int:
    spoken = SILENT.sub("", word)
    return len(VOWELS.findall(spoken)) + len(APART.findall(spoken))
