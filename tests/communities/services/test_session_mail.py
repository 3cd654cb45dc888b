"""What members are written about a session: to whom, when, with which calendar entry, and never out of order."""

from datetime import UTC, date, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from icalendar import Calendar

from communities import links
from communities.emails import sessions as emails
from communities.models import Community, Membership, Reply, Session
from communities.models.rhythm import PlannedRhythm
from communities.services.sessions.moving import cancel_session, edit_session, move_session
from communities.services.sessions.planning import plan_session
from communities.services.sessions.replies import reply_behind
from communities.services.sessions.series import SeriesPlan, plan_series
from communities.services.sessions.session_mail import invite_to_what_is_near
from cop_portal.accounts.models import User
from cop_portal.outbox.kinds import Rendered, kind_named
from cop_portal.outbox.message import write_letter
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    facilitator_of,
    member_of,
    sponsor_of,
)

pytestmark = pytest.mark.django_db
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
MINA = "mina@example.org"
MONDAY_AT_8 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, email="fadia@example.org")


@pytest.fixture
def mina(community: Community) -> User:
    return member_of(community, name="Mina Member", email=MINA)


def plan(community: Community, by: User, *, now: datetime = NOW, **changes: Any) -> Session:
    asked: dict[str, Any] = {"kind": "convening", "starts_at": NOW + 7 * DAY, "ends_at": NOW + 7 * DAY + HOUR}
    return plan_session(community=community, place="Room 4", by=by, now=now, **{**asked, **changes})


def rows(kind: str = "", to: str = MINA) -> list[OutboxMessage]:
    found = OutboxMessage.objects.filter(recipient=to).order_by("due_at", "dedupe_key")
    return list(found.filter(kind=kind) if kind else found)


def due(kind: str = "", to: str = MINA) -> list[str]:
    """The kinds of those mails that are still due, as the outbox asks at the last moment."""
    return [row.kind for row in rows(kind, to) if kind_named(row.kind).is_still_due(row.params)]


def written(row: OutboxMessage) -> Rendered:
    return kind_named(row.kind).render(row.params, row.recipient)


def entry(row: OutboxMessage) -> Any:
    part = written(row).calendar
    assert part is not None
    return Calendar.from_ical(part.content)


def test_every_member_and_nobody_else_is_told_of_a_planned_session(
    community: Community, facilitator: User, mina: User
) -> None:
    sponsor_of(community, email="sunil@example.org")
    MembershipFactory.create(community=community, person=PersonFactory.create(email="left@example.org"), ends_on=TODAY)
    gone = member_of(community, email="inactive@example.org")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    plan(community, facilitator)
    assert set(OutboxMessage.objects.values_list("recipient", "kind")) == {
        (MINA, emails.INVITATION),
        ("fadia@example.org", emails.INVITATION),
    }


def test_the_invitation_says_when_where_and_how_to_answer(
    community: Community, facilitator: User, mina: User, settings: Any
) -> None:
    session = plan(community, facilitator, joining_link="https://meet.example.org/1")
    (row,) = rows()
    mail = written(row)
    reply = Reply.objects.get(membership__person__user=mina)
    assert mail.subject == "Sepsis: Tuesday 1 December 2026, 12:00"
    for words in (
        "Hello Mina Member,",
        "Tuesday 1 December 2026, 12:00 to 13:00 (London time)\nRoom 4\nJoin online: https://meet.example.org/1\n",
        f"{settings.BASE_URL}/r/{links.token_for(links.REPLY, reply.pk)}/",
        "The facilitators see what you say.",
        f"{settings.BASE_URL}/communities/sepsis/sessions/{session.pk}/",
        "/me/calendar/",
    ):
        assert words in mail.text
    assert "series" not in mail.text


def test_each_mail_about_a_session_says_why_it_comes_and_how_to_stop_it(
    community: Community, facilitator: User, mina: User, settings: Any
) -> None:
    session = plan(community, facilitator)
    session = move_session(
        session=session,
        version=session.plan_version,
        starts_at=NOW + 9 * DAY,
        ends_at=NOW + 9 * DAY + HOUR,
        by=facilitator,
        now=NOW,
    )
    cancel_session(session=session, because="The room is flooded", by=facilitator, now=NOW + MINUTE)
    assert {row.kind for row in rows()} == {emails.INVITATION, emails.CHANGED, emails.CANCELLED}
    for row in rows():
        foot = written(row).text.partition("You get this because you are a member of the Sepsis community.")[2]
        assert f"sign in and choose so: {settings.BASE_URL}/me/mail/" in foot, row.kind


