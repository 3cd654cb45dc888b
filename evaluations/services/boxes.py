"""Sealed boxes: one person's answers, padded to the largest size possible, so that a box's size says nothing."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from evaluations.questionnaire import MULTIPLE, Answer, Answers, AskedQuestion, Questionnaire

FORMAT = 1
LENGTH = struct.Struct(">I")
BYTES_PER_CHARACTER = 4


class BoxDoesNotOpen(Exception):
    """A box was not sealed to this key, or does not hold what it should."""


def written(answers: Mapping[str, Answer]) -> bytes:
    """The record, as stored: JSON, keys in the order of the questions, UTF-8."""
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":")).encode()


def largest_size(questionnaire: Questionnaire) -> int:
    """The size of the longest record anyone could send, with every question answered, padding header included."""
    answers = {question.code: _longest(question) for question in questionnaire.questions}
    return LENGTH.size + len(written({code: answer for code, answer in answers.items() if answer}))


def _longest(question: AskedQuestion) -> Any:
    if question.is_text:
        # No character takes more than four bytes, in UTF-8 or escaped.
        return "x" * BYTES_PER_CHARACTER * question.max_length
    codes = [option.code for option in question.options]
    return codes if question.kind == MULTIPLE else max(codes, key=len, default="")


def padded(answers: Answers, size: int) -> bytes:
    record = written(answers)
    if LENGTH.size + len(record) > size:
        raise ValueError("The answers are larger than this questionnaire allows.")
    return (LENGTH.pack(len(record)) + record).ljust(size, b"\0")


def unpadded(content: bytes) -> Answers:
    (length,) = LENGTH.unpack_from(content)
    answers = json.loads(content[LENGTH.size : LENGTH.size + length])
    if not isinstance(answers, dict):
        raise TypeError("a record is an object")
    return answers


def sealed(answers: Answers, *, public_key: bytes, size: int) -> bytes:
    """A box that only the survey's private key opens. Equal answers make different boxes of the same size."""
    return bytes(SealedBox(PublicKey(public_key)).encrypt(padded(answers, size)))


def opened(box: bytes, *, private_key: PrivateKey, format_number: int) -> Answers:
    """What was sealed. Raises BoxDoesNotOpen."""
    if format_number != FORMAT:
        raise BoxDoesNotOpen("unknown format")
    try:
        return unpadded(SealedBox(private_key).decrypt(box))
    except (CryptoError, ValueError, TypeError, struct.error):
        # The cause may hold what was sealed: it goes no further.
        raise BoxDoesNotOpen("sealed to another key, or damaged") from None
