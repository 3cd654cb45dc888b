"""Signing in by a password, and what stops guessing."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from cop_portal.accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, UserFactory, address_of, is_signed_in, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

SIGN_IN = "/sign-in/password/"


def test_a_password_signs_in_whoever_has_set_one(client: Client) -> None:
    user = UserFactory.create(password=PASSWORD)
    response = client.post(SIGN_IN, {"login": address_of(user).upper(), "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert list(SignIn.objects.values_list("user", "how")) == [(user.pk, "password")]


@pytest.mark.parametrize("who", ["wrong password", "no password", "unknown", "not in use"])
def test_every_failure_gets_the_same_answer(client: Client, who: str) -> None:
    user = UserFactory.create(password=None if who == "no password" else PASSWORD, is_active=who != "not in use")
    address = "nobody@example.org" if who == "unknown" else address_of(user)
    response = client.post(SIGN_IN, {"login": address, "password": "not-the-password"})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["The email address or the password is not right."]
    assert not is_signed_in(client)


def test_guessing_is_stopped_though_it_comes_from_many_places_and_a_code_still_signs_in() -> None:
    user = UserFactory.create(password=PASSWORD)
    answers = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for guess in range(10):
            clock.shift(timedelta(seconds=61))
            here = Client(REMOTE_ADDR=f"192.0.2.{guess}")
            answers.append(here.post(SIGN_IN, {"login": address_of(user), "password": f"guess {guess}"}))
        clock.shift(timedelta(seconds=61))
        elsewhere = Client(REMOTE_ADDR="192.0.2.99")
        right = elsewhere.post(SIGN_IN, {"login": address_of(user), "password": PASSWORD})
        assert "sign in by a code now" in right.content.decode()
        assert (right.status_code, is_signed_in(elsewhere)) == (429, False)
        clock.shift(timedelta(minutes=16))
        elsewhere.post(SIGN_IN, {"login": address_of(user), "password": PASSWORD})
        assert is_signed_in(elsewhere)
    assert {answer.status_code for answer in answers[:9]} == {422}


def test_guessing_at_an_unknown_address_is_stopped_alike() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        statuses = []
        for guess in range(11):
            clock.shift(timedelta(seconds=61))
            here = Client(REMOTE_ADDR=f"192.0.2.{guess}")
            statuses.append(here.post(SIGN_IN, {"login": "nobody@example.org", "password": "guess"}).status_code)
    assert statuses == [422] * 9 + [429, 429]


def test_a_wrong_password_leaves_no_trace_of_where_it_came_from_in_the_database(client: Client) -> None:
    here = Client(REMOTE_ADDR="192.0.2.77", HTTP_USER_AGENT="A browser that stands out")
    here.post(SIGN_IN, {"login": address_of(UserFactory.create(password=PASSWORD)), "password": "a slip"})

    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == 1
    assert "192.0.2.77" not in str(attempt.__dict__)
    assert "stands out" not in str(attempt.__dict__)
    assert "a slip" not in str(attempt.__dict__)


def test_a_password_is_set_changed_and_removed(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user)
    short = client.post("/me/password/set/", {"password1": "short", "password2": "short"})
    assert short.status_code == 422
    client.post("/me/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get().check_password(PASSWORD)
    new = "other-random-words"
    wrong = client.post("/me/password/change/", {"oldpassword": "x", "password1": new, "password2": new})
    assert "The current password is not right." in wrong.content.decode()
    client.post("/me/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert User.objects.get().check_password(new)
    assert is_signed_in(client), "one's own session goes on"
    client.post("/me/password/remove/")
    assert not User.objects.get().has_usable_password()
    assert not is_signed_in(client)


def test_another_browser_is_signed_out_when_the_password_changes(client: Client) -> None:
    user = UserFactory.create(password=PASSWORD)
    other_browser = sign_in(Client(), user)
    sign_in(client, user)
    new = "other-random-words"
    client.post("/me/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert other_browser.get("/me/").status_code == 302


def test_signing_out_asks_first(client: Client) -> None:
    sign_in(client, UserFactory.create())
    assert client.get("/sign-out/").status_code == 200
    assert is_signed_in(client)
    client.post("/sign-out/")
    assert not is_signed_in(client)


def test_very_many_tries_from_one_place_get_a_page_that_says_so() -> None:
    answers = [Client().post(SIGN_IN, {"login": f"nobody{n}@example.org", "password": "guess"}) for n in range(31)]
    assert answers[30].status_code == 429
    assert "Too many tries" in answers[30].content.decode()
