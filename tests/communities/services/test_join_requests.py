"""Asking to join: signed in, or by a join link at a session; and what facilitators decide."""

from datetime import timedelta
from typing import Any

import pytest

from communities.emails.joining import REQUEST_DECLINED, REQUESTS_WAITING
from communities.models import Affiliation, Community, JoinLink, JoinRequest, Membership, Person, Session
from communities.services.communities import CommunityClosed
from communities.services.joining.join_endings import forget_joining
from communities.services.joining.join_links import (
    CODE_LENGTH,
    JoinLinkClosed,
    JoinLinkNotKnown,
    JoinLinkStopped,
    SessionOver,
    as_meant,
    ask_by_link,
    code_of,
    in_groups,
    join_link_behind,
    make_join_link,
    stop_join_link,
)
from communities.services.joining.join_requests import (
    AlreadyAsked,
    NoReasonToDecline,
    NotOpenToAsk,
    NotYourRequest,
    RequestDecided,
    TooManyAsk,
    accept_request,
    ask_to_join,
    decline_request,
    withdraw_request,
)
from communities.services.people.membership import AlreadyMember, NameNotSaid, ProfessionNotSaid
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import UserFactory
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def by(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture
def stranger() -> User:
    return PersonFactory.create(name="Nia New").user


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))


@pytest.fixture
def link(session: Session, by: User) -> JoinLink:
    return make_join_link(session=session, by=by, now=NOW)


def ask(community: Community, user: User, **said: Any) -> JoinRequest:
    return ask_to_join(community=community, by=user, now=NOW, **said)


def ask_in_the_room(link: JoinLink, **said: Any) -> JoinLink:
    details = {
        "code": code_of(link),
        "name": "Amara Okafor",
        "email": "Amara@example.org",
        "organisation": None,
        "professional_group": ProfessionalGroupFactory.create(),
        "now": NOW,
        **said,
    }
    return ask_by_link(**details)


def test_who_asks_waits_and_each_facilitator_gets_one_mail_a_day(
    community: Community, by: User, stranger: User
) -> None:
    facilitator_of(community)
    request = ask(community, stranger, words=" I run the audit. ")
    assert (request.user, request.words, request.state, request.came_by) == (
        stranger,
        "I run the audit.",
        "waiting",
        "asked",
    )
    ask(community, PersonFactory.create().user)
    mails = OutboxMessage.objects.filter(kind=REQUESTS_WAITING)
    assert mails.count() == 2
    written = kind_named(REQUESTS_WAITING).render(dict(mails.get(params__facilitator=by.pk).params), "x@example.org")
    assert written.subject == "2 people ask to join the Sepsis community"
    assert "Nia New" not in written.text, "names stay on our own pages"


def test_the_mail_is_not_due_once_all_are_decided(community: Community, by: User, stranger: User) -> None:
    request = ask(community, stranger)
    params = dict(OutboxMessage.objects.get(kind=REQUESTS_WAITING).params)
    assert kind_named(REQUESTS_WAITING).is_still_due(params)
    accept_request(request=request, by=by, now=NOW)
    assert not kind_named(REQUESTS_WAITING).is_still_due(params)


def test_mail_that_was_held_gives_way_to_that_of_the_day_on_which_more_people_asked(
    community: Community, by: User, stranger: User
) -> None:
    ask(community, stranger)
    ask_to_join(community=community, by=PersonFactory.create().user, now=NOW + timedelta(days=1))
    held, newer = OutboxMessage.objects.filter(kind=REQUESTS_WAITING).order_by("due_at")
    is_still_due = kind_named(REQUESTS_WAITING).is_still_due
    assert [is_still_due(dict(mail.params)) for mail in (held, newer)] == [False, True]


def test_who_is_in_or_has_asked_does_not_ask(community: Community, stranger: User) -> None:
    ask(community, stranger)
    with pytest.raises(AlreadyAsked):
        ask(community, stranger)
    with pytest.raises(AlreadyMember):
        ask(community, member_of(community))
    assert JoinRequest.objects.count() == 1


