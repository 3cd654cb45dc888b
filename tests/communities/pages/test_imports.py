"""Bringing people in from a file, on the pages: upload, columns, rows, decisions, import, undo."""

import csv
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Community, ImportBatch, ImportRow, Membership, ProfessionalGroup
from communities.tasks import run_waiting_imports
from cop_portal.accounts.models import User
from cop_portal.design.sentences import error_sentences
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, PersonFactory, ProfessionalGroupFactory
from tests.factories.imports import as_csv, imported, previewed, received

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

AMARA = ("Amara Okafor", "amara@example.org", "", "Nursing", "6/8/2024")


@pytest.fixture(autouse=True)
def nurses() -> ProfessionalGroup:
    return ProfessionalGroupFactory.create(name="Nursing")


def upload(client: Client, community: Community, content: bytes, name: str = "members.csv", **more: Any) -> Any:
    page = reverse("communities:import-members", args=[community.slug])
    return client.post(page, {"file": SimpleUploadedFile(name, content)}, follow=True, **more)


def page(batch: ImportBatch, name: str = "import") -> str:
    return reverse(f"communities:{name}", args=[batch.pk])


def test_a_file_goes_from_upload_to_members_and_back(signed_in: Client, community: Community) -> None:
    columns = upload(signed_in, community, as_csv(AMARA, ("", "nobody@example.org", "", "", "")))
    assert "Read as UTF-8, columns separated by commas: 2 rows." in columns.content.decode()
    batch = ImportBatch.objects.get()
    chosen = {name: value for name, value in columns.context["form"].initial.items() if value is not None}
    preview = signed_in.post(page(batch, "import-columns"), chosen, follow=True).content.decode()
    assert "Nothing has been added yet. 1 row would be imported, and 1 mail sent to those who are added." in preview
    assert "Amara Okafor, amara@example.org" in preview
    batch.refresh_from_db()
    running = signed_in.post(page(batch, "run-import"), {"version": batch.version}, follow=True).content.decode()
    assert "Waiting for its turn: 0 of 100" in running
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in running
    assert not Membership.objects.filter(person__user__name="Amara Okafor").exists()
    assert run_waiting_imports() == 1
    done = signed_in.get(page(batch)).content.decode()
    assert "The whole import can be undone until 24 December 2026." in done
    assert "http-equiv" not in done
    assert Membership.objects.filter(person__user__name="Amara Okafor", community=community).exists()
    batch.refresh_from_db()
    undoing = signed_in.post(page(batch, "undo-import"), {"version": batch.version}, follow=True).content.decode()
    assert "Waiting for its turn: 0 of 100. You can leave this page; undoing goes on." in undoing
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in undoing
    assert "Undo this import" not in undoing
    assert Membership.objects.filter(person__user__name="Amara Okafor").exists()
    assert signed_in.post(page(batch, "undo-import"), {"version": batch.version}).status_code == 422
    assert run_waiting_imports() == 1
    undone = signed_in.get(page(batch)).content.decode()
    assert "The import has been undone. Everything it brought has been taken back." in undone
    assert "http-equiv" not in undone
    assert not Membership.objects.filter(person__user__name="Amara Okafor").exists()


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("malware.exe", "MZ")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (zipped(), "members.xlsx", "This is a zip file, not an Excel workbook."),
        (b"Name\nAmara\n", "members.csv", "This file has one column only."),
        (b"%PDF-1.7\n" + bytes(range(256)) * 9, "members.csv", "This file is not one that can be read"),
        (b" ", "members.csv", "This file is empty."),
    ],
)
def test_a_file_that_cannot_be_read_says_why_where_it_was_chosen(
    signed_in: Client, community: Community, content: bytes, name: str, words: str
) -> None:
    response = upload(signed_in, community, content, name)
    html = response.content.decode()
    assert response.status_code == 422
    assert html.count(words) == 2, "once in the summary, once at the field"
    assert not ImportBatch.objects.exists()


def test_no_file_and_an_empty_file_are_different_sentences(signed_in: Client, community: Community) -> None:
    address = reverse("communities:import-members", args=[community.slug])
    missing = signed_in.post(address, {}).context["form"]
    assert error_sentences(missing["file"]) == ["Choose a file"]
    assert "The file chosen is empty" in upload(signed_in, community, b"").content.decode()


def test_a_file_of_2_gigabytes_is_refused_by_what_it_says_of_itself(signed_in: Client, community: Community) -> None:
    # The test's own body is smaller: nothing beyond the first piece of it is read.
    response = upload(signed_in, community, b"Name,Email\n" * 100_000, CONTENT_LENGTH=str(2 * 1024**3))
    html = response.content.decode()
    assert response.status_code == 413
    assert html.count("This file is larger than 10 MB.") == 2
    assert not ImportBatch.objects.exists()


