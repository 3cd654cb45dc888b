"""What the demo is made of: the invented people, topics and problems of `data/`, as typed values."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Organisation:
    key: str
    name: str
    domain: str


@dataclass(frozen=True)
class InventedPerson:
    """Someone who does not exist. `door` names the demo door, if any, that this person stands behind."""

    name: str
    domain: str
    organisation: str | None = None
    group: str = ""
    role: str = ""
    community: str = ""
    door: str = ""

    @property
    def address(self) -> str:
        """given.family under the domain of the organisation, in plain letters."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        words = ["".join(letter for letter in word if letter.isalnum() or letter == "-") for word in plain.split()]
        return f"{'.'.join(words)}@{self.domain}"


@dataclass(frozen=True)
class LeverHolderText:
    key: str
    name: str
    post: str
    organisation: str | None


@dataclass(frozen=True)
class Topic:
    """What one session was about, what it taught, what members said they would do."""

    focus: str
    learned: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One move of a problem, so many weeks ago."""

    weeks_ago: int
    do: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class ProblemText:
    title: str
    detail: str
    raised: int
    knowledge: str
    lever: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Promise:
    """An action agreed between two sessions, and still open."""

    action: str
    weeks_ago: int
    due_in_days: int


@dataclass(frozen=True)
class CommunityText:
    """A community's character: its rhythm, its topics and problems, and how its members answer."""

    slug: str
    purpose: str
    rhythm_weeks: int
    weekday: int
    starts: time
    minutes: int
    usual: str
    places: tuple[str, ...]
    last_weeks_ago: int
    planned_ahead: int
    cancelled_sessions_ago: int
    cancelled_because: str
    answered: tuple[int, ...]
    mood: tuple[float, ...]
    topics: tuple[Topic, ...]
    problems: tuple[ProblemText, ...]
    texts: tuple[str, ...]
    between_sessions: tuple[Promise, ...] = ()
    has_one_to_record: bool = False
    paused_weeks_ago: int | None = None
    open_survey_answered: int | None = None


@dataclass(frozen=True)
class Content:
    organisations: tuple[Organisation, ...]
    staff: tuple[InventedPerson, ...]
    sponsors: tuple[InventedPerson, ...]
    members: tuple[InventedPerson, ...]
    also: Mapping[str, tuple[str, ...]]
    facilitators: Mapping[str, tuple[str, ...]]
    lever_holders: tuple[LeverHolderText, ...]
    communities: tuple[CommunityText, ...]
    doors: Mapping[str, str] = field(default_factory=dict)

    def everyone(self) -> tuple[InventedPerson, ...]:
        return (*self.staff, *self.sponsors, *self.members)

    def behind(self, door: str) -> InventedPerson:
        """The person whom a door of the demo signs in."""
        return next(person for person in self.everyone() if person.door == door)


@cache
def load() -> Content:
    """All of `data/`, read once."""
    network, people = _read("network.json"), _read("people.json")
    organisations = tuple(Organisation(**row) for row in network["organisations"])
    domains = {organisation.key: organisation.domain for organisation in organisations}
    doors = {name: door for door, name in network["doors"].items()}
    return Content(
        organisations=organisations,
        staff=tuple(InventedPerson(domain=network["staff_domain"], **row) for row in network["staff"]),
        sponsors=tuple(InventedPerson(domain=domains[row["organisation"]], **row) for row in network["sponsors"]),
        members=tuple(
            InventedPerson(name, domains[organisation], organisation, group, community=slug, door=doors.get(name, ""))
            for slug, rows in people["members"].items()
            for name, organisation, group in rows
        ),
        also={name: tuple(slugs) for name, slugs in people["also"].items()},
        facilitators={slug: tuple(names) for slug, names in people["facilitators"].items()},
        lever_holders=tuple(LeverHolderText(**row) for row in network["lever_holders"]),
        communities=tuple(_community(_read(path)) for path in sorted((DATA / "communities").glob("*.json"))),
        doors=network["doors"],
    )


@cache
def records() -> Mapping[str, Any]:
    """By community, what some of its sessions left behind besides learning and actions."""
    found: Mapping[str, Any] = _read("records.json")["sessions"]
    return found


def _read(path: str | Path) -> Any:
    return json.loads((DATA / path).read_text(encoding="utf-8"))


def _community(row: dict[str, Any]) -> CommunityText:
    return CommunityText(
        slug=row["slug"],
        purpose=row["purpose"],
        rhythm_weeks=row["rhythm_weeks"],
        weekday=row["weekday"],
        starts=time.fromisoformat(row["starts"]),
        minutes=row["minutes"],
        usual=row["usual"],
        places=tuple(row["places"]),
        last_weeks_ago=row["last_weeks_ago"],
        planned_ahead=row["planned_ahead"],
        cancelled_sessions_ago=row["cancelled"]["sessions_ago"],
        cancelled_because=row["cancelled"]["because"],
        answered=tuple(row["answered"]),
        mood=tuple(row["mood"]),
        topics=tuple(
            Topic(topic["focus"], tuple(topic["learned"]), tuple(topic["actions"])) for topic in row["topics"]
        ),
        problems=tuple(_problem(problem) for problem in row["problems"]),
        texts=tuple(row["texts"]),
        between_sessions=tuple(Promise(**promise) for promise in row.get("between_sessions", ())),
        has_one_to_record=row.get("to_record", False),
        paused_weeks_ago=row.get("paused_weeks_ago"),
        open_survey_answered=row.get("open_survey_answered"),
    )


def _problem(row: dict[str, Any]) -> ProblemText:
    return ProblemText(
        title=row["title"],
        detail=row["detail"],
        raised=row["raised"],
        knowledge=row["knowledge"],
        lever=row["lever"],
        steps=tuple(_steps(row["steps"])),
    )


def _steps(rows: Iterable[dict[str, Any]]) -> Iterable[Step]:
    for row in rows:
        details = {key: value for key, value in row.items() if key not in ("weeks_ago", "do")}
        yield Step(weeks_ago=row["weeks_ago"], do=row["do"], details=details)
