"""Check-in: the code on the screen, a phone without an account, and the facilitator who confirms."""

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import Morsel
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Attendance, CheckInClaim, CheckInPass, Community, Membership, Session
from communities.services.sessions.check_ins import close_check_in
from communities.views.sessions.check_in_link import WRONG_CODES
from cop_portal.accounts.models import User
from tests.communities.pages.checking_in import (
    FIND,
    GUEST,
    HERE,
    code_now,
    going_on,
    hidden,
    html_of,
    look,
    marks,
    opened,
    say_here,
    scan,
)
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, PersonFactory, SessionFactory, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_from_nothing() -> None:
    caches["throttles"].clear()


@pytest.fixture
def session(community: Community) -> Session:
    return going_on(community)


@pytest.fixture
def phone() -> Client:
    """A browser in which nobody has signed in."""
    return Client()


@pytest.fixture
def moving() -> Iterator[time_machine.Traveller]:
    """A clock that the test can move."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def page(name: str, session: Session) -> str:
    return reverse(f"communities:{name}", args=[session.community.slug, session.pk])


def test_opening_check_in_puts_a_code_on_the_screen_that_changes_every_minute(
    client: Client, facilitator: User, session: Session, moving: time_machine.Traveller
) -> None:
    sign_in(client, facilitator)
    address = page("check-in", session)
    assert "app-join-code" not in html_of(client.get(address)), "a GET opens nothing"
    first = html_of(client.post(address, follow=True))
    moving.shift(timedelta(seconds=45))
    same = html_of(client.get(page("check-in-now", session)))
    moving.shift(timedelta(seconds=15))
    second = html_of(client.get(page("check-in-now", session)))
    codes = [html.partition('<p class="app-join-code">')[2].partition("<")[0] for html in (first, same, second)]
    assert codes[0] == codes[1] != codes[2]
    assert [len(code) for code in codes] == [9, 9, 9]
    assert 'src="data:image/svg+xml;base64,' in first
    assert 'hx-trigger="load delay:61s"' in first
    assert 'hx-trigger="load delay:16s"' in same
    assert '<noscript><meta http-equiv="refresh" content="61"></noscript>' in first


def test_a_code_of_a_minute_ago_still_opens_and_an_older_one_does_not(
    phone: Client, facilitator: User, session: Session, moving: time_machine.Traveller
) -> None:
    address = reverse("communities:check-in-code", args=[code_now(opened(session, facilitator))])
    answers = []
    for _ in range(3):
        answers.append(Client().get(address).status_code)
        moving.shift(timedelta(minutes=1))
    assert answers == [302, 302, 404]


@pytest.fixture
def check_in(at_noon: None, session: Session, facilitator: User) -> Any:
    return opened(session, facilitator)


def test_a_phone_finds_its_name_and_what_it_says_waits_for_the_facilitator(
    phone: Client, community: Community, session: Session, check_in: Any
) -> None:
    amara = MembershipFactory.create(community=community, person=PersonFactory.create(name="Amara Okafor"))
    assert scan(phone, check_in).url == FIND
    chosen = look(phone, "oka")
    assert list(marks(chosen)) == ["Amara Okafor"]
    assert "checked" not in chosen.content.decode(), "no choice has a default"
    assert "Thank you, you have checked in" in html_of(say_here(phone, "Amara Okafor", typed="oka", how="online"))
    claim = CheckInClaim.objects.get()
    assert (claim.membership, claim.how, claim.state, claim.times) == (amara, "online", "waiting", 1)
    session.refresh_from_db()
    assert (session.state, Attendance.objects.count()) == ("planned", 0), "a claim changes nothing"


def test_a_post_without_either_choice_stores_nothing(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    scan(phone, check_in)
    found = look(phone, "amara")
    sent = hidden(found)
    who = marks(found)["Amara Okafor"]
    answers = [phone.post(HERE, {**sent, **choice}) for choice in ({}, {"who": who}, {"how": "room"})]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all("Amara Okafor" in answer.content.decode() for answer in answers), "the names are still there"
    assert not CheckInClaim.objects.exists()


def test_a_phone_names_only_members_of_that_day_and_nothing_but_names(
    phone: Client, community: Community, check_in: Any
) -> None:
    secret = MembershipFactory.create(
        community=community, person=PersonFactory.create(name="Amara Left", email="amara.left@example.org")
    )
    Membership.objects.filter(pk=secret.pk).update(ends_on=NOW.date() - timedelta(days=1))
    here = PersonFactory.create(name="Amara Okafor", email="amara.okafor@example.org")
    MembershipFactory.create(community=community, person=here)
    PersonFactory.create(name="Amara Elsewhere")
    scan(phone, check_in)
    html = html_of(look(phone, "amara"))
    assert "Amara Okafor" in html
    place = str(here.affiliations.get().organisation)
    for hidden_word in ("Amara Left", "Amara Elsewhere", "@example.org", place):
        assert hidden_word not in html


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("am", "Type at least 3 letters of your name."),
        ("   ", "Enter your name"),
        ("Dr", "Type at least 3 letters of your name."),
        ("ama\x00ra", "contains a character that cannot be stored"),
    ],
)
def test_too_little_or_nothing_readable_is_no_look_up(phone: Client, check_in: Any, typed: str, words: str) -> None:
    scan(phone, check_in)
    answer = look(phone, typed)
    assert (answer.status_code, html_of(answer).count(words)) == (422, 2)
    assert not CheckInPass.objects.exists()


def test_more_than_five_names_are_not_shown_and_the_look_up_counts(
    phone: Client, community: Community, check_in: Any
) -> None:
    for n in range(6):
        member_of(community, name=f"Amara Number{n}")
    scan(phone, check_in)
    answer = look(phone, "amara")
    assert answer.status_code == 422
    assert "Many names fit. Type more of yours." in html_of(answer)
    assert "Number" not in html_of(answer)
    assert CheckInPass.objects.get().look_ups == 1


def test_after_twenty_look_ups_a_pass_finds_nobody(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    scan(phone, check_in)
    page_mark = hidden(phone.get(FIND))
    answers = [phone.post(FIND, {**page_mark, "name": "amara"}).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_an_old_copy_of_the_cookie_gives_no_more_look_ups(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    scan(phone, check_in)
    kept = phone.cookies["check_in"].value
    CheckInPass.objects.all().delete()
    for _ in range(20):
        look(phone, "amara")
    phone.cookies["check_in"] = kept
    assert look(phone, "amara").status_code == 429


def test_the_pass_is_sealed_only_for_this_host_and_lasts_ten_minutes(phone: Client, check_in: Any) -> None:
    code = code_now(check_in)
    answer = scan(phone, check_in)
    cookie: Morsel[str] = answer.cookies["check_in"]
    assert {name: cookie[name] for name in ("path", "domain", "max-age", "httponly", "samesite")} == {
        "path": "/c/",
        "domain": "",
        "max-age": 600,
        "httponly": True,
        "samesite": "Strict",
    }
    assert code not in cookie.value
    assert set(answer.cookies) == {"check_in"}, "neither session nor message"
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not CheckInPass.objects.exists(), "a GET stores nothing"


def test_a_phone_says_who_it_is_once(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    member_of(community, name="Ben Adeyemi")
    scan(phone, check_in)
    say_here(phone, "Amara Okafor")
    again = say_here(phone, "Ben Adeyemi")
    assert again.status_code == 409
    assert "Somebody has checked in with this browser already." in html_of(again)
    put_right = say_here(phone, "Amara Okafor", how="online")
    assert put_right.status_code == 200
    assert list(CheckInClaim.objects.values_list("how", "times")) == [("online", 1)]


def test_the_same_name_from_two_phones_is_one_claim_said_twice(
    phone: Client, community: Community, check_in: Any
) -> None:
    member_of(community, name="Amara Okafor")
    for browser in (phone, Client()):
        scan(browser, check_in)
        say_here(browser, "Amara Okafor")
    assert CheckInClaim.objects.get().times == 2


def test_a_phone_cannot_choose_a_name_that_it_has_not_found(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    member_of(community, name="Ben Adeyemi")
    other = Client()
    scan(phone, check_in)
    scan(other, check_in)
    ben = marks(look(other, "ben"))["Ben Adeyemi"]
    found = look(phone, "amara")
    foreign = phone.post(HERE, {**hidden(found), "who": ben, "how": "room"})
    forged = phone.post(HERE, {**hidden(found), "typed": "ben", "who": ben, "how": "room"})
    assert (foreign.status_code, forged.status_code) == (422, 410)
    assert not CheckInClaim.objects.exists()


def test_who_is_not_on_the_list_leaves_a_name(phone: Client, check_in: Any) -> None:
    scan(phone, check_in)
    assert "check in as someone who is not on the list" in html_of(look(phone, "nobody"))
    sent = {**hidden(phone.get(GUEST)), "name": "<script>alert(1)</script>", "organisation": "=1+1"}
    assert phone.post(GUEST, sent).status_code == 422
    assert phone.post(GUEST, {**sent, "how": "room"}).status_code == 200
    claim = CheckInClaim.objects.get()
    assert (claim.membership, claim.name, claim.organisation) == (None, "<script>alert(1)</script>", "=1+1")


def test_a_form_that_was_not_on_its_page_is_not_taken(phone: Client, community: Community, check_in: Any) -> None:
    member_of(community, name="Amara Okafor")
    scan(phone, check_in)
    for page_mark in ("", "0" * 32, "’"):
        assert phone.post(FIND, {"page_mark": page_mark, "name": "amara"}).status_code == 410
    assert not CheckInPass.objects.exists()


def test_without_a_pass_nothing_opens(phone: Client, check_in: Any) -> None:
    assert [phone.get(address).status_code for address in (FIND, GUEST)] == [410, 410]
    phone.cookies["check_in"] = "bm90IG91cnM="
    assert phone.get(FIND).status_code == 410


def test_a_phone_types_the_code_in_any_spelling(phone: Client, check_in: Any) -> None:
    code = code_now(check_in)
    typed = f" {code[:4].lower()}-{code[4:]} "
    answer = phone.post(reverse("communities:type-check-in-code"), {"code": typed})
    assert (answer.status_code, answer["Location"]) == (302, FIND)
    wrong = phone.post(reverse("communities:type-check-in-code"), {"code": "0000-0000"})
    assert (wrong.status_code, html_of(wrong).count("No screen shows this code now.")) == (422, 2)


def test_too_many_wrong_codes_from_one_place_end_even_a_right_one(phone: Client, check_in: Any) -> None:
    wrong = reverse("communities:check-in-code", args=["00000000"])
    for _ in range(598):
        WRONG_CODES.note(RequestFactory().get(wrong))
    assert [phone.get(wrong).status_code for _ in range(2)] == [404, 404]
    assert phone.get(wrong).status_code == 429
    assert scan(phone, check_in).status_code == 429
    assert scan(Client(REMOTE_ADDR="192.0.2.7"), check_in).status_code == 302


def test_sixty_phones_behind_one_address_check_in_though_each_mistypes_the_code_first(
    community: Community, check_in: Any
) -> None:
    names = [f"Amara Number{n:02}" for n in range(60)]
    for name in names:
        member_of(community, name=name)
    for name in names:
        phone = Client(REMOTE_ADDR="192.0.2.7")
        for typed, status in (("0000-0000", 422), ("1111-1111", 422), (code_now(check_in), 302)):
            assert phone.post(reverse("communities:type-check-in-code"), {"code": typed}).status_code == status
        assert say_here(phone, name, typed=name.split()[1]).status_code == 200, name
    said = CheckInClaim.objects.values_list("membership__person__user__name", "times")
    assert sorted(said) == [(name, 1) for name in names]


def test_a_closed_check_in_ends_every_pass(phone: Client, facilitator: User, check_in: Any) -> None:
    scan(phone, check_in)
    close_check_in(check_in=check_in, by=facilitator, now=NOW)
    assert phone.get(FIND).status_code == 410
    assert scan(Client(), check_in).status_code == 404


def test_a_pass_is_over_after_ten_minutes_and_a_check_in_half_an_hour_after_its_session(
    phone: Client, facilitator: User, session: Session, moving: time_machine.Traveller
) -> None:
    check_in = opened(session, facilitator)
    scan(phone, check_in)
    moving.shift(timedelta(minutes=9, seconds=59))
    assert phone.get(FIND).status_code == 200
    moving.shift(timedelta(seconds=1))
    assert phone.get(FIND).status_code == 410
    moving.move_to(session.ends_at + timedelta(minutes=29))
    late = Client()
    assert scan(late, check_in).status_code == 302
    moving.shift(timedelta(minutes=1))
    assert late.get(FIND).status_code == 410
    assert scan(Client(), check_in).status_code == 404


@pytest.mark.usefixtures("at_noon")
def test_check_in_opens_only_around_its_session(client: Client, facilitator: User, community: Community) -> None:
    sign_in(client, facilitator)
    next_week = SessionFactory.create(community=community)
    response = client.post(page("check-in", next_week))
    assert response.status_code == 422
    assert "Check-in can be open from" in html_of(response)


@pytest.mark.parametrize("members", [1, 30])
@pytest.mark.usefixtures("at_noon")
def test_a_look_up_asks_the_same_few_questions_however_many_members_there_are(
    phone: Client,
    facilitator: User,
    session: Session,
    members: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(members):
        member_of(session.community, name=f"Amara Number{n:02}")
    check_in = opened(session, facilitator)
    scan(phone, check_in)
    page_mark = hidden(phone.get(FIND))
    with django_assert_num_queries(12):
        phone.post(FIND, {**page_mark, "name": "Amara Number00"})
