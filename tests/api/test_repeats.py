"""Idempotency-Key: a write over the API is done once, however often it is sent."""

from typing import Any, ClassVar

import pytest
from django.test import Client
from django.urls import get_resolver, include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from communities.models import Organisation
from cop_portal.accounts.services.tokens import make_token, revoke_token
from cop_portal.api.preconditions import etag
from cop_portal.installation import clock
from cop_portal.keeping.models import Submission
from cop_portal.refusals import Refusal
from tests.factories.accounts import UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.urls(__name__)]


class NotThisOne(Refusal):
    """A rule of the tests."""


class Organisations(APIView):
    signed_in = True
    reached: ClassVar[list[str]] = []

    def get(self, request: Request) -> Response:
        return Response({"names": names()})

    def post(self, request: Request) -> Response:
        name = dict(request.data)["name"]
        self.reached.append(name)
        made = Organisation.objects.create(name=f"{name}|{Organisation.objects.count()}")
        if name == "Not this one":
            raise NotThisOne("Not this one.", code="not_this_one")
        if name == "A bug":
            raise ZeroDivisionError
        return Response({"id": made.pk, "token": "é12345"}, status=201, headers={"ETag": etag(1)})


class OwnTransactions(Organisations):
    runs_own_transactions = True


urlpatterns = [
    path("api/v1/organisations/", Organisations.as_view()),
    path("api/v1/own/", OwnTransactions.as_view()),
    path("", include("cop_portal.urls")),
]
KEY = "8f14e45f-ceea-467f-a1d2-91b3c6a5d7e0"


@pytest.fixture
def member(client: Client) -> Client:
    return sign_in(client, UserFactory.create())


def send(client: Client, name: str = "St Elsewhere", *, key: str = KEY, to: str = "organisations", **more: str) -> Any:
    headers = {"Idempotency-Key": key, **more}
    return client.post(f"/api/v1/{to}/", {"name": name}, content_type="application/json", headers=headers)


def names() -> list[str]:
    """Of the organisations there are; what stands behind the bar only makes each name one of its kind."""
    return sorted(name.partition("|")[0] for name in Organisation.objects.values_list("name", flat=True))


def test_a_write_sent_twice_is_done_once_and_answered_alike(member: Client) -> None:
    first, second = send(member), send(member)
    assert names() == ["St Elsewhere"]
    assert (first.status_code, first.json(), first["ETag"]) == (second.status_code, second.json(), second["ETag"])
    assert second["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


def test_another_write_under_the_same_key_is_refused(member: Client) -> None:
    send(member)
    other = send(member, "St Elsewhere’s")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = send(member, to="own")
    assert elsewhere.status_code == 201, "a view that runs its own transactions does not look at the key"
    assert names() == ["St Elsewhere", "St Elsewhere"]


@pytest.mark.parametrize(("name", "status"), [("Not this one", 422), ("A bug", 500)])
def test_what_was_not_done_leaves_the_key_free(client: Client, name: str, status: int) -> None:
    client.raise_request_exception = False
    sign_in(client, UserFactory.create())
    assert send(client, name).status_code == status
    assert (names(), Submission.objects.count()) == ([], 0)
    assert send(client).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "naïve"])
def test_a_key_that_cannot_be_one_is_a_400_in_words(member: Client, key: str) -> None:
    refused = send(member, key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_malformed")
    assert names() == []


def test_a_read_pays_no_heed_to_a_key(member: Client) -> None:
    assert member.get("/api/v1/organisations/", headers={"Idempotency-Key": "two words"}).json() == {"names": []}


def test_nobody_is_given_the_answer_of_another(member: Client) -> None:
    mine = send(member).json()
    theirs = send(sign_in(Client(), UserFactory.create())).json()
    assert mine["id"] != theirs["id"]
    assert send(Client()).status_code == 401


def test_a_revoked_token_is_told_nothing_about_what_it_did() -> None:
    user = UserFactory.create()
    token, key = make_token(user=user, name="script", now=clock.now())
    assert send(Client(), Authorization=f"Bearer {key}").status_code == 201
    assert send(Client(), Authorization=f"Bearer {key}")["Idempotency-Replayed"] == "true"
    revoke_token(token=token, by=user, now=clock.now())
    assert send(Client(), Authorization=f"Bearer {key}").status_code == 401


def test_a_session_write_without_the_csrf_token_is_refused_with_a_key_too() -> None:
    browser = sign_in(Client(enforce_csrf_checks=True), UserFactory.create())
    assert send(browser).json()["code"] == "csrf_failed"
    assert names() == []


def test_a_body_that_is_too_long_or_no_json_is_refused_as_ever(member: Client, settings: Any) -> None:
    headers = {"Idempotency-Key": KEY}
    broken = member.post("/api/v1/organisations/", "{no", content_type="application/json", headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "not_json")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert send(member).json()["code"] == "not_readable"


def test_what_is_kept_of_an_answer_cannot_be_read_without_the_key(member: Client) -> None:
    send(member)
    assert "é12345".encode() not in bytes(Submission.objects.get().sealed_answer)


@pytest.mark.urls("cop_portal.urls")
def test_few_writes_run_transactions_of_their_own() -> None:
    """Every other write of the API is kept with its key in one transaction. An exception is made here, in sight."""
    from tests.architecture.test_views import addresses

    exempt = {
        address
        for address, view in addresses(get_resolver().url_patterns)
        if getattr(getattr(view, "cls", None) or getattr(view, "view_class", None), "runs_own_transactions", False)
    }
    assert exempt == {
        "/api/v1/surveys/<int:pk>/close/",
        "/communities/<slug:slug>/surveys/<int:pk>/close/",
        # Keys are destroyed and the database is wiped after the commit, never inside it.
        "/api/v1/surveys/<int:pk>/cancel/",
        "/communities/<slug:slug>/surveys/<int:pk>/cancel/",
        # What is left of single answers in the files of the database is wiped after the commit.
        "/api/v1/retention/<int:pk>/destroy/",
        "/network/retention/<int:pk>/",
        "/network/retention/all/",
        # Whoever sees to their own confidential answers leaves no trace of when: the key would be one.
        "/api/v1/me/answers/<int:pk>/",
        "/me/answers/<int:pk>/correct/<slug:code>/",
        "/me/answers/<int:pk>/erase/",
        # A wrong code is counted, and the count outlives the refusal.
        "/me/addresses/confirm/",
    }
