"""A made-up position in a list is a 404 with a sentence, whatever the list is ordered by."""

from base64 import b64encode

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.communities import SessionFactory, facilitator_of

pytestmark = pytest.mark.django_db

MADE_UP = ["p=\x00&r=1", "p=0001-01-01", "p=9999-12-31 23:59:59-14:00", "p=nonsense", "o=-1", "o=99999999999999999999"]


@pytest.mark.parametrize("position", MADE_UP)
def test_a_made_up_position_is_never_an_error_of_ours(position: str) -> None:
    session = SessionFactory.create()
    client = sign_in(Client(), facilitator_of(session.community))
    cursor = b64encode(position.encode()).decode()
    for address in ("communities", "memberships", "sessions", "actions", "surveys"):
        response = client.get(f"/api/v1/{address}/", {"cursor": cursor})
        assert response.status_code in (200, 404), address
        if response.status_code == 404:
            assert "Start again" in response.json()["detail"]


def test_a_time_before_all_time_is_refused_as_a_position() -> None:
    session = SessionFactory.create()
    client = sign_in(Client(), facilitator_of(session.community))
    cursor = b64encode(b"p=0001-01-01").decode()
    assert client.get("/api/v1/sessions/", {"cursor": cursor}).status_code == 404
