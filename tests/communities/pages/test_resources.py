"""A community's links and files: added, changed, removed, and handed out as downloads only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from communities.models import Community, Resource, Session, SessionVersion
from communities.search import BY_KIND, Hit
from communities.services.records.said import NewLink
from communities.services.resources.files import checked
from communities.services.resources.keeping import add_file, add_link, remove_resource, sweep_files
from communities.services.sessions.recording import record_session, restore_version
from cop_portal.accounts.models import User
from tests.communities.pages.checking_in import going_on, html_of
from tests.communities.resource_files import PDF, ZIP
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def page(name: str, community: Community, *more: int) -> str:
    return reverse(f"communities:{name}", args=[community.slug, *more])


def upload(client: Client, community: Community, content: bytes = PDF, name: str = "Plan.pdf", **said: Any) -> Any:
    extra = {key: said.pop(key) for key in ("CONTENT_LENGTH",) if key in said}
    sent = {"title": "Screening plan", "file": SimpleUploadedFile(name, content), **said}
    return client.post(page("add-file", community), sent, follow=True, **extra)


def a_file(community: Community, by: User, **more: Any) -> Resource:
    return add_file(community=community, title="Plan", file=checked(PDF, file_name="Plan.pdf"), by=by, now=NOW, **more)


def files_in(media: Path) -> list[str]:
    return [path.name for path in media.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_name_that_says_nothing_and_handed_out_under_its_own(
    signed_in: Client, community: Community, media: Path
) -> None:
    html = html_of(upload(signed_in, community, name='Pläne "2026".pdf'))
    assert "Screening plan" in html
    resource = Resource.objects.get()
    (stored,) = files_in(media)
    assert (len(stored), "Pl" in stored, resource.file.name) == (32, False, f"resources/{stored}")
    assert (media / "resources" / stored).stat().st_mode & 0o077 == 0
    answer = signed_in.get(page("download-resource", community, resource.pk))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Pl%C3%A4ne")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"content": ZIP}, (422, "This file is called .pdf, but it is not a PDF document")),
        ({"content": b""}, (422, "is empty")),
        ({"content": b"\n"}, (422, "This file is empty")),
        ({"name": "plan.exe"}, (422, "Files of this type are not taken")),
        ({"name": f"{'n' * 250}.pdf"}, (200, "Screening plan")),
        ({"title": ""}, (422, "error-summary")),
        ({"title": "a\x00b"}, (422, "contains a character that cannot be stored")),
        ({"content": PDF * 9_000, "CONTENT_LENGTH": str(2 * 1024**3)}, (413, "This file is larger than 10 MB.")),
        ({"content": PDF + b" " * 11 * 1024 * 1024}, (413, "This file is larger than 10 MB.")),
        ({"session": "999999"}, (422, "Select a valid choice|Choose")),
    ],
    ids=["zip", "empty", "blank", "exe", "long name", "untitled", "NUL", "2 GB", "11 MB", "no such session"],
)
def test_what_cannot_be_shared_is_refused_and_no_file_is_left_behind(
    signed_in: Client, community: Community, media: Path, said: dict[str, Any], refused: tuple[int, str]
) -> None:
    status, words = refused
    answer = upload(signed_in, community, **said)
    assert answer.status_code == status
    assert any(part in html_of(answer) for part in words.split("|"))
    assert len(files_in(media)) == Resource.objects.count() == (status == 200)


def test_a_private_file_is_not_found_by_members_and_sponsors(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    hidden = a_file(community, people["facilitator"], is_private=True)
    shared = a_file(community, people["facilitator"])
    answers = {}
    for role, user in people.items():
        sign_in(client, user)
        addresses = (page("download-resource", community, one.pk) for one in (shared, hidden))
        answers[role] = [client.get(address).status_code for address in addresses]
    assert answers == {
        "administrator": [200, 200],
        "staff": [200, 200],
        "facilitator": [200, 200],
        "sponsor": [200, 404],
        "member": [200, 404],
        "stranger": [404, 404],
    }


@pytest.mark.parametrize("name", ["add-link", "add-file", "edit-resource", "remove-resource"])
def test_members_and_sponsors_read_and_do_not_change(
    client: Client, community: Community, people: dict[str, User], name: str
) -> None:
    more = [a_file(community, people["facilitator"]).pk] if "resource" in name else []
    roles = ("facilitator", "member", "sponsor", "stranger")
    answers = [sign_in(client, people[role]).get(page(name, community, *more)).status_code for role in roles]
    assert answers == [200, 403, 403, 404]


def test_a_link_is_added_and_changed_once_by_two_who_read_the_same(signed_in: Client, community: Community) -> None:
    said = {"title": "Guideline", "url": "https://example.org/sepsis"}
    signed_in.post(page("add-link", community), said)
    resource = Resource.objects.get()
    edit = page("edit-resource", community, resource.pk)
    answers = [signed_in.post(edit, {**said, "title": title, "version": 1}) for title in ("Mine", "Theirs")]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "what you typed is still here" in html_of(answers[1])
    resource.refresh_from_db()
    assert (resource.title, resource.version) == ("Mine", 2)
    script = signed_in.post(edit, {"title": "x", "url": "javascript:alert(1)", "version": 2})
    assert script.status_code == 422


def test_removing_asks_first_and_takes_the_file_from_the_disk_once_it_is_certain(
    signed_in: Client,
    community: Community,
    facilitator: User,
    media: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    resource = a_file(community, facilitator)
    address = page("remove-resource", community, resource.pk)
    assert "is deleted for good" in html_of(signed_in.get(address))
    with django_capture_on_commit_callbacks() as waiting:
        assert signed_in.post(address, {"version": 1}).status_code == 302
    assert len(files_in(media)) == 1, "not before the commit"
    for deed in waiting:
        deed()
    assert files_in(media) == []
    assert signed_in.get(address).status_code == 404


def test_a_link_of_a_session_changes_as_a_new_version_of_its_record(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    session = going_on(community)
    link = NewLink("Guideline", "https://example.org/a")
    record_session(session=session, version=1, resources=[link], by=facilitator, now=NOW)
    resource = Resource.objects.get()
    said = {"title": "Guideline", "url": "https://example.org/b", "version": 1}
    signed_in.post(page("edit-resource", community, resource.pk), said)
    session.refresh_from_db()
    assert session.version == 3
    kept = SessionVersion.objects.get(session=session, number=3).content["resources"]
    assert [one["url"] for one in kept] == ["https://example.org/b"]


def test_bringing_back_a_version_does_not_bring_back_a_file_that_was_removed(
    community: Community, facilitator: User
) -> None:
    session = going_on(community)
    resource = a_file(community, facilitator, session=session)
    record_session(session=session, version=1, focus="First", by=facilitator, now=NOW)
    remove_resource(resource=resource, version=1, by=facilitator, now=NOW)
    record_session(session=session, version=2, focus="Second", by=facilitator, now=NOW)
    restore_version(session=session, number=2, version=3, by=facilitator, now=NOW)
    assert Session.objects.get().focus == "First"
    assert not Resource.objects.exists()


def test_a_file_of_a_session_stands_on_its_page_as_a_download(
    signed_in: Client, community: Community, facilitator: User
) -> None:
    session = going_on(community)
    resource = a_file(community, facilitator, session=session)
    record_session(session=session, version=1, focus="First", by=facilitator, now=NOW)
    assert page("download-resource", community, resource.pk) in html_of(signed_in.get(session.get_absolute_url()))


def test_files_without_a_row_are_swept_away_after_a_day(community: Community, facilitator: User, media: Path) -> None:
    a_file(community, facilitator)
    (media / "resources" / "left-behind").write_bytes(b"x")
    # The files were made now, by the clock on the wall.
    wall = Path(media / "resources" / "left-behind").stat().st_mtime
    now = datetime.fromtimestamp(wall, UTC)
    assert sweep_files(now=now + timedelta(hours=23)) == 0
    assert sweep_files(now=now + timedelta(hours=25)) == 1
    assert len(files_in(media)) == Resource.objects.count() == 1


def test_search_leads_to_the_list_where_a_resource_is_of_no_session(community: Community, facilitator: User) -> None:
    resource = add_link(community=community, title="G", url="https://example.org", by=facilitator, now=NOW)
    hit = Hit("resource", BY_KIND["resource"].label, resource, community, TODAY, "")  # type: ignore[arg-type]
    assert hit.address == page("resource-list", community)


@pytest.mark.parametrize("resources", [1, 30])
def test_the_list_asks_the_same_few_questions_however_long_it_is(
    signed_in: Client,
    community: Community,
    facilitator: User,
    resources: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    session = going_on(community)
    for n in range(resources):
        add_link(community=community, title=f"G{n}", url="https://example.org", by=facilitator, now=NOW)
        a_file(community, facilitator, session=session)
    add_link(community=CommunityFactory.create(), title="X", url="https://example.org", by=facilitator, now=NOW)
    with django_assert_num_queries(6):
        signed_in.get(page("resource-list", community))
