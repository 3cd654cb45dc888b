"""Attendance from a meeting tool: upload, look, confirm. Nobody is guessed, and no file is kept."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Attendance, Community, Guest, Membership, Session
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.communities.pages.checking_in import going_on, html_of
from tests.factories.communities import NOW, MembershipFactory, PersonFactory, SessionFactory

pytestmark = pytest.mark.django_db

HEAD = "Name,Email,Duration,Join Time\n"


@pytest.fixture
def session(community: Community) -> Session:
    return going_on(community)


def member(community: Community, name: str, email: str = "") -> Membership:
    facts = {"name": name, "email": email} if email else {"name": name}
    return MembershipFactory.create(community=community, person=PersonFactory.create(**facts))


def page(session: Session, name: str = "import-attendance") -> str:
    return reverse(f"communities:{name}", args=[session.community.slug, session.pk])


def upload(client: Client, session: Session, text: str | bytes, name: str = "list.csv", **extra: Any) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post(page(session), {"file": SimpleUploadedFile(name, content)}, **extra)


def proposed(response: Any) -> dict[str, str]:
    """What the preview proposes for each row, with the signed list that goes along."""
    form = response.context["form"]
    rows = {name: form[name].value() or "" for name in form.fields}
    assert rows["sealed"]
    return rows


def test_members_are_found_by_address_then_by_name_and_confirmed_as_online(
    signed_in: Client, community: Community, session: Session
) -> None:
    amara = member(community, "Amara Okafor", "amara@example.org")
    ben = member(community, "Ben Adeyemi")
    text = (
        HEAD
        + "A. O.,AMARA@example.org,58m 2s,24/11/2026 12:30\nAdeyemi (Dr) Ben,,12m,24/11/2026 12:31\nGus Guest,,3m,\n"
    )
    shown = upload(signed_in, session, text)
    html = html_of(shown)
    assert "58 minutes. Found by address: Amara Okafor." in html
    assert "12 minutes. Found by name: Ben Adeyemi." in html
    assert "12:30" not in html, "when they came is dropped before the first page"
    assert not Attendance.objects.exists()
    rows = proposed(shown)
    assert [rows[f"row_{n}"] for n in range(3)] == [str(amara.pk), str(ben.pk), ""]
    done = signed_in.post(page(session, "confirm-attendance"), {**rows, "row_2": "guest"}, follow=True)
    assert "Who was online is in the record of this session." in html_of(done)
    known = Attendance.objects.exclude(status="unknown").values_list("membership", "status")
    assert dict(known) == {amara.pk: "online", ben.pk: "online"}
    assert list(Guest.objects.values_list("name", flat=True)) == ["Gus Guest"]


def test_two_of_one_name_are_left_for_the_facilitator(
    signed_in: Client, community: Community, session: Session
) -> None:
    one, other = (member(community, "Sam Smith") for _ in range(2))
    shown = upload(signed_in, session, HEAD + "Sam Smith,,10m,\n")
    assert "More than one member has this name." in html_of(shown)
    rows = proposed(shown)
    assert rows["row_0"] == ""
    nobody = signed_in.post(page(session, "confirm-attendance"), rows)
    assert (nobody.status_code, "Choose at least one person" in html_of(nobody)) == (422, True)
    signed_in.post(page(session, "confirm-attendance"), {**rows, "row_0": str(other.pk)})
    known = Attendance.objects.exclude(status="unknown").values_list("membership", flat=True)
    assert list(known) == [other.pk]
    assert one.pk not in known


def test_who_was_in_the_room_stays_there_and_an_apology_becomes_online(
    signed_in: Client, community: Community, session: Session, facilitator: User
) -> None:
    here, sorry = member(community, "Amara Okafor"), member(community, "Ben Adeyemi")
    record_session(
        session=session, version=1, focus="Screening", attendance={here.pk: "room", sorry.pk: "apologies"},
        by=facilitator, now=NOW,
    )  # fmt: skip
    shown = upload(signed_in, session, HEAD + "Amara Okafor,,5m,\nBen Adeyemi,,60m,\n")
    assert "In the record already: in the room." in html_of(shown)
    signed_in.post(page(session, "confirm-attendance"), proposed(shown))
    known = Attendance.objects.exclude(status="unknown").values_list("membership", "status")
    assert dict(known) == {here.pk: "room", sorry.pk: "online"}
    session.refresh_from_db()
    assert (session.focus, session.version) == ("Screening", 3)


def test_a_list_of_another_session_or_a_forged_one_is_not_confirmed(
    signed_in: Client, community: Community, session: Session
) -> None:
    amara = member(community, "Amara Okafor")
    other = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=2))
    rows = proposed(upload(signed_in, other, HEAD + "Amara Okafor,,5m,\n"))
    for sealed in (rows["sealed"], "forged", ""):
        sent = {"sealed": sealed, "row_0": str(amara.pk)}
        answer = signed_in.post(page(session, "confirm-attendance"), sent, follow=True)
        assert "This list was read too long ago. Upload the file again." in html_of(answer)
    assert not Attendance.objects.exists()


def test_someone_of_another_community_cannot_be_chosen(
    signed_in: Client, community: Community, session: Session
) -> None:
    stranger = MembershipFactory.create()
    rows = proposed(upload(signed_in, session, HEAD + "Amara Okafor,,5m,\n"))
    answer = signed_in.post(page(session, "confirm-attendance"), {**rows, "row_0": str(stranger.pk)})
    assert answer.status_code == 422
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("content", "extra", "refused"),
    [
        (b"", {}, (422, "file is empty|is empty")),
        (b"Name\nAmara\n", {}, (422, "No list of people was found in this file.")),
        (b"PK\x03\x04zip", {}, (422, "damaged|not an Excel workbook")),
        (HEAD.encode(), {"CONTENT_LENGTH": str(2 * 1024**3)}, (413, "This file is larger than 10 MB.")),
    ],
    ids=["empty", "one column", "a zip", "2 GB"],
)
def test_what_cannot_be_read_is_refused_at_the_field(
    signed_in: Client, session: Session, content: bytes, extra: dict[str, str], refused: tuple[int, str]
) -> None:
    body = content * 100_000 if extra else content
    answer = upload(signed_in, session, body, **extra)
    assert answer.status_code == refused[0]
    assert re.search(refused[1], html_of(answer))


def test_a_script_or_a_formula_in_a_name_is_text(signed_in: Client, session: Session) -> None:
    shown = upload(signed_in, session, HEAD + '<script>alert`1`</script>,,5m,\n"=HYPERLINK(""x"")",,5m,\n')
    assert "<script>alert" not in shown.content.decode()
    rows = proposed(shown)
    signed_in.post(page(session, "confirm-attendance"), {**rows, "row_0": "guest", "row_1": "guest"})
    assert list(Guest.objects.order_by("position").values_list("name", flat=True)) == [
        "<script>alert`1`</script>",
        "=HYPERLINK",
    ]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_preview_asks_the_same_few_questions_however_long_the_list(
    signed_in: Client, session: Session, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(rows):
        member(session.community, f"Person Number{n:02}", f"number{n:02}@example.org")
    text = HEAD + "".join(f"Person Number{n:02},number{n:02}@example.org,5m,\n" for n in range(rows))
    with django_assert_num_queries(15):
        upload(signed_in, session, text)
