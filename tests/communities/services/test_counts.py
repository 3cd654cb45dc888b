"""The counts kept on sessions, and the nightly check that mends them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from communities.models import Attendance, Session
from communities.services.sessions.recording import record_session
from communities.tasks import recount_attendance
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, SessionFactory, facilitator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    """Held: 2 of 4 present."""
    community = CommunityFactory.create()
    facilitator = facilitator_of(community)
    members = MembershipFactory.create_batch(3, community=community)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=3))
    return record_session(
        session=session,
        version=1,
        focus="",
        attendance={members[0].pk: "room", members[1].pk: "online", members[2].pk: "absent"},
        learning_points=[],
        actions=[],
        by=facilitator,
        now=NOW,
    )


def counts(session: Session) -> tuple[int, int]:
    session.refresh_from_db()
    return session.present_count, session.member_count


def test_right_counts_are_left_alone(session: Session) -> None:
    assert recount_attendance() == 0
    assert counts(session) == (2, 4)
    assert not AuditEntry.objects.filter(event="session.recounted").exists()


def test_wrong_counts_are_mended_once_and_leave_a_trail(session: Session) -> None:
    Session.objects.update(present_count=1, member_count=9)
    assert (recount_attendance(), recount_attendance()) == (1, 0)
    assert counts(session) == (2, 4)
    entry = AuditEntry.objects.get(event="session.recounted")
    assert (entry.by, entry.target_id) == (None, str(session.pk))


def test_only_those_who_were_members_on_that_day_are_counted(session: Session) -> None:
    community = session.community
    MembershipFactory.create(community=community, starts_on=session.day + timedelta(days=1))
    left_that_day = MembershipFactory.create(community=community, ends_on=session.day)
    Attendance.objects.create(session=session, membership=left_that_day, status="room")
    assert recount_attendance() == 0
    assert counts(session) == (2, 4)


def test_the_day_is_the_one_on_the_wall_in_london() -> None:
    community = CommunityFactory.create()
    # Half past midnight on 2 July in London is still 1 July in UTC.
    session = SessionFactory.create(
        community=community, starts_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC), state="held", recorded_at=NOW
    )
    MembershipFactory.create(community=community, starts_on=date(2026, 7, 2))
    assert session.day == date(2026, 7, 2)
    assert recount_attendance() == 1
    assert counts(session) == (0, 1)


def test_planned_and_cancelled_sessions_have_no_counts() -> None:
    community = CommunityFactory.create()
    MembershipFactory.create(community=community)
    SessionFactory.create(community=community, starts_at=NOW - timedelta(days=3))
    assert recount_attendance() == 0
