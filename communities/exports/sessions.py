"""Sessions, who came, and what was talked about."""

from collections.abc import Iterator

from communities.exports.tables import Cells, Column, Scope, Table, day, moment, number, yes_no
from communities.models import (
    AgendaItem,
    Attendance,
    Guest,
    LearningPoint,
    Minutes,
    Reply,
    Resource,
    Series,
    Session,
)

WHERE = (Column("community", "Community"),)
WHICH = (*WHERE, number("session", "Session"), moment("starts_at", "Session on"))


def _sessions(scope: Scope) -> Iterator[Cells]:
    rows = Session.objects.filter(scope.narrowed()).select_related("community", "led_by__user")
    for one in rows.order_by("community__name", "starts_at", "pk"):
        held = one.state == Session.State.HELD
        yield (
            one.community.slug,
            one.pk,
            one.starts_at,
            one.ends_at,
            one.get_kind_display(),
            one.get_state_display(),
            one.series_id,
            one.place,
            one.joining_link,
            scope.name_of(one.led_by),
            one.focus,
            one.cancelled_because,
            one.recorded_at,
            one.member_count if held else None,
            one.present_count if held else None,
            one.head_count,
            one.notes,
        )


def _series(scope: Scope) -> Iterator[Cells]:
    rows = Series.objects.filter(scope.narrowed()).order_by("community__name", "planned_at", "pk")
    yield from rows.values_list("community__slug", "pk", "weeks", "nth", "weekday", "planned_at")


def _attendance(scope: Scope) -> Iterator[Cells]:
    rows = Attendance.objects.filter(scope.narrowed("session__community"), session__state=Session.State.HELD)
    rows = rows.select_related("session__community", "membership__person__user")
    for one in rows.order_by("session__community__name", "session__starts_at", "membership__person__user__name", "pk"):
        yield (
            *_which(one.session),
            one.membership_id,
            scope.name_of(one.membership.person),
            one.get_status_display(),
            one.status in Attendance.PRESENT,
        )


def _guests(scope: Scope) -> Iterator[Cells]:
    rows = Guest.objects.filter(scope.narrowed("session__community")).select_related("session__community")
    for one in rows.order_by("session__community__name", "session__starts_at", "position", "pk"):
        yield (*_which(one.session), one.name, one.organisation)


def _replies(scope: Scope) -> Iterator[Cells]:
    rows = Reply.objects.filter(scope.narrowed("session__community")).exclude(answer="")
    rows = rows.select_related("session__community", "membership__person__user")
    for one in rows.order_by("session__community__name", "session__starts_at", "pk"):
        yield (
            *_which(one.session),
            one.membership_id,
            scope.name_of(one.membership.person),
            one.get_answer_display(),
            one.answered_at,
        )


def _agenda(scope: Scope) -> Iterator[Cells]:
    rows = AgendaItem.objects.filter(scope.narrowed()).select_related("community", "proposed_by__user")
    for one in rows.order_by("community__name", "proposed_on", "pk"):
        yield (
            one.community.slug,
            one.session_id,
            one.text,
            one.detail,
            scope.name_of(one.proposed_by),
            one.proposed_on,
            one.get_state_display(),
            one.declined_because,
            one.settled_on,
        )


def _learning_points(scope: Scope) -> Iterator[Cells]:
    rows = LearningPoint.objects.filter(scope.narrowed("session__community"), is_private=False)
    for one in rows.select_related("session__community").order_by(
        "session__community__name", "session__starts_at", "position", "pk"
    ):
        yield (*_which(one.session), one.text)


def _minutes(scope: Scope) -> Iterator[Cells]:
    rows = Minutes.objects.filter(scope.narrowed("session__community")).select_related("session__community")
    for one in rows.order_by("session__community__name", "session__starts_at", "pk"):
        yield (*_which(one.session), one.summary, one.shared_at)


def _resources(scope: Scope) -> Iterator[Cells]:
    rows = Resource.objects.filter(scope.narrowed(), is_private=False).select_related("community")
    for one in rows.order_by("community__name", "added_at", "pk"):
        yield one.community.slug, one.session_id, one.title, one.url, one.file_name, one.file_size, one.added_at


def _which(session: Session) -> tuple[object, ...]:
    return session.community.slug, session.pk, session.starts_at


TABLES = (
    Table(
        "sessions",
        "Sessions",
        (
            *WHICH,
            moment("ends_at", "Until"),
            Column("kind", "Kind"),
            Column("state", "State"),
            number("series", "Series"),
            Column("place", "Place"),
            Column("joining_link", "Joining link"),
            Column("led_by", "Led by"),
            Column("focus", "In one line"),
            Column("cancelled_because", "Why it was cancelled"),
            moment("recorded_at", "Recorded"),
            number("members", "Members on that day"),
            number("present", "Members present"),
            number("head_count", "Heads in all"),
            Column("notes", "Notes"),
        ),
        _sessions,
        (Session,),
    ),
    Table(
        "series",
        "Series of sessions",
        (
            *WHERE,
            number("series", "Series"),
            number("weeks", "Weeks between sessions"),
            number("nth", "Which of the month"),
            number("weekday", "Weekday (0 is Monday)"),
            moment("planned_at", "Planned"),
        ),
        _series,
        (Series,),
    ),
    Table(
        "attendance",
        "Who came",
        (
            *WHICH,
            number("membership", "Membership"),
            Column("name", "Name"),
            Column("status", "Attendance"),
            yes_no("is_present", "Present"),
        ),
        _attendance,
        (Attendance,),
    ),
    Table(
        "guests", "Guests", (*WHICH, Column("name", "Name"), Column("organisation", "Organisation")), _guests, (Guest,)
    ),
    Table(
        "replies",
        "Who said they would come",
        (
            *WHICH,
            number("membership", "Membership"),
            Column("name", "Name"),
            Column("answer", "Answer"),
            moment("answered_at", "When"),
        ),
        _replies,
        (Reply,),
    ),
    Table(
        "agenda-items",
        "Agenda items",
        (
            *WHERE,
            number("session", "Session"),
            Column("text", "What to talk about"),
            Column("detail", "Why"),
            Column("proposed_by", "Proposed by"),
            day("proposed_on", "Proposed on"),
            Column("state", "State"),
            Column("declined_because", "Why it was not taken up"),
            day("settled_on", "Settled on"),
        ),
        _agenda,
        (AgendaItem,),
    ),
    Table(
        "learning-points",
        "Learning points",
        (*WHICH, Column("text", "What was learned")),
        _learning_points,
        (LearningPoint,),
    ),
    Table(
        "minutes",
        "Words on top of minutes",
        (*WHICH, Column("summary", "In a few words"), moment("shared_at", "Shared with members")),
        _minutes,
        (Minutes,),
    ),
    Table(
        "resources",
        "Resources",
        (
            *WHERE,
            number("session", "Session"),
            Column("title", "Title"),
            Column("url", "Link"),
            Column("file_name", "File"),
            number("file_size", "Bytes"),
            moment("added_at", "Added"),
        ),
        _resources,
        (Resource,),
    ),
)
