"""Which column holds what, as it is guessed."""

from __future__ import annotations

import pytest

from communities.imports.columns import guessed, has_headings
from communities.models import ImportBatch
from communities.services.imports.fields import (
    MEMBER_FIELDS,
    ORGANISATION_FIELDS,
    date_in,
    fields_for,
    plain,
    plain_person,
)

MEMBERS, ORGANISATIONS = ImportBatch.Kind.MEMBERS, ImportBatch.Kind.ORGANISATIONS
# The first columns of a row of the official ODS file, which has 27 and no headings.
OFFICIAL = ["RJ1", "GUY'S AND ST THOMAS' NHS FOUNDATION TRUST", "Y56", "QKK", *[""] * 5, "SE1 7EH", "19930401", ""]


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (["Name", "Email"], {"name": 0, "email": 1}),
        (
            ["Surname", "First Name", "E-mail address", "Organisation", "Staff group", "Date joined"],
            {"last_name": 0, "first_name": 1, "email": 2, "organisation": 3, "professional_group": 4, "starts_on": 5},
        ),
        (["FULL NAME", "Trust", "Work e-mail"], {"name": 0, "organisation": 1}),
        (["Organisation name", "Name", "Mail"], {"organisation": 0, "name": 1, "email": 2}),
        (["Name", "First name", "Surname", "Email"], {"name": 0, "email": 3}),
        (["Community", "Name", "Email"], {"name": 1, "email": 2}),
    ],
)
def test_headings_are_known_by_their_names(headings: list[str], found: dict[str, int]) -> None:
    assert guessed(MEMBER_FIELDS, headings, []) == found


def test_the_community_is_asked_for_only_where_a_file_is_for_several() -> None:
    fields = fields_for(MEMBERS, names_community=True)
    assert guessed(fields, ["CoP", "Name", "Email"], []) == {"community": 0, "name": 1, "email": 2}


def test_the_column_of_addresses_is_known_by_what_stands_in_it() -> None:
    rows = [["Amara", "a@example.org"], ["Ben", ""], ["Cleo", "c@example.org"]]
    assert guessed(MEMBER_FIELDS, ["Who", "Where to write"], rows) == {"email": 1}


def test_the_official_organisation_file_is_known_though_it_has_no_headings() -> None:
    rows = [OFFICIAL, ["RJZ", "KING'S COLLEGE HOSPITAL", *OFFICIAL[2:]]]
    assert not has_headings(ORGANISATIONS, rows)
    assert guessed(ORGANISATION_FIELDS, [""] * 12, rows) == {"ods_code": 0, "name": 1, "closed_on": 11}


@pytest.mark.parametrize(
    ("kind", "first", "is_headed"),
    [
        (MEMBERS, ["Name", "Email"], True),
        (MEMBERS, ["Wer", "Adresse"], True),
        (MEMBERS, ["Amara Okafor", "amara@example.org"], False),
        (MEMBERS, ["Amara Okafor", "6/8/2026"], False),
        (ORGANISATIONS, ["Organisation Code", "Name"], True),
        (ORGANISATIONS, ["Kürzel", "Titel"], True),
        (ORGANISATIONS, OFFICIAL, False),
    ],
)
def test_a_first_row_is_taken_for_headings_unless_it_is_like_the_others(
    *, kind: str, first: list[str], is_headed: bool
) -> None:
    assert has_headings(kind, [first]) is is_headed


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-08-06", "2026-08-06"),
        ("20260806", "2026-08-06"),
        ("2026-08-06 00:00", "2026-08-06"),
        ("6/8/2026", "2026-08-06"),
        ("06.08.2026", "2026-08-06"),
        ("6 August 2026", "2026-08-06"),
        ("6-Aug-2026", "2026-08-06"),
    ],
)
def test_a_date_is_read_with_the_day_before_the_month(text: str, iso: str) -> None:
    found = date_in(text)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize("text", ["", "31/2/2026", "8/26", "6/8/26", "soon", "6 Agosto 2026", "2026-13-01", "0"])
def test_what_is_no_date_or_could_be_two_is_none(text: str) -> None:
    assert date_in(text) is None


def test_spellings_of_one_name_are_the_same() -> None:
    assert plain("St George’s Hospital") == plain("ST. GEORGES  HOSPITAL") == "st georges hospital"
    assert plain("Guy's & St Thomas'") == plain("Guys and St Thomas")
    assert plain_person("Okafor, Dr Amara") == plain_person("amara OKAFOR") == "amara okafor"
    assert plain_person("Zoë Müller") == plain_person("Zoe Muller")
    assert plain_person("Amara Okafor") != plain_person("Amara Okoro")
