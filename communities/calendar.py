"""Times on the wall in Europe/London, where every session takes place, and sessions as entries for calendars.

The moments they stand for are right on both sides of both changes of the clocks, here and in every calendar program:
entries name a time zone that is two yearly rules, which all programs understand, and not a list of dates.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from communities.models import Session
from cop_portal.refusals import Refusal

LONDON = Timezone.from_ical(
    """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:BST
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
)


class NoSuchTime(Refusal):
    """A time that the clocks skip when they go forward is no time for a session."""


def wall_time(day: date, at: time) -> datetime:
    """The moment at which London's clocks show this date and time.

    On the October change day, when an hour comes twice, it is the first. On the March change day, when an hour is
    skipped, a time within it is refused: nobody can come at a time that there is not. In UTC, so that durations and
    comparisons are those of the clock that never changes.
    """
    london = timezone.get_default_timezone()
    moment = datetime.combine(day, at, tzinfo=london).astimezone(UTC)
    shown = moment.astimezone(london)
    if (shown.hour, shown.minute) != (at.hour, at.minute):
        raise NoSuchTime(
            f"There is no {at:%H:%M} on {date_format(day)}: the clocks go forward that night. Choose another time.",
            code="no_such_time",
        )
    return moment


def feed(sessions: Iterable[tuple[Session, bool]], *, name: str) -> bytes:
    """A calendar to subscribe to. With each session, whether its reader may see how to join and who leads."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar["refresh-interval"] = vText("PT6H", params={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for session, sees_names in sessions:
        calendar.add_component(_entry(session, sees_names=sees_names))
    return bytes(calendar.to_ical())


def one_session(session: Session, *, sees_names: bool) -> bytes:
    """One session to put into a calendar by hand."""
    calendar = _calendar("PUBLISH")
    calendar.add_component(_entry(session, sees_names=sees_names))
    return bytes(calendar.to_ical())


def for_attendee(session: Session, *, method: str, name: str, address: str) -> bytes:
    """One session as one member's mail carries it: REQUEST or CANCEL, and nobody else's address in it."""
    calendar = _calendar(method)
    entry = _entry(session, sees_names=True)
    organiser_name, organiser_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organiser = vCalAddress(f"mailto:{organiser_address}")
    organiser.params["CN"] = vText(organiser_name)
    attendee = vCalAddress(f"mailto:{address}")
    # The link in the mail asks; an answer to this address would be read by nobody.
    attendee.params.update({"CN": vText(_on_one_line(name)), "ROLE": vText("REQ-PARTICIPANT"), "RSVP": vText("FALSE")})
    entry.add("organizer", organiser, encode=False)
    entry.add("attendee", attendee, encode=False)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Communities of practice portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(LONDON)
    return calendar


def _entry(session: Session, *, sees_names: bool) -> Event:
    entry = Event()
    entry.add("uid", str(session.calendar_uid))
    entry.add("sequence", session.sequence)
    entry.add("dtstamp", session.sequence_at.astimezone(UTC))
    start, end = _shown(session.starts_at, session.ends_at)
    entry.add("dtstart", start)
    entry.add("dtend", end)
    entry.add("summary", _on_one_line(f"{session.community.name}: {session.get_kind_display().lower()}"))
    address = f"{settings.BASE_URL.rstrip('/')}{session.get_absolute_url()}"
    entry.add("url", address)
    if session.place or (session.joining_link and sees_names):
        entry.add("location", _on_one_line(session.place) or session.joining_link)
    entry.add("description", "\n".join(_description(session, address, sees_names=sees_names)))
    entry.add("status", "CANCELLED" if session.state == Session.State.CANCELLED else "CONFIRMED")
    return entry


def _description(session: Session, address: str, *, sees_names: bool) -> Iterable[str]:
    if session.state == Session.State.CANCELLED:
        yield f"Cancelled: {session.cancelled_because}"
    elif session.joining_link and sees_names:
        yield f"Join online: {session.joining_link}"
    if session.led_by and sees_names:
        yield f"Led by {session.led_by.name}"
    yield address


def _shown(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """On London's clocks; in UTC where those show the same time twice and could not say which is meant."""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if start.fold or end.fold:
        return starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    return start, end


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
