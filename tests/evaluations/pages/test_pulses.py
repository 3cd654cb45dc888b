"""The pages of a pulse: offered on the session's page, sent, shown in the room, and a phone that takes a place."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Session
from communities.services.sessions.check_ins import minute_of
from cop_portal.accounts.models import User
from evaluations.links import token_for
from evaluations.models import Invitation, PulseRoom, RoomPlace, Survey
from evaluations.services.answers.answering import submit_answers
from evaluations.services.pulses.rooms import code_of
from evaluations.views.answers.room_door import WRONG_CODES
from tests.evaluations.pages.browsing import CHECK, DONE, everything_stored, send, step, words
from tests.evaluations.pulsing import (
    USEFUL,
    asked_by_mail,
    asked_in_the_room,
    closed,
    memberships_of,
    places_in,
    recorded,
    session_of,
)
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, facilitator_of, member_of, sponsor_of
from tests.factories.evaluations import community_of, give_answers

pytestmark = pytest.mark.django_db

YESTERDAY = NOW - timedelta(days=1)
TYPE, PLACE = reverse("evaluations:type-room-code"), reverse("evaluations:take-place")
FIRST = reverse("evaluations:answer-first")


@pytest.fixture(autouse=True)
def counted_from_nothing() -> None:
    caches["throttles"].clear()


def page(name: str, session: Session) -> str:
    return reverse(f"evaluations:{name}", args=[session.community.slug, session.pk])


def browser(user: User) -> Client:
    return sign_in(Client(), user)


def facilitator(session: Session) -> Client:
    return browser(facilitator_of(session.community, name=f"Zoe {session.pk}"))


def html_of(response: Any) -> str:
    found: str = response.content.decode()
    return found


def code_now(room: PulseRoom) -> str:
    return code_of(room, minute_of(NOW))


def scanned(phone: Client, room: PulseRoom) -> Any:
    return phone.get(reverse("evaluations:room-code", args=[code_now(room)]))


def pass_in(response: Any) -> str:
    found = re.search(r'name="room_pass" value="([^"]+)"', html_of(response))
    assert found, "no form to take a place with"
    return found[1]


def take(phone: Client, room: PulseRoom, **said: str) -> Any:
    return phone.post(PLACE, {"room_pass": pass_in(scanned(phone, room)), **said})


def test_a_recorded_session_offers_its_facilitator_to_ask_those_who_came_and_nobody_else() -> None:
    session = recorded(session_of(at=YESTERDAY), room=6)
    offer = reverse("evaluations:send-pulse", args=[session.community.slug, session.pk])
    readers = [facilitator(session), browser(sponsor_of(session.community)), browser(member_of(session.community))]
    assert [offer in html_of(reader.get(session.get_absolute_url())) for reader in readers] == [True, False, False]


@pytest.mark.parametrize(
    ("days_ago", "room", "is_offered"), [(1, 6, True), (14, 6, True), (15, 6, False), (1, 0, False)]
)
def test_it_is_offered_for_a_fortnight_where_anyone_came(days_ago: int, room: int, is_offered: bool) -> None:
    session = recorded(session_of(at=NOW - timedelta(days=days_ago)), room=room)
    assert ("Ask those who came" in html_of(facilitator(session).get(session.get_absolute_url()))) is is_offered


def test_the_page_to_send_says_who_is_asked_and_who_is_not_and_a_look_at_it_stores_nothing() -> None:
    session = session_of(members=9)
    asked_in_the_room(session, heads=4)
    recorded(session, room=4, online=2, now=NOW)
    names = [one.person.name for one in memberships_of(session)]
    client = facilitator(session)
    before = everything_stored()
    said = words(client.get(page("send-pulse", session)))
    assert everything_stored() == before
    assert "Will be asked: 2" in said
    assert "Were there, and will not be asked: 4" in said
    assert f"{names[0]} Why Was in the room, where it was asked by a code on the screen" in said
    assert f"First mail Tuesday 24 November 2026, 12:00: 2 people {names[4]} {names[5]}" in said
    assert "Closes at the end of Tuesday 1 December 2026" in said
    assert "Reminder Once, after 2 working days, only to those who have not answered." in said
    assert "With fewer they stay unread" in said, "two are too few to be shown alone"


def test_sending_asks_them_once_and_leads_back_to_the_session() -> None:
    session = recorded(session_of(at=YESTERDAY), room=6)
    client = facilitator(session)
    sent = client.post(page("send-pulse", session), follow=True)
    assert sent.redirect_chain == [(session.get_absolute_url(), 302)]
    assert "6 people who were there are asked how it was, until Tuesday 1 December 2026." in html_of(sent)
    assert "Ask those who came" not in html_of(sent)
    again = client.post(page("send-pulse", session))
    assert again.status_code == 409
    assert Invitation.objects.count() == 6
    assert "Those who were at this session have been asked already." in words(client.get(page("send-pulse", session)))


def test_a_session_not_recorded_yet_says_so_instead_of_asking() -> None:
    session = session_of(at=YESTERDAY)
    client = facilitator(session)
    shown = words(client.get(page("send-pulse", session)))
    assert "Record who came first: they are the ones who are asked." in shown
    assert client.post(page("send-pulse", session)).status_code == 422
    assert not Survey.objects.exists()


@pytest.mark.parametrize("name", ["send-pulse", "room-pulse", "room-pulse-now", "close-room"])
def test_members_and_sponsors_may_not_and_strangers_find_nothing(name: str) -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    recorded(session, room=4, now=NOW)
    readers = [member_of(session.community), sponsor_of(session.community), facilitator_of(community_of(1))]
    answers = [browser(reader).get(page(name, session)).status_code for reader in readers]
    posted = [browser(reader).post(page(name, session), {"heads": "9"}).status_code for reader in readers]
    assert answers == [403, 403, 404]
    assert posted == [403, 403, 404]
    assert PulseRoom.objects.get().heads == 4


def test_the_room_is_shown_a_code_after_heads_are_stated_and_never_how_many_have_a_place() -> None:
    session = session_of()
    client = facilitator(session)
    address = page("room-pulse", session)
    before = everything_stored()
    assert "app-join-code" not in html_of(client.get(address))
    assert everything_stored() == before, "a GET starts nothing"
    shown = client.post(address, {"heads": "9"}, follow=True)
    room = PulseRoom.objects.get()
    code = code_now(room)
    assert f"{code[:4]}-{code[4:]}" in html_of(shown)
    assert 'src="data:image/svg+xml;base64,' in html_of(shown)
    assert '<noscript><meta http-equiv="refresh" content="61"></noscript>' in html_of(shown)
    empty = [html_of(client.get(address)), html_of(client.get(page("room-pulse-now", session)))]
    for token in places_in(room, 7):
        submit_answers(token=token, answers=USEFUL, now=NOW)
    full = [html_of(client.get(address)), html_of(client.get(page("room-pulse-now", session)))]
    assert [without_keys(one) for one in empty] == [without_keys(one) for one in full]
    assert "There are 9 places" in full[0]


def without_keys(html: str) -> str:
    return re.sub(r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]+"|nonce="[^"]+"', "", html)


@pytest.mark.parametrize(
    ("heads", "sentence"),
    [
        ("", "Say how many people are in the room"),
        ("0", "from 1 to 300"),
        ("301", "from 1 to 300"),
        ("many", "as a number"),
        ("3", "There are 5 places. Their number can grow, and not shrink"),
    ],
)
def test_heads_that_cannot_be_are_refused_where_they_were_typed(heads: str, sentence: str) -> None:
    session = session_of()
    asked_in_the_room(session, heads=5)
    refused = facilitator(session).post(page("room-pulse", session), {"heads": heads})
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert re.search(r"<details[^>]* open>", html_of(refused)), "what is wrong is not folded away"
    assert PulseRoom.objects.get().heads == 5


def test_long_before_the_session_the_room_is_not_asked() -> None:
    session = session_of(at=NOW + timedelta(days=2))
    refused = facilitator(session).post(page("room-pulse", session), {"heads": "9"})
    assert refused.status_code == 422
    assert "The room can be asked from 26 November 2026, 11:30 to 26 November 2026, 13:30." in words(refused)


def test_a_closed_room_shows_no_code_and_can_show_one_again() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=5)
    client = facilitator(session)
    assert client.post(page("close-room", session))["Location"] == session.get_absolute_url()
    assert client.post(page("close-room", session)).status_code == 409
    assert client.get(page("room-pulse-now", session))["HX-Refresh"] == "true"
    assert scanned(Client(), room).status_code == 404
    client.post(page("room-pulse", session), {"heads": "5"})
    assert scanned(Client(), room).status_code == 200


def test_a_phone_scans_takes_a_place_by_a_choice_and_answers_on_the_same_pages_as_everyone() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    before = everything_stored()
    offered = scanned(phone, room)
    assert "How was this session? 3 to 4 questions, about 2 minutes. Nobody asks who you are" in words(offered)
    assert "checked" not in html_of(offered), "nothing is chosen beforehand"
    assert everything_stored() == before, "a GET stores nothing"
    taken = phone.post(PLACE, {"room_pass": pass_in(offered), "take": "yes"})
    assert taken["Location"] == FIRST
    assert str(taken.cookies["answering"]["path"]) == "/a/"
    # It goes with the browser, and with it the place: the page said so.
    assert taken.cookies["answering"]["max-age"] == ""
    assert "as long as you keep this browser open: it alone holds your place" in words(offered)
    first = phone.get(FIRST)
    assert first.status_code == 200
    token = re.search(r'name="token" value="([^"]+)"', html_of(first))
    assert token
    phone.post(reverse("evaluations:answer-start"), {"token": token[1]})
    send(phone, step("P1"), P1="4", go="continue")
    sent = send(phone, CHECK, finished="yes")
    assert sent["Location"] == DONE
    assert RoomPlace.objects.get().is_answered


def test_a_place_says_nothing_of_mails_and_reminders_that_never_come() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    take(phone, room, take="yes")
    said = words(phone.get(FIRST))
    assert "reminds" not in said
    assert "Nobody gave a name to get this place" in said


@pytest.mark.parametrize("said", [{}, {"take": ""}, {"take": "maybe"}])
def test_without_a_choice_no_place_is_taken(said: dict[str, str]) -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    refused = take(phone, room, **said)
    assert refused.status_code == 422
    assert not RoomPlace.objects.exists()
    assert pass_in(refused), "the form is still there"


def test_no_is_no_place() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    assert "No place was taken" in words(take(phone, room, take="no"))
    assert not RoomPlace.objects.exists()


def test_a_phone_that_has_a_place_is_led_back_to_it_and_one_that_answered_is_told() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    take(phone, room, take="yes")
    again = scanned(phone, room)
    assert "This phone has a place already." in words(again)
    assert "room_pass" not in html_of(again)
    first = re.search(r'name="token" value="([^"]+)"', html_of(phone.get(FIRST)))
    assert first
    phone.post(reverse("evaluations:answer-start"), {"token": first[1]})
    send(phone, step("P1"), P1="4", go="continue")
    send(phone, CHECK, finished="yes")
    assert "This phone has answered already." in words(scanned(phone, room))


def test_when_all_places_are_taken_the_next_phone_is_told() -> None:
    room = asked_in_the_room(session_of(), heads=1)
    take(Client(), room, take="yes")
    late = take(Client(), room, take="yes")
    assert late.status_code == 409
    assert "All places have been taken." in words(late)


def test_the_code_can_be_typed_and_a_wrong_one_is_refused_in_words_and_counted() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    code = code_now(room)
    offered = phone.post(TYPE, {"code": f"{code[:4]}-{code[4:]}".lower()})
    assert pass_in(offered)
    wrong = phone.post(TYPE, {"code": "0000-0000"})
    assert wrong.status_code == 422
    assert "No screen shows this code now." in words(wrong)
    assert phone.post(TYPE, {}).status_code == 422
    for _ in range(WRONG_CODES.most - 1):
        WRONG_CODES.note(RequestFactory().get(TYPE))
    assert phone.post(TYPE, {"code": code}).status_code == 429


def test_a_pass_is_over_after_ten_minutes_and_a_made_up_one_opens_nothing() -> None:
    room, phone = asked_in_the_room(session_of(), heads=3), Client()
    held = pass_in(scanned(phone, room))
    for forged in ("", "x", held[:-1], held + "x", "\x00"):
        assert phone.post(PLACE, {"room_pass": forged, "take": "yes"}).status_code == 410
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert phone.post(PLACE, {"room_pass": held, "take": "yes"}).status_code == 410
    assert not RoomPlace.objects.exists()
    assert phone.get(PLACE)["Location"] == TYPE


def test_the_pages_of_the_door_are_kept_nowhere_and_ask_nobody_who_they_are() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    for address in (TYPE, reverse("evaluations:room-code", args=[code_now(room)])):
        response = Client().get(address)
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert response.cookies == {}


def test_whoever_is_recorded_in_the_room_is_told_why_their_link_opens_nothing() -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    recorded(session, online=2, now=NOW)
    session.refresh_from_db()
    pulse = asked_by_mail(session)
    token = token_for(Invitation.objects.select_related("survey").get(person=memberships_of(session)[0].person))
    assert Client().get(reverse("evaluations:answer", args=[token])).status_code == 200
    recorded(session, room=1, online=1, now=NOW)
    told = Client().get(reverse("evaluations:answer", args=[token]))
    assert told.status_code == 409
    assert "The record of this session says that you were in the room" in words(told)
    assert pulse.invitations.count() == 2


def test_the_session_page_tells_what_came_of_it_to_those_who_may_know() -> None:
    session = recorded(session_of(at=YESTERDAY), room=8)
    pulse = asked_by_mail(session)
    give_answers(pulse, answers=[USEFUL] * 6, now=NOW)
    leader, reader = facilitator(session), browser(member_of(session.community))
    assert "Answers are counted once a night" in words(leader.get(session.get_absolute_url()))
    assert "Answers are counted" not in words(reader.get(session.get_absolute_url()))
    closed(pulse)
    assert "Answered: 5 to 9 of 8" in words(leader.get(session.get_absolute_url()))
    assert pulse.get_results_url() in html_of(leader.get(session.get_absolute_url()))
    told = words(reader.get(session.get_absolute_url()))
    assert "Asked, and closed." in told
    assert "5 to 9" not in told


def test_a_room_in_which_nobody_is_recorded_says_what_that_means_until_they_are() -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    client = facilitator(session)
    sentence = "No member is recorded in the room yet."
    assert sentence in words(client.get(session.get_absolute_url()))
    recorded(session, room=4, now=NOW)
    assert sentence not in words(client.get(session.get_absolute_url()))


def test_a_pulse_is_named_by_its_session_wherever_surveys_are_listed() -> None:
    session = recorded(session_of(at=YESTERDAY), room=8)
    pulse = asked_by_mail(session)
    client = facilitator(session)
    assert "After the session, 23 November 2026" in words(
        client.get(reverse("evaluations:survey-list", args=[session.community.slug]))
    )
    shown = client.get(pulse.get_absolute_url())
    assert "After the session, 23 November 2026" in words(shown)
    assert session.get_absolute_url() in html_of(shown)
    assert "Once, after 2 working days" in words(shown)
    give_answers(pulse, answers=[USEFUL] * 6, now=NOW)
    closed(pulse)
    assert "Asked of 8 people who were at the session of 23 November 2026" in words(client.get(pulse.get_results_url()))


@pytest.mark.parametrize("members", [1, 30])
def test_the_page_to_send_takes_the_same_queries_however_many_came(
    members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = session_of(members=members)
    MembershipFactory.create(community=session.community)
    recorded(session, online=members, now=NOW)
    client = facilitator(session)
    with django_assert_num_queries(14):
        assert client.get(page("send-pulse", session)).status_code == 200
