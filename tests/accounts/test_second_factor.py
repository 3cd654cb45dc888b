"""The second factor: staff and administrators go nowhere without it."""

import base64
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from cop_portal.accounts.models import SignIn
from tests.factories.accounts import (
    PASSWORD,
    UserFactory,
    address_of,
    code_of_app,
    give_authenticator_app,
    is_signed_in,
    mailed_code,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

STAFF = pytest.mark.parametrize("role", ["staff", "administrator"])


def give_password(client: Client, address: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in/password/", {"login": address, "password": PASSWORD})


@STAFF
def test_staff_who_have_an_app_are_asked_for_its_code_after_the_password(client: Client, role: str) -> None:
    user = UserFactory.create(role=role, password=PASSWORD)
    give_authenticator_app(user)
    assert give_password(client, address_of(user))["Location"] == "/sign-in/second-factor/"
    assert not is_signed_in(client)
    response = client.post("/sign-in/second-factor/", {"code": code_of_app(user)})
    assert response["Location"] == "/"
    assert client.get("/me/").status_code == 200
    assert list(SignIn.objects.values_list("how", "with_second_factor")) == [("password", True)]


def test_a_mailed_code_does_not_replace_the_second_factor(client: Client) -> None:
    user = UserFactory.create(role="staff")
    give_authenticator_app(user)
    client.post("/sign-in/", {"email": address_of(user)})
    response = client.post("/sign-in/code/", {"code": mailed_code(address_of(user))})
    assert response["Location"] == "/sign-in/second-factor/"
    assert not is_signed_in(client)


def test_a_wrong_code_of_the_app_is_refused_and_a_used_one_too(client: Client) -> None:
    user = UserFactory.create(role="staff", password=PASSWORD)
    give_authenticator_app(user)
    give_password(client, address_of(user))
    wrong = client.post("/sign-in/second-factor/", {"code": "000000"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors["code"] == ["That code is not right. Type the code that the app shows now."]
    code = code_of_app(user)
    client.post("/sign-in/second-factor/", {"code": code})
    other_browser = Client()
    give_password(other_browser, address_of(user))
    assert other_browser.post("/sign-in/second-factor/", {"code": code}).status_code == 422
    assert not is_signed_in(other_browser)


def test_a_recovery_code_works_once(client: Client) -> None:
    user = UserFactory.create(role="staff", password=PASSWORD)
    give_authenticator_app(user)
    wrapped = Authenticator.objects.get(user=user, type="recovery_codes").wrap()
    code = wrapped.get_unused_codes()[0]
    give_password(client, address_of(user))
    client.post("/sign-in/second-factor/", {"code": code})
    assert is_signed_in(client)
    other_browser = Client()
    give_password(other_browser, address_of(user))
    assert other_browser.post("/sign-in/second-factor/", {"code": code}).status_code == 422


@STAFF
@pytest.mark.parametrize("address", ["/me/", "/communities/", "/", "/privacy/", "/admin/", "/no/such/page/"])
def test_staff_without_a_second_factor_are_led_to_set_it_up(client: Client, role: str, address: str) -> None:
    sign_in(client, UserFactory.create(role=role), second_factor=False)
    response = client.get(address)
    if address == "/no/such/page/":
        assert response.status_code == 404
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/me/second-factor/set-up/?next=")


def test_staff_without_a_second_factor_change_nothing(client: Client) -> None:
    user = UserFactory.create(role="staff", name="Old Name")
    sign_in(client, user, second_factor=False)
    response = client.post("/me/name/", {"name": "New Name"})
    assert response.status_code == 403
    assert "Staff and administrators need a second factor." in response.content.decode()
    user.refresh_from_db()
    assert user.name == "Old Name"


def test_staff_without_a_second_factor_get_nothing_from_the_api(client: Client) -> None:
    sign_in(client, UserFactory.create(role="staff"), second_factor=False)
    response = client.get("/api/v1/communities/")
    assert (response.status_code, response.json()["code"]) == (403, "second_factor_required")
    assert response["Content-Type"] == "application/problem+json"


def test_staff_without_a_second_factor_make_no_token(client: Client) -> None:
    user = UserFactory.create(role="staff")
    sign_in(client, user, second_factor=False)
    assert client.post("/me/tokens/make/", {"name": "script"}).status_code == 403
    assert user.api_tokens.count() == 0


def test_staff_without_a_second_factor_can_sign_out(client: Client) -> None:
    sign_in(client, UserFactory.create(role="staff"), second_factor=False)
    client.post("/sign-out/")
    assert not is_signed_in(client)


def test_setting_up_an_app_counts_as_the_second_factor_of_this_session(client: Client) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    user = UserFactory.create(role="staff", password=PASSWORD)
    give_password(client, address_of(user))
    page = client.get("/me/second-factor/set-up/")
    assert base64.b64decode(page.context["totp_svg_data_uri"].partition("base64,")[2]).startswith(b"<?xml")
    wrong = client.post("/me/second-factor/set-up/", {"code": "000000"})
    assert wrong.status_code == 422
    secret = wrong.context["secret"].replace(" ", "")
    assert secret == page.context["secret"].replace(" ", ""), "a wrong code does not change the key"
    import time

    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    response = client.post("/me/second-factor/set-up/", {"code": code})
    assert response["Location"] == "/me/second-factor/recovery-codes/"
    shown = client.get("/me/second-factor/recovery-codes/").content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", shown)) == 10
    again = client.get("/me/second-factor/recovery-codes/").content.decode()
    assert re.findall(r"<code>\d{8}</code>", again) == []
    assert client.get("/me/").status_code == 200


def test_removing_the_app_shuts_staff_out_until_another_is_set_up(client: Client) -> None:
    user = UserFactory.create(role="staff")
    give_authenticator_app(user)
    sign_in(client, user)
    client.post("/me/second-factor/remove/")
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/me/")["Location"].startswith("/me/second-factor/set-up/")


def test_members_may_have_a_second_factor_and_need_none(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user, second_factor=False)
    assert client.get("/me/").status_code == 200
    assert client.get("/me/second-factor/set-up/").status_code == 200


def test_someone_made_staff_meanwhile_gives_the_code_of_the_app_before_going_on(client: Client) -> None:
    user = UserFactory.create()
    give_authenticator_app(user)
    sign_in(client, user, second_factor=False)
    user.role = "staff"
    user.save()
    assert client.get("/me/")["Location"].startswith("/me/confirm/app/?next=")
    response = client.post("/me/confirm/app/?next=/me/", {"code": code_of_app(user), "next": "/me/"})
    assert response["Location"] == "/me/"
    assert client.get("/me/").status_code == 200


def test_the_secret_of_an_app_is_not_readable_in_the_database() -> None:
    user = UserFactory.create()
    give_authenticator_app(user)
    for app in Authenticator.objects.filter(user=user):
        value = app.data.get("secret") or app.data.get("seed")
        assert len(base64.b64decode(value)) > 50, "sealed, with a nonce and a tag"


@pytest.mark.parametrize("is_demo", [True, False])
def test_only_a_demo_shows_the_code_to_use(client: Client, settings: Settings, is_demo: bool) -> None:
    settings.IS_DEMO = is_demo
    user = UserFactory.create(role="staff", password=PASSWORD)
    give_authenticator_app(user)
    give_password(client, address_of(user))
    page = client.get("/sign-in/second-factor/")
    assert ("The app would show" in page.content.decode()) is is_demo
    if is_demo:
        client.post("/sign-in/second-factor/", {"code": page.context["demo_code"]})
        assert is_signed_in(client)
        # A second sign-in within the half minute: the code just used would be refused, so the next is shown.
        other_browser = Client()
        give_password(other_browser, address_of(user))
        code = other_browser.get("/sign-in/second-factor/").context["demo_code"]
        other_browser.post("/sign-in/second-factor/", {"code": code})
        assert is_signed_in(other_browser)


def test_who_has_an_app_and_no_recovery_codes_is_led_to_making_them(client: Client) -> None:
    sign_in(client, UserFactory.create(role="staff", password=PASSWORD))

    response = client.get("/me/second-factor/recovery-codes/")

    assert response["Location"] == "/me/second-factor/recovery-codes/new/"
