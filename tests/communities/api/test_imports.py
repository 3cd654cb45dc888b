"""Imports and exports over the API: the same steps, refusals and words as on the pages."""

import csv
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, ImportBatch, Membership, Organisation
from communities.tasks import run_waiting_imports
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.accounts import sign_in
from tests.factories.communities import MembershipFactory, OrganisationFactory, PersonFactory, ProfessionalGroupFactory
from tests.factories.imports import as_csv, previewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

AMARA = ("Amara Okafor", "amara@example.org", "", "Nursing", "6/8/2024")


@pytest.fixture(autouse=True)
def _nurses() -> None:
    ProfessionalGroupFactory.create(name="Nursing", code="03")


def upload(client: Client, content: bytes, **more: Any) -> Any:
    said = {"file": SimpleUploadedFile("members.csv", content), **more}
    return client.post(reverse("api:import-list"), said)


def step(client: Client, name: str, pk: int, version: int, said: Any = None) -> Any:
    address = reverse(f"api:{name}", args=[pk])
    return client.post(address, said, content_type="application/json", headers={"If-Match": f'"{version}"'})


def test_a_file_goes_from_upload_to_members_and_back(signed_in: Client, community: Community) -> None:
    uploaded = upload(signed_in, as_csv(AMARA), community="sepsis")
    assert uploaded.status_code == 201
    batch = uploaded.json()
    assert (batch["state"], batch["columns"][:2], batch["mapping"]["email"]) == ("uploaded", ["Name", "Email"], 1)
    sorted_ = step(signed_in, "import-columns", batch["id"], 1, {"mapping": batch["mapping"]})
    assert (sorted_.status_code, sorted_.json()["counts"]["new"], sorted_["ETag"]) == (200, 1, '"2"')
    rows = signed_in.get(reverse("api:import-rows", args=[batch["id"]])).json()["results"]
    assert [(row["number"], row["kind"]) for row in rows] == [(2, "new")]
    assert step(signed_in, "run-import", batch["id"], 2).status_code == 202
    assert run_waiting_imports() == 1
    done = signed_in.get(reverse("api:import", args=[batch["id"]])).json()
    assert (done["state"], done["percent"], done["undo_until"]) == ("imported", 100, "2026-12-24T12:00:00Z")
    asked = step(signed_in, "undo-import", batch["id"], done["version"])
    assert (asked.status_code, asked.json()["state"], asked.json()["percent"]) == (202, "undoing", 0)
    assert step(signed_in, "undo-import", batch["id"], done["version"]).json()["code"] == "too_late_to_undo"
    assert run_waiting_imports() == 1
    assert signed_in.get(asked["Location"]).json()["state"] == "undone"
    assert not Membership.objects.filter(person__user__name="Amara Okafor").exists()


def test_decisions_are_offered_and_taken(signed_in: Client, community: Community, facilitator: User) -> None:
    MembershipFactory.create(
        person=PersonFactory.create(name="Amara Okafor", email="other@example.org"), community=community
    )
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    (question,) = signed_in.get(reverse("api:decide-import", args=[batch.pk])).json()
    assert (question["key"], sorted(question["answers"])[:2]) == ("row:2", ["leave", "new"])
    refused = step(signed_in, "decide-import", batch.pk, batch.version, {"decisions": {"row:2": "perhaps"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_decision")
    taken = step(signed_in, "decide-import", batch.pk, batch.version, {"decisions": {"row:2": "new"}})
    assert taken.json()["counts"]["new"] == 1


def test_a_step_says_which_version_it_was_made_from(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    address = reverse("api:run-import", args=[batch.pk])
    assert signed_in.post(address, content_type="application/json").status_code == 428
    stale = step(signed_in, "run-import", batch.pk, batch.version - 1)
    assert (stale.status_code, stale.json()["code"]) == (412, "import_moved_on")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"Name\nAmara\n", 422, "one_column"),
        (b"PK\x03\x04 no zip", 422, "workbook_damaged"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 9, 422, "not_a_table"),
        (b"a,b\n" * (3 * 1024 * 1024), 413, "file_too_large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_sentence_of_the_page(
    signed_in: Client, community: Community, content: bytes, status: int, code: str
) -> None:
    response = upload(signed_in, content, community="sepsis")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("role", "community_slug", "status"),
    [
        ("facilitator", "sepsis", 201),
        ("staff", "sepsis", 201),
        ("staff", "", 201),
        ("facilitator", "", 403),
        ("member", "sepsis", 403),
        ("sponsor", "sepsis", 403),
        ("stranger", "sepsis", 404),
    ],
)
def test_uploading_is_for_those_who_may_import_there(
    client: Client, people: dict[str, User], role: str, community_slug: str, status: int
) -> None:
    response = upload(sign_in(client, people[role]), as_csv(AMARA), community=community_slug)
    assert response.status_code == status


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_with_1_and_with_30_rows(
    *,
    signed_in: Client,
    community: Community,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for _ in range(number):
        previewed(as_csv(AMARA), community=community, by=facilitator)
    with django_assert_num_queries(3):
        assert len(signed_in.get(reverse("api:import-list")).json()["results"]) == number


# Exports


def export(client: Client, **said: str) -> Any:
    return client.post(reverse("api:exports"), said, content_type="application/json")


def test_a_table_is_taken_away_and_that_is_noted(signed_in: Client, community: Community, facilitator: User) -> None:
    response = export(signed_in, table="members", community="sepsis")
    assert response["Content-Disposition"] == 'attachment; filename="sepsis-members-2026-11-24.csv"'
    rows = list(csv.DictReader(response.content.decode().splitlines()))
    assert "Fadia Facilitator" in {row["name"] for row in rows}
    assert (
        AuditEntry.objects.filter(event="members.exported", by_id=facilitator.pk, target_id=community.pk).count() == 1
    )


@pytest.mark.parametrize(
    ("role", "of_community", "of_network"),
    [
        ("administrator", 200, 200),
        ("staff", 200, 200),
        ("facilitator", 200, 403),
        ("member", 403, 403),
        ("sponsor", 403, 403),
        ("stranger", 404, 403),
    ],
)
def test_exports_are_for_those_who_run_the_community_and_the_networks_for_staff(
    client: Client, people: dict[str, User], role: str, of_community: int, of_network: int
) -> None:
    sign_in(client, people[role])
    found = [export(client, table="attendance", community=slug).status_code for slug in ("sepsis", "")]
    assert found == [of_community, of_network]


def test_a_table_that_does_not_exist_is_malformed(signed_in: Client, people: dict[str, User]) -> None:
    assert export(signed_in, table="passwords", community="sepsis").status_code == 400


def test_a_code_is_put_right_by_staff_from_the_version_they_read(client: Client, people: dict[str, User]) -> None:
    trust = OrganisationFactory.create(name="Riverside")
    OrganisationFactory.create(name="Hillside", ods_code="RX1")
    address = reverse("api:organisation", args=[trust.pk])

    def put(code: str, version: int) -> Any:
        said = {"name": "Riverside NHS Trust", "ods_code": code}
        return client.put(address, said, content_type="application/json", headers={"If-Match": f'"{version}"'})

    assert sign_in(client, people["facilitator"]).get(address).status_code == 403
    sign_in(client, people["staff"])
    assert client.get(address)["ETag"] == '"1"'
    assert [put(code, 1).status_code for code in ("R-1", "rx1", "rx2", "rx3")] == [422, 409, 200, 412]
    assert Organisation.objects.get(pk=trust.pk).ods_code == "RX2"
