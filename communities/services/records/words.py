"""What stands at a place of the record, said to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from communities.models import Attendance, Membership, Person, Session
from communities.services.records.content import ATTENDANCE, Content, Item, Path

NAMES: Mapping[str, str] = {
    "focus": "What it was about",
    "head_count": "Head-count",
    "notes": "Notes",
    "private_note": "Private note",
    "learning_points": "Learning point",
    "decisions": "Decision",
    "actions": "Action",
    "commitments": "“I will try”",
    "problems": "Problem",
    "guests": "Guest",
    "resources": "Link",
}
SECTIONS: Mapping[str, str] = {
    "focus": "What it was about",
    ATTENDANCE: "Who came",
    "head_count": "How many were there in all",
    "guests": "Guests",
    "learning_points": "What we learned",
    "decisions": "Decisions",
    "actions": "Actions",
    "commitments": "“I will try …”",
    "problems": "Problems raised",
    "resources": "Links and files",
    "notes": "Notes",
    "private_note": "Private note",
}
NOT_THERE = ""


@dataclass(frozen=True)
class Names:
    """The names behind ids in the records of one session: two queries."""

    members: Mapping[str, str]
    people: Mapping[int, str]

    @classmethod
    def of(cls, session: Session, contents: Iterable[Content]) -> Names:
        wanted = {
            item[field]
            for content in contents
            for (section, _), item in content.items()
            for field in ("owner", "person")
            if isinstance(item, dict) and field in item
        }
        members = Membership.objects.filter(community=session.community_id)
        named = members.values_list("pk", "person__user__name")
        people = Person.objects.filter(pk__in=wanted).values_list("pk", "user__name")
        return cls({str(pk): name for pk, name in named}, dict(people))


@dataclass(frozen=True)
class Place:
    """One place of a record in words: what it is, and what stands there ("" for nothing)."""

    path: Path
    what: str
    text: str


def label(path: Path, names: Names) -> str:
    section, key = path
    return names.members.get(key, "Someone no longer here") if section == ATTENDANCE else NAMES[section]


def text(path: Path, value: Any, names: Names) -> str:
    """What stands at a place; "" where there is nothing."""
    section, _ = path
    if section == ATTENDANCE:
        return Attendance.Status(value or Attendance.Status.UNKNOWN).label
    if value is None:
        return NOT_THERE
    return _of_item(section, value, names) if isinstance(value, dict) else str(value)


def _of_item(section: str, item: Item, names: Names) -> str:
    said = item.get("text") or item.get("title") or item.get("name") or ""
    if section == "actions":
        said = f"{said}: {names.people.get(item['owner'], 'someone')}, by {_day(item['due_on'])}"
    elif section == "commitments":
        said = f"{names.people.get(item['person'], 'Someone')}: {said}"
    elif section == "decisions" and item["review_on"]:
        said = f"{said} (look again on {_day(item['review_on'])})"
    elif section == "guests" and item["organisation"]:
        said = f"{said}, {item['organisation']}"
    elif section == "resources":
        said = f"{said} ({item.get('file') or item['url']})"
    return f"{said} (private)" if item.get("is_private") else said


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso))


def places(content: Content, names: Names) -> list[tuple[str, list[Place]]]:
    """A whole record in words, section by section; sections with nothing in them are left out."""
    found: dict[str, list[Place]] = {}
    for path, value in content.items():
        found.setdefault(path[0], []).append(Place(path, label(path, names), text(path, value, names)))
    found.get(ATTENDANCE, []).sort(key=lambda place: place.what)
    return [(heading, found[section]) for section, heading in SECTIONS.items() if section in found]


@dataclass(frozen=True)
class Change:
    """One place that is not the same in two versions."""

    what: str
    before: str
    after: str


def differences(before: Content, after: Content, names: Names) -> list[Change]:
    """What differs between two versions, in words, in the order of the record."""
    changed = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
    changed.sort(key=lambda path: list(SECTIONS).index(path[0]))
    return [
        Change(label(path, names), text(path, before.get(path), names), text(path, after.get(path), names))
        for path in changed
    ]
