"""What stands in the record of a session, as one value: from the tables, from what a writer says, to and from JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import uuid4

from communities.models import (
    Action,
    Attendance,
    Commitment,
    Decision,
    Guest,
    LearningPoint,
    Person,
    Problem,
    Resource,
    Session,
    SessionVersion,
)
from communities.services.records.said import NewPoint, Said

# A place in the record: a line ("focus", ""), a member ("attendance", id), or one item of a list ("decisions", key).
Path = tuple[str, str]
# What stands at each place. A place that is empty, or a member of whom nothing is known, is not there at all.
Content = dict[Path, Any]
Item = dict[str, Any]

LINES = ("focus", "head_count", "notes", "private_note")
ATTENDANCE = "attendance"
# Once agreed or raised they have a life of their own, so that leaving one out of a list does not remove it.
KEPT = frozenset({"actions", "problems"})


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _of_point(point: LearningPoint) -> Item:
    return {"text": point.text, "is_private": point.is_private}


def _of_decision(decision: Decision) -> Item:
    return {"text": decision.text, "review_on": _iso(decision.review_on), "is_private": decision.is_private}


def _of_action(action: Action) -> Item:
    owner, due_on = action.owner_id, _iso(action.due_on)
    return {"text": action.text, "owner": owner, "due_on": due_on, "is_private": action.is_private}


def _of_commitment(commitment: Commitment) -> Item:
    return {"text": commitment.text, "person": commitment.person_id, "is_private": commitment.is_private}


def _of_problem(problem: Problem) -> Item:
    return {"title": problem.title, "is_private": problem.is_private}


def _of_guest(guest: Guest) -> Item:
    return {"name": guest.name, "organisation": guest.organisation}


def _of_resource(resource: Resource) -> Item:
    file = {"file": resource.file_name} if resource.file else {}
    return {"title": resource.title, "url": resource.url, "is_private": resource.is_private, **file}


def is_file(path: Path, value: Any) -> bool:
    """Whether this place of the record is a file, which is added and removed on the community's page of resources."""
    return path[0] == "resources" and "file" in value


# Every list of the record: its rows, in their order, and how one is read.
LISTS: Mapping[str, tuple[type[Any], tuple[str, ...], Callable[[Any], Item]]] = {
    "learning_points": (LearningPoint, ("position", "pk"), _of_point),
    "decisions": (Decision, ("pk",), _of_decision),
    "actions": (Action, ("due_on", "pk"), _of_action),
    "commitments": (Commitment, ("pk",), _of_commitment),
    "problems": (Problem, ("pk",), _of_problem),
    "guests": (Guest, ("position", "pk"), _of_guest),
    "resources": (Resource, ("pk",), _of_resource),
}


def read(session: Session) -> Content:
    """What stands in the tables; one query for each kind of row."""
    content: Content = {(line, ""): value for line in LINES if (value := getattr(session, line)) not in ("", None)}
    known = session.attendances.exclude(status=Attendance.Status.UNKNOWN).order_by("membership")
    content |= {(ATTENDANCE, str(pk)): status for pk, status in known.values_list("membership", "status")}
    for name, (model, order, item_of) in LISTS.items():
        rows = model.objects.filter(session=session).order_by(*order)
        content |= {(name, str(row.key)): item_of(row) for row in rows}
    return content


def as_it_stands(session: Session) -> tuple[int, Content]:
    """The version and the content that belong together, however often others save while they are read."""
    versions = Session.objects.filter(pk=session.pk).values_list("version", flat=True)
    version = versions.get()
    while True:
        session.refresh_from_db(fields=LINES)
        content = read(session)
        if (now := versions.get()) == version:
            return version, content
        version = now


def to_json(content: Content) -> dict[str, Any]:
    """As a version keeps it: lines, a map of members, and lists in their order."""
    kept: dict[str, Any] = {line: content[line, ""] for line in LINES if (line, "") in content}
    kept[ATTENDANCE] = dict(part(content, ATTENDANCE))
    return kept | {name: [{"key": key, **item} for key, item in part(content, name)] for name in LISTS}


def from_json(kept: Mapping[str, Any]) -> Content:
    content: Content = {(line, ""): kept[line] for line in LINES if line in kept}
    content |= {(ATTENDANCE, pk): status for pk, status in kept.get(ATTENDANCE, {}).items()}
    for name in LISTS:
        for item in kept.get(name, []):
            content[name, item["key"]] = {field: value for field, value in item.items() if field != "key"}
    return content


def part(content: Content, section: str) -> list[tuple[str, Any]]:
    """The places of one section, in their order."""
    return [(key, value) for (name, key), value in content.items() if name == section]


def as_read_at(session: Session, version: int, current: Content) -> Content:
    """The record as it stood at a version. `current` where that is the version now; empty before the first save."""
    if version == session.version:
        return current
    then = SessionVersion.objects.filter(session=session, number__lte=version).newest_first().first()
    return from_json(then.content) if then else {}


def _item_said(said: Any) -> Item:
    """One item of a list as a record keeps it: texts trimmed, days as ISO dates, people by their id."""
    return {field.name: _plain(getattr(said, field.name)) for field in fields(said) if field.name != "key"}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.pk if isinstance(value, Person) else value


def as_said(said: Said, *, base: Content, current: Content, settled: Collection[Path] = ()) -> Content:
    """The record as its writer wants it: what they had read, with what they say. What is settled is not left out."""
    mine = dict(base)
    for line in LINES:
        if line in said:
            value = said[line]  # type: ignore[literal-required]
            mine[line, ""] = _clean(value) if isinstance(value, str) else value
    if ATTENDANCE in said:
        mine = {path: value for path, value in mine.items() if path[0] != ATTENDANCE}
        known = ((pk, str(mark)) for pk, mark in said["attendance"].items() if mark != Attendance.Status.UNKNOWN)
        mine |= {(ATTENDANCE, str(pk)): mark for pk, mark in known}
    for section in LISTS:
        if section in said:
            _take_list(mine, section, said[section], base=base, current=current, settled=settled)  # type: ignore[literal-required]
    return {path: value for path, value in mine.items() if value not in ("", None)}


def _take_list(
    mine: Content,
    section: str,
    said: Iterable[Any],
    *,
    base: Content,
    current: Content,
    settled: Collection[Path],
) -> None:
    for key, _ in part(base, section):
        if section not in KEPT and (section, key) not in settled:
            del mine[section, key]
    taken: set[str] = set()
    for one in said:
        spoken = NewPoint(one) if isinstance(one, str) else one
        item = _item_said(spoken)
        if not (item.get("text") or item.get("title") or item.get("name")):
            continue
        key = str(spoken.key) if spoken.key else _same_as(item, section, taken, current, base)
        taken.add(key)
        mine[section, key] = item


def _same_as(item: Item, section: str, taken: set[str], *known: Content) -> str:
    """The key of an item that says the very same, so that saying it twice does not make two; otherwise a new one."""
    alike = (key for content in known for key, value in part(content, section) if value == item and key not in taken)
    return next(alike, str(uuid4()))
