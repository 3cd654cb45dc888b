"""When a session ends, and what pages behind a link leave alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from django.views import View

from cop_portal.accounts.models import SignIn
from cop_portal.accounts.services.sign_ins import past_keeping
from tests.factories.accounts import UserFactory, is_signed_in, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


class Answering(View):
    """Stands for a page behind a link."""

    is_link_page = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return HttpResponse("answer")


urlpatterns = [
    path("a/<str:token>/", login_not_required(Answering.as_view())),
    path("", include("cop_portal.urls")),
]


def test_staff_are_signed_out_after_half_an_hour_without_activity_and_led_back(client: Client) -> None:
    user = UserFactory.create(role="staff")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, user)
        clock.shift(timedelta(minutes=29))
        assert client.get("/me/").status_code == 200
        clock.shift(timedelta(minutes=29))
        assert client.get("/me/").status_code == 200, "activity counts"
        clock.shift(timedelta(minutes=31))
        response = client.get("/me/name/?x=1", follow=True)
    assert response.redirect_chain == [("/sign-in/?next=%2Fme%2Fname%2F%3Fx%3D1", 302)]
    assert "You were signed out after 30 minutes without activity." in response.content.decode()
    assert not is_signed_in(client)


def test_members_are_not_signed_out_for_being_idle(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, UserFactory.create())
        clock.shift(timedelta(hours=11, minutes=59))
        assert client.get("/me/").status_code == 200


def test_everyone_is_signed_out_after_twelve_hours_however_active(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, UserFactory.create())
        for _ in range(24):
            clock.shift(timedelta(minutes=30))
            assert client.get("/me/").status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get("/me/").status_code == 302
    assert not is_signed_in(client)


def test_a_session_that_ended_is_a_401_for_the_api(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, UserFactory.create(role="staff"))
        clock.shift(timedelta(minutes=31))
        assert client.get("/api/v1/instruments/").status_code == 401


def test_signing_out_everywhere_ends_the_sessions_of_all_browsers(client: Client) -> None:
    user = UserFactory.create()
    other_browser = sign_in(Client(), user)
    sign_in(client, user)
    assert client.get("/me/sign-out-everywhere/").status_code == 200
    assert other_browser.get("/me/").status_code == 200
    client.post("/me/sign-out-everywhere/")
    assert other_browser.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 302


def test_someone_else_stays_signed_in_then(client: Client) -> None:
    stranger = sign_in(Client(), UserFactory.create())
    sign_in(client, UserFactory.create())
    client.post("/me/sign-out-everywhere/")
    assert stranger.get("/me/").status_code == 200


@override_settings(ROOT_URLCONF=__name__)
def test_a_page_behind_a_link_asks_nothing_about_who_comes(client: Client, django_assert_num_queries: Any) -> None:
    sign_in(client, UserFactory.create(role="staff"), second_factor=False)
    before = dict(client.session)
    with django_assert_num_queries(0):
        response = client.get("/a/secret-token/")
    assert response.content == b"answer"
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")
    assert dict(client.session) == before


@override_settings(ROOT_URLCONF=__name__)
def test_a_page_behind_a_link_opens_even_in_a_session_that_is_over(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, UserFactory.create(role="staff"))
        clock.shift(timedelta(minutes=31))
        assert client.get("/a/secret-token/").content == b"answer"
        assert is_signed_in(client), "the session was not looked at, so it was not ended"


def test_sign_ins_are_kept_for_a_year() -> None:
    user, now = UserFactory.create(), timezone.now()
    for days in (364, 366):
        SignIn.objects.create(user=user, at=now - timedelta(days=days), how="code")
    assert [sign_in.at for sign_in in past_keeping(now=now)] == [now - timedelta(days=366)]
