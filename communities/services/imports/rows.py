"""What sorting members and sorting organisations have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from communities.models import ImportRow
from communities.services.imports.known import KnownPerson

# What the reader of the file puts where a character stood that cannot be stored.
UNREADABLE = "\ufffd"
LONGEST_REASON = 400


def is_storable(text: str) -> bool:
    return UNREADABLE not in text


class NotTaken(Exception):
    """A row that is not taken as it is: its class, a sentence, and the question whose answer would help."""

    def __init__(self, words: str, *, kind: str = ImportRow.Kind.MALFORMED, question: str = "") -> None:
        super().__init__(words)
        self.kind, self.question = kind, question


def row_of(
    number: int, kind: str, cells: Sequence[str], facts: Mapping[str, Any], reason: str, *, question: str = ""
) -> ImportRow:
    """A row in its class, not saved."""
    return ImportRow(
        number=number,
        kind=kind,
        cells=list(cells),
        facts=dict(facts),
        reason=reason[:LONGEST_REASON],
        question=question,
    )


def choice_for(who: KnownPerson) -> str:
    """How a decision names a person."""
    return f"user:{who.user}"