def test_the_link_is_in_no_row_and_leads_to_the_members_own_reply(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator)
    reply = Reply.objects.get(membership__person__user=mina)
    token = links.token_for(links.REPLY, reply.pk)
    assert reply_behind(token, now=NOW) == reply
    kept = [str(list(model.objects.values_list())) for model in (Reply, OutboxMessage, Session)]
    assert not any(token in text for text in kept)
    assert session.replies.count() == 2


def test_the_entry_is_for_one_person_with_the_method_in_it_and_on_it(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator)
    (row,) = rows()
    letter = write_letter(written(row), to=MINA, message_id="<1@example.org>", date=NOW)
    message: EmailMessage = BytesParser(EmailMessage, policy=policy.default).parsebytes(letter.content)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == ["REQUEST", "REQUEST"]
    assert [part.get_filename() for part in parts] == [None, "session.ics"]
    assert parts[0].get_content() == parts[1].get_content()
    calendar = Calendar.from_ical(parts[0].get_content())
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(session.calendar_uid), 0)
    assert str(event["ATTENDEE"]) == f"mailto:{MINA}"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["ORGANIZER"]) == "mailto:portal@example.org"
    assert b"fadia@example.org" not in letter.content
    assert message.get_body(("plain",)).get_content().startswith("Hello Mina Member,")  # type: ignore[union-attr]


def test_the_same_invitation_is_the_same_bytes_twice(community: Community, facilitator: User, mina: User) -> None:
    plan(community, facilitator)
    (row,) = rows()
    first, second = (write_letter(written(row), to=MINA, message_id="<1@example.org>", date=NOW) for _ in range(2))
    assert first.content == second.content


def test_invitations_leave_in_working_hours_unless_the_session_is_sooner(
    community: Community, facilitator: User, mina: User
) -> None:
    plan(community, facilitator, now=SATURDAY)
    plan(
        community,
        facilitator,
        now=SATURDAY,
        starts_at=MONDAY_AT_8 - HOUR,
        ends_at=MONDAY_AT_8 + HOUR,
    )
    assert [row.due_at for row in rows()] == [SATURDAY, MONDAY_AT_8]


def test_a_facilitator_can_plan_without_writing_to_anyone(community: Community, facilitator: User, mina: User) -> None:
    session = plan(community, facilitator, tells_members=False)
    invite_to_what_is_near(now=NOW)
    cancel_session(session=session, because="Flood", by=facilitator, now=NOW)
    assert not OutboxMessage.objects.exists()


def test_a_move_is_told_once_however_often_it_is_corrected_and_overtakes_nothing(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator)
    later = NOW + HOUR
    for days in (8, 9):
        start = NOW + days * DAY
        session = move_session(
            session=session,
            version=session.plan_version,
            starts_at=start,
            ends_at=start + HOUR,
            by=facilitator,
            now=later,
        )
    assert [row.kind for row in rows()] == [emails.INVITATION, emails.CHANGED, emails.CHANGED]
    assert due() == [emails.CHANGED]
    latest = rows(emails.CHANGED)[-1]
    assert latest.due_at == later + 5 * MINUTE
    (event,) = entry(latest).walk("VEVENT")
    assert (event["SEQUENCE"], event["DTSTART"].dt) == (2, NOW + 9 * DAY)
    assert written(latest).subject == "Sepsis: now Thursday 3 December 2026, 12:00"


def test_a_cancellation_reaches_those_who_were_told_and_no_invitation_comes_after_it(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator)
    cancel_session(session=session, because="The room is flooded", by=facilitator, now=NOW + MINUTE)
    assert [row.kind for row in rows()] == [emails.INVITATION, emails.CANCELLED]
    assert due() == [emails.CANCELLED]
    (row,) = rows(emails.CANCELLED)
    # Later than any sender that holds the invitation can still hand it over.
    assert row.due_at - (NOW + MINUTE) >= 5 * MINUTE
    mail = written(row)
    assert mail.subject == "Sepsis: the session on Tuesday 1 December 2026, 12:00 is cancelled"
    assert "Why: The room is flooded" in mail.text
    assert mail.calendar is not None
    assert mail.calendar.method == "CANCEL"
    calendar = entry(row)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert str(event["UID"]) == str(session.calendar_uid)


def test_who_was_not_yet_told_of_a_session_hears_nothing_of_its_cancellation(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator, now=SATURDAY)
    cancel_session(session=session, because="Flood", by=facilitator, now=SATURDAY + HOUR)
    assert [row.kind for row in rows()] == [emails.INVITATION]
    assert due() == []


