"""Minutes: what stands in them for whom, writing on top of them, sharing them."""

import io
import zipfile
from datetime import timedelta

import pytest
from docx import Document as WordDocument
from pytest_django import DjangoAssertNumQueries

from communities.emails import minutes as emails
from communities.models import Community, Membership, Minutes, Session
from communities.reports.minutes import Document, Edition, document
from communities.reports.minutes_docx import as_docx
from communities.services.communities import CommunityClosed
from communities.services.sessions.minutes import (
    MinutesAlreadyShared,
    MinutesChangedMeanwhile,
    MinutesNotShared,
    NothingToMinute,
    edit_minutes,
    minutes_of,
    share_minutes,
    take_back_minutes,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import address_of
from tests.factories.communities import NOW, MembershipFactory, SessionFactory, facilitator_of, sponsor_of
from tests.factories.minutes import PRIVATE, recorded_session

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def owner(community: Community) -> Membership:
    return MembershipFactory.create(community=community, person__name="Olu Owner")


@pytest.fixture
def session(owner: Membership) -> Session:
    return recorded_session(owner, also=MembershipFactory.create(community=owner.community, person__name="Abe Absent"))


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Facilitator")


def made(session: Session, edition: Edition = Edition.MEMBERS, *, sees_names: bool = True) -> Document:
    return document(minutes_of(session), edition=edition, sees_names=sees_names)


def lines(minutes: Document) -> dict[str, list[str]]:
    return {section.heading: [line.text for line in section.lines] for section in minutes.sections}


def everything(minutes: Document) -> str:
    return repr(minutes)


def test_members_get_all_that_is_not_private(session: Session) -> None:
    minutes = made(session)
    assert lines(minutes) == {
        "Who came": ["In the room: Olu Owner", "Guests: Gwen Guest, Elsewhere Trust"],
        "What we learned": ["An open lesson"],
        "What we decided": ["An open decision (to be looked at again on 22 February 2027)"],
        "What we said we would do": ["An open action: Olu Owner, by 1 December 2026 (open)"],
        "What we will try": ["Olu Owner: An open attempt"],
        "What is in the way": ["An open problem"],
        "To read and to use": ["An open link"],
        "Notes": ["We met in the library."],
    }
    assert dict(minutes.facts) == {
        "When": "Tuesday 24 November 2026, 10:00 to 11:00",
        "Kind": "Convening",
        "Where": "Room 4",
        "Led by": "Olu Owner",
        "About": "The screening form",
        "Members present": "1 of 2",
        "In the room and online, guests included": "4",
    }


def test_nothing_private_reaches_what_members_get_and_all_of_it_stands_in_the_full_ones(session: Session) -> None:
    for_members, in_full = everything(made(session)), everything(made(session, Edition.FULL))
    assert [words for words in PRIVATE if words in for_members] == []
    assert [words for words in PRIVATE if words not in in_full] == []
    assert "Absent: Abe Absent" in in_full
    assert "Abe Absent" not in for_members


def test_a_sponsor_reads_no_name_and_no_small_number(session: Session) -> None:
    for_sponsors = everything(made(session, sees_names=False))
    assert [name for name in ("Olu", "Gwen", "Abe") if name in for_sponsors] == []
    facts = dict(made(session, sees_names=False).facts)
    assert facts["Members present"] == "Fewer than 5"
    assert "In the room and online, guests included" not in facts
    assert "An open action: by 1 December 2026 (open)" in for_sponsors


def test_the_document_takes_the_same_queries_however_much_was_recorded(
    session: Session, owner: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        SessionFactory.create(community=owner.community, starts_at=NOW + timedelta(days=100 + number))
        session.guests.create(name=f"Guest {number}")
        session.resources.create(
            community=owner.community, title=f"Link {number}", url="https://example.org/", added_at=NOW
        )
    found = Session.objects.select_related("community", "led_by__user").get(pk=session.pk)
    with django_assert_num_queries(10):
        made(found)


def test_the_word_file_says_what_the_page_says_and_is_the_same_each_time(session: Session) -> None:
    session_minutes = minutes_of(session)
    session_minutes.summary = "A good morning.\n\nThe form is <b>shorter</b>."
    minutes = document(session_minutes, edition=Edition.FULL, sees_names=True)
    first, second = as_docx(minutes, made_at=NOW), as_docx(minutes, made_at=NOW)
    assert first == second
    word = WordDocument(io.BytesIO(first))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "The form is <b>shorter</b>." in text
    assert [line for found in lines(minutes).values() for line in found if line not in text] == []
    assert [cell.text for cell in word.tables[0].columns[1].cells] == [value for _, value in minutes.facts]
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
        assert b"2026-11-24T12:00:00Z" in parts.read("docProps/core.xml")


def test_a_character_that_a_word_file_cannot_hold_is_left_out_and_no_error(session: Session) -> None:
    minutes = minutes_of(session)
    minutes.summary = "A\x0bB\x1fC"
    word = WordDocument(io.BytesIO(as_docx(document(minutes, edition=Edition.MEMBERS, sees_names=True), made_at=NOW)))
    paragraphs = [paragraph.text for paragraph in word.paragraphs]
    assert "A" in paragraphs
    assert "BC" in "".join(paragraphs)


def test_edit_minutes_refuses_a_version_that_someone_has_overtaken(session: Session, facilitator: User) -> None:
    edit_minutes(session=session, summary=" Ours ", version=1, by=facilitator, now=NOW)
    with pytest.raises(MinutesChangedMeanwhile):
        edit_minutes(session=session, summary="Mine", version=1, by=facilitator, now=NOW)
    minutes = Minutes.objects.get()
    assert (minutes.summary, minutes.version) == ("Ours", 2)
    assert AuditEntry.objects.filter(event="minutes.edited").count() == 1


def test_share_minutes_shows_them_to_members_and_take_back_hides_them(
    session: Session, facilitator: User, owner: Membership
) -> None:
    member, sponsor = owner.person.user, sponsor_of(session.community)
    assert minutes_of(session).is_shared is False
    share_minutes(session=session, by=facilitator, now=NOW)
    assert [Minutes.objects.visible_to(user).count() for user in (member, sponsor, facilitator)] == [1, 1, 1]
    with pytest.raises(MinutesAlreadyShared):
        share_minutes(session=session, by=facilitator, now=NOW)
    take_back_minutes(session=session, by=facilitator, now=NOW)
    assert [Minutes.objects.visible_to(user).count() for user in (member, sponsor, facilitator)] == [0, 0, 1]
    with pytest.raises(MinutesNotShared):
        take_back_minutes(session=session, by=facilitator, now=NOW)
    events = AuditEntry.objects.filter(event__startswith="minutes.").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["minutes.shared", "minutes.taken_back"]


def test_a_session_that_was_not_held_has_no_minutes(community: Community, facilitator: User) -> None:
    planned = SessionFactory.create(community=community)
    with pytest.raises(NothingToMinute):
        share_minutes(session=planned, by=facilitator, now=NOW)
    with pytest.raises(NothingToMinute):
        edit_minutes(session=planned, summary="x", version=1, by=facilitator, now=NOW)
    assert Minutes.objects.count() == 0


def test_the_minutes_of_a_closed_community_are_only_read(session: Session, facilitator: User) -> None:
    Community.objects.filter(pk=session.community_id).update(state=Community.State.CLOSED)
    for verb in (share_minutes, take_back_minutes):
        with pytest.raises(CommunityClosed):
            verb(session=session, by=facilitator, now=NOW)
    with pytest.raises(CommunityClosed):
        edit_minutes(session=session, summary="x", version=1, by=facilitator, now=NOW)


def test_members_are_mailed_once_and_only_where_that_was_asked(session: Session, facilitator: User) -> None:
    share_minutes(session=session, by=facilitator, now=NOW)
    assert OutboxMessage.objects.count() == 0
    for _ in range(2):
        take_back_minutes(session=session, by=facilitator, now=NOW)
        share_minutes(session=session, tells_members=True, by=facilitator, now=NOW)
    members = Membership.objects.filter(community=session.community).exclude(person__user=facilitator)
    to = OutboxMessage.objects.order_by("recipient").values_list("recipient", flat=True)
    assert list(to) == sorted(address_of(membership.person.user) for membership in members)
    assert len(to) == 2


def test_the_mail_names_the_session_and_is_not_due_once_the_minutes_are_taken_back(
    session: Session, facilitator: User, owner: Membership
) -> None:
    minutes = share_minutes(session=session, by=facilitator, now=NOW)
    params = {"minutes": minutes.pk, "user": owner.person.user_id}
    rendered = emails.render(params, "olu@example.org")
    assert rendered.subject == "Sepsis: the minutes of 24 November 2026"
    assert f"/communities/sepsis/sessions/{session.pk}/minutes/" in rendered.text
    assert "A private" not in rendered.text
    assert "because you are a member of the Sepsis community" in rendered.text
    assert "/me/mail/" in rendered.text
    assert emails.is_due(params)
    take_back_minutes(session=session, by=facilitator, now=NOW)
    assert not emails.is_due(params)
