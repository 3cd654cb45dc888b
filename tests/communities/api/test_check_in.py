"""Check-in, attendance lists and resources over the API: the rules and the words of the pages."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from communities.models import Attendance, CheckInClaim, Community, Guest, Resource, Session
from communities.services.resources.keeping import add_link
from communities.services.sessions.check_ins import check_in_behind
from cop_portal.accounts.models import User
from tests.communities.pages.checking_in import going_on
from tests.communities.resource_files import PDF, ZIP
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, MembershipFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def session(community: Community) -> Session:
    return going_on(community)


def at(name: str, *more: int) -> str:
    return reverse(f"api:{name}", args=more)


def post(client: Client, name: str, said: Any, *more: int, key: str = "") -> Any:
    return client.post(
        at(name, *more), said, content_type="application/json", headers={"Idempotency-Key": key} if key else None
    )


def told(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def test_check_in_is_opened_shown_and_closed(signed_in: Client, session: Session) -> None:
    assert signed_in.get(at("check-in", session.pk)).status_code == 404
    opened = post(signed_in, "check-in", {}, session.pk)
    assert (opened.status_code, opened.json()["changes_in"], opened.json()["waiting"]) == (201, 60, 0)
    assert check_in_behind(opened.json()["code"], NOW).session == session
    assert signed_in.get(at("check-in", session.pk)).json() == opened.json()
    assert post(signed_in, "close-check-in", {}, session.pk).status_code == 204
    assert post(signed_in, "close-check-in", {}, session.pk).status_code == 404


def test_claims_are_listed_and_decided_once(signed_in: Client, community: Community, session: Session) -> None:
    amara = MembershipFactory.create(community=community, person=PersonFactory.create(name="Amara Okafor"))
    claim = CheckInClaim.objects.create(session=session, membership=amara, how="room")
    guest = CheckInClaim.objects.create(session=session, name="Gus Guest", organisation="Trust Z", how="online")
    listed = signed_in.get(at("check-in-claims", session.pk)).json()
    assert [(row["id"], row["name"], row["how"]) for row in listed] == [
        (claim.pk, "Amara Okafor", "room"),
        (guest.pk, "Gus Guest, Trust Z", "online"),
    ]
    said = {"confirmed": [claim.pk], "refused": [guest.pk]}
    decided = post(signed_in, "check-in-claims", said, session.pk)
    assert [row["state"] for row in decided.json()] == ["confirmed", "refused"]
    assert told(post(signed_in, "check-in-claims", said, session.pk)) == (409, "claim_decided")
    assert told(post(signed_in, "check-in-claims", {}, session.pk)) == (422, "nothing_decided")
    both = {"confirmed": [claim.pk], "refused": [claim.pk]}
    assert told(post(signed_in, "check-in-claims", both, session.pk)) == (422, "decided_both_ways")
    assert (Attendance.objects.get(membership=amara).status, Guest.objects.count()) == ("room", 0)


def test_an_attendance_list_is_looked_at_and_then_confirmed(
    signed_in: Client, community: Community, session: Session
) -> None:
    amara = MembershipFactory.create(community=community, person=PersonFactory.create(name="Amara Okafor"))
    content = b"Name,Email,Duration\nOkafor Amara,,58m\nGus Guest,,3m\n"
    shown = signed_in.post(at("preview-attendance", session.pk), {"file": SimpleUploadedFile("a.csv", content)})
    assert shown.json()[0] == {
        "name": "Okafor Amara", "email": "", "minutes": 58, "found_by": "name", "memberships": [amara.pk],
        "stands": "",
    }  # fmt: skip
    said = {"online": [amara.pk], "guests": [{"name": "Gus Guest"}]}
    assert post(signed_in, "import-attendance", said, session.pk).status_code == 200
    assert Attendance.objects.get(membership=amara).status == "online"
    stranger = MembershipFactory.create()
    refused = post(signed_in, "import-attendance", {"online": [stranger.pk]}, session.pk)
    assert told(refused) == (422, "not_a_member_on_that_day")
    huge = signed_in.post(
        at("preview-attendance", session.pk),
        {"file": SimpleUploadedFile("a.csv", content * 9_000)},
        CONTENT_LENGTH=str(2 * 1024**3),
    )
    assert told(huge) == (413, "file_too_large")


def test_resources_are_added_changed_handed_out_and_removed(signed_in: Client, community: Community) -> None:
    said = {"community": "sepsis", "title": "Guideline", "url": "https://example.org/a"}
    link = post(signed_in, "resource-list", said).json()
    assert (link["title"], link["is_file"], link["version"]) == ("Guideline", False, 1)
    file = {"community": "sepsis", "title": "Plan", "file": SimpleUploadedFile("Plan.pdf", PDF)}
    added = signed_in.post(at("add-file"), file)
    assert (added.status_code, added.json()["file_name"], added.json()["is_file"]) == (201, "Plan.pdf", True)
    answer = signed_in.get(at("download-resource", added.json()["id"]))
    assert answer["Content-Disposition"] == 'attachment; filename="Plan.pdf"'
    assert signed_in.get(at("download-resource", link["id"])).status_code == 404
    edit = at("resource", link["id"])
    changed = {"title": "Guidance"}
    assert signed_in.patch(edit, changed, content_type="application/json").status_code == 428
    patch = signed_in.patch(edit, changed, content_type="application/json", HTTP_IF_MATCH='"1"')
    assert (patch.json()["title"], patch.json()["url"], patch["ETag"]) == ("Guidance", said["url"], '"2"')
    assert signed_in.delete(edit, HTTP_IF_MATCH='"1"').status_code == 412
    assert signed_in.delete(edit, HTTP_IF_MATCH='"2"').status_code == 204
    assert list(Resource.objects.values_list("title", flat=True)) == ["Plan"]


def test_a_zip_called_pdf_and_a_file_of_2_gigabytes_are_refused(signed_in: Client, community: Community) -> None:
    said = {"community": "sepsis", "title": "Plan"}
    zipped = signed_in.post(at("add-file"), {**said, "file": SimpleUploadedFile("Plan.pdf", ZIP)})
    assert told(zipped) == (422, "not_what_it_is_called")
    huge = {**said, "file": SimpleUploadedFile("Plan.pdf", PDF * 9_000)}
    assert told(signed_in.post(at("add-file"), huge, CONTENT_LENGTH=str(2 * 1024**3))) == (413, "file_too_large")
    assert not Resource.objects.exists()


@pytest.mark.parametrize("role", ["sponsor", "member"])
def test_those_who_do_not_run_the_community_neither_see_claims_nor_add(
    client: Client, community: Community, people: dict[str, User], session: Session, role: str
) -> None:
    sign_in(client, people[role])
    assert client.get(at("check-in-claims", session.pk)).status_code == 403
    assert post(client, "check-in", {}, session.pk).status_code == 403
    assert post(client, "import-attendance", {"online": [1]}, session.pk).status_code == 403
    said = {"community": "sepsis", "title": "G", "url": "https://example.org"}
    assert post(client, "resource-list", said).status_code == 403
    sign_in(client, people["stranger"])
    assert client.get(at("check-in-claims", session.pk)).status_code == 404
    assert post(client, "resource-list", said).status_code == 404


def test_an_idempotency_key_makes_a_repeated_write_one(signed_in: Client, community: Community) -> None:
    said = {"community": "sepsis", "title": "G", "url": "https://example.org"}
    answers = [post(signed_in, "resource-list", said, key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Resource.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_the_lists_ask_the_same_few_questions_however_long_they_are(
    signed_in: Client, session: Session, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    by = User.objects.get(name="Fadia Facilitator")
    for n in range(rows):
        add_link(community=session.community, title=f"G{n}", url="https://example.org", by=by, now=NOW)
        CheckInClaim.objects.create(session=session, name=f"Guest {n}", how="room")
    with django_assert_num_queries(5):
        assert len(signed_in.get(at("check-in-claims", session.pk)).json()) == rows
    with django_assert_num_queries(3):
        assert len(signed_in.get(at("resource-list")).json()["results"]) == rows
