"""Putting a record into the tables: only what differs from what stands is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Max, ProtectedError, Q
from django.utils.formats import date_format

from communities.models import Action, Attendance, Commitment, Community, Membership, Person, Problem, Session
from communities.services.problems.register import raise_problem
from communities.services.promises.actions import (
    NewAction,
    OwnerNotAMember,
    edit_action,
    note_actions,
    refuse_unkeepable,
)
from communities.services.records.content import ATTENDANCE, LINES, LISTS, Content, Item, Path, part
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal


class MovedOn(Refusal):
    """What has been answered or looked at again since stays in the record as it was said."""


class NotOfThisSession(Refusal):
    """The record of a session holds what that session left behind."""


class ReviewedBeforeDecided(Refusal):
    """A decision is looked at again after it was taken."""


# What a row of each list is called in the trail; learning points and guests are in that of the session itself.
NOUNS = {"decisions": "decision", "actions": "action", "commitments": "commitment", "resources": "resource"}
# Lists that keep the order in which they were said.
ORDERED = ("learning_points", "guests")


@dataclass(frozen=True)
class Changes:
    """What one list gains, rewords and loses, by key."""

    added: dict[str, Item]
    changed: dict[str, Item]
    removed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @classmethod
    def between(cls, before: Content, after: Content, section: str) -> Changes:
        old, new = dict(part(before, section)), dict(part(after, section))
        return cls(
            added={key: item for key, item in new.items() if key not in old},
            changed={key: item for key, item in new.items() if key in old and item != old[key]},
            removed=[key for key in old if key not in new],
        )


@dataclass(frozen=True)
class Writing:
    """One save: whose session, by whom, when."""

    community: Community
    session: Session
    by: User
    now: datetime

    def write(self, before: Content, after: Content, roster: set[int]) -> None:
        """Makes the tables say `after`. `roster` are the memberships of that day."""
        lines: dict[str, Any] = {line: after.get((line, ""), None if line == "head_count" else "") for line in LINES}
        Session.objects.filter(pk=self.session.pk).update(**lines)
        mark_attendance(self.session, {int(pk): status for pk, status in part(after, ATTENDANCE)}, roster)
        for section in LISTS:
            if changes := Changes.between(before, after, section):
                self._write_list(section, changes)
        for section in ORDERED:
            self._put_in_order(section, [key for key, _ in part(after, section)])

    def _write_list(self, section: str, changes: Changes) -> None:
        self._refuse_foreign(section, changes.added)
        if section == "problems":
            self._write_problems(changes)
            return
        self._refuse_unkeepable(section, {**changes.added, **changes.changed})
        self._remove(section, changes.removed)
        for key, item in changes.changed.items():
            self._reword(section, key, item)
        self._add(section, changes.added)

    def _refuse_foreign(self, section: str, added: Mapping[str, Item]) -> None:
        if added and LISTS[section][0].objects.filter(key__in=list(added)).exists():
            raise NotOfThisSession(
                "Something you sent belongs to the record of another session. Leave it out.", code="not_of_this_session"
            )

    def _refuse_unkeepable(self, section: str, items: Mapping[str, Item]) -> None:
        day = self.session.day
        if section == "decisions":
            for item in items.values():
                if item["review_on"] and date.fromisoformat(item["review_on"]) < day:
                    raise ReviewedBeforeDecided(
                        f"“{item['text']}” was decided on {date_format(day)}. Choose that day or a later one to look "
                        "at it again.",
                        code="reviewed_before_decided",
                    )
        elif section == "actions":
            refuse_unkeepable(list(self._actions(items)), community=self.community, agreed_on=day)
        elif section == "commitments":
            self._refuse_strangers(items)

    def _refuse_strangers(self, items: Mapping[str, Item]) -> None:
        then_or_now = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=self.session.day))
        members = set(then_or_now.filter(community=self.community).values_list("person", flat=True))
        for item in items.values():
            if item["person"] not in members:
                raise OwnerNotAMember(
                    f"Whoever will try “{item['text']}” is not a member of {self.community.name}. Choose a member.",
                    code="owner_not_a_member",
                )

    def _actions(self, items: Mapping[str, Item]) -> list[NewAction]:
        people = Person.objects.select_related("user").in_bulk([item["owner"] for item in items.values()])
        if missing := [item["text"] for item in items.values() if item["owner"] not in people]:
            raise OwnerNotAMember(
                f"The owner of “{missing[0]}” is not known here any more. Choose a member.", code="owner_not_a_member"
            )
        return [
            NewAction(
                text=item["text"],
                owner=people[item["owner"]],
                due_on=date.fromisoformat(item["due_on"]),
                is_private=item["is_private"],
                key=UUID(key),
            )
            for key, item in items.items()
        ]

    def _add(self, section: str, added: Mapping[str, Item]) -> None:
        if section == "actions":
            note_actions(
                community=self.community,
                session=self.session,
                agreed_on=self.session.day,
                actions=self._actions(added),
                by=self.by,
                now=self.now,
            )
            return
        model, more = LISTS[section][0], self._columns_of_new(section)
        for key, item in added.items():
            # Behind those that stand, until the whole list is put in order.
            place = {"position": self._first_free(model)} if section in ORDERED else {}
            columns = _columns(section, item) | more | place
            self._trace(section, "noted", model.objects.create(session=self.session, key=UUID(key), **columns))

    def _trace(self, section: str, deed: str, row: Any) -> None:
        if section in NOUNS:
            audit.record(event=f"{NOUNS[section]}.{deed}", by=self.by, target=row, at=self.now)

    def _columns_of_new(self, section: str) -> dict[str, Any]:
        if section == "decisions":
            return {"community": self.community, "decided_on": self.session.day}
        if section == "commitments":
            return {"community": self.community, "made_on": self.session.day, "state_since": self.now}
        if section == "resources":
            return {"community": self.community, "added_at": self.now, "by": self.by}
        return {}

    def _first_free(self, model: Any) -> int:
        last = model.objects.filter(session=self.session).aggregate(last=Max("position"))["last"]
        return 0 if last is None else last + 1

    def _reword(self, section: str, key: str, item: Item) -> None:
        model = LISTS[section][0]
        if section == "actions":
            self._edit_action(Action.objects.select_related("community").get(session=self.session, key=key), key, item)
            return
        columns = _columns(section, item)
        if section not in ORDERED:
            columns["version"] = F("version") + 1
        rows = _unsettled(section).filter(session=self.session, key=key)
        if not rows.update(**columns):
            raise _moved_on(item)
        self._trace(section, "reworded", model.objects.get(key=key))

    def _edit_action(self, action: Action, key: str, item: Item) -> None:
        (wanted,) = self._actions({key: item})
        edit_action(
            action=action,
            version=action.version,
            text=wanted.text,
            owner=wanted.owner,
            due_on=wanted.due_on,
            is_private=wanted.is_private,
            by=self.by,
            now=self.now,
        )

    def _remove(self, section: str, removed: list[str]) -> None:
        for row in LISTS[section][0].objects.filter(session=self.session, key__in=removed).order_by("pk"):
            self._trace(section, "removed", row)
            try:
                gone, _ = _unsettled(section).filter(pk=row.pk).delete()
            except ProtectedError:
                gone = 0
            if not gone:
                raise _moved_on(LISTS[section][2](row))

    def _write_problems(self, changes: Changes) -> None:
        for key, item in changes.added.items():
            problem = raise_problem(
                community=self.community,
                title=item["title"],
                since_on=self.session.day,
                session=self.session,
                is_private=item["is_private"],
                by=self.by,
                now=self.now,
            )
            Problem.objects.filter(pk=problem.pk).update(key=UUID(key))
        if changes.changed:
            raise _moved_on(next(iter(changes.changed.values())))

    def _put_in_order(self, section: str, keys: list[str]) -> None:
        """In two steps, because no two rows may share a position even for a moment."""
        rows = LISTS[section][0].objects.filter(session=self.session)
        stands = [str(key) for key in rows.order_by("position", "pk").values_list("key", flat=True)]
        positions = list(rows.order_by("position", "pk").values_list("position", flat=True))
        if stands == keys and positions == list(range(len(keys))):
            return
        for start in (max([*positions, len(keys)]) + 1, 0):
            for number, key in enumerate(keys):
                rows.filter(key=key).update(position=start + number)


def _columns(section: str, item: Item) -> dict[str, Any]:
    columns = {name: value for name, value in item.items() if name not in ("person", "file")}
    if section == "commitments":
        columns["person_id"] = item["person"]
    return columns


# Where something has come of a row, it stays as it was said.
SETTLED: Mapping[str, Q] = {
    "actions": ~Q(state=Action.State.OPEN),
    "commitments": ~Q(state=Commitment.State.OPEN),
    "decisions": ~Q(verdict=""),
    "resources": ~Q(file=""),
}


def settled(session: Session, current: Content) -> set[Path]:
    """The places of the record that stay as they are: answered, looked at again, a problem's own page, a file."""
    places: set[Path] = {("problems", key) for key, _ in part(current, "problems")}
    for section, has_moved_on in SETTLED.items():
        if part(current, section):
            rows = LISTS[section][0].objects.filter(has_moved_on, session=session).order_by("pk")
            places |= {(section, str(key)) for key in rows.values_list("key", flat=True)}
    return places


def _unsettled(section: str) -> Any:
    """The rows of a list that may still be reworded or taken out."""
    rows = LISTS[section][0].objects
    return rows.exclude(SETTLED[section]) if section in SETTLED else rows.all()


def _moved_on(item: Item) -> MovedOn:
    words = item.get("text") or item.get("title") or item.get("name")
    return MovedOn(
        f"“{words}” stays in the record as it is: something has come of it since. See its own page.", code="moved_on"
    )


def mark_attendance(session: Session, known: Mapping[int, str], roster: set[int]) -> None:
    """Marks everyone on the roster, those not in `known` as not known, and counts who was present."""
    marked = {pk: known.get(pk, Attendance.Status.UNKNOWN.value) for pk in roster}
    Attendance.objects.filter(session=session).exclude(membership__in=roster).delete()
    Attendance.objects.bulk_create(
        (Attendance(session=session, membership_id=pk, status=status) for pk, status in marked.items()),
        update_conflicts=True,
        unique_fields=["session", "membership"],
        update_fields=["status"],
    )
    present = sum(status in Attendance.PRESENT for status in marked.values())
    Session.objects.filter(pk=session.pk).update(member_count=len(roster), present_count=present)
