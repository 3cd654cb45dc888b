"""Reading a JSON document that the product loads: what is wrong is said with its line and its field, all at once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import json_source_map
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError

from cop_portal.refusals import Refusal

TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
    "null": "nothing",
}

Where = Sequence[str | int]
# So many are named: who mends those will see the others next.
MOST_FAULTS = 200


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the line (from 1; 0 where the document has none), the field, and what to mend."""

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"Line {self.line}" if self.line else "The document"
        return f"{place}, {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class DocumentRefused(Refusal):
    """The document has faults; nothing of it has been loaded."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        # Two missing fields of one group are two errors to the validator and one sentence to a person.
        self.faults = tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
        super().__init__([str(fault) for fault in self.faults], code="document_refused")


@dataclass(frozen=True)
class Document:
    """A parsed JSON document that remembers where each value stood."""

    data: dict[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def fault(self, where: Where, message: str) -> Fault:
        pointer = "".join(f"/{part}" for part in where)
        return Fault(self.lines.get(pointer, 0), spoken(where), message)

    @property
    def digest(self) -> str:
        return digest_of(self.data)


@dataclass
class LoadReport:
    """What loading a document did to each kind of thing."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        if not self.created and not self.changed:
            return f"Nothing to change: all {self.unchanged} are as the document says."
        return f"{self.created} created, {self.changed} changed, {self.unchanged} as they were."


def digest_of(data: object) -> str:
    """SHA-256 of the canonical JSON: the same content gives the same digest, whatever its layout."""
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_document(text: str, *, schema: dict[str, Any]) -> Document:
    """Parse and validate a document. Raises DocumentRefused naming every fault at once, or the first MOST_FAULTS."""
    repeated: list[str] = []

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(pairs)
        if len(seen) < len(pairs):
            repeated.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return seen

    try:
        data = json.loads(text, object_pairs_hook=without_repeats)
    except json.JSONDecodeError as error:
        raise DocumentRefused([Fault(error.lineno, "", f"this is not JSON ({error.msg}).")]) from error
    except RecursionError as error:
        raise DocumentRefused([Fault(0, "", "it is nested too deeply.")]) from error
    if repeated:
        raise DocumentRefused([Fault(0, name, "this field stands twice in one group.") for name in repeated])
    source_map = json_source_map.calculate(text)
    document = Document(data, {pointer: entry.value_start.line + 1 for pointer, entry in source_map.items()})
    errors = islice(Draft202012Validator(schema).iter_errors(data), MOST_FAULTS + 1)
    faults = [document.fault(list(error.absolute_path), in_words(error)) for error in errors]
    if len(faults) > MOST_FAULTS:
        faults = [
            *faults[:MOST_FAULTS],
            Fault(0, "", f"it has more than {MOST_FAULTS} faults. These are some of them."),
        ]
    if faults:
        raise DocumentRefused(faults)
    return document


def read_file(path: Path, *, schema: dict[str, Any]) -> Document:
    """Read a UTF-8 file (with or without a byte order mark) as a document."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DocumentRefused([Fault(0, "", f"{path} cannot be read ({error.strerror}).")]) from error
    except UnicodeDecodeError as error:
        raise DocumentRefused([Fault(0, "", f"{path} is not UTF-8 text.")]) from error
    return read_document(text, schema=schema)


def load_schema(path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def spoken(where: Where) -> str:
    """A path as a person reads it, counting from 1: `instruments 1 › questions 3 › kind`."""
    words: list[str] = []
    for part in where:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return " › ".join(words)


def in_words(error: SchemaError) -> str:
    """The commonest schema errors as plain sentences; others as the validator words them."""
    say = SENTENCES.get(str(error.validator))
    return say(error.instance, error.validator_value, error.schema) if say else f"{error.message}."


def _missing(value: Any, expected: Any, _: Any) -> str:
    missing = [name for name in expected if name not in value]
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."


def _wrong_type(_value: Any, expected: Any, _: Any) -> str:
    kinds = [expected] if isinstance(expected, str) else expected
    return f"this should be {' or '.join(TYPE_NAMES[kind] for kind in kinds)}."


def _not_offered(value: Any, expected: Any, _: Any) -> str:
    return f"{value!r} is not one of: {', '.join(str(one) for one in expected)}."


def _unknown_fields(value: Any, _expected: Any, schema: Any) -> str:
    return f"{', '.join(sorted(set(value) - set(schema.get('properties', {}))))} is not a field here."


def _empty(*_: Any) -> str:
    return "this is empty."


# What the validator calls the rule that was broken, and how that is said: value, what was expected, schema.
SENTENCES: dict[str, Callable[[Any, Any, Any], str]] = {
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_offered,
    "additionalProperties": _unknown_fields,
    "minLength": _empty,
    "minItems": _empty,
    "maxItems": lambda _value, expected, _: f"there are more than {expected} of these.",
    "const": lambda _value, expected, _: f"this should be {expected!r}.",
    "pattern": lambda value, expected, _: f"{value!r} is not in the form expected ({expected}).",
    "maxLength": lambda _value, expected, _: f"this is longer than {expected} characters.",
}


def repeated_codes(document: Document, where: Where, rows: Iterable[Mapping[str, Any]], key: str) -> list[Fault]:
    """A fault for each row whose `key` an earlier row has already."""
    seen: set[Any] = set()
    faults = []
    for position, row in enumerate(rows):
        value = row.get(key)
        if value is None:
            continue
        if value in seen:
            faults.append(document.fault([*where, position, key], f"{value!r} stands here a second time."))
        seen.add(value)
    return faults
