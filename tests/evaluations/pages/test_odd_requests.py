"""What no browser of ours would send is refused, in words, and is never an error of the portal."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Survey
from tests.evaluations.asking import person_in
from tests.evaluations.pages.browsing import START, words
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"token={'x' * 3_000_000}", FORM),
        ("&".join(f"a{number}=1" for number in range(2_000)), FORM),
        ("no parts", "multipart/form-data"),
    ],
    ids=["too long", "too many fields", "no boundary"],
)
def test_a_body_that_cannot_be_read_is_refused_behind_a_link(body: str, content_type: str) -> None:
    response = Client().generic("POST", START, body, content_type=content_type)
    assert response.status_code == 400
    assert "Nothing of it was stored." in words(response)
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("day", ["0001-01-01", "2020-01-01"])
def test_a_last_day_long_gone_leads_back_to_the_choice(survey: Survey, day: str) -> None:
    client = sign_in(Client(), person_in(survey.community, "facilitator").user)
    address = reverse("evaluations:confirm-survey", args=[survey.community.slug])
    asked = {"version": survey.version_id, "closes_on": day, "mode": "anonymous", "shared_with": "members"}

    led_back = client.get(f"{address}?{urlencode(asked)}")
    set_up = reverse("evaluations:set-up-survey", args=[survey.community.slug])
    assert led_back["Location"] == f"{set_up}?{urlencode(asked)}"

    refused = client.post(address, asked)
    assert refused.status_code == 422
    assert "Choose a last day that leaves people at least a day to answer." in words(refused)
    assert Survey.objects.count() == 1
