"""Moving, editing and cancelling what was planned, alone and with the rest of a series."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from communities.models import Community, Reply, Session
from communities.models.rhythm import PlannedRhythm
from communities.services.communities import CommunityClosed
from communities.services.sessions.moving import (
    NoReasonGiven,
    PlanChangedMeanwhile,
    SeriesWouldSpanNight,
    SessionAlreadyHeld,
    SessionIsOff,
    SessionNotMoved,
    cancel_session,
    edit_session,
    move_session,
)
from communities.services.sessions.planning import (
    LeaderNotInCommunity,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionTooFarAhead,
)
from communities.services.sessions.replies import reply_to_session
from communities.services.sessions.series import SeriesPlan, plan_series
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import (
    NOW,
    CommunityFactory,
    PersonFactory,
    SessionFactory,
    facilitator_of,
    member_of,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW + 7 * DAY, place="Room 4")


@pytest.fixture
def weekly(community: Community, facilitator: User) -> list[Session]:
    """Four Tuesdays at 12:30, from 1 December, on the far side of a change of the clocks for none of them."""
    plan = SeriesPlan(PlannedRhythm(weeks=1), date(2026, 12, 1), time(12, 30), time(13, 30), count=4)
    plan_series(community=community, plan=plan, kind="convening", place="Room 4", by=facilitator, now=NOW)
    return list(Session.objects.order_by("starts_at"))


def moved(session: Session, by: User, starts_at: datetime, **changes: Any) -> Session:
    asked: dict[str, Any] = {"version": session.plan_version, "ends_at": starts_at + HOUR, **changes}
    return move_session(session=session, starts_at=starts_at, by=by, now=NOW, **asked)


def edited(session: Session, by: User, **changes: Any) -> Session:
    asked: dict[str, Any] = {
        "version": session.plan_version, "kind": session.kind, "place": session.place,
        "joining_link": session.joining_link, "led_by": session.led_by, **changes,
    }  # fmt: skip
    return edit_session(session=session, by=by, now=NOW, **asked)


def told(session: Session) -> tuple[int, int, Any]:
    """What calendars are told by: sequence and since when; and the version of the plan."""
    session.refresh_from_db()
    return session.sequence, session.plan_version, session.sequence_at


def starts() -> list[str]:
    return [f"{session.starts_at:%m-%d %H:%M}" for session in Session.objects.order_by("starts_at")]


def events() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))


def test_a_moved_session_keeps_its_name_in_calendars_and_raises_its_sequence(
    session: Session, facilitator: User
) -> None:
    uid, record_version = session.calendar_uid, session.version
    Session.objects.update(sequence_at=NOW - DAY)
    moved(session, facilitator, NOW + 8 * DAY)
    assert told(session) == (1, 2, NOW)
    assert (session.calendar_uid, session.version, session.starts_at) == (uid, record_version, NOW + 8 * DAY)
    assert events() == ["session.moved"]


@pytest.mark.parametrize(
    ("starts_at", "hours", "refusal"),
    [
        (NOW - HOUR, 1, SessionInThePast),
        (NOW + DAY, 0, SessionEndsBeforeItStarts),
        (NOW + 4 * 366 * DAY, 1, SessionTooFarAhead),
        (NOW + 14 * DAY + HOUR / 2, 1, SessionClash),
        (NOW + 7 * DAY, 1, SessionNotMoved),
    ],
)
def test_a_move_that_cannot_be_changes_nothing(
    *, session: Session, facilitator: User, starts_at: datetime, hours: int, refusal: type[Exception]
) -> None:
    SessionFactory.create(community=session.community, starts_at=NOW + 14 * DAY)
    with pytest.raises(refusal):
        moved(session, facilitator, starts_at, ends_at=starts_at + hours * HOUR)
    session.refresh_from_db()
    assert (session.starts_at, session.sequence, events()) == (NOW + 7 * DAY, 0, [])


def test_a_plan_that_someone_else_has_changed_is_not_overwritten(session: Session, facilitator: User) -> None:
    seen_by_both = session.plan_version
    edited(session, facilitator, place="Room 5")
    with pytest.raises(PlanChangedMeanwhile):
        edited(session, facilitator, version=seen_by_both, place="Room 6")
    with pytest.raises(PlanChangedMeanwhile):
        moved(session, facilitator, NOW + 9 * DAY, version=seen_by_both)
    session.refresh_from_db()
    assert (session.place, session.starts_at) == ("Room 5", NOW + 7 * DAY)


def test_what_was_said_about_coming_counts_for_the_old_time_only(session: Session, facilitator: User) -> None:
    member = member_of(session.community)
    reply = reply_to_session(session=session, answer="coming", by=member, now=NOW)
    edited(session, facilitator, place="Room 5")
    reply.refresh_from_db()
    assert reply.answer == "coming"
    session.refresh_from_db()
    moved(session, facilitator, NOW + 8 * DAY)
    reply.refresh_from_db()
    assert (reply.answer, reply.answered_at) == ("", None)


def test_the_rest_of_a_series_moves_as_many_days_and_to_the_same_time(weekly: list[Session], facilitator: User) -> None:
    moved(weekly[1], facilitator, datetime(2026, 12, 9, 9, 0, tzinfo=UTC), and_rest=True)
    assert starts() == ["12-01 12:30", "12-09 09:00", "12-16 09:00", "12-23 09:00"]
    assert [told(session)[0] for session in weekly] == [0, 1, 1, 1]


@pytest.mark.parametrize("days", [-7, 7])
def test_a_series_can_move_onto_its_own_days(weekly: list[Session], facilitator: User, days: int) -> None:
    first, *_ = weekly if days > 0 else weekly[1:]
    if days < 0:
        cancel_session(session=weekly[0], because="Flood", by=facilitator, now=NOW)
    moved(first, facilitator, first.starts_at + timedelta(days=days), and_rest=True)
    planned = Session.objects.planned().order_by("starts_at")
    expected = [8, 15, 22, 29] if days > 0 else [1, 8, 15]
    assert [session.day.day for session in planned] == expected


def test_one_of_a_series_moves_alone_unless_the_rest_is_asked_for(weekly: list[Session], facilitator: User) -> None:
    moved(weekly[1], facilitator, datetime(2026, 12, 9, 9, 0, tzinfo=UTC))
    assert starts() == ["12-01 12:30", "12-09 09:00", "12-15 12:30", "12-22 12:30"]


def test_one_clash_keeps_the_whole_rest_where_it_is(weekly: list[Session], facilitator: User) -> None:
    SessionFactory.create(community=weekly[0].community, starts_at=datetime(2026, 12, 23, 9, 30, tzinfo=UTC))
    before = starts()
    with pytest.raises(SessionClash):
        moved(weekly[1], facilitator, datetime(2026, 12, 9, 9, 0, tzinfo=UTC), and_rest=True)
    with pytest.raises(SeriesWouldSpanNight):
        moved(weekly[1], facilitator, datetime(2026, 12, 9, 23, 30, tzinfo=UTC), and_rest=True)
    assert starts() == before


def test_the_rest_of_a_series_leaves_out_what_was_cancelled(weekly: list[Session], facilitator: User) -> None:
    cancel_session(session=weekly[2], because="Flood", by=facilitator, now=NOW)
    moved(weekly[1], facilitator, datetime(2026, 12, 9, 9, 0, tzinfo=UTC), and_rest=True)
    assert starts() == ["12-01 12:30", "12-09 09:00", "12-15 12:30", "12-23 09:00"]


def test_calendars_hear_of_another_place_or_link_and_not_of_another_kind_or_leader(
    session: Session, facilitator: User
) -> None:
    edited(session, facilitator, kind="visit", led_by=facilitator.person)
    assert told(session)[:2] == (0, 2)
    edited(session, facilitator, place=" Room 5 ")
    assert told(session)[:2] == (1, 3)
    edited(session, facilitator, joining_link="https://meet.example.org/1")
    assert told(session)[:2] == (2, 4)
    assert (session.kind, session.led_by, session.place) == ("visit", facilitator.person, "Room 5")
    assert events() == ["session.edited"] * 3


def test_details_are_edited_of_one_or_of_the_rest(weekly: list[Session], facilitator: User) -> None:
    edited(weekly[2], facilitator, place="Room 9", and_rest=True)
    edited(weekly[0], facilitator, place="Room 1")
    assert list(Session.objects.order_by("starts_at").values_list("place", flat=True)) == [
        "Room 1", "Room 4", "Room 9", "Room 9",
    ]  # fmt: skip


def test_who_leads_is_of_the_community_or_has_led_it_before(session: Session, facilitator: User) -> None:
    with pytest.raises(LeaderNotInCommunity):
        edited(session, facilitator, led_by=PersonFactory.create())
    # Whoever has left since may stay named where they were.
    Session.objects.update(led_by=PersonFactory.create())
    session.refresh_from_db()
    assert edited(session, facilitator, place="Room 5").place == "Room 5"


def test_a_held_session_is_corrected_without_a_word_to_calendars_and_is_not_moved(
    session: Session, facilitator: User
) -> None:
    Session.objects.update(state="held", recorded_at=NOW, starts_at=NOW - DAY, ends_at=NOW - DAY + HOUR)
    session.refresh_from_db()
    edited(session, facilitator, place="Room 5", kind="visit")
    assert told(session)[0] == 0
    with pytest.raises(SessionAlreadyHeld):
        moved(session, facilitator, NOW + DAY)
    with pytest.raises(SessionAlreadyHeld):
        cancel_session(session=session, because="Late", by=facilitator, now=NOW)


def test_a_cancelled_session_keeps_its_place_and_its_details(session: Session, facilitator: User) -> None:
    cancel_session(session=session, because=" Flood ", by=facilitator, now=NOW)
    assert (session.state, session.cancelled_because, session.starts_at) == ("cancelled", "Flood", NOW + 7 * DAY)
    assert told(session)[0] == 1
    with pytest.raises(SessionIsOff):
        edited(session, facilitator, place="Room 5")
    with pytest.raises(SessionAlreadyHeld):
        moved(session, facilitator, NOW + DAY)


def test_the_rest_of_a_series_is_cancelled_with_the_same_reason(weekly: list[Session], facilitator: User) -> None:
    with pytest.raises(NoReasonGiven):
        cancel_session(session=weekly[1], because="\n ", and_rest=True, by=facilitator, now=NOW)
    cancel_session(session=weekly[1], because="The group has done its work", and_rest=True, by=facilitator, now=NOW)
    assert list(Session.objects.order_by("starts_at").values_list("state", "cancelled_because")) == [
        ("planned", ""),
        *[("cancelled", "The group has done its work")] * 3,
    ]
    assert events()[-3:] == ["session.cancelled"] * 3


def test_in_a_closed_community_the_plan_stays_as_it_is(session: Session, facilitator: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        moved(session, facilitator, NOW + 8 * DAY)
    with pytest.raises(CommunityClosed):
        edited(session, facilitator, place="Room 5")
    with pytest.raises(CommunityClosed):
        cancel_session(session=session, because="Closed", by=facilitator, now=NOW)
    assert told(session)[:2] == (0, 1)
    assert not Reply.objects.exists()
