"""Sealed boxes: one person's record, padded to the largest size possible, so that a box's size says nothing."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from evaluations import breakdowns
from evaluations.models import PrivacyMode, Survey
from evaluations.questionnaire import (
    DATE,
    LARGEST_NUMBER,
    MULTIPLE,
    NUMBER,
    Answers,
    AskedQuestion,
    Questionnaire,
)

# The answers alone. An anonymous survey without a breakdown never writes anything else.
FORMAT = 1
# {"answers": …} and, where the survey promised it, "subject" and "group".
WITH_MORE = 2
LENGTH = struct.Struct(">I")
BYTES_PER_CHARACTER = 4
# The number of a person, as far as numbers go.
LONGEST_SUBJECT = "9" * 19


class BoxDoesNotOpen(Exception):
    """A box was not sealed to this key, or does not hold what it should."""


@dataclass(frozen=True)
class Record:
    """What one person sends. `subject`: whose it is, in a confidential survey only. `group`: of the breakdown."""

    answers: Answers
    subject: str = ""
    group: str = ""

    def as_stored(self, format_number: int) -> dict[str, Any]:
        """The very record: what is written into a box of this format, and nothing else."""
        if format_number == FORMAT:
            return dict(self.answers)
        more = {"subject": self.subject, "group": self.group}
        return {"answers": self.answers, **{name: value for name, value in more.items() if value}}


@dataclass(frozen=True)
class Shape:
    """What the boxes of a survey hold beside answers. Nothing, in an anonymous one without a breakdown."""

    has_subject: bool = False
    groups: Sequence[str] = ()

    @property
    def format(self) -> int:
        return WITH_MORE if self.has_subject or self.groups else FORMAT


def shape_of(survey: Survey) -> Shape:
    declared = breakdowns.declared(survey.breakdown)
    return Shape(
        has_subject=survey.mode == PrivacyMode.CONFIDENTIAL,
        # What is an answer anyway needs no second place in the box.
        groups=declared.codes if declared and declared.is_from_roster else (),
    )


def written(stored: Mapping[str, Any]) -> bytes:
    """The record, as stored: JSON, answers in the order of the questions, UTF-8."""
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode()


def largest_size(questionnaire: Questionnaire, shape: Shape | None = None) -> int:
    """The size of the longest record anyone could send, with every question answered, padding header included."""
    shape = shape or Shape()
    answers = {question.code: _longest(question) for question in questionnaire.questions}
    longest = Record(
        {code: answer for code, answer in answers.items() if answer},
        subject=LONGEST_SUBJECT if shape.has_subject else "",
        group=max(shape.groups, key=lambda code: len(written({"": code})), default=""),
    )
    return LENGTH.size + len(written(longest.as_stored(shape.format)))


def _longest(question: AskedQuestion) -> Any:
    if question.is_text:
        # No character takes more than four bytes, in UTF-8 or escaped.
        return "x" * BYTES_PER_CHARACTER * question.max_length
    if question.kind == NUMBER:
        limits = (question.minimum, question.maximum)
        return max((str(-LARGEST_NUMBER if limit is None else limit) for limit in limits), key=len)
    if question.kind == DATE:
        return date.max.isoformat()
    codes = [option.code for option in question.options]
    return codes if question.kind == MULTIPLE else max(codes, key=len, default="")


def padded(stored: Mapping[str, Any], size: int) -> bytes:
    record = written(stored)
    if LENGTH.size + len(record) > size:
        raise ValueError("The answers are larger than this questionnaire allows.")
    return (LENGTH.pack(len(record)) + record).ljust(size, b"\0")


def unpadded(content: bytes) -> dict[str, Any]:
    (length,) = LENGTH.unpack_from(content)
    stored = json.loads(content[LENGTH.size : LENGTH.size + length])
    if not isinstance(stored, dict):
        raise TypeError("a record is an object")
    return stored


def sealed(record: Record, *, public_key: bytes, size: int, format_number: int = FORMAT) -> bytes:
    """A box that only the survey's private key opens. Equal records make different boxes of the same size."""
    content = padded(record.as_stored(format_number), size)
    return bytes(SealedBox(PublicKey(public_key)).encrypt(content))


def opened(box: bytes, *, private_key: PrivateKey, format_number: int) -> Record:
    """What was sealed. Raises BoxDoesNotOpen."""
    if format_number not in (FORMAT, WITH_MORE):
        raise BoxDoesNotOpen("unknown format")
    try:
        stored = unpadded(SealedBox(private_key).decrypt(box))
        return Record(stored) if format_number == FORMAT else _with_more(**stored)
    except (CryptoError, ValueError, TypeError, struct.error):
        # The cause may hold what was sealed: it goes no further.
        raise BoxDoesNotOpen("sealed to another key, or damaged") from None


def _with_more(*, answers: Any, subject: Any = "", group: Any = "") -> Record:
    if not (isinstance(answers, dict) and isinstance(subject, str) and isinstance(group, str)):
        raise TypeError("a record is answers, a subject and a group")
    return Record(answers, subject, group)
