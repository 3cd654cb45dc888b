"""Planning, recording and cancelling sessions: what is stored, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from communities.models import Action, Attendance, Community, Membership, Session
from communities.services.communities import CommunityClosed
from communities.services.promises.actions import ActionDueBeforeSession, NewAction, OwnerNotAMember
from communities.services.sessions.moving import NoReasonGiven, SessionAlreadyHeld, cancel_session
from communities.services.sessions.planning import (
    LeaderNotInCommunity,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionNotYet,
    enter_past_session,
    plan_session,
)
from communities.services.sessions.recording import (
    NotAMemberOnThatDay,
    SessionCancelled,
    SessionChangedMeanwhile,
    TooManyLearningPoints,
    record_session,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago and has not been recorded."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


def plan(community: Community, by: User, **changes: Any) -> Session:
    asked: dict[str, Any] = {"kind": "convening", "starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR, **changes}
    return plan_session(community=community, by=by, now=NOW, **asked)


def record(session: Session, by: User, **changes: Any) -> Session:
    said: dict[str, Any] = {
        "version": session.version,
        "focus": "",
        "attendance": {},
        "learning_points": [],
        "actions": [],
        **changes,
    }
    return record_session(session=session, by=by, now=NOW, **said)


def events() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))


def test_a_planned_session_is_stored_as_it_was_asked_for_and_leaves_a_trail(
    community: Community, facilitator: User
) -> None:
    session = plan(community, facilitator, place=" Room 4 ", led_by=facilitator.person)
    stored = Session.objects.get()
    assert stored == session
    assert (stored.state, stored.place, stored.led_by, stored.version) == ("planned", "Room 4", facilitator.person, 1)
    assert events() == ["session.planned"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"starts_at": NOW, "ends_at": NOW + HOUR}, SessionInThePast),
        ({"starts_at": NOW - HOUR}, SessionInThePast),
        ({"ends_at": NOW + HOUR}, SessionEndsBeforeItStarts),
        ({"ends_at": NOW}, SessionEndsBeforeItStarts),
    ],
)
def test_a_session_that_cannot_be_planned_stores_nothing(
    community: Community, facilitator: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        plan(community, facilitator, **changes)
    assert not Session.objects.exists()
    assert events() == []


def test_two_sessions_of_a_community_do_not_overlap(community: Community, facilitator: User) -> None:
    plan(community, facilitator)
    with pytest.raises(SessionClash) as refused:
        plan(community, facilitator, starts_at=NOW + 1.5 * HOUR, ends_at=NOW + 3 * HOUR)
    assert refused.value.messages == [
        "Sepsis already has a session on 24 November 2026, from 13:00 to 14:00. Choose another time."
    ]
    assert Session.objects.count() == 1


def test_sessions_may_follow_one_another_and_a_cancelled_one_is_in_nobodys_way(
    community: Community, facilitator: User
) -> None:
    first = plan(community, facilitator)
    plan(community, facilitator, starts_at=NOW + 2 * HOUR, ends_at=NOW + 3 * HOUR)
    cancel_session(session=first, because="The room is flooded", by=facilitator, now=NOW)
    plan(community, facilitator)
    assert sorted(Session.objects.values_list("state", flat=True)) == ["cancelled", "planned", "planned"]


def test_two_communities_may_meet_at_the_same_time(community: Community, facilitator: User) -> None:
    plan(community, facilitator)
    assert plan(CommunityFactory.create(), facilitator).state == "planned"


def test_a_session_is_led_by_someone_of_the_community(community: Community, facilitator: User) -> None:
    with pytest.raises(LeaderNotInCommunity):
        plan(community, facilitator, led_by=PersonFactory.create())
    assert not Session.objects.exists()


def test_a_closed_community_plans_records_and_cancels_nothing(
    community: Community, facilitator: User, session: Session
) -> None:
    community.state = Community.State.CLOSED
    community.save()
    with pytest.raises(CommunityClosed):
        plan(community, facilitator)
    with pytest.raises(CommunityClosed):
        record(session, facilitator)
    with pytest.raises(CommunityClosed):
        cancel_session(session=session, because="Closed", by=facilitator, now=NOW)
    assert Session.objects.get().state == "planned"


def test_a_past_session_is_entered_and_a_future_one_is_not(community: Community, facilitator: User) -> None:
    entered = enter_past_session(
        community=community,
        kind="visit",
        starts_at=NOW - 3 * HOUR,
        ends_at=NOW - 2 * HOUR,
        by=facilitator,
        now=NOW,
    )
    assert entered.state == "planned"
    assert events() == ["session.entered"]
    with pytest.raises(SessionNotYet):
        enter_past_session(
            community=community, kind="visit", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, by=facilitator, now=NOW
        )


def test_a_record_keeps_who_came_what_was_learned_and_what_was_promised(
    community: Community, facilitator: User, session: Session
) -> None:
    ann, ben, cat = MembershipFactory.create_batch(3, community=community)
    promise = NewAction(text="Send the audit form", owner=ann.person, due_on=TODAY + timedelta(days=7))
    held = record(
        session,
        facilitator,
        focus=" Screening ",
        attendance={ann.pk: "room", ben.pk: "online", cat.pk: "apologies"},
        learning_points=["Ask early", " ", "Write it down"],
        actions=[promise],
    )
    assert (held.state, held.focus, held.version, held.recorded_at) == ("held", "Screening", 2, NOW)
    assert (held.present_count, held.member_count) == (2, 4)
    statuses = dict(Attendance.objects.values_list("membership", "status"))
    own = Membership.objects.get(person=facilitator.person)
    assert statuses == {ann.pk: "room", ben.pk: "online", cat.pk: "apologies", own.pk: "unknown"}
    assert list(held.learning_points.order_by("position").values_list("text", flat=True)) == [
        "Ask early",
        "Write it down",
    ]
    action = Action.objects.get()
    assert (action.owner, action.session, action.agreed_on, action.state) == (ann.person, session, TODAY, "open")
    assert events() == ["action.agreed", "session.recorded"]


def test_correcting_a_record_replaces_attendance_and_learning_and_keeps_the_actions(
    community: Community, facilitator: User, session: Session
) -> None:
    ann, ben = MembershipFactory.create_batch(2, community=community)
    promise = NewAction(text="Ring the ward", owner=ann.person, due_on=TODAY)
    record(session, facilitator, attendance={ann.pk: "room"}, learning_points=["First"], actions=[promise])
    session.refresh_from_db()
    held = record(session, facilitator, attendance={ben.pk: "room"}, learning_points=["Second"])
    assert dict(Attendance.objects.filter(membership__in=[ann, ben]).values_list("membership", "status")) == {
        ann.pk: "unknown",
        ben.pk: "room",
    }
    assert list(held.learning_points.values_list("text", flat=True)) == ["Second"]
    assert (held.present_count, Action.objects.count(), held.version) == (1, 1, 3)


def test_a_member_who_left_on_the_day_or_joined_after_it_is_not_on_the_roster(
    community: Community, facilitator: User, session: Session
) -> None:
    left_today = MembershipFactory.create(community=community, ends_on=TODAY)
    joins_tomorrow = MembershipFactory.create(community=community, starts_on=TODAY + timedelta(days=1))
    elsewhere = MembershipFactory.create()
    for stranger in (left_today, joins_tomorrow, elsewhere):
        with pytest.raises(NotAMemberOnThatDay):
            record(session, facilitator, attendance={stranger.pk: "room"})
    assert record(session, facilitator).member_count == 1


@pytest.mark.parametrize(
    ("due_in_days", "is_member", "refusal"), [(-1, True, ActionDueBeforeSession), (1, False, OwnerNotAMember)]
)
def test_an_action_that_cannot_be_agreed_leaves_the_session_unrecorded(
    *,
    community: Community,
    facilitator: User,
    session: Session,
    due_in_days: int,
    is_member: bool,
    refusal: type[Exception],
) -> None:
    owner = facilitator.person if is_member else PersonFactory.create()
    promise = NewAction(text="Ring the ward", owner=owner, due_on=TODAY + timedelta(days=due_in_days))
    with pytest.raises(refusal):
        record(session, facilitator, focus="Screening", actions=[promise])
    session.refresh_from_db()
    assert (session.state, session.focus, session.version) == ("planned", "", 1)
    assert (Action.objects.count(), Attendance.objects.count(), events()) == (0, 0, [])


def test_a_fourth_learning_point_is_refused(facilitator: User, session: Session) -> None:
    with pytest.raises(TooManyLearningPoints):
        record(session, facilitator, learning_points=["1", "2", "3", "4"])


def test_a_session_is_not_recorded_before_it_begins(community: Community, facilitator: User) -> None:
    ahead = SessionFactory.create(community=community, starts_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC))
    with pytest.raises(SessionNotYet) as refused:
        record(ahead, facilitator)
    assert refused.value.messages == ["This session starts on 24 November 2026 at 12:30. You can record it from then."]


def test_a_record_written_on_an_old_version_is_refused_and_changes_nothing(
    community: Community, facilitator: User, session: Session
) -> None:
    mine = Membership.objects.get(person=facilitator.person)
    seen_by_both = session.version
    record(session, facilitator, focus="Theirs", version=seen_by_both)
    with pytest.raises(SessionChangedMeanwhile) as refused:
        record(session, facilitator, focus="Mine", version=seen_by_both, attendance={mine.pk: "room"})
    assert refused.value.status == 409
    session.refresh_from_db()
    assert (session.focus, session.present_count) == ("Theirs", 0)


def test_a_cancelled_session_keeps_its_reason_and_is_not_recorded(facilitator: User, session: Session) -> None:
    cancelled = cancel_session(session=session, because=" Too many apologies ", by=facilitator, now=NOW)
    assert (cancelled.state, cancelled.cancelled_because) == ("cancelled", "Too many apologies")
    assert events() == ["session.cancelled"]
    with pytest.raises(SessionCancelled):
        record(cancelled, facilitator)


def test_a_held_session_is_not_cancelled_and_a_reason_is_asked_for(facilitator: User, session: Session) -> None:
    with pytest.raises(NoReasonGiven):
        cancel_session(session=session, because=" ", by=facilitator, now=NOW)
    record(session, facilitator)
    with pytest.raises(SessionAlreadyHeld):
        cancel_session(session=session, because="Too late", by=facilitator, now=NOW)
    session.refresh_from_db()
    assert session.state == "held"
