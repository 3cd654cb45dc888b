"""The reference lists go in whole or not at all, and going in twice changes nothing."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from communities.imports.documents import DocumentRefused, read_document
from communities.imports.reference import REFERENCE_FILE, REFERENCE_SCHEMA, load_reference
from communities.models import Community, Organisation, ProfessionalGroup

pytestmark = pytest.mark.django_db


def shipped() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(REFERENCE_FILE.read_text())
    return data


def load(data: dict[str, Any]) -> str:
    return str(load_reference(read_document(json.dumps(data), schema=REFERENCE_SCHEMA)))


def test_the_shipped_lists_bring_the_seven_communities_of_2015() -> None:
    load(shipped())

    assert list(Community.objects.order_by("slug").values_list("slug", flat=True)) == [
        "acute-deterioration",
        "delirium",
        "duty-of-candour",
        "maternity",
        "medicines-optimisation",
        "medicines-safety",
        "sepsis",
    ]
    assert set(Community.objects.values_list("founded", flat=True)) == {"2015"}
    assert ProfessionalGroup.objects.count() == 17
    assert Organisation.objects.get(ods_code="RJ2").name == "Lewisham and Greenwich NHS Trust"


def test_loading_the_same_lists_again_changes_nothing_and_says_so() -> None:
    load(shipped())

    assert load(shipped()) == "Nothing to change: all 29 are as the document says."


def test_what_a_site_renamed_keeps_its_new_name() -> None:
    load(shipped())
    Community.objects.filter(slug="sepsis").update(name="Sepsis and infection")
    Organisation.objects.filter(ods_code="RJ1").update(name="Guy's and St Thomas'")

    load(shipped())

    assert Community.objects.get(slug="sepsis").name == "Sepsis and infection"
    assert Organisation.objects.filter(ods_code="RJ1").count() == 1


def test_a_professional_group_is_brought_up_to_date() -> None:
    load(shipped())
    data = shipped()
    data["professional_groups"][0]["name"] = "Doctors and dentists"

    assert load(data) == "0 created, 1 changed, 28 as they were."
    assert ProfessionalGroup.objects.get(code="01").name == "Doctors and dentists"


def test_one_fault_keeps_everything_out() -> None:
    data = shipped()
    data["communities"].append({"name": "Falls", "slug": "sepsis"})

    with pytest.raises(DocumentRefused, match="'sepsis' stands here a second time"):
        load(data)
    assert Community.objects.count() == 0


def test_the_command_prints_the_faults_and_fails(tmp_path: Any) -> None:
    path = tmp_path / "lists.json"
    path.write_text('{\n"schema": "cop-portal/reference/1",\n"communities": [{"name": "Falls"}]\n}')

    with pytest.raises(CommandError) as failed:
        call_command("load_reference", path)

    assert str(failed.value) == (
        f"{path} was not loaded, and nothing has changed:\n"
        "  Line 1: professional_groups and organisations are missing.\n"
        "  Line 3, communities 1: slug is missing."
    )
