"""What in a text might say who wrote it, or name somebody: passages for a second reader to look at.

Pure rules. They flag too much rather than too little and decide nothing: a person reads every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NAME, MAIL, NHS_NUMBER, PHONE, NUMBER, ADDRESS, DAY = (
    "A member’s name",
    "A mail address",
    "An NHS number",
    "A telephone number",
    "A long number",
    "An address",
    "A full date",
)
SOMEONE = "A title and a name"
# What stands for a passage in the suggested redaction.
INSTEAD = {
    NAME: "[name]",
    SOMEONE: "[name]",
    MAIL: "[mail address]",
    NHS_NUMBER: "[number]",
    PHONE: "[number]",
    NUMBER: "[number]",
    ADDRESS: "[address]",
    DAY: "[date]",
}
TITLES = "Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Sister|Matron|Sir|Dame|Nurse|Consultant|Doctor"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_STREETS = "road|street|lane|avenue|close|drive|way|gardens|terrace|court|place|square|crescent|grove|hill"
# In this order: a passage is flagged once, as the first that it is.
_PATTERNS = (
    (MAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (NHS_NUMBER, re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")),
    (PHONE, re.compile(r"(?<![\d+])(?:\+44|0044|0)[ ()-]*\d(?:[ ()-]*\d){8,9}(?!\d)")),
    (
        DAY,
        re.compile(
            rf"(?i)\b\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})\b"
            rf"|\b\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTHS})[a-z]*\.?,? \d{{4}}\b"
        ),
    ),
    (ADDRESS, re.compile(r"(?i)\b(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b")),
    (ADDRESS, re.compile(rf"\b\d{{1,4}}[a-zA-Z]?,? (?:[A-Z][\w’'-]+ ){{1,3}}(?i:{_STREETS}|rd|st|ave)\b")),
    (NUMBER, re.compile(r"(?<!\d)\d(?:[ -]?\d){5,}(?!\d)")),
    (SOMEONE, re.compile(rf"\b(?:{TITLES})\.? [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")),
)
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Flag:
    """A passage of a text, from `start` up to `end`, and what it may be."""

    kind: str
    start: int
    end: int


def flags_in(text: str, *, names: Iterable[str]) -> list[Flag]:
    """What to look at in a text, in order, no two overlapping. `names` are those of people of the community."""
    found: list[Flag] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if kind != NHS_NUMBER or is_nhs_number(match[0]):
                _add(found, Flag(kind, *match.span()))
    for pattern in _of_names(names):
        for match in pattern.finditer(text):
            _add(found, Flag(NAME, *match.span()))
    return sorted(found, key=lambda flag: flag.start)


def _add(found: list[Flag], new: Flag) -> None:
    if all(new.end <= flag.start or flag.end <= new.start for flag in found):
        found.append(new)


def _of_names(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Full names however they are written; and single parts of a name where they begin with a capital."""
    titles = {title.lower() for title in TITLES.split("|")}
    split = [[part for part in re.split(r"[\s.,]+", name) if part.lower() not in titles] for name in names]
    full = {" ".join(parts) for parts in split if parts}
    parts = {part for parts in split for part in parts if len(part) >= SHORTEST_NAME}
    return [
        *_any_of(full, re.IGNORECASE),
        *_any_of({form for part in parts for form in (part, part[0].upper() + part[1:], part.upper())}, 0),
    ]


def _any_of(words: set[str], how: int) -> list[re.Pattern[str]]:
    """One pattern for all of them, the longest first."""
    if not words:
        return []
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return [re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", how)]


def is_nhs_number(written: str) -> bool:
    """Ten digits of which the last checks the others (modulus 11)."""
    digits = [int(character) for character in written if character.isdigit()]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return len(digits) == 10 and check != 10 and digits[9] == check % 11


def suggested(text: str, flags: Iterable[Flag]) -> str:
    """The text with every flagged passage taken out, as a beginning for the second reader."""
    for flag in sorted(flags, key=lambda flag: -flag.start):
        text = text[: flag.start] + INSTEAD[flag.kind] + text[flag.end :]
    return text


def only_leaves_out(redacted: str, original: str) -> bool:
    """Whether a redaction only takes words out: notes in square brackets may stand for them, nothing else is added."""
    said = iter(_words(original))
    return all(word in said for word in _words(without_notes(redacted)))


def without_notes(redacted: str) -> str:
    """A redaction without what stands in square brackets."""
    return re.sub(r"\[[^\]]*\]", " ", redacted)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
