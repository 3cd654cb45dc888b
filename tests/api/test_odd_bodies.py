"""A body that cannot be read is refused in words, through either way of signing in; it is never an error of ours."""

import pytest
from django.test import Client

from cop_portal.accounts.services.tokens import make_token
from cop_portal.installation import clock
from tests.factories.accounts import sign_in
from tests.factories.communities import CommunityFactory, facilitator_of

pytestmark = pytest.mark.django_db

JSON = "application/json"
BODIES = {
    "too long": (b'{"place": "' + b"x" * 3_000_000 + b'"}', JSON, "not_readable"),
    "lists in lists": (b"[" * 100_000 + b"]" * 100_000, JSON, "not_json"),
    "objects in objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, JSON, "not_json"),
    "half a character": (b'{"kind": "\\uD800"}', JSON, "not_json"),
    "not UTF-8": (b"\xff\xfe", JSON, "not_json"),
    "a number too long to read": (b'{"led_by": ' + b"9" * 5_000 + b"}", JSON, "not_json"),
    "not a number": (b'{"led_by": NaN}', JSON, "not_json"),
    "an unknown encoding": (b"{]", "application/json; charset=foo", "not_json"),
}


@pytest.mark.parametrize("way_in", ["session", "token"])
@pytest.mark.parametrize(("body", "content_type", "code"), BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_read_is_a_400(way_in: str, body: bytes, content_type: str, code: str) -> None:
    facilitator = facilitator_of(CommunityFactory.create())
    if way_in == "session":
        client = sign_in(Client(), facilitator)
    else:
        _, key = make_token(user=facilitator, name="script", now=clock.now())
        client = Client(headers={"Authorization": f"Bearer {key}"})

    response = client.generic("POST", "/api/v1/sessions/", body, content_type=content_type)

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_whole_character_written_in_two_halves_is_read() -> None:
    client = sign_in(Client(), facilitator_of(CommunityFactory.create()))
    response = client.generic("POST", "/api/v1/sessions/", b'{"kind": "\\ud83d\\ude00"}', content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
