"""Signing in by a code that is mailed and typed in."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cop_portal.accounts.models import SignIn
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import UserFactory, address_of, is_signed_in, mailed_code

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

ASK, CONFIRM = "/sign-in/", "/sign-in/code/"


def ask_for_code(client: Client, address: str) -> None:
    response = client.post(ASK, {"email": address})
    assert (response.status_code, response["Location"]) == (302, CONFIRM)


def test_a_code_typed_in_where_it_was_asked_for_signs_in(client: Client) -> None:
    user = UserFactory.create(name="Ada Obi")
    ask_for_code(client, address_of(user))
    response = client.post(CONFIRM, {"code": mailed_code(address_of(user))})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/me/").context["me"] == user
    assert list(SignIn.objects.values_list("user", "how", "with_second_factor")) == [(user.pk, "code", False)]


@pytest.mark.parametrize("spelling", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_capitals_dashes_and_spaces_in_a_code_do_not_matter(client: Client, spelling) -> None:  # type: ignore[no-untyped-def]
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    client.post(CONFIRM, {"code": spelling(mailed_code(address_of(user)))})
    assert is_signed_in(client)


def test_a_code_has_eight_letters_and_leads_back_to_the_page_asked_for(client: Client) -> None:
    user = UserFactory.create()
    client.post(f"{ASK}?next=/communities/", {"email": address_of(user), "next": "/communities/"})
    code = mailed_code(address_of(user))
    assert len(code.replace("-", "")) == 8
    assert client.post(f"{CONFIRM}?next=/communities/", {"code": code})["Location"] == "/communities/"


def test_a_code_leads_to_no_other_site(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    response = client.post(CONFIRM, {"code": mailed_code(address_of(user)), "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_a_wrong_code_is_refused_with_a_sentence_and_the_tries_left(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    response = client.post(CONFIRM, {"code": "BBBB-BBBB"})
    assert response.status_code == 422
    assert "That code is not right." in response.content.decode()
    assert "You have 4 tries left." in response.content.decode()
    assert not is_signed_in(client)


def test_an_empty_field_costs_no_try(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    for _ in range(6):
        response = client.post(CONFIRM, {"code": " "})
        assert "Enter the code from the mail." in response.content.decode()
    client.post(CONFIRM, {"code": mailed_code(address_of(user))})
    assert is_signed_in(client)


def test_after_five_wrong_codes_the_right_one_no_longer_works(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    statuses = [client.post(CONFIRM, {"code": "BBBB-BBBB"}).status_code for _ in range(4)]
    fifth = client.post(CONFIRM, {"code": "BBBB-BBBB"})
    sixth = client.post(CONFIRM, {"code": mailed_code(address_of(user))})
    assert statuses == [422] * 4
    assert "That was wrong 5 times, so this code no longer works." in fifth.content.decode()
    assert (fifth.status_code, sixth.status_code) == (422, 422)
    assert not is_signed_in(client)


def test_a_code_works_for_ten_minutes_and_says_so_after(client: Client) -> None:
    user = UserFactory.create()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask_for_code(client, address_of(user))
        code = mailed_code(address_of(user))
        clock.shift(timedelta(minutes=10, seconds=1))
        response = client.post(CONFIRM, {"code": code})
    assert response.status_code == 422
    assert "This code has expired. A code works for 10 minutes." in response.content.decode()
    assert not is_signed_in(client)


def test_a_code_still_works_in_its_last_second(client: Client) -> None:
    user = UserFactory.create()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask_for_code(client, address_of(user))
        clock.shift(timedelta(minutes=9, seconds=59))
        client.post(CONFIRM, {"code": mailed_code(address_of(user))})
        assert is_signed_in(client)


def test_a_code_works_in_no_other_browser(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    other_browser = Client()
    response = other_browser.post(CONFIRM, {"code": mailed_code(address_of(user))})
    assert response.status_code == 422
    assert "only in the browser that asked for it" in response.content.decode()
    assert not is_signed_in(other_browser)


def test_a_code_of_one_browser_is_wrong_in_another_that_waits_for_its_own(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    first_code = mailed_code(address_of(user))
    other_browser = Client()
    ask_for_code(other_browser, address_of(user))
    assert other_browser.post(CONFIRM, {"code": first_code}).status_code == 422
    assert not is_signed_in(other_browser)


def test_a_code_works_once(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    code = mailed_code(address_of(user))
    client.post(CONFIRM, {"code": code})
    client.post(reverse("account_logout"))
    assert client.post(CONFIRM, {"code": code}).status_code == 422
    assert not is_signed_in(client)


def test_an_unknown_address_gets_the_same_answers_and_no_mail(client: Client) -> None:
    user = UserFactory.create(name="Known Person")
    other_browser = Client()
    pages = []
    for browser, address in ((client, address_of(user)), (other_browser, "nobody.here@example.org")):
        ask_for_code(browser, address)
        page = browser.get(CONFIRM).content.decode()
        wrong = browser.post(CONFIRM, {"code": "BBBB-BBBB"})
        pages.append((page.replace(address, "ADDRESS"), wrong.status_code, "4 tries left" in wrong.content.decode()))
    without_tokens = [
        ("".join(line for line in page.splitlines() if "csrf" not in line), *rest) for page, *rest in pages
    ]
    assert without_tokens[0] == without_tokens[1]
    due = [row for row in OutboxMessage.objects.all() if kind_named(row.kind).is_still_due(row.params)]
    assert [row.recipient for row in due] == [address_of(user)]


def test_asking_takes_the_same_work_for_known_and_unknown_addresses() -> None:
    user = UserFactory.create()
    # The throttle of this machine's address counts from the second request on by update.
    ask_for_code(Client(), "warming.up@example.org")
    work = []
    for address in (address_of(user), "nobody.here@example.org"):
        with CaptureQueriesContext(connection) as queries:
            ask_for_code(Client(), address)
        work.append([query["sql"].split()[0] for query in queries])
    assert work[0] == work[1]


def test_an_address_nobody_has_is_not_kept_in_the_outbox(client: Client) -> None:
    ask_for_code(client, "nobody.here@example.org")
    assert "nobody.here" not in json.dumps(list(OutboxMessage.objects.values()), default=str)


def test_no_code_is_at_rest_in_any_table(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    code = mailed_code(address_of(user))
    client.post(CONFIRM, {"code": "BBBB-BBBB"})
    stored = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            stored.append(str(cursor.fetchall()))
    session = json.dumps(dict(client.session))
    assert address_of(user) in "".join(stored), "the dump holds what was stored"
    for spelling in (code, code.replace("-", ""), code.lower()):
        assert spelling not in "".join(stored)
        assert spelling not in session


def test_the_mail_leaves_through_the_outbox_at_once_and_dies_after_ten_minutes(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    row = OutboxMessage.objects.get()
    assert row.not_after is not None
    assert row.not_after - row.due_at == timedelta(minutes=10)
    assert kind_named(row.kind).ignores_pauses
    assert mail.outbox == []


def test_the_mail_holds_a_code_and_no_link(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, address_of(user))
    row = OutboxMessage.objects.get()
    letter = kind_named(row.kind).render(row.params, row.recipient)
    assert "http" not in letter.text
    assert letter.html is None
    assert mailed_code(address_of(user)) not in letter.subject


def test_someone_whose_account_is_not_in_use_gets_no_mail(client: Client) -> None:
    user = UserFactory.create(is_active=False)
    ask_for_code(client, address_of(user))
    assert [row.recipient for row in OutboxMessage.objects.all()] == ["nobody@portal.invalid"]


@pytest.mark.parametrize("address", ["known", "nobody@example.org"])
def test_the_fourth_request_within_a_minute_is_refused_alike(client: Client, address: str) -> None:
    if address == "known":
        address = address_of(UserFactory.create())
    answers = [Client().post(ASK, {"email": address}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert "Too many tries. Wait a few minutes" in answers[3].content.decode()


def test_asking_again_at_another_address_starts_over(client: Client) -> None:
    user = UserFactory.create()
    ask_for_code(client, "wrong.address@example.org")
    assert client.get(ASK).status_code == 200
    ask_for_code(client, address_of(user))
    client.post(CONFIRM, {"code": mailed_code(address_of(user))})
    assert is_signed_in(client)


def test_nobody_can_sign_up(client: Client) -> None:
    for address in ("/sign-up/", "/accounts/signup/", "/accounts/login/", "/accounts/confirm-email/x/"):
        assert client.get(address).status_code in (302, 404)
    for name in ("account_signup", "account_confirm_email", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