@pytest.mark.parametrize("changes", [{"is_open_to_ask": False}, {"state": "paused"}])
def test_a_community_that_takes_no_requests_says_so(
    community: Community, stranger: User, changes: dict[str, Any]
) -> None:
    Community.objects.update(**changes)
    with pytest.raises(NotOpenToAsk):
        ask(community, stranger)
    Community.objects.update(state="closed", is_open_to_ask=True)
    with pytest.raises(CommunityClosed):
        ask(community, stranger)


def test_someone_whose_work_is_not_known_says_what_it_is(community: Community, by: User) -> None:
    colleague = UserFactory.create(name="No Person")
    with pytest.raises(ProfessionNotSaid):
        ask(community, colleague)
    nurses = ProfessionalGroupFactory.create()
    accept_request(request=ask(community, colleague, professional_group=nurses), by=by, now=NOW)
    assert Affiliation.objects.get(person__user=colleague).professional_group == nurses


def test_accepting_makes_a_member_and_says_who_decided(community: Community, by: User, stranger: User) -> None:
    request = ask(community, stranger, words="Because")
    membership = accept_request(request=request, by=by, now=NOW)
    assert (membership.person.user, membership.starts_on, membership.came_by) == (stranger, TODAY, "asked")
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.membership, request.words) == ("accepted", by, membership, "")
    welcome = OutboxMessage.objects.get(kind="communities.welcome")
    text = kind_named("communities.welcome").render(dict(welcome.params), welcome.recipient).text
    assert "You asked to join, and Fadia Haddad has accepted" in text
    with pytest.raises(RequestDecided):
        accept_request(request=request, by=by, now=NOW)
    assert Membership.objects.filter(person__user=stranger).count() == 1


def test_someone_who_asks_twice_and_was_added_meanwhile_cannot_be_accepted_and_keeps_waiting(
    community: Community, by: User, stranger: User
) -> None:
    request = ask(community, stranger)
    MembershipFactory.create(community=community, person=Person.objects.get(user=stranger))
    with pytest.raises(AlreadyMember):
        accept_request(request=request, by=by, now=NOW)
    request.refresh_from_db()
    assert request.state == "waiting"


def test_declining_says_why_and_tells_who_was_signed_in(community: Community, by: User, stranger: User) -> None:
    request = ask(community, stranger)
    with pytest.raises(NoReasonToDecline):
        decline_request(request=request, because=" ", by=by, now=NOW)
    decline_request(request=request, because="We are full until spring.", by=by, now=NOW)
    assert (request.state, request.because) == ("declined", "We are full until spring.")
    mail = OutboxMessage.objects.get(kind=REQUEST_DECLINED)
    text = kind_named(REQUEST_DECLINED).render(dict(mail.params), mail.recipient).text
    assert "We are full until spring." in text
    ask(community, stranger)


def test_only_who_asked_takes_it_back(community: Community, by: User, stranger: User) -> None:
    request = ask(community, stranger)
    with pytest.raises(NotYourRequest):
        withdraw_request(request=request, by=by, now=NOW)
    withdraw_request(request=request, by=stranger, now=NOW)
    with pytest.raises(RequestDecided):
        decline_request(request=request, because="No", by=by, now=NOW)


def test_requests_wait_for_facilitators_and_for_staff_where_nobody_facilitates(
    community: Community, by: User, stranger: User
) -> None:
    lone = CommunityFactory.create()
    mine, nobodys = ask(community, stranger), ask(lone, stranger)
    assert list(JoinRequest.objects.to_decide(by)) == [mine]
    assert list(JoinRequest.objects.to_decide(staff())) == [nobodys]
    assert list(JoinRequest.objects.to_decide(stranger)) == []


def test_a_join_link_is_one_per_session_and_its_code_is_nowhere_stored(
    session: Session, by: User, link: JoinLink
) -> None:
    assert make_join_link(session=session, by=by, now=NOW) == link
    code = code_of(link)
    assert len(code) == CODE_LENGTH
    assert code not in str([*JoinLink.objects.values_list(), *AuditEntry.objects.values_list()])
    assert join_link_behind(code, NOW) == link


