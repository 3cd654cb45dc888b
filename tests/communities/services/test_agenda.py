"""Agenda items: proposed with or without a name, arranged by facilitators, carried over until they are covered."""

from datetime import timedelta
from typing import Any

import pytest

from communities.models import AgendaItem, Community, Session
from communities.services.communities import CommunityClosed
from communities.services.sessions import agenda
from communities.services.sessions.agenda import (
    AgendaItemMovedOn,
    AtTheEndAlready,
    BacklogFull,
    NoReasonForDeclining,
    NotASessionAhead,
    NothingProposed,
    NotOnAnAgenda,
    NotYoursToTakeBack,
    cover_agenda_item,
    decline_agenda_item,
    defer_agenda_item,
    move_agenda_item,
    propose_agenda_item,
    put_on_agenda,
    withdraw_agenda_item,
)
from communities.services.sessions.moving import cancel_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, TODAY, CommunityFactory, SessionFactory, facilitator_of, member_of

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def mina(community: Community) -> User:
    return member_of(community)


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community)


def propose(community: Community, by: User, **changes: Any) -> AgendaItem:
    said: dict[str, Any] = {"text": "Night cover", "is_named": True, **changes}
    return propose_agenda_item(community=community, by=by, now=NOW, **said)


def test_a_named_proposal_names_its_author_and_the_day(community: Community, mina: User) -> None:
    item = propose(community, mina, text=" Night cover ", detail=" Twice this month ")
    assert (item.text, item.detail, item.proposed_by, item.proposed_on, item.state) == (
        "Night cover",
        "Twice this month",
        mina.person,
        TODAY,
        "proposed",
    )


def test_an_unnamed_proposal_leaves_no_trace_of_who_it_was(community: Community, mina: User) -> None:
    item = propose(community, mina, is_named=False)
    assert item.proposed_by is None
    relations = [field.attname for field in AgendaItem._meta.concrete_fields if field.is_relation]
    assert AgendaItem.objects.values(*relations).get() == {
        "community_id": community.pk,
        "session_id": None,
        "proposed_by_id": None,
    }
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.by) == ("agenda_item.proposed", None)
    with pytest.raises(NotYoursToTakeBack):
        withdraw_agenda_item(item=item, version=1, by=mina, now=NOW)


def test_a_proposal_says_something_and_the_list_has_an_end(
    community: Community, mina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NothingProposed):
        propose(community, mina, text=" \n")
    monkeypatch.setattr(agenda, "MOST_WAITING", 1)
    propose(community, mina)
    with pytest.raises(BacklogFull):
        propose(community, mina)
    assert AgendaItem.objects.count() == 1


def test_items_come_on_the_agenda_in_the_order_in_which_they_are_put_there(
    community: Community, facilitator: User, mina: User, session: Session
) -> None:
    first, second = propose(community, mina, text="First"), propose(community, mina, text="Second")
    put_on_agenda(item=second, version=1, session=session, by=facilitator, now=NOW)
    put_on_agenda(item=first, version=1, session=session, by=facilitator, now=NOW)
    assert list(AgendaItem.objects.on_agenda_of(session)) == [second, first]
    assert not AgendaItem.objects.backlog(NOW).exists()


def test_what_was_not_covered_carries_over_and_what_was_covered_does_not(
    community: Community, facilitator: User, mina: User, session: Session
) -> None:
    covered, left = propose(community, mina), propose(community, mina, text="Left over")
    for item in (covered, left):
        put_on_agenda(item=item, version=1, session=session, by=facilitator, now=NOW)
    during = session.starts_at + HOUR / 2
    cover_agenda_item(item=covered, version=2, by=facilitator, now=during)
    assert list(AgendaItem.objects.backlog(during)) == []
    assert list(AgendaItem.objects.backlog(session.ends_at)) == [left]
    later = SessionFactory.create(community=community, starts_at=session.ends_at + DAY)
    put_on_agenda(item=left, version=2, session=later, by=facilitator, now=session.ends_at)
    assert list(AgendaItem.objects.backlog(session.ends_at)) == []
    assert list(AgendaItem.objects.on_agenda_of(session)) == [covered]


def test_a_cancelled_session_gives_its_items_back(
    community: Community, facilitator: User, mina: User, session: Session
) -> None:
    item = put_on_agenda(item=propose(community, mina), version=1, session=session, by=facilitator, now=NOW)
    cancel_session(session=session, because="Flood", by=facilitator, now=NOW)
    assert list(AgendaItem.objects.backlog(NOW)) == [item]
    item.refresh_from_db()
    with pytest.raises(NotOnAnAgenda):
        cover_agenda_item(item=item, version=2, by=facilitator, now=session.ends_at)


def test_an_item_is_left_for_later_or_declined_with_a_reason(
    community: Community, facilitator: User, mina: User, session: Session
) -> None:
    item = put_on_agenda(item=propose(community, mina), version=1, session=session, by=facilitator, now=NOW)
    defer_agenda_item(item=item, version=2, by=facilitator, now=NOW)
    assert (item.state, item.session) == ("proposed", None)
    with pytest.raises(NoReasonForDeclining):
        decline_agenda_item(item=item, version=3, because=" ", by=facilitator, now=NOW)
    decline_agenda_item(item=item, version=3, because="We did this in May", by=facilitator, now=NOW)
    assert (item.state, item.declined_because, item.settled_on) == ("declined", "We did this in May", TODAY)
    assert list(AgendaItem.objects.settled()) == [item]
    with pytest.raises(AgendaItemMovedOn):
        put_on_agenda(item=item, version=4, session=session, by=facilitator, now=NOW)


