"""Demo or in earnest is a fact in the database: no variable talks it out of it."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from cop_portal.accounts.models import User
from cop_portal.installation import facts
from cop_portal.installation.fictional import NotAFictionalAddress, is_fictional
from cop_portal.installation.middleware import LoopbackOnly
from cop_portal.installation.models import Installation

pytestmark = pytest.mark.django_db


def starts(settings: Settings, mode: str) -> None:
    settings.MODE = mode
    settings.IS_TEST = False
    settings.IS_DEMO = mode == "demo"
    settings.IS_PRODUCTION = mode == "production"


@pytest.mark.embedded
def test_a_demo_database_does_not_serve_in_earnest(settings: Settings) -> None:
    Installation.objects.create(is_demo=True)
    starts(settings, "production")
    with pytest.raises(ImproperlyConfigured, match="made by the demo"):
        facts.insist()


@pytest.mark.embedded
def test_the_demo_does_not_touch_a_database_in_earnest(settings: Settings) -> None:
    Installation.objects.create(is_demo=False)
    starts(settings, "demo")
    with pytest.raises(ImproperlyConfigured, match="in earnest, and the demo does not touch it"):
        facts.insist()


@pytest.mark.parametrize(("mode", "is_demo"), [("demo", True), ("production", False)])
def test_a_new_database_takes_the_mode_of_its_first_start(settings: Settings, mode: str, is_demo: bool) -> None:
    starts(settings, mode)
    assert facts.settle().is_demo is is_demo
    assert facts.settle().is_demo is is_demo
    assert Installation.objects.count() == 1


def test_the_demo_does_not_take_over_a_database_with_people_in_it(settings: Settings) -> None:
    User.objects.create_user(name="Ada")
    starts(settings, "demo")
    with pytest.raises(ImproperlyConfigured, match="holds people but was not made by the demo"):
        facts.settle()
    assert not Installation.objects.exists()


def test_a_demo_with_a_real_address_in_it_does_not_start(settings: Settings) -> None:
    Installation.objects.create(is_demo=True)
    EmailAddress.objects.create(user=User.objects.create_user(name="Ada"), email="ada@nhs.net")
    starts(settings, "demo")
    with pytest.raises(ImproperlyConfigured, match="holds 1 address outside"):
        facts.insist()


def test_a_demo_refuses_a_real_address_as_it_is_stored(settings: Settings) -> None:
    user = User.objects.create_user(name="Ada")
    settings.IS_DEMO = True
    with pytest.raises(NotAFictionalAddress) as refused:
        EmailAddress.objects.create(user=user, email="ada@nhs.net")
    assert (refused.value.code, EmailAddress.objects.count()) == ("not_a_fictional_address", 0)
    EmailAddress.objects.create(user=user, email="ada@st-elsewhere.example.org")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a@example.org", True),
        ("a@trust.example.org", True),
        ("a@Trust.TEST", True),
        ("a@example.com", False),
        ("a@notexample.org", False),
        ("a@example.org.attacker.net", False),
        ('"x@example.org"@nhs.net', False),
        ("", False),
    ],
)
def test_only_reserved_names_are_fictional(address: str, expected: bool) -> None:
    assert is_fictional(address) is expected


@pytest.mark.embedded
def test_there_is_one_installation_and_only_a_demo_moves_its_clock() -> None:
    Installation.objects.create()
    for wrong in (Installation(id=2), Installation(id=1, clock_offset=timedelta(hours=1))):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save(force_insert=wrong.pk == 2)


def test_an_old_postgresql_stops_the_start(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    facts.insist_on_version()
    with (
        patch.object(facts, "OLDEST_POSTGRESQL", 99),
        django_assert_num_queries(1),
        pytest.raises(ImproperlyConfigured, match="The portal needs 99 or newer"),
    ):
        facts.insist_on_version()
    assert connection.is_usable()


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("", 200), ("10.0.0.7", 403), ("2001:db8::1", 403)]
)
def test_a_demo_answers_its_own_machine_only(rf: RequestFactory, address: str, status: int) -> None:
    answer = LoopbackOnly(lambda request: HttpResponse("page"))(rf.get("/", REMOTE_ADDR=address))
    assert answer.status_code == status
