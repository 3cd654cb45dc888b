"""Every table can be taken away, whole and safely."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from communities.exports.all_tables import TABLES
from communities.exports.formats import Format, guarded, write
from communities.exports.making import exported
from communities.exports.tables import UNNAMED, Column, Kind, Scope
from communities.models import (
    Affiliation,
    Attendance,
    Commitment,
    Community,
    Decision,
    LearningPoint,
    Membership,
    Resource,
)
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    LeverHolderFactory,
    MembershipFactory,
    PersonFactory,
    ProblemFactory,
    ProfessionalGroupFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

# Models of this room whose rows are in no table, and why.
NOT_EXPORTED = {
    "ImportBatch": "a file on its way in, forgotten after 30 days",
    "ImportRow": "the same",
    "CalendarFeed": "the mark of a secret address",
    "JoinLink": "the mark of a secret address",
    "MemberInvitation": "the mark of a secret address, and people who have not joined",
    "JoinRequest": "people who have not joined",
    "ErasureRequest": "what a person asked about themselves",
    "LegalHold": "what a person asked about themselves",
    "PersonMerge": "how two records became one, until it can no longer be undone",
    "CheckIn": "the key of a code that lives as long as its session",
    "CheckInPass": "a pass of ten minutes",
    "CheckInClaim": "what a person claims about themselves; once confirmed it is attendance",
    "SessionVersion": "earlier versions of what is in the tables, private items included",
    "LeverHolder": "people who can act are never named; their post is in the escalations",
}


def test_every_model_is_in_a_table_or_is_left_out_for_a_reason() -> None:
    held = {model.__name__ for table in TABLES.values() for model in table.holds}
    models = {model.__name__ for model in apps.get_app_config("communities").get_models()}
    assert models - held == set(NOT_EXPORTED) & models
    assert not held & set(NOT_EXPORTED)


def rows_of(table: str, community: Community | None) -> list[dict[str, str]]:
    file = exported(table=table, format_=Format.CODE_CSV, community=community, now=NOW)
    return list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))


def everything(community: Community | None) -> str:
    return "".join(
        exported(table=table, format_=Format.CODE_CSV, community=community, now=NOW).content.decode()
        for table in TABLES
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("format_", Format)
def test_an_empty_table_still_has_its_columns(community: Community, table: str, format_: Format) -> None:
    Community.objects.exclude(pk=community.pk).delete()
    file = exported(table=table, format_=format_, community=community, now=NOW)
    headings = [column.heading for column in TABLES[table].columns]
    if format_ is Format.WORKBOOK:
        sheet = load_workbook(io.BytesIO(file.content)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[1]] == headings
    else:
        names = headings if format_ is Format.EXCEL_CSV else [column.name for column in TABLES[table].columns]
        assert next(csv.reader(io.StringIO(file.content.decode("utf-8-sig")))) == names


# Formats


NASTY = (
    "=1+1",
    "+44",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "|calc",
    "%x",
    "plain",
    "a=b",
    "’=",
    "<script>alert(1)</script>",
)


def test_only_texts_that_a_spreadsheet_would_run_are_guarded() -> None:
    assert [guarded(text) for text in NASTY] == [
        "'=1+1", "'+44", "'-1", "'@SUM(A1)", "'\t=1", "' =1", "'|calc", "'%x", "plain", "a=b", "’=",
        "<script>alert(1)</script>",
    ]  # fmt: skip


KINDS = (
    Column("text", "Text"),
    Column("number", "Number", Kind.NUMBER),
    Column("day", "Day", Kind.DATE),
    Column("at", "At", Kind.TIME),
    Column("yes", "Yes", Kind.YES_NO),
)
ROW = ("=-1", -1, date(2026, 8, 6), NOW, True)
NOTHING = (None, None, None, None, None)


def test_csv_for_excel_has_a_mark_and_guards_texts_but_no_numbers() -> None:
    content = write(Format.EXCEL_CSV, name="x", columns=KINDS, rows=[ROW, NOTHING], now=NOW).content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == (
        "Text,Number,Day,At,Yes\r\n'=-1,-1,2026-08-06,2026-11-24 12:00,yes\r\n,,,,\r\n"
    )


def test_csv_for_code_has_the_bare_values() -> None:
    content = write(Format.CODE_CSV, name="x", columns=KINDS, rows=[ROW], now=NOW).content
    assert content.decode() == "text,number,day,at,yes\n=-1,-1,2026-08-06,2026-11-24T12:00:00+00:00,true\n"


def test_a_workbook_has_real_numbers_and_dates_and_no_formula() -> None:
    content = write(Format.WORKBOOK, name="x", columns=KINDS, rows=[ROW, ("a\x00b", *NOTHING[1:])], now=NOW).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    first = sheet[2]
    assert [cell.value for cell in first] == [
        "=-1",
        -1,
        datetime.combine(ROW[2], datetime.min.time()),
        NOW.replace(tzinfo=None),
        True,
    ]
    assert [cell.data_type for cell in first] == ["s", "n", "d", "d", "b"]
    assert sheet["A3"].value == "a\ufffdb"


def test_a_workbook_has_the_same_bytes_whenever_it_is_made() -> None:
    with time_machine.travel(NOW, tick=False):
        first = write(Format.WORKBOOK, name="x", columns=KINDS, rows=[ROW], now=NOW).content
    with time_machine.travel(NOW + timedelta(days=400, seconds=7), tick=False):
        again = write(Format.WORKBOOK, name="x", columns=KINDS, rows=[ROW], now=NOW).content
    assert again == first
    assert load_workbook(io.BytesIO(first)).properties.modified == NOW.replace(tzinfo=None)


# What is never in them


@pytest.fixture
def full(community: Community, people: dict[str, User]) -> Community:
    """A community with one of everything, some of it private, and a member with lived experience."""
    lived = ProfessionalGroupFactory.create(code="lived", name="Person with lived experience or carer")
    person = PersonFactory.create(name="Lena Lived", email="lena@example.org")
    Affiliation.objects.filter(person=person).update(professional_group=lived)
    member = MembershipFactory.create(community=community, person=person)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=1), led_by=person,
                                    private_note="PRIVATE note")  # fmt: skip
    Attendance.objects.create(session=session, membership=member, status="room")
    type(session).objects.filter(pk=session.pk).update(state="held", recorded_at=NOW, member_count=1, present_count=1)
    for words, is_private in (("shown", False), ("PRIVATE", True)):
        LearningPoint.objects.create(
            session=session, text=f"{words} point", position=int(is_private), is_private=is_private
        )
        ActionFactory.create(community=community, owner=person, text=f"{words} action", is_private=is_private)
        Decision.objects.create(community=community, text=f"{words} decision", decided_on=TODAY, is_private=is_private)
        Commitment.objects.create(community=community, session=session, person=person, text=f"{words} commitment",
                                  made_on=TODAY, state_since=NOW, is_private=is_private)  # fmt: skip
        Resource.objects.create(community=community, title=f"{words} resource", url="https://example.org", added_at=NOW,
                                is_private=is_private)  # fmt: skip
        problem = ProblemFactory.create(community=community, title=f"{words} problem", is_private=is_private)
        problem.escalations.create(
            lever_holder=LeverHolderFactory.create(name="Named Lever"), ask=f"{words} ask", asked_at=NOW
        )
        problem.steps.update(note=f"{words} step")
    return community


@pytest.mark.parametrize("whole_network", [False, True])
def test_private_items_and_names_of_people_with_lived_experience_are_in_no_table(
    full: Community, *, whole_network: bool
) -> None:
    text = everything(None if whole_network else full)
    for what in ("point", "action", "decision", "commitment", "resource", "problem", "ask", "step"):
        assert f"shown {what}" in text
    for words in ("PRIVATE", "Lena Lived", "lena@example.org", "Named Lever"):
        assert words not in text
    assert {row["name"] for row in rows_of("attendance", full)} == {UNNAMED}
    assert {row["owner"] for row in rows_of("actions", full)} == {UNNAMED}


def test_a_table_of_one_community_holds_nothing_of_another(full: Community) -> None:
    other = CommunityFactory.create(name="Elsewhere", slug="elsewhere")
    about_all = {"organisations", "professional-groups"}
    for table in set(TABLES) - about_all:
        assert rows_of(table, other) == [] or table == "communities"
    assert "shown" not in everything(other)


def test_a_closed_community_is_still_exported(client: Client, full: Community, people: dict[str, User]) -> None:
    Community.objects.filter(pk=full.pk).update(state="closed", closed_on=TODAY, closing_note="Done")
    response = sign_in(client, people["facilitator"]).post(
        reverse("communities:export", args=[full.slug]), {"table": "sessions", "format": "csv"}
    )
    assert response.status_code == 200
    assert len(response.content.decode().splitlines()) == 2


@pytest.mark.parametrize("table", TABLES)
def test_a_table_costs_the_same_with_1_and_with_30_rows(full: Community, table: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(TABLES[table].rows(Scope(full)))
        return len(queries)

    first = cost()
    for _ in range(30):
        person = PersonFactory.create()
        member = MembershipFactory.create(community=full, person=person)
        session = SessionFactory.create(community=full, led_by=person)
        Attendance.objects.create(session=session, membership=member, status="room")
        LearningPoint.objects.create(session=session, text="Point")
        ActionFactory.create(community=full, owner=person)
        ProblemFactory.create(community=full)
    assert cost() == first


# The page


def test_the_page_asks_for_a_table_and_a_format_and_gives_the_file(signed_in: Client, full: Community) -> None:
    page = reverse("communities:export", args=[full.slug])
    html = signed_in.get(page).content.decode()
    assert "data-download" in html
    refused = signed_in.post(page, {"format": "csv"})
    assert (refused.status_code, "Choose the table" in refused.content.decode()) == (422, True)
    sent: dict[str, Any] = {"table": "members", "format": "csv-excel"}
    for _ in range(2):
        response = signed_in.post(page, sent)
        assert response["Content-Disposition"] == 'attachment; filename="sepsis-members-2026-11-24.csv"'
        assert response["Cache-Control"] == "private, no-store"
    assert Membership.objects.filter(community=full).count() == len(response.content.decode().splitlines()) - 1


def test_looking_at_the_page_notes_nothing(signed_in: Client, full: Community) -> None:
    from cop_portal.audit.models import AuditEntry

    before = AuditEntry.objects.count()
    signed_in.get(reverse("communities:export", args=[full.slug]))
    assert AuditEntry.objects.count() == before
