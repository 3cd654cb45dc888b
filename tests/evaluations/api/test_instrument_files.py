"""Questionnaires from files and as files, and their checks, over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations.interchange.instrument_json import bytes_of
from evaluations.interchange.redcap import dictionary
from evaluations.models import InstrumentFile, InstrumentVersion
from tests.evaluations.asking import community_of, person_in, questionnaire, staff_user
from tests.evaluations.interchange.documents import shipped
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db


def staff() -> Client:
    return sign_in(Client(), staff_user())


def version(name: str, code: str = "cop-full") -> str:
    return reverse(f"api:instrument-{name}", args=[code, 1])


def upload(client: Client, content: bytes) -> Any:
    data = {"file": SimpleUploadedFile("file", content), "serves": "1a", "value_cycle": "applied"}
    return client.post(reverse("api:instrument-file-list"), data)


def reworded() -> bytes:
    document = shipped("session-pulse")
    document["instruments"][0]["questions"][1]["text"] = "I could speak openly."
    return bytes_of(document)


def test_checks_are_those_of_the_page() -> None:
    questionnaire()

    checks = staff().get(version("checks")).json()

    assert {name: value for name, value in checks.items() if name not in {"paths", "questions"}} == {
        "least_minutes": 10,
        "most_minutes": 10,
        "points": 120,
        "is_over_budget": False,
        "unreachable": [],
        "path_count": 2,
        "is_path_count_exact": True,
    }
    assert [len(path["questions"]) for path in checks["paths"]] == [25, 27]
    assert [question["code"] for question in checks["questions"] if question["is_hard_to_read"]] == [
        "V2", "V3", "C2", "C5",
    ]  # fmt: skip
    assert checks["questions"][8] == {
        "code": "V1", "points": 4, "reading_age": 7, "is_hard_to_read": False, "long_words": [],
    }  # fmt: skip


def test_a_questionnaire_is_taken_away_with_the_bytes_of_the_page() -> None:
    questionnaire()

    assert staff().get(version("json")).content == bytes_of(shipped("cop-full"))
    assert staff().get(version("redcap")).content == dictionary(shipped("cop-full")).content


def test_a_file_is_read_looked_at_and_made_a_draft_once() -> None:
    questionnaire()
    client = staff()

    received = upload(client, reworded())

    assert received.status_code == 201
    (planned,) = received.json()["planned"]
    assert (planned["instrument"], planned["number"]) == ("session-pulse", 2)
    assert planned["becomes"] == "It would become a draft of version 2."
    assert [(one["code"], one["change"], one["differs"]) for one in planned["questions"]] == [
        ("P1", "same", []), ("P2", "reworded", ["its words"]), ("P3", "same", []), ("P4", "same", []),
    ]  # fmt: skip
    made = client.post(f"{received['Location']}drafts/")
    assert made.status_code == 201
    assert [(one["instrument"], one["number"], one["is_draft"]) for one in made.json()["drafts"]] == [
        ("session-pulse", 2, True)
    ]
    again = client.post(f"{received['Location']}drafts/")
    assert (again.status_code, "Drafts have been made of this file already." in again.content.decode()) == (409, True)
    assert InstrumentVersion.objects.filter(published_at=None).count() == 1


def test_a_file_is_thrown_away_until_a_draft_is_made_of_it() -> None:
    questionnaire()
    client = staff()
    first, second = (upload(client, reworded())["Location"] for _ in range(2))
    client.post(f"{second}drafts/")

    assert [client.delete(address).status_code for address in (first, second)] == [204, 409]
    assert [client.get(address).status_code for address in (first, second)] == [404, 200]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"schema": 1}', "are missing"),
        (b"a,b\n1,2\n", "This is not a REDCap data dictionary"),
        (reworded().replace(b'"question": "P3"', b'"question": "P4"'), "P4 is shown by its own answer"),
    ],
)
def test_what_is_no_questionnaire_is_refused_in_the_words_of_the_page(content: bytes, sentence: str) -> None:
    questionnaire()

    refused = upload(staff(), content)

    assert (refused.status_code, sentence in refused.content.decode()) == (422, True), refused.content
    assert not InstrumentFile.objects.exists()


def test_what_cannot_be_chosen_is_malformed() -> None:
    questionnaire()

    answer = staff().post(reverse("api:instrument-file-list"), {"serves": "9z", "value_cycle": "soon"})

    assert answer.status_code == 400
    assert [name in answer.content.decode() for name in ("file", "serves", "value_cycle")] == [True, True, True]


def test_only_staff_bring_files_in() -> None:
    questionnaire()
    community = community_of(1)
    facilitator, member = (sign_in(Client(), person_in(community, role).user) for role in ("facilitator", "member"))

    assert upload(facilitator, reworded()).status_code == 403
    assert facilitator.get(version("json")).status_code == 200
    assert member.get(version("json")).status_code == 403
    assert facilitator.get(version("json", "no-such")).status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_of_files_takes_as_many_queries_whatever_its_length(
    number: int, django_assert_num_queries: Any
) -> None:
    questionnaire()
    client = staff()
    for _ in range(number):
        upload(client, reworded())
    with django_assert_num_queries(4):
        assert len(client.get(reverse("api:instrument-file-list")).json()["results"]) == number
