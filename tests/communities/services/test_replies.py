"""Members saying whether they come: signed in and by link, and when it is too late to say."""

from datetime import timedelta

import pytest

from communities import links
from communities.models import Community, Membership, Reply, Session
from communities.services.communities import CommunityClosed
from communities.services.sessions.moving import cancel_session
from communities.services.sessions.replies import (
    NotAMemberHere,
    NotAReply,
    ReplyLinkNotKnown,
    ReplyTooLate,
    SessionCalledOff,
    reply_behind,
    reply_by_link,
    reply_to_session,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    sponsor_of,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create()


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community)


@pytest.fixture
def mina(community: Community) -> User:
    return member_of(community)


def said(session: Session, by: User, answer: str = "coming") -> Reply:
    return reply_to_session(session=session, answer=answer, by=by, now=NOW)


def link_of(reply: Reply) -> str:
    return links.token_for(links.REPLY, reply.pk)


def test_a_member_says_and_changes_their_mind(session: Session, mina: User) -> None:
    said(session, mina)
    said(session, mina, "not_coming")
    (reply,) = Reply.objects.all()
    assert (reply.answer, reply.answered_at, reply.membership.person.user) == ("not_coming", NOW, mina)
    assert list(AuditEntry.objects.values_list("event", "by")) == [("session.replied", mina.pk)] * 2


def test_what_comes_by_link_is_the_members_and_the_trail_names_nobody(session: Session, mina: User) -> None:
    token = link_of(said(session, mina, "unsure"))
    reply = reply_by_link(token=token, answer="coming", now=NOW)
    assert Reply.objects.get() == reply
    assert reply.answer == "coming"
    latest = AuditEntry.objects.latest("pk")
    assert (latest.event, latest.by_id) == ("session.replied", None)


@pytest.mark.parametrize("answer", ["", "perhaps", "COMING", "coming "])
def test_an_answer_that_is_none_stores_nothing(session: Session, mina: User, answer: str) -> None:
    with pytest.raises(NotAReply):
        said(session, mina, answer)
    assert not Reply.objects.said().exists()


def test_only_members_say_whether_they_come(session: Session) -> None:
    for stranger in (sponsor_of(session.community), staff(), facilitator_of(CommunityFactory.create())):
        with pytest.raises(NotAMemberHere):
            said(session, stranger)
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 43, "\x00", "\ud800", "é" * 40, links.token_for(links.ACTION, 1)], ids=ascii
)
def test_a_link_that_is_not_ours_leads_nowhere(session: Session, mina: User, token: str) -> None:
    said(session, mina)
    with pytest.raises(ReplyLinkNotKnown):
        reply_behind(token, now=NOW)


def test_a_link_ends_with_the_membership(session: Session, mina: User) -> None:
    token = link_of(said(session, mina))
    Membership.objects.update(ends_on=TODAY)
    with pytest.raises(ReplyLinkNotKnown):
        reply_by_link(token=token, answer="not_coming", now=NOW)
    assert Reply.objects.get().answer == "coming"


def test_nothing_is_left_to_say_once_it_has_begun_is_off_or_closed(session: Session, mina: User) -> None:
    reply = said(session, mina)
    token = link_of(reply)
    with pytest.raises(ReplyTooLate):
        reply_by_link(token=token, answer="unsure", now=session.starts_at)
    cancel_session(session=session, because="Flood", by=facilitator_of(session.community), now=NOW)
    with pytest.raises(SessionCalledOff, match="Flood"):
        reply_by_link(token=token, answer="unsure", now=NOW)
    other = SessionFactory.create(community=session.community, starts_at=NOW + timedelta(days=40))
    Community.objects.update(state=Community.State.CLOSED)
    other.refresh_from_db()
    with pytest.raises(CommunityClosed):
        reply_to_session(session=other, answer="coming", by=mina, now=NOW)
    reply.refresh_from_db()
    assert reply.answer == "coming"


def test_answers_are_counted_by_what_was_said(session: Session) -> None:
    for answer in ("coming", "coming", "unsure"):
        said(session, member_of(session.community), answer)
    Reply.objects.create(session=session, membership=Membership.objects.get(person=member_of(session.community).person))
    said(SessionFactory.create(community=session.community), member_of(session.community))
    assert session.replies.all().numbers() == {"coming": 2, "unsure": 1}
