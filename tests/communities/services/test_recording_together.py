"""Two people recording one session, its versions, and what is private in it."""

from datetime import timedelta

import pytest

from communities.models import (
    Action,
    Attendance,
    Commitment,
    Community,
    Decision,
    Guest,
    LearningPoint,
    Problem,
    Resource,
    Session,
    SessionVersion,
)
from communities.services.communities import CommunityClosed
from communities.services.promises.decisions import judge_decision
from communities.services.records.said import (
    NewDecision,
    NewGuest,
)
from communities.services.sessions.recording import (
    NoSuchVersion,
    SessionChangedMeanwhile,
    TooManyLearningPoints,
    record_session,
    restore_version,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.communities.services.saying import everything, record
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    sponsor_of,
    staff,
)

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
PRIVATE = (LearningPoint, Decision, Action, Commitment, Problem, Resource)


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


# Two people at once


def test_changes_to_different_places_by_two_people_are_both_kept(
    community: Community, facilitator: User, session: Session
) -> None:
    ann, ben = MembershipFactory.create_batch(2, community=community)
    record(session, facilitator, version=1, focus="Screening", attendance={ann.pk: "room"})
    held = record(
        session, facilitator, version=1, attendance={ben.pk: "online"}, learning_points=["Ask early"], notes="Mine"
    )
    assert (held.focus, held.notes, held.version) == ("Screening", "Mine", 3)
    known = Attendance.objects.exclude(status="unknown")
    assert dict(known.values_list("membership", "status")) == {ann.pk: "room", ben.pk: "online"}
    assert held.present_count == 2


def test_items_added_to_one_list_by_two_people_are_all_kept_in_the_order_of_saving(
    facilitator: User, session: Session
) -> None:
    record(session, facilitator, version=1, learning_points=["Theirs"], guests=[NewGuest("Ada")])
    record(session, facilitator, version=1, learning_points=["Mine"], guests=[NewGuest("Bob")])
    assert list(LearningPoint.objects.in_order().values_list("text", flat=True)) == ["Theirs", "Mine"]
    assert sorted(Guest.objects.values_list("name", flat=True)) == ["Ada", "Bob"]


def test_four_learning_points_from_two_people_are_refused_and_none_is_lost(facilitator: User, session: Session) -> None:
    record(session, facilitator, version=1, learning_points=["1", "2"])
    with pytest.raises(TooManyLearningPoints):
        record(session, facilitator, version=1, learning_points=["3", "4"])
    assert LearningPoint.objects.count() == 2


def test_a_clash_on_one_place_stores_nothing_and_holds_both_texts(
    community: Community, facilitator: User, session: Session
) -> None:
    ann = MembershipFactory.create(community=community)
    record(session, facilitator, version=1, focus="Theirs", attendance={ann.pk: "room"})
    with pytest.raises(SessionChangedMeanwhile) as refused:
        record(session, facilitator, version=1, focus="Mine", attendance={ann.pk: "absent"}, notes="Kept for later")
    found = {(clash.path, clash.theirs, clash.mine) for clash in refused.value.clashes}
    assert found == {(("focus", ""), "Theirs", "Mine"), (("attendance", str(ann.pk)), "room", "absent")}
    assert refused.value.version == 2
    assert refused.value.merged["notes", ""] == "Kept for later"
    session.refresh_from_db()
    assert (session.focus, session.notes) == ("Theirs", "")


def test_whoever_is_asked_can_give_way_in_one_place_and_insist_in_another(
    community: Community, facilitator: User, session: Session
) -> None:
    ann = MembershipFactory.create(community=community)
    record(session, facilitator, version=1, focus="Theirs", attendance={ann.pk: "room"})
    held = record_session(
        session=session,
        version=2,
        focus="Mine",
        attendance={ann.pk: "absent"},
        give_way=[("focus", "")],
        by=facilitator,
        now=NOW,
    )
    assert (held.focus, Attendance.objects.get(membership=ann).status) == ("Theirs", "absent")


def test_an_item_removed_by_one_and_reworded_by_the_other_is_asked_about(facilitator: User, session: Session) -> None:
    record(session, facilitator, decisions=[NewDecision("One form")])
    decision = Decision.objects.get()
    record(session, facilitator, version=2, decisions=[])
    with pytest.raises(SessionChangedMeanwhile) as refused:
        record(session, facilitator, version=2, decisions=[NewDecision("Two forms", key=decision.key)])
    (clash,) = refused.value.clashes
    assert (clash.theirs, clash.mine["text"]) == (None, "Two forms")
    record(session, facilitator, version=3, decisions=[NewDecision("Two forms", key=decision.key)])
    assert Decision.objects.get().key == decision.key