def test_a_code_is_understood_however_it_was_read_off_the_screen(link: JoinLink) -> None:
    code = code_of(link)
    assert join_link_behind(f" {in_groups(code).lower()} ", NOW) == link
    assert as_meant("o0-il 1x") == "00111X"


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA", "a\x00b", "\ud800"])
def test_a_code_that_was_never_shown_leads_nowhere(code: str) -> None:
    with pytest.raises(JoinLinkNotKnown):
        join_link_behind(code, NOW)


def test_a_link_closes_a_day_after_the_session_and_moves_with_it(session: Session, link: JoinLink) -> None:
    code, last = code_of(link), session.ends_at + timedelta(hours=24)
    assert join_link_behind(code, last - timedelta(seconds=1)) == link
    with pytest.raises(JoinLinkClosed):
        join_link_behind(code, last)
    Session.objects.update(ends_at=session.ends_at + timedelta(days=7))
    assert join_link_behind(code, last) == link
    Session.objects.update(state="cancelled", cancelled_because="Flood")
    with pytest.raises(JoinLinkClosed):
        join_link_behind(code, last)


def test_a_link_is_not_made_for_a_session_that_is_off_or_long_over(community: Community, by: User) -> None:
    over = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=3))
    off = SessionFactory.create(community=community, state="cancelled", cancelled_because="Flood")
    for session in (over, off):
        with pytest.raises(SessionOver):
            make_join_link(session=session, by=by, now=NOW)


def test_stopped_it_lets_nobody_ask_and_the_next_one_has_another_code(
    session: Session, by: User, link: JoinLink
) -> None:
    stop_join_link(link=link, by=by, now=NOW)
    with pytest.raises(JoinLinkClosed):
        ask_in_the_room(link)
    with pytest.raises(JoinLinkStopped):
        stop_join_link(link=link, by=by, now=NOW)
    assert code_of(make_join_link(session=session, by=by, now=NOW)) != code_of(link)


def test_a_join_link_makes_a_request_and_the_membership_keeps_which_session_brought_them(
    session: Session, by: User, link: JoinLink
) -> None:
    ask_in_the_room(link)
    request = JoinRequest.objects.get()
    assert (request.name, request.email, request.came_by, request.brought_by, request.user) == (
        "Amara Okafor",
        "amara@example.org",
        "join_link",
        session,
        None,
    )
    assert not Person.objects.filter(user__name="Amara Okafor").exists(), "nobody is in by asking"
    membership = accept_request(request=request, by=by, now=NOW)
    assert (membership.came_by, membership.brought_by, membership.person.name) == (
        "join_link",
        session,
        "Amara Okafor",
    )
    request.refresh_from_db()
    assert (request.email, request.name) == ("", "")


@pytest.mark.parametrize(
    ("said", "refusal"), [({"name": " "}, NameNotSaid), ({"professional_group": None}, ProfessionNotSaid)]
)
def test_in_the_room_too_people_say_who_they_are(
    link: JoinLink, said: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask_in_the_room(link, **said)


def test_asking_twice_asks_once_and_tells_nothing_about_who_is_a_member(link: JoinLink, community: Community) -> None:
    member_of(community, email="in@example.org")
    outcomes = [ask_in_the_room(link), ask_in_the_room(link), ask_in_the_room(link, email="IN@example.org")]
    assert outcomes == [link, link, link]
    assert JoinRequest.objects.count() == 1


def test_a_link_that_went_round_the_world_fills_up(link: JoinLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("communities.services.joining.join_links.MOST_WAITING", 1)
    ask_in_the_room(link)
    with pytest.raises(TooManyAsk):
        ask_in_the_room(link, email="another@example.org")


def test_an_address_typed_in_a_room_is_not_written_to_when_it_is_turned_down(link: JoinLink, by: User) -> None:
    ask_in_the_room(link)
    request = JoinRequest.objects.get()
    decline_request(request=request, because="Not one of ours.", by=by, now=NOW)
    assert not OutboxMessage.objects.filter(kind=REQUEST_DECLINED).exists()
    assert request.email == ""
    assert forget_joining(now=NOW + timedelta(days=30)) == 0
    assert forget_joining(now=NOW + timedelta(days=31)) == 1
    assert not JoinRequest.objects.exists()
