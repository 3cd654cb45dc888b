"""The attendance list of a meeting tool, whatever its layout: names, addresses and minutes in all.

Teams writes sections above and below the people, in UTF-16 and with tabs; Zoom writes the meeting above them; an older
Teams writes one line for each coming and going. A person who rejoins stands there several times.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from communities.imports.delimited import DELIMITERS, SAMPLE_CHARACTERS, SAMPLE_LINES
from communities.imports.tables import FileNotReadable, FileTooLarge, read_table
from communities.services.imports.fields import plain, plain_person
from communities.services.sessions.attendance_lists import Attendee

MOST_PEOPLE = 500
NAME_LENGTH = 150
# What the columns are called, in plain form. The first that fits is taken.
NAMES = ("full name", "name original name", "name", "user name", "participant", "participant name", "display name",
         "attendee", "attendee name")  # fmt: skip
FIRST, LAST = ("first name", "forename", "given name"), ("last name", "surname", "family name")
EMAILS = ("email", "user email", "email address", "e mail", "mail", "participant id upn", "upn", "user principal name")
MINUTES = ("in meeting duration", "duration", "duration minutes", "total duration minutes", "time in session",
           "time in session minutes", "minutes", "minutes present", "attendance duration")  # fmt: skip
JOINED, LEFT = ("join time", "first join", "joined", "joined at"), ("leave time", "last leave", "left", "left at")
EVENT, AT = ("user action", "action"), ("timestamp", "time")
SECTION = re.compile(r"\d+\.\s")
# “(Guest)”, “(Unverified)”, “(original name)”.
BRACKETS = re.compile(r"\s*[\[(][^\])]*[\])]")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")
WORDED = re.compile(r"(\d+)\s*(h|m|s)[a-z]*", re.IGNORECASE)
CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})$")
MOMENTS = tuple(
    f"{day}{gap}{time}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%Y-%m-%d")
    for gap in (" ", ", ", "T")
    for time in ("%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p")
)
NOT_A_LIST = (
    "No list of people was found in this file. It needs a row of headings with “Name” or “Full name” among them, and "
    "the people below it, as Teams and Zoom write it."
)


@dataclass
class Seen:
    """One person while the rows are added up."""

    name: str
    email: str = ""
    minutes: list[float] = field(default_factory=list)


def read_attendance(content: bytes, *, file_name: str) -> list[Attendee]:
    """Each person on the list once, in its order. Raises FileNotReadable or FileTooLarge. Nothing is kept."""
    try:
        table = read_table(content, file_name=file_name, choose=_delimiter)
    except FileNotReadable as refusal:
        if refusal.error_list[0].code == "one_column":
            raise FileNotReadable(NOT_A_LIST, code="no_attendance_list") from None
        raise
    headings, rows = _people(list(table.rows))
    columns = Columns.of(headings)
    seen = list(_with_events(columns, rows) if columns.event is not None else _with_minutes(columns, rows))
    found = _each_once(seen)
    if not found:
        raise FileNotReadable("Nobody is on this list: it has headings and no people below them.", code="list_empty")
    if len(found) > MOST_PEOPLE:
        raise FileTooLarge(f"This list has more than {MOST_PEOPLE} people. Split it.", code="too_many_people")
    return found


@dataclass(frozen=True)
class Columns:
    """Where things stand in a row; None where the list does not say."""

    name: int | None
    first: int | None
    last: int | None
    email: int | None
    minutes: int | None
    joined: int | None
    left: int | None
    event: int | None
    at: int | None

    @classmethod
    def of(cls, headings: Sequence[str]) -> "Columns":
        called = [plain(BRACKETS.sub("", heading)) if "(" in heading else plain(heading) for heading in headings]
        whole = [plain(heading.replace("(", " ").replace(")", " ")) for heading in headings]

        def at(names: Iterable[str]) -> int | None:
            return next((words.index(name) for name in names for words in (whole, called) if name in words), None)

        return cls(at(NAMES), at(FIRST), at(LAST), at(EMAILS), at(MINUTES), at(JOINED), at(LEFT), at(EVENT), at(AT))

    @property
    def say_who(self) -> bool:
        return self.name is not None or (self.first is not None and self.last is not None)

    @property
    def are_headings(self) -> bool:
        """A name, and something else that a list of people says: a meeting’s own lines above it have no such pair."""
        others = (self.email, self.minutes, self.joined, self.event, self.last)
        return self.say_who and any(other is not None for other in others)

    def who(self, row: Sequence[str]) -> Seen:
        name = _cell(row, self.name) or f"{_cell(row, self.first)} {_cell(row, self.last)}"
        email = _cell(row, self.email)
        is_address = bool(ADDRESS.match(email))
        plain_name = " ".join(BRACKETS.sub("", name).split())[:NAME_LENGTH]
        return Seen(plain_name or (email[:NAME_LENGTH] if is_address else ""), email if is_address else "")


def _people(rows: list[tuple[int, tuple[str, ...]]]) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """The headings above the people, and the rows of the people: until a blank row, or the next section."""
    for at, (number, cells) in enumerate(rows):
        columns = Columns.of(cells)
        if not columns.are_headings and not (at == 0 and columns.say_who):
            continue
        found: list[tuple[str, ...]] = []
        expected = number + 1
        for below, row in rows[at + 1 :]:
            # Blank rows are left out of a table, but counted.
            if (found and below != expected) or SECTION.match(row[0]):
                break
            found.append(row)
            expected = below + 1
        return cells, found
    raise FileNotReadable(NOT_A_LIST, code="no_attendance_list")


def _delimiter(text: str) -> str | None:
    """The one by which some line is headings: with commas in its times, a list with tabs looks like one with commas."""
    lines = text[:SAMPLE_CHARACTERS].splitlines()[:SAMPLE_LINES]
    for delimiter in DELIMITERS:
        if any(Columns.of(cells).are_headings for cells in csv.reader(lines, delimiter=delimiter)):
            return delimiter
    return None


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _with_minutes(columns: Columns, rows: Iterable[Sequence[str]]) -> Iterator[Seen]:
    rows = list(rows)
    moments = _format_of([_cell(row, at) for row in rows for at in (columns.joined, columns.left)])
    for row in rows:
        one = columns.who(row)
        minutes = _minutes_in(_cell(row, columns.minutes))
        if minutes is None:
            came, went = (_moment(_cell(row, at), moments) for at in (columns.joined, columns.left))
            minutes = (went - came) / timedelta(minutes=1) if came and went and went >= came else None
        one.minutes = [] if minutes is None else [minutes]
        yield one


def _with_events(columns: Columns, rows: Iterable[Sequence[str]]) -> Iterator[Seen]:
    """One line for each coming and going. Who never left was there until the last line."""
    rows = list(rows)
    moments = _format_of([_cell(row, columns.at) for row in rows])
    events = [(columns.who(row), _cell(row, columns.event), _moment(_cell(row, columns.at), moments)) for row in rows]
    end = max((at for _, _, at in events if at), default=None)
    inside: dict[str, datetime] = {}
    people: dict[str, Seen] = {}
    for one, event, at in events:
        key = one.email.lower() or plain_person(one.name)
        seen = people.setdefault(key, one)
        if at is None:
            continue
        if plain(event).startswith("join"):
            inside.setdefault(key, at)
        elif key in inside:
            seen.minutes.append((at - inside.pop(key)) / timedelta(minutes=1))
    for key, came in inside.items():
        if end is not None:
            people[key].minutes.append((end - came) / timedelta(minutes=1))
    yield from people.values()


def _each_once(rows: Iterable[Seen]) -> list[Attendee]:
    """Rejoining adds up. Rows are of one person by their address, else by their name."""
    people: dict[str, Seen] = {}
    for row in rows:
        if not row.name:
            continue
        key = row.email.lower() or plain_person(row.name)
        seen = people.setdefault(key, Seen(row.name, row.email))
        seen.minutes += row.minutes
    return [
        Attendee(one.name, one.email, max(0, round(sum(one.minutes))) if one.minutes else None)
        for one in people.values()
    ]


def _minutes_in(text: str) -> float | None:
    """“1h 2m 3s”, “0:45:10”, “45”; None for anything else."""
    if text.isdecimal():
        return float(text)
    if found := CLOCK.match(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return hours * 60 + minutes + seconds / 60
    parts = WORDED.findall(text)
    if not parts:
        return None
    sizes = {"h": 60.0, "m": 1.0, "s": 1 / 60}
    return sum(int(number) * sizes[unit.lower()] for number, unit in parts)


def _format_of(texts: Iterable[str]) -> str | None:
    """How all times of a list are written: the day before the month, as in Britain, where both could be."""
    given = [text for text in texts if text]
    return next((form for form in MOMENTS if given and all(_moment(text, form) for text in given)), None)


def _moment(text: str, form: str | None) -> datetime | None:
    if not text or form is None:
        return None
    try:
        return datetime.strptime(text.replace("\u202f", " "), form)  # noqa: DTZ007 - only differences are taken
    except ValueError:
        return None
