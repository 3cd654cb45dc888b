"""A write says which version it was made from: 428 without, 400 when it is none, 412 when the record has moved on."""

from typing import Any, ClassVar

import pytest
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cop_portal.api.preconditions import etag, expected_version
from cop_portal.refusals import Stale
from tests.factories.accounts import UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class PlaceChanged(Stale):
    """A rule of the tests."""


class Place(APIView):
    """One record, at version 3."""

    signed_in = True
    version: ClassVar[int] = 3

    def get(self, request: Request) -> Response:
        return Response({}, headers={"ETag": etag(self.version)})

    def put(self, request: Request) -> Response:
        if expected_version(request) != self.version:
            raise PlaceChanged("Someone else has changed this place meanwhile.", code="place_changed")
        return Response({"place": "Room 1"})


urlpatterns = [path("api/v1/place/", Place.as_view()), path("", include("cop_portal.urls"))]


@pytest.fixture
def member(client: Client) -> Client:
    return sign_in(client, UserFactory.create())


def put(client: Client, version: str | None = None) -> Any:
    headers = {} if version is None else {"If-Match": version}
    return client.put("/api/v1/place/", {"place": "Room 1"}, content_type="application/json", headers=headers)


def test_what_was_read_is_what_is_sent_back(member: Client) -> None:
    read = member.get("/api/v1/place/")
    assert read["ETag"] == '"3"'
    assert put(member, read["ETag"]).json() == {"place": "Room 1"}


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (None, 428, "if_match_missing"),
        (" ", 428, "if_match_missing"),
        ("3", 400, "if_match_malformed"),
        ('W/"3"', 400, "if_match_malformed"),
        ('"3", "4"', 400, "if_match_malformed"),
        ("*", 400, "if_match_malformed"),
        ('"0"', 400, "if_match_malformed"),
        ('"-1"', 400, "if_match_malformed"),
        ('"٣"', 400, "if_match_malformed"),
        ('"9999999999"', 400, "if_match_malformed"),
        ('"2"', 412, "place_changed"),
        ('"4"', 412, "place_changed"),
    ],
)
def test_a_write_from_anything_else_is_refused_in_words(
    member: Client, given: str | None, status: int, code: str
) -> None:
    response = put(member, given)
    assert (response.status_code, response.json()["status"], response.json()["code"]) == (status, status, code)
    assert response.json()["type"].startswith("/api/v1/docs/#problem-")