def test_a_version_that_has_never_been_is_refused(facilitator: User, session: Session) -> None:
    with pytest.raises(SessionChangedMeanwhile):
        record(session, facilitator, version=7, focus="Mine")
    session.refresh_from_db()
    assert session.state == "planned"


# Versions


def test_every_save_is_a_version_and_an_earlier_one_comes_back_whole_as_a_new_one(
    community: Community, facilitator: User, session: Session
) -> None:
    mina = MembershipFactory.create(community=community)
    record(session, facilitator, **(everything(mina.person) | {"attendance": {mina.pk: "room"}}))
    first = SessionVersion.objects.get().content
    record(session, facilitator, focus="", attendance={}, learning_points=["Other"], decisions=[], guests=[])
    held = restore_version(session=session, number=2, version=3, by=facilitator, now=NOW + HOUR)
    assert (held.version, held.focus, held.present_count) == (4, "Screening", 1)
    latest = SessionVersion.objects.get(number=4)
    assert (latest.content, latest.restored_from, latest.by, latest.at) == (first, 2, facilitator, NOW + HOUR)
    assert list(LearningPoint.objects.values_list("text", flat=True)) == ["Ask early"]
    assert SessionVersion.objects.count() == 3
    assert AuditEntry.objects.filter(event="session.restored").count() == 1


def test_bringing_a_version_back_leaves_alone_what_something_has_come_of(facilitator: User, session: Session) -> None:
    record(session, facilitator, focus="Empty")
    record(session, facilitator, **everything(facilitator.person))
    judge_decision(decision=Decision.objects.get(), verdict="held", by=facilitator, now=NOW)
    restore_version(session=session, number=2, version=3, by=facilitator, now=NOW)
    assert (LearningPoint.objects.count(), Commitment.objects.count(), Guest.objects.count()) == (0, 0, 0)
    assert (Decision.objects.get().verdict, Action.objects.count(), Problem.objects.count()) == ("held", 1, 1)


def test_restoring_on_an_old_version_or_to_one_that_never_was_is_refused(facilitator: User, session: Session) -> None:
    record(session, facilitator, focus="One")
    record(session, facilitator, focus="Two")
    with pytest.raises(SessionChangedMeanwhile):
        restore_version(session=session, number=2, version=2, by=facilitator, now=NOW)
    with pytest.raises(NoSuchVersion):
        restore_version(session=session, number=9, version=3, by=facilitator, now=NOW)
    session.refresh_from_db()
    assert session.focus == "Two"


def test_a_record_from_before_versions_were_kept_becomes_the_first_of_them(facilitator: User, session: Session) -> None:
    record(session, facilitator, focus="From long ago")
    SessionVersion.objects.all().delete()
    record(session, facilitator, focus="Corrected")
    kept = SessionVersion.objects.order_by("number").values_list("number", "content__focus", "by")
    assert list(kept) == [(2, "From long ago", None), (3, "Corrected", facilitator.pk)]


def test_a_closed_communitys_record_is_neither_corrected_nor_brought_back(
    community: Community, facilitator: User, session: Session
) -> None:
    record(session, facilitator, focus="One")
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        record(session, facilitator, focus="Two")
    with pytest.raises(CommunityClosed):
        restore_version(session=session, number=2, version=2, by=facilitator, now=NOW)


# Private


def test_what_is_private_is_seen_by_those_who_may_record_and_by_nobody_else(
    community: Community, facilitator: User, session: Session
) -> None:
    record(session, facilitator, **everything(facilitator.person, is_private=True))
    elsewhere = facilitator_of(CommunityFactory.create())
    led_once = PersonFactory.create()
    MembershipFactory.create(community=community, person=led_once)
    led_once.role_terms.create(community=community, role="facilitator", starts_on=TODAY - WEEK, ends_on=TODAY)
    readers = {
        facilitator: 1, staff(): 1, staff(platform_role=User.Role.ADMINISTRATOR): 1, member_of(community): 0,
        sponsor_of(community): 0, elsewhere: 0, led_once.user: 0,
    }  # fmt: skip
    for reader, seen in readers.items():
        for model in PRIVATE:
            assert model.objects.visible_to(reader).count() == seen, (reader, model)


def test_what_is_not_private_is_seen_by_everyone_in_touch(
    community: Community, facilitator: User, session: Session
) -> None:
    record(session, facilitator, **everything(facilitator.person))
    for reader in (facilitator, staff(), member_of(community), sponsor_of(community)):
        assert [model.objects.visible_to(reader).count() for model in PRIVATE] == [1] * 6
    stranger = member_of(CommunityFactory.create())
    assert [model.objects.visible_to(stranger).count() for model in PRIVATE] == [0] * 6
