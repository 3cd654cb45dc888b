"""One's own answers and the keys to pseudonyms over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from communities.models import Person
from communities.services.people.merging import merge_people
from evaluations.models import Invitation, PrivacyMode, PseudonymKey, Survey
from evaluations.models.confidential import ConfidentialResponse
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, PersonFactory, staff
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for

pytestmark = pytest.mark.django_db

MINE = "/api/v1/me/answers/"
KEYS = "/api/v1/pseudonym-keys/"


@pytest.fixture
def survey() -> Survey:
    survey = open_survey_for(members=6, code=PULSE, mode=PrivacyMode.CONFIDENTIAL, now=NOW - timedelta(days=30))
    give_answers(survey, answers=[{"P1": str(n % 5 + 1), "P3": "1", "P4": f"Text {n}"} for n in range(6)])
    return close(survey)


@pytest.fixture
def person(survey: Survey) -> Person:
    found = Invitation.objects.filter(survey=survey).select_related("person__user")
    return found.order_by("person__user__name", "pk")[0].person


@pytest.fixture
def client(person: Person) -> Client:
    return sign_in(Client(), person.user)


def put(client: Client, survey: Survey, answers: Any, **headers: str) -> Any:
    return client.put(
        f"{MINE}{survey.pk}/", {"answers": answers}, content_type="application/json", headers=headers or None
    )


def test_i_find_my_answers_and_until_when(client: Client, survey: Survey) -> None:
    listed = client.get(MINE).json()["results"]
    assert [(one["survey"], one["key_ends_on"], one["is_on_hold"]) for one in listed] == [
        (survey.pk, "2027-11-29", False)
    ]
    mine = client.get(f"{MINE}{survey.pk}/")
    assert mine.json()["answers"] == {"P1": "1", "P3": "1", "P4": "Text 0"}
    assert mine["Cache-Control"] == "no-store"


def test_i_correct_them_with_the_version_i_read_and_with_no_other(client: Client, survey: Survey) -> None:
    tag = client.get(f"{MINE}{survey.pk}/")["ETag"]
    assert put(client, survey, {"P1": "5"}).status_code == 428
    corrected = put(client, survey, {"P1": "5"}, **{"If-Match": tag})
    assert (corrected.status_code, corrected.json()["answers"]) == (200, {"P1": "5"})
    assert put(client, survey, {"P1": "4"}, **{"If-Match": tag}).status_code == 412
    assert put(client, survey, {"P1": "99"}, **{"If-Match": corrected["ETag"]}).status_code == 422
    assert put(client, survey, {}, **{"If-Match": corrected["ETag"]}).status_code == 422
    assert client.get(f"{MINE}{survey.pk}/").json()["answers"] == {"P1": "5"}


def test_i_erase_them(client: Client, survey: Survey) -> None:
    assert client.delete(f"{MINE}{survey.pk}/").status_code == 204
    assert client.delete(f"{MINE}{survey.pk}/").status_code == 404
    assert ConfidentialResponse.objects.count() == 5
    assert client.get(f"{MINE}{survey.pk}/").status_code == 404


def test_nobody_else_gets_at_them(survey: Survey) -> None:
    for user in (PersonFactory.create().user, staff()):
        stranger = sign_in(Client(), user)
        assert stranger.get(MINE).json()["results"] == []
        assert stranger.get(f"{MINE}{survey.pk}/").status_code == 404
        assert put(stranger, survey, {"P1": "5"}, **{"If-Match": '"1"'}).status_code == 404
        assert stranger.delete(f"{MINE}{survey.pk}/").status_code == 404
    assert ConfidentialResponse.objects.count() == 6


def test_staff_hold_a_key_and_lift_the_hold_and_members_do_not(client: Client, survey: Survey) -> None:
    key = PseudonymKey.objects.get()
    hold, lift = f"{KEYS}{key.pk}/hold/", f"{KEYS}{key.pk}/lift/"
    for address in (hold, lift):
        assert client.post(address, {"because": "x"}, content_type="application/json").status_code == 403
    assert client.get(KEYS).status_code == 403
    officer = sign_in(Client(), staff())
    assert officer.post(hold, {}, content_type="application/json").status_code in (400, 422)
    held = officer.post(hold, {"because": "An inquiry"}, content_type="application/json")
    assert (held.status_code, held.json()["held_because"]) == (200, "An inquiry")
    assert officer.post(hold, {"because": "Another"}, content_type="application/json").status_code == 409
    assert client.get(MINE).json()["results"][0]["is_on_hold"] is True
    assert client.delete(f"{MINE}{survey.pk}/").status_code == 422
    assert [one["held_because"] for one in officer.get(KEYS).json()["results"]] == ["An inquiry"]
    assert officer.post(lift).status_code == 200
    assert officer.post(lift).status_code == 409


def test_after_two_records_were_made_one_answers_are_said_to_be_withheld_and_are_not_given(
    survey: Survey, person: Person
) -> None:
    kept = PersonFactory.create()
    merge_people(kept=kept, merged=person, by=staff(), now=NOW)
    client = sign_in(Client(), kept.user)
    assert [one["is_withheld"] for one in client.get(MINE).json()["results"]] == [True]
    refused = client.get(f"{MINE}{survey.pk}/")
    assert (refused.status_code, "Text 0" in refused.content.decode()) == (403, False)
    assert put(client, survey, {"P1": "5"}, **{"If-Match": '"1"'}).status_code == 403
    assert client.delete(f"{MINE}{survey.pk}/").status_code == 409
    assert ConfidentialResponse.objects.count() == 6


def test_the_lists_ask_the_same_of_the_database_for_one_and_for_thirty(
    client: Client, survey: Survey, person: Person, django_assert_num_queries: Any
) -> None:
    officer = sign_in(Client(), staff())
    # One of mine asks which records were merged into this one.
    for reader, address, queries in ((client, MINE, 5), (officer, KEYS, 3)):
        reader.get(address)
        with django_assert_num_queries(queries):
            assert len(reader.get(address).json()["results"]) == 1
    fields = {field.attname: getattr(survey, field.attname) for field in Survey._meta.concrete_fields}
    first = PseudonymKey.objects.get()
    for _ in range(29):
        key = PseudonymKey.objects.create(
            community=first.community, instrument=first.instrument, proof=first.proof, made_at=first.made_at,
            ends_on=first.ends_on,
        )  # fmt: skip
        again = Survey(**{**fields, "id": None, "key_id": key.key_id, "pseudonym_key_id": key.pk})
        again.save(force_insert=True)
        Invitation.objects.create(
            survey=again, person=person, is_established=True, is_answered=True, token_hash=key.key_id.hex
        )
    for reader, address, queries in ((client, MINE, 5), (officer, KEYS, 3)):
        with django_assert_num_queries(queries):
            assert len(reader.get(address).json()["results"]) == 30
