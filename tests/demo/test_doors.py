"""The five doors: whoever comes in by one is signed in as completely as they would be by themselves."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import SignIn, User
from cop_portal.accounts.services.users import find_user
from cop_portal.demo import signins
from cop_portal.demo.loader.world import World
from cop_portal.installation.models import Installation

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

DOORS = ["member", "facilitator", "sponsor", "staff", "administrator"]
ADDRESSES = ["demo:home", "demo:next-working-morning", "demo:mail-list"]


def enter(client: Client, door: str) -> User:
    response = client.post(reverse("demo:enter", args=[door]))
    assert response.status_code == 302, response.content.decode()
    return User.objects.get(pk=client.session["_auth_user_id"])


@pytest.mark.parametrize("door", DOORS)
def test_a_door_signs_in_its_person_and_the_first_page_opens(visitor: Client, demo: World, door: str) -> None:
    response = visitor.post(reverse("demo:enter", args=[door]), follow=True)
    assert response.status_code == 200
    assert response.context["user"].name == demo.content.behind(door).name
    assert "Everything here is fictional" in response.content.decode()


@pytest.mark.parametrize("door", ["staff", "administrator"])
def test_the_doors_of_staff_include_the_second_factor(visitor: Client, door: str) -> None:
    user = enter(visitor, door)
    assert user.is_hin_staff
    assert visitor.get(reverse("network")).status_code == 200
    assert SignIn.objects.get(user=user).with_second_factor


def test_the_members_door_does_not_lead_to_the_network(visitor: Client) -> None:
    enter(visitor, "member")
    assert visitor.get(reverse("network")).status_code == 403


def test_going_from_one_door_to_another_leaves_nothing_of_the_first(visitor: Client) -> None:
    enter(visitor, "administrator")
    member = enter(visitor, "member")
    assert not member.is_hin_staff
    assert visitor.get(reverse("network")).status_code == 403
    methods = [record["method"] for record in visitor.session["account_authentication_methods"]]
    assert methods == ["code"]


def test_reading_a_door_opens_nothing(visitor: Client) -> None:
    assert visitor.get(reverse("demo:enter", args=["administrator"])).status_code == 405
    assert "_auth_user_id" not in visitor.session


def test_a_door_that_is_not_there_is_not_found(visitor: Client) -> None:
    assert visitor.post(reverse("demo:enter", args=["director"])).status_code == 404


def test_the_front_page_shows_five_doors_and_the_clock(visitor: Client) -> None:
    page = visitor.get("/").content.decode()
    assert re.findall(r'action="/demo/doors/([a-z]+)/"', page) == DOORS
    assert f'action="{reverse("demo:next-working-morning")}"' in page


def test_the_codes_that_the_demo_shows_let_staff_in(visitor: Client) -> None:
    """The normal way in: password, then the code of the moment."""
    (shown,) = [one for one in signins.sign_ins() if one.door.key == "staff"]
    user = find_user(shown.door.person.address)
    assert user is not None
    assert user.check_password(shown.password)
    assert re.fullmatch(r"[0-9]{6}", shown.code)
    assert shown.code in visitor.get(reverse("demo:home")).content.decode()


def test_what_the_start_prints_names_the_five_and_where_the_mail_is() -> None:
    lines = "\n".join(signins.lines("http://127.0.0.1:8000"))
    for door in signins.DOORS:
        assert door.person.address in lines
    assert "http://127.0.0.1:8000/demo/mail/" in lines
    assert f"http://127.0.0.1:8000{reverse('account_login')}" in lines


@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_of_the_demo_is_there_when_the_settings_are_in_earnest(
    visitor: Client, settings: LazySettings, name: str
) -> None:
    settings.IS_DEMO = False
    assert visitor.get(reverse(name)).status_code == 404
    assert visitor.post(reverse("demo:enter", args=["administrator"])).status_code == 404
    assert "_auth_user_id" not in visitor.session


@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_of_the_demo_is_there_when_the_database_is_in_earnest(visitor: Client, name: str) -> None:
    Installation.objects.update(is_demo=False)
    assert visitor.get(reverse(name)).status_code == 404
    assert visitor.post(reverse("demo:enter", args=["administrator"])).status_code == 404
    assert "_auth_user_id" not in visitor.session


def test_the_demo_answers_nobody_on_another_machine(visitor: Client) -> None:
    for name in ADDRESSES:
        assert visitor.get(reverse(name), REMOTE_ADDR="192.0.2.7").status_code == 403
    response = visitor.post(reverse("demo:enter", args=["administrator"]), REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 403
    assert "_auth_user_id" not in visitor.session
