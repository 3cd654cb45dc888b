"""Signing in and one's own details, as people see them."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.factories.accounts import PASSWORD, UserFactory, address_of, mailed_code
from tests.journeys.conftest import PHONE, PHONE_WITHOUT_SCRIPTS, WIDE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("screen", [PHONE, WIDE, PHONE_WITHOUT_SCRIPTS], ids=lambda screen: screen.name)
def test_a_member_signs_in_by_a_code_and_looks_after_her_details(visitor_at, screen: Screen) -> None:  # type: ignore[no-untyped-def]
    user = UserFactory.create(name="Ada Obi")
    member = visitor_at(screen)
    member.go("/sign-in/?next=/me/")
    member.look()
    member.press("Send me a code")
    member.reads("Enter your email address.")
    member.look()
    member.page.get_by_label("Email address").fill(address_of(user))
    member.press("Send me a code")
    member.look()
    member.page.get_by_label("Code").fill("BBBB-BBBB")
    member.press("Sign in")
    member.reads("You have 4 tries left.")
    member.look()
    member.page.get_by_label("Code").fill(mailed_code(address_of(user)))
    member.press("Sign in")
    member.reads("Ada Obi")
    member.look()
    for address in ("/me/name/", "/me/password/set/", "/me/sign-out-everywhere/", "/sign-out/"):
        member.go(address)
        member.look()
    member.go("/me/tokens/make/")
    member.look()
    member.page.get_by_label("What is it for?").fill("Monthly figures")
    member.press("Make token")
    member.reads("Copy it now")
    member.look()
    member.go("/me/")
    member.look()
    member.page.get_by_role("link", name="Revoke Monthly figures").click()
    member.look()
    member.press("Revoke token")
    member.reads("The token has been revoked.")
    member.look()


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
def test_staff_set_up_their_authenticator_app(visitor_at, screen: Screen) -> None:  # type: ignore[no-untyped-def]
    user = UserFactory.create(name="Ben Li", role="administrator", password=PASSWORD)
    staff = visitor_at(screen)
    staff.go("/sign-in/password/?next=/me/")
    staff.look()
    staff.page.get_by_label("Email address").fill(address_of(user))
    staff.page.get_by_label("Password", exact=True).fill("wrong")
    staff.press("Sign in")
    staff.reads("The email address or the password is not right.")
    staff.look()
    staff.page.get_by_label("Password", exact=True).fill(PASSWORD)
    staff.press("Sign in")
    staff.reads("Set up your authenticator app")
    staff.look()
    secret = staff.page.locator("main code").inner_text().replace(" ", "")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    staff.page.get_by_label("Code that the app shows now").fill(code)
    staff.press("Set up")
    staff.reads("they are not shown again")
    assert len(re.findall(r"\b\d{8}\b", staff.page.locator("main").inner_text())) == 10
    staff.look()
    for address in ("/me/", "/me/second-factor/recovery-codes/", "/me/second-factor/recovery-codes/new/"):
        staff.go(address)
        staff.look()
    staff.go("/me/second-factor/remove/")
    staff.look()
    staff.go("/admin/")
    assert not staff.complaints
    staff.go("/admin/accounts/user/")
    assert not staff.complaints


def test_the_reference_of_the_api_can_be_read_on_a_phone_and_by_a_screen_reader(visitor_at) -> None:  # type: ignore[no-untyped-def]
    reader = visitor_at(WIDE)
    reader.go("/api/v1/docs/")
    reader.reads("API reference")
    reader.look()
