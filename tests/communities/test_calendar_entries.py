"""Sessions as calendar entries, read by two programs that know nothing of ours: both find the same moments."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import ics
import pytest
import vobject

from communities import calendar
from communities.models import Session
from tests.factories.communities import NOW, CommunityFactory, PersonFactory, SessionFactory

pytestmark = pytest.mark.django_db

Read = Callable[[bytes], dict[str, tuple[datetime, datetime]]]


def by_vobject(content: bytes) -> dict[str, tuple[datetime, datetime]]:
    """UID, start and end of every entry, in UTC."""
    (read,) = vobject.readComponents(content.decode())
    events: list[Any] = read.contents.get("vevent", [])
    return {
        event.uid.value: (event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) for event in events
    }


def by_ics(content: bytes) -> dict[str, tuple[datetime, datetime]]:
    read = ics.Calendar(content.decode())
    return {event.uid: (event.begin.to("utc").datetime, event.end.to("utc").datetime) for event in read.events}


READERS = pytest.mark.parametrize("read", [by_vobject, by_ics])
# On both sides of both changes of the clocks: 28 March 2027 at 01:00 and 31 October 2027 at 02:00, in London.
AROUND_THE_CHANGES = [
    datetime(2027, 3, 27, 12, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    datetime(2027, 3, 28, 11, 30, tzinfo=UTC),
    datetime(2027, 7, 1, 11, 30, tzinfo=UTC),
    datetime(2027, 10, 30, 11, 30, tzinfo=UTC),
    datetime(2027, 10, 30, 23, 45, tzinfo=UTC),  # 00:45, ends in the first 01:…
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # the first 01:30, ends in the second
    datetime(2027, 10, 31, 1, 30, tzinfo=UTC),  # the second 01:30
    datetime(2027, 10, 31, 2, 30, tzinfo=UTC),
    datetime(2027, 11, 1, 12, 30, tzinfo=UTC),
    datetime(2029, 3, 25, 12, 30, tzinfo=UTC),
]


def feed_of(*sessions: Session) -> bytes:
    return calendar.feed([(session, True) for session in sessions], name="My sessions")


@READERS
@pytest.mark.parametrize("starts_at", AROUND_THE_CHANGES, ids=str)
def test_both_readers_find_the_very_moment_on_both_sides_of_both_changes(read: Read, starts_at: datetime) -> None:
    session = SessionFactory.create(starts_at=starts_at)
    assert read(feed_of(session)) == {str(session.calendar_uid): (starts_at, starts_at + timedelta(hours=1))}


@READERS
def test_both_readers_find_every_session_of_a_feed_and_accept_an_empty_one(read: Read) -> None:
    sessions = SessionFactory.create_batch(3)
    assert set(read(feed_of(*sessions))) == {str(session.calendar_uid) for session in sessions}
    assert read(feed_of()) == {}


def test_the_time_zone_is_two_yearly_rules_and_the_same_in_every_entry() -> None:
    text = feed_of(SessionFactory.create(starts_at=AROUND_THE_CHANGES[0])).decode()
    assert text.count("RRULE:") == 2
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text
    assert "RDATE" not in text
    assert "DTSTART;TZID=Europe/London:20270327T123000" in text


def test_the_same_session_makes_the_same_bytes() -> None:
    session = SessionFactory.create()
    assert feed_of(session) == feed_of(Session.objects.get())


def entries(content: bytes) -> list[Any]:
    (read,) = vobject.readComponents(content.decode())
    return list(read.contents["vevent"])


def test_an_entry_says_what_where_and_how_to_join() -> None:
    session = SessionFactory.create(
        community=CommunityFactory.create(name="Sepsis, shock; and more", slug="sepsis"),
        place="Room 4\r\nSecond floor",
        joining_link="https://meet.example.org/1",
        led_by=PersonFactory.create(name="Fadia Haddad"),
    )
    (event,) = entries(calendar.one_session(session, sees_names=True))
    address = f"/communities/sepsis/sessions/{session.pk}/"
    assert event.summary.value == "Sepsis, shock; and more: convening"
    assert event.location.value == "Room 4 Second floor"
    assert event.description.value.startswith("Join online: https://meet.example.org/1\nLed by Fadia Haddad\nhttp")
    assert event.url.value.endswith(address)
    assert (event.status.value, event.sequence.value) == ("CONFIRMED", "0")
    assert event.dtstamp.value == NOW


def test_a_reader_who_may_not_see_names_finds_neither_the_link_nor_who_leads() -> None:
    session = SessionFactory.create(
        place="", joining_link="https://meet.example.org/1", led_by=PersonFactory.create(name="Fadia Haddad")
    )
    content = calendar.one_session(session, sees_names=False)
    assert b"meet.example.org" not in content
    assert b"Fadia" not in content


def test_a_cancelled_session_stays_an_entry_with_its_reason() -> None:
    session = SessionFactory.create(state="cancelled", cancelled_because="The room is flooded", sequence=3)
    (event,) = entries(feed_of(session))
    assert (event.status.value, event.sequence.value) == ("CANCELLED", "3")
    assert event.description.value.startswith("Cancelled: The room is flooded\n")


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a\nATTENDEE:mailto:x@example.org", "x" * 180, "\\n;,:\"'", "Zoë 🩺"]
)
def test_whatever_is_typed_stays_in_its_place(text: str) -> None:
    session = SessionFactory.create(place=text, community=CommunityFactory.create(name=f"C{text}"[:100]))
    (event,) = entries(feed_of(session))
    assert event.location.value == " ".join(text.split())
    assert "attendee" not in event.contents
    assert all(len(line.encode()) <= 75 for line in feed_of(session).decode().split("\r\n"))