def test_a_file_a_little_too_large_is_refused_too(signed_in: Client, community: Community) -> None:
    response = upload(signed_in, community, b"a,b\n" * (3 * 1024 * 1024))
    assert response.status_code == 413
    assert response.content.decode().count("This file is larger than 10 MB.") == 2


def test_a_preview_shows_each_class_with_its_rows(signed_in: Client, community: Community, facilitator: User) -> None:
    MembershipFactory.create(
        person=PersonFactory.create(name="Nia Evans", email="nia@example.org"), community=community
    )
    batch = previewed(
        as_csv(AMARA, ("Nia Evans", "other.nia@example.org", "", "Nursing", ""), ("<b>Bold</b>", "odd@", "", "", "")),
        community=community,
        by=facilitator,
    )
    html = signed_in.get(page(batch)).content.decode()
    for words in ("New: 1", "Needs a decision: 1", "Cannot be read: 1", "2 rows would stay out"):
        assert words in html
    shown = signed_in.get(page(batch), {"show": "malformed"}).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;, odd@" in shown
    assert "“odd@” is not a mail address in full" in shown
    assert signed_in.get(page(batch), {"show": "nonsense"}).status_code == 200


def test_decisions_are_asked_without_a_default_and_can_be_taken_back(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    MembershipFactory.create(
        person=PersonFactory.create(name="Nia Evans", email="nia@example.org"), community=community
    )
    batch = previewed(
        as_csv(("Nia Evans", "other.nia@example.org", "", "Nursing", "")), community=community, by=facilitator
    )
    asked = signed_in.get(page(batch, "decide-import")).content.decode()
    assert "Someone of this name is known here by another address." in asked
    assert " checked" not in asked
    again = signed_in.post(page(batch, "decide-import"), {"version": batch.version}, follow=True)
    assert "1 row needs a decision and stays out until then." in again.content.decode()
    batch.refresh_from_db()
    decided = signed_in.post(page(batch, "decide-import"), {"version": batch.version, "question_0": "new"}, follow=True)
    assert "Import this row" in decided.content.decode()
    batch.refresh_from_db()
    back = signed_in.post(page(batch, "forget-decisions"), {"version": batch.version}, follow=True)
    assert "needs a decision" in back.content.decode()


def test_columns_that_do_not_suffice_are_asked_for(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = received(as_csv(AMARA), community=community, by=facilitator)
    response = signed_in.post(page(batch, "import-columns"), {"version": 1, "has_headings": "on", "column_name": "0"})
    assert response.status_code == 422
    assert "Choose the column that holds the mail address." in response.content.decode()
    twice = {"version": 1, "has_headings": "on", "column_name": "0", "column_email": "0"}
    refused = signed_in.post(page(batch, "import-columns"), twice)
    assert (refused.status_code, "The same column is chosen twice." in refused.content.decode()) == (422, True)


def test_a_stale_preview_is_not_imported(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    response = signed_in.post(page(batch, "run-import"), {"version": batch.version - 1})
    assert (response.status_code, "moved on meanwhile" in response.content.decode()) == (409, True)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.PREVIEWED


def test_pressing_import_twice_imports_once(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    sent = {"version": batch.version}
    statuses = [signed_in.post(page(batch, "run-import"), sent).status_code for _ in range(2)]
    assert statuses == [302, 409]
    assert [run_waiting_imports(), run_waiting_imports()] == [1, 0]


def test_the_same_file_twice_says_that_there_is_nothing_to_import(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    imported(as_csv(AMARA), community=community, by=facilitator)
    again = previewed(as_csv(AMARA), community=community, by=facilitator)
    html = signed_in.get(page(again)).content.decode()
    assert "This is the file you imported before, and everything in it is here already." in html
    assert "Import this row" not in html


def test_rows_that_stay_out_are_a_file_with_a_reason_in_each(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    batch = previewed(
        as_csv(AMARA, ("=1+1", "odd@example.org", "", "Nursing", "")), community=community, by=facilitator
    )
    response = signed_in.get(page(batch, "rejected-rows"))
    assert response["Content-Disposition"] == 'attachment; filename="rows-not-imported.csv"'
    why = "A name cannot begin with =, +, - or @: a spreadsheet would take it for a formula."
    assert list(csv.reader(response.content.decode("utf-8-sig").splitlines())) == [
        ["Name", "Email", "Organisation", "Professional group", "Member since", "Row in the file",
         "Why it was not imported"],
        ["'=1+1", "odd@example.org", "", "Nursing", "", "3", why],
    ]  # fmt: skip


def test_progress_is_a_piece_of_the_page_until_it_is_done(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    ImportBatch.objects.filter(pk=batch.pk).update(state="waiting", asked_by=facilitator)
    piece = signed_in.get(page(batch, "import-progress"))
    assert "<html" not in piece.content.decode()
    assert 'hx-trigger="every 1s"' in piece.content.decode()
    ImportBatch.objects.filter(pk=batch.pk).update(state="imported", imported_at=NOW)
    assert signed_in.get(page(batch, "import-progress"))["HX-Refresh"] == "true"


def test_an_undo_that_was_handed_back_says_why(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = imported(as_csv(AMARA), community=community, by=facilitator)
    ImportBatch.objects.filter(pk=batch.pk).update(message="Somebody was recorded meanwhile.")
    html = signed_in.get(page(batch)).content.decode()
    assert ("Not undone" in html, "Somebody was recorded meanwhile." in html) == (True, True)


def test_a_file_thrown_away_is_gone(signed_in: Client, community: Community, facilitator: User) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=facilitator)
    assert signed_in.get(page(batch, "discard-import")).status_code == 200
    assert ImportRow.objects.filter(batch=batch).count() == 1
    html = signed_in.post(page(batch, "discard-import"), {"version": batch.version}, follow=True).content.decode()
    assert "members.csv has been thrown away. Nothing was imported from it." in html
    assert ImportRow.objects.filter(batch=batch).count() == 0


STEPS = ("import", "import-columns", "decide-import", "forget-decisions", "run-import", "import-progress",
         "undo-import", "discard-import", "rejected-rows")  # fmt: skip
SEES = {"facilitator": 200, "staff": 200, "administrator": 200, "member": 404, "sponsor": 404, "stranger": 404}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("name", STEPS)
def test_an_import_is_seen_by_those_who_run_the_community(
    client: Client, community: Community, people: dict[str, User], name: str, role: str
) -> None:
    batch = previewed(as_csv(AMARA), community=community, by=people["facilitator"])
    assert sign_in(client, people[role]).get(page(batch, name)).status_code == SEES[role]


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("import-network", 200), ("import-organisations", 200), ("export-network", 200)],
)
def test_the_whole_network_is_for_staff(client: Client, people: dict[str, User], name: str, allowed: int) -> None:
    found = {
        role: sign_in(client, user).get(reverse(f"communities:{name}")).status_code for role, user in people.items()
    }
    assert found == {
        "administrator": allowed, "staff": allowed, "facilitator": 403, "sponsor": 403, "member": 403, "stranger": 403,
    }  # fmt: skip


def test_what_staff_import_is_not_for_facilitators_who_might_learn_of_people_elsewhere(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    of_one = previewed(as_csv(AMARA), community=community, by=people["staff"])
    of_several = received(as_csv(("Sepsis", *AMARA), headings=("Community", "Name", "Email", "O", "G", "S")),
                          community=None, by=people["staff"])  # fmt: skip
    sign_in(client, people["facilitator"])
    assert [client.get(page(batch)).status_code for batch in (of_one, of_several)] == [404, 404]


QUERIES = {"import": 8, "decide-import": 8}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_page_costs_the_same_with_1_and_with_30_rows(
    *,
    signed_in: Client,
    community: Community,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    rows = [(f"Person {at}", f"p{at}@example.org", f"Nowhere {at}", "Nursing", "") for at in range(number)]
    batch = previewed(as_csv(AMARA, *rows), community=community, by=facilitator)
    with django_assert_num_queries(QUERIES[name]):
        assert signed_in.get(page(batch, name)).status_code == 200


def test_organisations_are_imported_by_staff_and_their_codes_put_right(client: Client, people: dict[str, User]) -> None:
    from communities.models import Organisation

    sign_in(client, people["staff"])
    content = b"Organisation Code,Name\nRX9,RIVERSIDE NHS TRUST\n"
    client.post(reverse("communities:import-organisations"), {"file": SimpleUploadedFile("etr.csv", content)})
    batch = ImportBatch.objects.get()
    chosen = {"version": 1, "has_headings": "on", "column_name": "1", "column_ods_code": "0"}
    client.post(page(batch, "import-columns"), chosen)
    batch.refresh_from_db()
    client.post(page(batch, "run-import"), {"version": batch.version})
    run_waiting_imports()
    trust = Organisation.objects.get(ods_code="RX9")
    assert trust.name == "Riverside NHS Trust"
    edit = reverse("communities:edit-organisation", args=[trust.pk])
    bad = client.post(edit, {"version": 1, "name": "Riverside", "ods_code": "R-1"})
    assert (bad.status_code, bad.content.decode().count("A code has 2 to 10 letters and digits")) == (422, 2)
    html = client.post(edit, {"version": 1, "name": "Riverside", "ods_code": "rx8"}, follow=True).content.decode()
    assert "Riverside has been changed." in html
    trust.refresh_from_db()
    assert (trust.name, trust.ods_code, trust.version) == ("Riverside", "RX8", 2)
    assert client.post(edit, {"version": 1, "name": "Other", "ods_code": ""}).status_code == 409
