"""The minutes of a session as they are read: one document, from which the page and the Word file are made.

Which of it a reader gets is decided here and nowhere else. *For members*: nothing private. *In full*: everything, for
those who may record the session, private items marked as such. Readers who may not see names (sponsors) get no name
of a person, and numbers of people from five on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import (
    Action,
    AgendaItem,
    Attendance,
    Commitment,
    Decision,
    LearningPoint,
    Minutes,
    Problem,
    Resource,
    Session,
)

# What can be marked private.
Row = TypeVar("Row", LearningPoint, Decision, Action, Commitment, Problem, Resource)


class Edition(StrEnum):
    """For whom the minutes are made."""

    MEMBERS = "members"
    FULL = "full"


@dataclass(frozen=True)
class Line:
    """One thing that stands in the minutes; a link where it leads somewhere."""

    text: str
    is_private: bool = False
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    lines: list[Line]


@dataclass(frozen=True)
class Document:
    """The minutes of one session, for one kind of reader."""

    title: str
    community: str
    edition: Edition
    facts: list[tuple[str, str]]
    summary: str
    sections: list[Section] = field(default_factory=list)

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.summary.splitlines() if part.strip()]

    @property
    def file_name(self) -> str:
        return f"{self.title}.docx"


def document(minutes: Minutes, *, edition: Edition, sees_names: bool) -> Document:
    """The minutes as they stand now. At most ten queries, however much was recorded."""
    session = minutes.session
    maker = _Maker(session, is_full=edition == Edition.FULL, sees_names=sees_names)
    return Document(
        title=f"Minutes, {session.community.name}, {date_format(session.day)}",
        community=session.community.name,
        edition=edition,
        facts=list(maker.facts()),
        summary=minutes.summary,
        sections=[section for section in maker.sections() if section.lines],
    )


@dataclass(frozen=True)
class _Maker:
    session: Session
    is_full: bool
    sees_names: bool

    def shown(self, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        """Of what can be marked private, what this edition holds."""
        return rows if self.is_full else rows.filter(is_private=False)

    def facts(self) -> Iterable[tuple[str, str]]:
        session = self.session
        start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        yield "When", f"{date_format(start, 'l j F Y')}, {start:%H:%M} to {end:%H:%M}"
        yield "Kind", session.get_kind_display()
        if session.place:
            yield "Where", session.place
        if session.led_by and self.sees_names:
            yield "Led by", session.led_by.name
        if session.focus:
            yield "About", session.focus
        yield "Members present", session.came(exactly=self.sees_names)
        if session.head_count and (self.sees_names or session.head_count >= settings.MINIMUM_BASE):
            yield "In the room and online, guests included", str(session.head_count)

    def sections(self) -> Iterable[Section]:
        yield Section("Who came", self.who_came() if self.sees_names else [])
        yield Section("Agenda", [Line(item.text) for item in AgendaItem.objects.on_agenda_of(self.session)])
        learned = self.shown(LearningPoint.objects.filter(session=self.session)).order_by("position", "pk")
        yield Section("What we learned", [Line(point.text, point.is_private) for point in learned])
        decisions = self.shown(Decision.objects.filter(session=self.session)).order_by("pk")
        yield Section("What we decided", [Line(_decided(each), each.is_private) for each in decisions])
        actions = self.shown(Action.objects.filter(session=self.session)).select_related("owner__user")
        promised = [Line(self._agreed(each), each.is_private) for each in actions.order_by("due_on", "pk")]
        yield Section("What we said we would do", promised)
        tried = self.shown(Commitment.objects.filter(session=self.session)).select_related("person__user")
        commitments = [Line(self._will_try(each), each.is_private) for each in tried.order_by("pk")]
        yield Section("What we will try", commitments)
        problems = self.shown(Problem.objects.filter(session=self.session)).order_by("pk")
        yield Section("What is in the way", [Line(each.title, each.is_private) for each in problems])
        resources = self.shown(Resource.objects.filter(session=self.session)).order_by("pk")
        to_read = [Line(self._to_read(each), each.is_private, each.url) for each in resources]
        yield Section("To read and to use", to_read)
        yield Section("Notes", [Line(part) for part in _parts(self.session.notes)])
        if self.is_full:
            yield Section("Private note", [Line(part, is_private=True) for part in _parts(self.session.private_note)])

    @staticmethod
    def _to_read(resource: Resource) -> str:
        """A file is named: it is downloaded from the community's resources, which paper cannot lead to."""
        return f"{resource.title} ({resource.file_name})" if resource.file else resource.title

    def who_came(self) -> list[Line]:
        """By how they came, each with the names; who was absent or is not known only in full."""
        statuses = list(Attendance.Status) if self.is_full else [*Attendance.PRESENT, Attendance.Status.APOLOGIES]
        marked = self.session.attendances.filter(status__in=statuses).select_related("membership__person__user")
        names: dict[str, list[str]] = {}
        for mark in marked:
            names.setdefault(mark.status, []).append(mark.membership.person.name)
        came = [Line(f"{status.label}: {', '.join(sorted(names[status]))}") for status in statuses if status in names]
        guests = [str(guest) for guest in self.session.guests.order_by("position", "pk")]
        return [*came, *([Line(f"Guests: {'; '.join(guests)}")] if guests else [])]

    def _agreed(self, action: Action) -> str:
        owner = f"{action.owner.name}, " if self.sees_names else ""
        return f"{action.text}: {owner}by {date_format(action.due_on)} ({action.get_state_display().lower()})"

    def _will_try(self, commitment: Commitment) -> str:
        return f"{commitment.person.name}: {commitment.text}" if self.sees_names else commitment.text


def _decided(decision: Decision) -> str:
    again = f" (to be looked at again on {date_format(decision.review_on)})" if decision.review_on else ""
    return f"{decision.text}{again}"


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.splitlines() if part.strip()]
