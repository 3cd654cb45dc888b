"""From the bytes that someone uploads to a file that is kept and can be looked at: the one way, for pages and API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from communities.imports.documents import Document, DocumentRefused, Fault, read_document
from communities.imports.tables import UNSTORABLE, plain_name
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal
from evaluations.imports.instrument_faults import faults_of
from evaluations.imports.instruments import INSTRUMENTS_SCHEMA
from evaluations.interchange import redcap
from evaluations.interchange.content import Content, normal
from evaluations.interchange.redcap import Note
from evaluations.models import EvaluationQuestion, InstrumentFile, Scale
from evaluations.services.instruments.files import keep_instrument_file

MOST_BYTES = 1024 * 1024
# So many questions are named in a refusal.
NAMED = 5
JSON, REDCAP = InstrumentFile.Form.JSON, InstrumentFile.Form.REDCAP


class NotSaidWhatFor(Refusal):
    """Every question serves an evaluation question, in a value cycle: the file says which, or whoever brings it."""


def receive_instrument_file(
    *, content: bytes, file_name: str, serves: EvaluationQuestion | None, value_cycle: str, by: User, now: datetime
) -> InstrumentFile:
    """Reads and keeps a file; nothing else is made of it yet. Raises DocumentRefused, DictionaryRefused, NotSaidWhatFor
    or FileNotReadable, and then nothing is kept.

    `serves` and `value_cycle` are given to questions of a data dictionary that says nothing of what they are for: only
    such a file needs them.
    """
    form = JSON if _is_json(content) else REDCAP
    if form == JSON:
        document, notes = _from_json(content)
    else:
        document, notes = _from_redcap(content, serves.code if serves else "", value_cycle)
    if faults := faults_of(document, is_for_draft=True):
        raise DocumentRefused(faults)
    return keep_instrument_file(
        form=form,
        file_name=plain_name(file_name),
        file_hash=hashlib.sha256(content).hexdigest(),
        content=normal(document.data),
        notes=[asdict(note) for note in notes],
        by=by,
        now=now,
    )


def _is_json(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def _from_json(content: bytes) -> tuple[Document, list[Note]]:
    if len(content) > MOST_BYTES:
        raise DocumentRefused([Fault(0, "", "it is larger than 1 MB. A questionnaire is text only.")])
    try:
        document = read_document(content.decode("utf-8-sig"), schema=INSTRUMENTS_SCHEMA)
    except UnicodeDecodeError:
        raise DocumentRefused([Fault(0, "", "this is not UTF-8 text.")]) from None
    except RecursionError:
        raise DocumentRefused([Fault(0, "", "it is nested too deeply.")]) from None
    except ValueError as error:
        if isinstance(error, DocumentRefused):
            raise
        # A number of thousands of digits is no JSON error, and no number of ours either.
        raise DocumentRefused([Fault(0, "", "a number in it is too long.")]) from error
    if faults := list(_unstorable(document, [], document.data)):
        raise DocumentRefused(faults)
    return document, list(_not_used(document.data))


def _unstorable(document: Document, where: list[str | int], value: Any) -> Iterator[Fault]:
    """Texts with characters that no database keeps: control characters, and halves of characters."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _unstorable(document, [*where, name], part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _unstorable(document, [*where, place], part)
    elif isinstance(value, str) and (UNSTORABLE.search(value) or any("\ud800" <= one <= "\udfff" for one in value)):
        yield document.fault(where, "this has characters that cannot be stored.")


def _not_used(data: Content) -> Iterator[Note]:
    used = {question.get("scale") for instrument in data["instruments"] for question in instrument["questions"]}
    for scale in data["scales"]:
        if scale["code"] not in used:
            yield Note(0, scale["code"], "no question is on this scale, so it was left out.")


def _from_redcap(content: bytes, serves: str, value_cycle: str) -> tuple[Document, list[Note]]:
    reading = redcap.read(content, serves=serves, value_cycle=value_cycle)
    data = reading.content
    known = set(EvaluationQuestion.objects.values_list("code", flat=True))
    questions = data["instruments"][0]["questions"]
    unmapped = [
        one["code"]
        for one in questions
        if not one["value_cycle"] or (not serves and one["evaluation_question"] not in known)
    ]
    if unmapped:
        raise NotSaidWhatFor(
            f"The file does not say what {', '.join(unmapped[:NAMED])} {'is' if len(unmapped) == 1 else 'are'} for. "
            "Choose the evaluation question and the value cycle, and choose the file again.",
            code="not_said_what_for",
        )
    return Document(data), [*reading.notes, *_fitted_in(data, serves)]


def _fitted_in(data: Content, serves: str) -> Iterator[Note]:
    """What the file says by names that mean something else here, or nothing: its author could not mend that."""
    known = set(EvaluationQuestion.objects.values_list("code", flat=True))
    standing = dict(Scale.objects.values_list("code", "options"))
    elsewhere = {
        s["code"]: s["options"] for s in data["scales"] if standing.get(s["code"], s["options"]) != s["options"]
    }
    for question in data["instruments"][0]["questions"]:
        if question["evaluation_question"] not in known:
            yield Note(
                0,
                question["code"],
                f"there is no evaluation question {question['evaluation_question']} here: it serves {serves}.",
            )
            question["evaluation_question"] = serves
        if question.get("scale") in elsewhere:
            scale = question.pop("scale")
            question["options"] = elsewhere[scale]
            yield Note(0, question["code"], f"the scale {scale} has other answers here: these are the question’s own.")
    data["scales"] = [scale for scale in data["scales"] if scale["code"] not in elsewhere]
