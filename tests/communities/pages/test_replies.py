"""Saying whether one comes: signed in, on Home, and behind the link in a mail, which tells nobody who opened it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities import links
from communities.models import Community, Membership, Reply, Session
from communities.services.sessions.moving import cancel_session
from communities.services.sessions.replies import reply_to_session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, SessionFactory, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def session(community: Community) -> Session:
    return SessionFactory.create(
        community=community, starts_at=NOW + timedelta(days=7), joining_link="https://meet.example.org/1"
    )


@pytest.fixture
def mina(people: dict[str, User]) -> User:
    return people["member"]


def link(session: Session, user: User) -> str:
    reply = reply_to_session(session=session, answer="unsure", by=user, now=NOW)
    return reverse("communities:reply-by-link", args=[links.token_for(links.REPLY, reply.pk)])


def reply_url(session: Session) -> str:
    return reverse("communities:reply-to-session", args=[session.community.slug, session.pk])


def test_a_member_says_on_the_sessions_page_whether_they_come(client: Client, session: Session, mina: User) -> None:
    sign_in(client, mina)
    shown = client.get(session.get_absolute_url()).content.decode()
    assert "Will you come?" in shown
    assert "You have said" not in shown
    said = client.post(reply_url(session), {"answer": "coming"}, follow=True)
    assert said.redirect_chain == [(session.get_absolute_url(), 302)]
    assert "You have said: “I’m coming”." in said.content.decode()


def test_home_asks_a_member_and_comes_back_to_home(client: Client, session: Session, mina: User) -> None:
    sign_in(client, mina)
    assert f'action="{reply_url(session)}"' in client.get("/").content.decode()
    said = client.post(reply_url(session), {"answer": "not_coming", "from": "home"}, follow=True)
    assert said.redirect_chain == [("/", 302)]
    assert "You have said: “Sorry, no”." in said.content.decode()


def test_a_sponsor_is_not_asked_and_sees_neither_numbers_nor_names(
    client: Client, session: Session, people: dict[str, User]
) -> None:
    reply_to_session(session=session, answer="coming", by=people["member"], now=NOW)
    sign_in(client, people["sponsor"])
    shown = client.get(session.get_absolute_url()).content.decode()
    assert "Will you come?" not in shown
    assert "Who means to come" not in shown
    assert "Mina" not in shown
    assert f'action="{reply_url(session)}"' not in client.get("/").content.decode()


def test_facilitators_see_who_means_to_come_and_members_do_not(
    client: Client, session: Session, people: dict[str, User]
) -> None:
    for name, answer in (("Ann Other", "coming"), ("Ben Other", "coming"), ("Cat Other", "not_coming")):
        reply_to_session(session=session, answer=answer, by=member_of(session.community, name=name), now=NOW)
    left = member_of(session.community, name="Dan Gone")
    reply_to_session(session=session, answer="coming", by=left, now=NOW)
    Membership.objects.filter(person__user=left).update(ends_on=TODAY)
    shown = sign_in(client, people["facilitator"]).get(session.get_absolute_url())
    assert "2 coming, 1 not coming, 0 do not know yet, 2 have not said." in shown.content.decode()
    assert shown.context["plan"].names == [("I’m coming", ["Ann Other", "Ben Other"]), ("Sorry, no", ["Cat Other"])]
    assert "Ann Other" not in sign_in(client, people["member"]).get(session.get_absolute_url()).content.decode()


def test_the_link_shows_the_session_and_takes_an_answer_without_an_account(
    client: Client, session: Session, mina: User
) -> None:
    address = link(session, mina)
    shown = client.get(address)
    html = shown.content.decode()
    assert shown.status_code == 200
    assert "Tuesday 1 December 2026" in html or f"{session.starts_at:%-d %B %Y}" in html
    assert "So far you have said: “I don’t know yet”." in html
    assert " checked" not in html
    said = client.post(address, {"answer": "coming"})
    assert (said.status_code, "Noted: you are coming." in said.content.decode()) == (200, True)
    assert Reply.objects.get().answer == "coming"
    assert client.cookies == {}


def test_opening_the_link_and_pressing_its_button_change_nothing(client: Client, session: Session, mina: User) -> None:
    address = link(session, mina)
    before = list(Reply.objects.values())
    for method in (client.get, client.head, client.options):
        method(address)
    pressed = client.post(address)
    assert pressed.status_code == 422
    assert "There is a problem" in pressed.content.decode()
    for answer in ("", "yes", "COMING", "a\x00b"):
        assert client.post(address, {"answer": answer}).status_code == 422
    assert list(Reply.objects.values()) == before


def test_the_link_page_is_kept_by_nobody_and_touches_no_session(client: Client, session: Session, mina: User) -> None:
    address = link(session, mina)
    sign_in(client, mina)
    response = client.get(address)
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Set-Cookie" not in response
    assert "Sign out" not in response.content.decode()


@pytest.mark.parametrize("token", ["x", "A" * 43, "é", "..", "%00", "A" * 3000])
def test_a_link_that_is_not_ours_says_so_and_no_more(client: Client, session: Session, token: str) -> None:
    response = client.get(f"/r/{token}/")
    assert response.status_code == 404
    if token != "..":
        assert "This link is not known" in response.content.decode()
        assert token not in response.content.decode() or token in {"x", "é"}


def test_the_link_says_why_there_is_nothing_left_to_say(
    client: Client, session: Session, mina: User, facilitator: User
) -> None:
    address = link(session, mina)
    cancel_session(session=session, because="The <b>room</b> is flooded", by=facilitator, now=NOW)
    response = client.post(address, {"answer": "coming"})
    assert response.status_code == 410
    assert "The &lt;b&gt;room&lt;/b&gt; is flooded" in response.content.decode()
    over = SessionFactory.create(community=session.community, starts_at=NOW + timedelta(minutes=1))
    address = link(over, mina)
    Session.objects.filter(pk=over.pk).update(starts_at=NOW - timedelta(minutes=1))
    assert client.get(address).status_code == 410
    Community.objects.update(state="closed")
    assert client.get(address).status_code == 410
    assert set(Reply.objects.values_list("answer", flat=True)) == {"unsure"}


def test_a_reply_without_a_choice_is_asked_for_again(client: Client, session: Session, mina: User) -> None:
    sign_in(client, mina)
    for typed in ({}, {"answer": "perhaps"}):
        assert client.post(reply_url(session), typed).status_code == 422
    assert not Reply.objects.exists()


def test_a_session_page_costs_the_same_however_many_have_said_something(
    client: Client, session: Session, people: dict[str, User], django_assert_num_queries: Any
) -> None:
    sign_in(client, people["facilitator"])
    counts = []
    for number in (1, 29):
        for _ in range(number):
            reply_to_session(session=session, answer="coming", by=member_of(session.community), now=NOW)
        with django_assert_num_queries(10):
            counts.append(client.get(session.get_absolute_url()).status_code)
    assert counts == [200, 200]
