"""Pausing, going on, closing and opening again."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from communities.models import Community, CommunityChange, JoinLink, JoinRequest, MemberInvitation, Pause
from communities.services.communities import CommunityClosed
from communities.services.community_states import (
    CommunityNotActive,
    CommunityNotClosed,
    CommunityNotPaused,
    LookAgainNotAhead,
    NoClosingNote,
    NoReasonToPause,
    NoReasonToReopen,
    SessionsStillPlanned,
    close_community,
    look_again_later,
    pause_community,
    reopen_community,
    resume_community,
)
from communities.services.joining.invitations import invite_members
from communities.services.joining.join_links import make_join_link
from communities.services.joining.join_requests import ask_to_join
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, TODAY, CommunityFactory, PersonFactory, SessionFactory, staff

pytestmark = pytest.mark.django_db

LATER = TODAY + timedelta(days=90)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def by() -> User:
    return staff()


def pause(community: Community, by: User, **changes: Any) -> Community:
    asked = {"because": "The facilitator is on leave.", "look_again_on": LATER, **changes}
    return pause_community(community=community, by=by, now=NOW, **asked)


def history(community: Community) -> list[tuple[str, str]]:
    return list(CommunityChange.objects.filter(community=community).order_by("version").values_list("what", "note"))


def test_a_pause_keeps_its_reason_and_the_day_to_look_again(community: Community, by: User) -> None:
    paused = pause(community, by)
    assert (paused.state, paused.version) == ("paused", 2)
    kept = Pause.objects.get()
    assert (kept.because, kept.starts_on, kept.look_again_on, kept.ends_on) == (
        "The facilitator is on leave.",
        TODAY,
        LATER,
        None,
    )
    assert history(community) == [("paused", "The facilitator is on leave.")]
    assert AuditEntry.objects.values_list("event", flat=True).get() == "community.paused"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"because": " "}, NoReasonToPause),
        ({"look_again_on": TODAY}, LookAgainNotAhead),
        ({"look_again_on": date(2031, 1, 1)}, LookAgainNotAhead),
    ],
)
def test_a_pause_without_a_reason_or_without_an_end_in_sight_is_refused(
    community: Community, by: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        pause(community, by, **changes)
    community.refresh_from_db()
    assert (community.state, Pause.objects.count()) == ("active", 0)


def test_it_pauses_once_at_a_time(community: Community, by: User) -> None:
    pause(community, by)
    with pytest.raises(CommunityNotActive):
        pause(community, by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause.objects.create(community=community, because="x", starts_on=TODAY, look_again_on=LATER)


def test_a_look_again_is_due_from_its_day_until_it_is_put_off_or_the_pause_is_over(
    community: Community, by: User
) -> None:
    pause(community, by)
    assert not Pause.objects.to_look_at(LATER - timedelta(days=1)).exists()
    assert Pause.objects.to_look_at(LATER).exists()
    again = LATER + timedelta(days=30)
    look_again_later(community=community, because="Still nobody.", look_again_on=again, by=by, now=NOW)
    assert not Pause.objects.to_look_at(LATER).exists()
    resume_community(community=community, by=by, now=NOW + timedelta(days=1))
    assert not Pause.objects.to_look_at(again).exists()
    assert Pause.objects.get().ends_on == TODAY + timedelta(days=1)
    assert history(community) == [
        ("paused", "The facilitator is on leave."),
        ("look_again", "Still nobody."),
        ("resumed", ""),
    ]


def test_only_what_has_paused_goes_on(community: Community, by: User) -> None:
    with pytest.raises(CommunityNotPaused):
        resume_community(community=community, by=by, now=NOW)
    with pytest.raises(CommunityNotPaused):
        look_again_later(community=community, because="Why", look_again_on=LATER, by=by, now=NOW)


def test_closing_keeps_the_note_and_the_day_and_ends_a_pause(community: Community, by: User) -> None:
    pause(community, by)
    close_community(community=community, closing_note=" Its work is done. ", by=by, now=NOW)
    community.refresh_from_db()
    assert (community.state, community.closed_on, community.closing_note) == ("closed", TODAY, "Its work is done.")
    assert Pause.objects.get().ends_on == TODAY
    with pytest.raises(CommunityClosed):
        close_community(community=community, closing_note="Again", by=by, now=NOW)


def test_closing_ends_every_way_in(community: Community, by: User) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=2))
    make_join_link(session=session, by=by, now=NOW)
    invite_members(community=community, emails=["amara@example.org"], by=by, now=NOW)
    ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
    record_session(session=session, version=1, focus="", attendance={}, learning_points=[], actions=[], by=by, now=NOW)
    close_community(community=community, closing_note="Done.", by=by, now=NOW)
    assert JoinLink.objects.get().stopped_at == NOW
    assert MemberInvitation.objects.get().state == "withdrawn"
    assert JoinRequest.objects.get().state == "withdrawn"


@pytest.mark.parametrize(("note", "refusal"), [("", NoClosingNote), (" \n", NoClosingNote)])
def test_a_community_is_not_closed_without_a_word(
    community: Community, by: User, note: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        close_community(community=community, closing_note=note, by=by, now=NOW)


@pytest.mark.parametrize("when", [timedelta(days=7), timedelta(days=-7)])
def test_what_is_planned_or_not_recorded_stands_in_the_way_of_closing(
    community: Community, by: User, when: timedelta
) -> None:
    SessionFactory.create(community=community, starts_at=NOW + when)
    with pytest.raises(SessionsStillPlanned) as refused:
        close_community(community=community, closing_note="Done.", by=by, now=NOW)
    assert refused.value.messages[0].startswith("A session is still planned, or not recorded yet.")
    community.refresh_from_db()
    assert community.state == "active"


def test_a_community_closed_by_mistake_is_opened_again_and_its_history_says_so(community: Community, by: User) -> None:
    with pytest.raises(CommunityNotClosed):
        reopen_community(community=community, because="Why", by=by, now=NOW)
    close_community(community=community, closing_note="Done.", by=by, now=NOW)
    with pytest.raises(NoReasonToReopen):
        reopen_community(community=community, because=" ", by=by, now=NOW)
    reopen_community(community=community, because="It was the wrong one.", by=by, now=NOW)
    community.refresh_from_db()
    assert (community.state, community.closed_on, community.closing_note) == ("active", None, "")
    assert history(community) == [("closed", "Done."), ("reopened", "It was the wrong one.")]


def test_only_a_closed_community_has_a_closing_note(community: Community) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Community.objects.update(closing_note="Done.")