def test_two_facilitators_do_not_move_the_same_item(
    community: Community, facilitator: User, mina: User, session: Session
) -> None:
    item = propose(community, mina)
    decline_agenda_item(item=AgendaItem.objects.get(), version=1, because="No time", by=facilitator, now=NOW)
    with pytest.raises(AgendaItemMovedOn):
        put_on_agenda(item=item, version=1, session=session, by=facilitator, now=NOW)
    item.refresh_from_db()
    assert (item.state, item.session) == ("declined", None)


def test_only_a_session_ahead_in_the_same_community_has_an_agenda_to_fill(
    community: Community, facilitator: User, mina: User
) -> None:
    item = propose(community, mina)
    over = SessionFactory.create(community=community, starts_at=NOW - DAY)
    off = SessionFactory.create(community=community, state="cancelled", cancelled_because="Flood")
    for session in (SessionFactory.create(), over, off):
        with pytest.raises(NotASessionAhead):
            put_on_agenda(item=item, version=1, session=session, by=facilitator, now=NOW)
    with pytest.raises(NotOnAnAgenda):
        cover_agenda_item(item=item, version=1, by=facilitator, now=NOW)


def test_who_proposed_something_takes_it_back_and_nobody_else(
    community: Community, facilitator: User, mina: User
) -> None:
    item = propose(community, mina)
    with pytest.raises(NotYoursToTakeBack):
        withdraw_agenda_item(item=item, version=1, by=facilitator, now=NOW)
    withdraw_agenda_item(item=item, version=1, by=mina, now=NOW)
    assert item.state == "withdrawn"


def test_a_closed_community_takes_no_proposal(community: Community, facilitator: User, mina: User) -> None:
    item = propose(community, mina)
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        propose(community, mina)
    with pytest.raises(CommunityClosed):
        defer_agenda_item(item=item, version=1, by=facilitator, now=NOW)


def agenda_of(session: Session, facilitator: User, mina: User, *texts: str) -> list[AgendaItem]:
    items = [propose(session.community, mina, text=text) for text in texts]
    return [put_on_agenda(item=one, version=1, session=session, by=facilitator, now=NOW) for one in items]


def order_of(session: Session) -> str:
    return "".join(AgendaItem.objects.on_agenda_of(session).values_list("text", flat=True))


def test_an_item_moves_one_place_up_or_down(facilitator: User, mina: User, session: Session) -> None:
    a, b, c = agenda_of(session, facilitator, mina, *"ABC")
    orders = []
    for item, up in ((c, True), (c, True), (a, False), (b, True)):
        item.refresh_from_db()
        move_agenda_item(item=item, version=item.version, up=up, by=facilitator, now=NOW)
        orders.append(order_of(session))
    assert orders == ["ACB", "CAB", "CBA", "BCA"]
    assert AuditEntry.objects.filter(event="agenda_item.moved").count() == 4


def test_it_moves_past_the_gap_that_another_left(facilitator: User, mina: User, session: Session) -> None:
    _, b, c = agenda_of(session, facilitator, mina, *"ABC")
    defer_agenda_item(item=b, version=2, by=facilitator, now=NOW)
    move_agenda_item(item=c, version=2, up=True, by=facilitator, now=NOW)
    put_on_agenda(item=b, version=3, session=session, by=facilitator, now=NOW)
    assert order_of(session) == "CAB"


def test_nothing_moves_beyond_either_end(facilitator: User, mina: User, session: Session) -> None:
    a, b = agenda_of(session, facilitator, mina, *"AB")
    for item, up in ((a, True), (b, False)):
        with pytest.raises(AtTheEndAlready, match="already"):
            move_agenda_item(item=item, version=2, up=up, by=facilitator, now=NOW)
    assert order_of(session) == "AB"


def test_what_somebody_else_has_moved_or_taken_off_is_not_moved(
    facilitator: User, mina: User, session: Session
) -> None:
    a, b, c = agenda_of(session, facilitator, mina, *"ABC")
    seen = [AgendaItem.objects.get(pk=item.pk) for item in (a, b, c)]
    move_agenda_item(item=b, version=2, up=True, by=facilitator, now=NOW)
    defer_agenda_item(item=c, version=2, by=facilitator, now=NOW)
    # The one that was moved, the one it changed places with, and the one that is gone.
    for item, up in zip(seen, (False, True, True), strict=True):
        with pytest.raises(AgendaItemMovedOn):
            move_agenda_item(item=item, version=2, up=up, by=facilitator, now=NOW)
    assert order_of(session) == "BA"


def test_only_the_agenda_of_a_session_that_is_planned_and_not_over_has_an_order_to_change(
    facilitator: User, mina: User, session: Session
) -> None:
    _, b = agenda_of(session, facilitator, mina, *"AB")
    waiting = propose(session.community, mina)
    move_agenda_item(item=b, version=2, up=True, by=facilitator, now=session.ends_at - HOUR / 2)
    for item, version, now in ((waiting, 1, NOW), (b, 3, session.ends_at)):
        with pytest.raises(NotASessionAhead):
            move_agenda_item(item=item, version=version, up=False, by=facilitator, now=now)
    assert order_of(session) == "BA"