def test_who_was_not_yet_told_of_a_session_is_invited_to_it_where_it_has_moved(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator, now=SATURDAY)
    start = NOW + 8 * DAY
    move_session(session=session, version=1, starts_at=start, ends_at=start + HOUR, by=facilitator, now=SATURDAY)
    assert due() == [emails.INVITATION]
    (row,) = [row for row in rows() if kind_named(row.kind).is_still_due(row.params)]
    assert (row.due_at, written(row).subject) == (MONDAY_AT_8, "Sepsis: Wednesday 2 December 2026, 12:00")


def test_another_room_is_told_and_another_leader_is_not(community: Community, facilitator: User, mina: User) -> None:
    session = plan(community, facilitator)
    details: dict[str, Any] = {
        "kind": "visit",
        "joining_link": "",
        "led_by": facilitator.person,
        "by": facilitator,
        "now": NOW + HOUR,
    }
    session = edit_session(session=session, version=1, place="Room 4", **details)
    assert due() == [emails.INVITATION]
    edit_session(session=session, version=2, place="Room 5", **details)
    assert due() == [emails.CHANGED]
    assert "Room 5" in written(rows(emails.CHANGED)[0]).text


def test_whoever_has_left_is_not_written_to_any_more(community: Community, facilitator: User, mina: User) -> None:
    session = plan(community, facilitator)
    Membership.objects.filter(person__user=mina).update(ends_on=TODAY)
    assert due() == []
    cancel_session(session=session, because="Flood", by=facilitator, now=NOW + HOUR)
    assert rows(emails.CANCELLED) == []


def test_a_session_that_has_begun_is_cancelled_without_a_mail(
    community: Community, facilitator: User, mina: User
) -> None:
    session = plan(community, facilitator)
    cancel_session(session=session, because="Nobody came", by=facilitator, now=session.starts_at)
    assert rows(emails.CANCELLED) == []


def test_the_later_sessions_of_a_series_are_told_of_when_they_come_near_and_once(
    community: Community, facilitator: User, mina: User
) -> None:
    series = SeriesPlan(PlannedRhythm(weeks=6), date(2026, 12, 1), time(12, 30), time(13, 30), count=3)
    plan_series(community=community, plan=series, kind="convening", by=facilitator, now=NOW)
    first, second, _ = Session.objects.order_by("starts_at")
    (invitation,) = rows()
    assert "It is the first of a series, every 6 weeks. The next days:" in written(invitation).text
    assert "- Tuesday 12 January 2027, 12:30\n- Tuesday 23 February 2027, 12:30\n" in written(invitation).text
    assert "We write to you about each of them 28 days before." in written(invitation).text
    assert invite_to_what_is_near(now=second.starts_at - 29 * DAY) == 0
    near = second.starts_at - 28 * DAY
    assert invite_to_what_is_near(now=near) == 2
    assert invite_to_what_is_near(now=near + HOUR) == 0
    assert [row.params["reply"] for row in rows()] == [
        Reply.objects.get(session=session, membership__person__user=mina).pk for session in (first, second)
    ]


def test_whoever_joins_before_a_session_is_told_of_it_by_the_next_sweep(
    community: Community, facilitator: User, mina: User
) -> None:
    plan(community, facilitator)
    member_of(community, email="new@example.org")
    assert invite_to_what_is_near(now=NOW + HOUR) == 1
    assert [row.kind for row in rows(to="new@example.org")] == [emails.INVITATION]


def test_a_closed_community_invites_nobody(community: Community, facilitator: User) -> None:
    plan(community, facilitator, tells_members=True)
    member_of(community, email="new@example.org")
    Community.objects.update(state=Community.State.CLOSED)
    assert invite_to_what_is_near(now=NOW + HOUR) == 0


def test_a_name_with_a_line_break_breaks_out_of_nothing(community: Community, facilitator: User, mina: User) -> None:
    Community.objects.update(name="Sepsis\r\nBcc: everyone@example.org")
    User.objects.filter(pk=mina.pk).update(name='Mina";\r\nATTENDEE:mailto:x@example.org')
    plan(Community.objects.get(), facilitator)
    (row,) = rows()
    letter = write_letter(written(row), to=MINA, message_id="<1@example.org>", date=NOW)
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(letter.content)
    assert message["Bcc"] is None
    (event,) = entry(row).walk("VEVENT")
    assert str(event["ATTENDEE"]) == f"mailto:{MINA}"
