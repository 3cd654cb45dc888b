"""What a writer says of a session, section by section. A section that is left out stays as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from communities.models import Person
from communities.services.promises.actions import NewAction


@dataclass(frozen=True)
class NewPoint:
    """A learning point. In this and the others, `key` is the identity of one that stands in the record already."""

    text: str
    is_private: bool = False
    key: UUID | None = None


@dataclass(frozen=True)
class NewDecision:
    """A decision, with the day to look at it again if there is one."""

    text: str
    review_on: date | None = None
    is_private: bool = False
    key: UUID | None = None


@dataclass(frozen=True)
class NewCommitment:
    """What somebody will try."""

    text: str
    person: Person
    is_private: bool = False
    key: UUID | None = None


@dataclass(frozen=True)
class NewProblem:
    """What is in the way, in a line; the rest is said on the problem's own page."""

    title: str
    is_private: bool = False
    key: UUID | None = None


@dataclass(frozen=True)
class NewGuest:
    """Someone who came and is not a member."""

    name: str
    organisation: str = ""
    key: UUID | None = None


@dataclass(frozen=True)
class NewLink:
    """Something to read or use, elsewhere."""

    title: str
    url: str
    is_private: bool = False
    key: UUID | None = None


class Said(TypedDict, total=False):
    """What is said of a session.

    `attendance` maps memberships (by id) to a status; members it does not name are "not known". Lists stand for the
    whole of their section: what a list leaves out is removed; but actions and problems, once agreed or raised, have a
    life of their own and are only added or reworded.
    """

    focus: str
    attendance: Mapping[int, str]
    learning_points: Sequence[str | NewPoint]
    decisions: Sequence[NewDecision]
    actions: Sequence[NewAction]
    commitments: Sequence[NewCommitment]
    problems: Sequence[NewProblem]
    guests: Sequence[NewGuest]
    resources: Sequence[NewLink]
    head_count: int | None
    notes: str
    private_note: str
