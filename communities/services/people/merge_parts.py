"""What other rooms have to say when two records of one person become one, or two again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from communities.models import Person
from communities.services.people.journal import Journal

# Puts right what moving rows has left: the record kept, the other one, and the journal to write it down in.
Mending: TypeAlias = Callable[[Person, Person, Journal], None]

_mendings: dict[str, Mending] = {}
_words: dict[str, Sequence[str]] = {}


def register(name: str, *, mend: Mending, words: Sequence[str]) -> None:
    """`words` are what the page before a merge says of answers that this room holds: the same of everybody, so that it
    tells nothing of anyone. `mend` is called after a merge, and after it was undone. Called in `AppConfig.ready()`."""
    _mendings[name], _words[name] = mend, words


def words_before_merging() -> list[str]:
    return [words for room in _words.values() for words in room]


def mend(kept: Person, merged: Person, journal: Journal) -> None:
    for mending in _mendings.values():
        mending(kept, merged, journal)
