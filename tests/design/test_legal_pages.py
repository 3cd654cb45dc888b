"""The pages in plain words: there for everyone, with the host's own names, and true."""

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, override_settings

from communities.views.sessions import check_in_link
from evaluations.views.answers import link_pages
from tests.evaluations.secrecy import test_an_attacker_with_everything_but_the_keys as at_each_change
from tests.faults import test_answers_cannot_be_linked as at_length
from tests.faults import test_many_answer_while_workers_are_killed as crowd

pytestmark = pytest.mark.django_db

PAGES = {
    "/privacy/": "Privacy notice",
    "/cookies/": "Cookies",
    "/accessibility/": "Accessibility statement for Communities of practice",
    "/complaints/": "Complaints",
    "/how-we-protect-your-answers/": "How we protect your answers",
}
HOST = {
    "CONTROLLER_NAME": "Invented <Network>",
    "CONTROLLER_ADDRESS": "7 Nowhere Lane",
    "CONTACT_EMAIL": "hello@example.org",
    "DATA_PROTECTION_EMAIL": "data@example.org",
    "COMPLAINTS_EMAIL": "wrong@example.org",
    "MINIMUM_BASE": 7,
    "KEY_DESTRUCTION_DAYS": 11,
}


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.mark.parametrize(("address", "heading"), PAGES.items())
def test_anyone_can_read_the_page(client: Client, address: str, heading: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert f'<h1 class="nhsuk-heading-l">{heading}</h1>' in response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_leads_to_all_of_them(client: Client, address: str) -> None:
    footer = page(client, address).partition("<footer")[2]
    assert [other for other in PAGES if f'href="{other}"' not in footer] == []


@pytest.mark.parametrize("address", PAGES)
def test_no_page_sets_a_cookie(client: Client, address: str) -> None:
    assert not client.get(address).cookies


@override_settings(**HOST)
@pytest.mark.parametrize(
    ("address", "names"),
    [
        (
            "/privacy/",
            ["Invented &lt;Network&gt;, 7 Nowhere Lane", "data@example.org", "counts of 7 or more", "At most 11 days"],
        ),
        ("/accessibility/", ["run by Invented &lt;Network&gt;", "hello@example.org"]),
        ("/complaints/", ["Invented &lt;Network&gt;, 7 Nowhere Lane", "wrong@example.org"]),
        (
            "/how-we-protect-your-answers/",
            ["fewer than 7 answers nothing is shown", "at the latest 11 days after closing", "hello@example.org"],
        ),
    ],
)
def test_names_and_numbers_are_those_of_the_host(client: Client, address: str, names: list[str]) -> None:
    text = page(client, address)
    assert [name for name in names if name not in text] == []


def test_the_cookies_listed_are_the_cookies_there_are(client: Client) -> None:
    cells = page(client, "/cookies/").split('<span class="nhsuk-table__heading" aria-hidden="true">Name </span><span>')
    listed = {cell.partition("</span>")[0] for cell in cells[1:]}
    assert listed == {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        CookieStorage.cookie_name,
        link_pages.COOKIE.name,
        check_in_link.COOKIE.name,
    }


@pytest.mark.parametrize(
    ("address", "promise"),
    [
        ("/privacy/", "(Article 6(1)(e) of the UK GDPR). We do not rely on your consent"),
        ("/privacy/", "(Article 14 of the UK GDPR)"),
        ("/privacy/", "(Article 11 of the UK GDPR)"),
        ("/privacy/", "someone with full control of the running server"),
        ("/privacy/", "someone who holds both the database and the separate folder of keys"),
        ("/privacy/", "under the Freedom of Information Act"),
        ("/complaints/", "We acknowledge your complaint within 30 days"),
        ("/accessibility/", "by telephone, on paper or in Easy Read"),
        (
            "/how-we-protect-your-answers/",
            "We record <strong>that</strong> you answered, so that reminders",
        ),
        ("/how-we-protect-your-answers/", "Your own words may still show who you are."),
    ],
)
def test_what_the_law_asks_and_what_we_cannot_resist_is_said(client: Client, address: str, promise: str) -> None:
    assert promise in page(client, address)


def test_the_attacks_told_of_are_those_that_are_run_at_length_and_at_each_change(client: Client) -> None:
    said = page(client, "/how-we-protect-your-answers/")
    assert f"{at_length.PEOPLE} answers are matched" in said
    assert f"In another test {crowd.PEOPLE} people answer at the same moment" in said
    assert f"with {at_each_change.PEOPLE} answers and 300 surveys, must pass first" in said


def test_the_notice_says_that_nothing_but_keys_goes_by_itself(client: Client) -> None:
    assert "Keys go by themselves, on their day. Nothing else in this table does" in page(client, "/privacy/")


@pytest.mark.parametrize(
    ("what", "how_long"),
    [
        ("Records of sessions, actions and problems", "6 years"),
        (
            "Single answers to a survey",
            (
                "1 year after it closed; confidential answers until the key to them ends, where that is later. "
                "Totals stay, and so do the words that were shown with the results"
            ),
        ),
        ("Your profile", "1 year after you left your last community"),
        ("The log of sign-ins", "1 year"),
        ("The keys that seal a survey, and copies of them", "At most 14 days after it closed"),
        (
            "The key to the pseudonyms of a confidential survey",
            "Until the date in the invitation; copies of it in back-ups 14 days longer",
        ),
    ],
)
def test_how_long_things_are_kept_is_said(client: Client, what: str, how_long: str) -> None:
    row = page(client, "/privacy/").partition(f"<span>{what}</span>")[2].partition("</tr>")[0]
    assert f"<span>{how_long}</span>" in row
