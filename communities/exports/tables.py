"""What an exported table is: its columns, each of one kind, and its rows for one community or for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from django.db.models import Q

from communities.models import Affiliation, Community, Person

LIVED_EXPERIENCE = "lived"
UNNAMED = "A person with lived experience"


class Kind(StrEnum):
    """What the cells of a column are. Only texts are guarded against being taken for formulas."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "date and time"
    YES_NO = "yes or no"


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, and for people."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT


def number(name: str, heading: str) -> Column:
    return Column(name, heading, Kind.NUMBER)


def day(name: str, heading: str) -> Column:
    return Column(name, heading, Kind.DATE)


def moment(name: str, heading: str) -> Column:
    return Column(name, heading, Kind.TIME)


def yes_no(name: str, heading: str) -> Column:
    return Column(name, heading, Kind.YES_NO)


@dataclass(frozen=True)
class Scope:
    """What is exported: one community, or (None) the whole network."""

    community: Community | None = None

    def narrowed(self, way: str = "community") -> Q:
        """The rows of this scope, where `way` leads from a row to its community."""
        return Q() if self.community is None else Q(**{way: self.community.pk})

    @cached_property
    def unnamed(self) -> frozenset[int]:
        """People who are, or ever were, here as people with lived experience."""
        lived = Affiliation.objects.filter(professional_group__code=LIVED_EXPERIENCE)
        return frozenset(lived.values_list("person_id", flat=True))

    def name_of(self, person: Person | None) -> str:
        """A name, or what stands in for it. Needs `person.user`."""
        if person is None:
            return ""
        return UNNAMED if person.pk in self.unnamed else person.name


Cells: TypeAlias = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """A table that can be taken away. `rows(scope)` costs the same few queries, however many there are."""

    slug: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Scope], Iterable[Cells]] = field(repr=False)
    # The models whose rows it holds, for the test that nothing is forgotten.
    holds: tuple[type[Any], ...] = ()


def labelled(choice: str, choices: type[Any]) -> str:
    """The label of a choice; nothing for none."""
    return str(choices(choice).label) if choice else ""
