"""The record of a session on its page: what may wait, what is private, what two people write at once, and versions."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms import BooleanField
from django.test import Client
from django.urls import reverse

from communities.models import (
    Action,
    Commitment,
    Community,
    Decision,
    Guest,
    LearningPoint,
    Membership,
    Problem,
    Resource,
    Session,
    SessionVersion,
)
from communities.services.promises.actions import NewAction, answer_action
from communities.services.records.said import NewCommitment, NewDecision, NewGuest, NewLink, NewPoint, NewProblem
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.communities.pages.test_sessions import page, record_form, rows
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, MembershipFactory, PersonFactory, SessionFactory

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
SECRET = "Nobody but us"


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


@pytest.fixture
def mina(people: dict[str, User]) -> Membership:
    return Membership.objects.get(person=people["member"].person)


def record(session: Session, by: User, **said: Any) -> Session:
    version = Session.objects.get(pk=session.pk).version
    return record_session(session=session, version=version, by=by, now=NOW, **said)


def record_url(session: Session) -> str:
    return page("record-session", session.community, session.pk)


def as_shown(client: Client, session: Session) -> dict[str, str]:
    """The record page as a browser would send it back untouched."""
    return as_sent(client.get(record_url(session)).context["form"])


def as_sent(form: Any) -> dict[str, str]:
    boxes = [box for box in form if box.name != "rest"]
    for section in form.rows.values():
        boxes += [box for one in (section.management_form, *section.forms) for box in one]
    ticks = [box.html_name for box in boxes if isinstance(box.field, BooleanField) and not box.value()]
    values = {box.html_name: "" if box.value() is None else str(box.value()) for box in boxes}
    return {name: value for name, value in values.items() if name not in ticks and not name.endswith("-keep")}


def test_a_record_holds_all_that_a_session_leaves_behind(
    signed_in: Client, community: Community, session: Session, mina: Membership
) -> None:
    typed = record_form(session, focus="Screening", head_count="14", notes="Line", private_note=SECRET)
    typed |= rows("commitments", {"person": str(mina.pk), "text": "ask each patient"})
    typed |= rows("decisions", {"text": "One form for all", "review_on": "2027-01-12", "is_private": "on"})
    typed |= rows("problems", {"title": "No form in the other trust"})
    typed |= rows("guests", {"name": "Ada Lovelace", "organisation": "Analytical Engines"})
    typed |= rows("resources", {"title": "The form", "url": "example.org/form"})
    response = signed_in.post(record_url(session), typed, follow=True)
    html = response.content.decode()
    for words in (
        "14 in all", "Line", SECRET, "Mina Member", "ask each patient", "One form for all", "12 January 2027",
        "Private", "No form in the other trust", "Ada Lovelace, Analytical Engines", "https://example.org/form",
    ):  # fmt: skip
        assert words in html, words
    assert (Decision.objects.get().is_private, Commitment.objects.get().person) == (True, mina.person)
    assert Problem.objects.get().session == session


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (rows("decisions", {"review_on": "2027-01-12"}), "Decision 1: enter what was decided"),
        (rows("decisions", {"text": "One form", "review_on": "2026-11-01"}), "was decided on 24 November 2026"),
        (rows("commitments", {"text": "ask"}), "“I will try” 1: choose who will try it"),
        (rows("commitments", {"text": "ask", "person": "999999"}), "from the list"),
        (rows("guests", {"organisation": "Analytical Engines"}), "Guest 1: enter the name"),
        (rows("resources", {"title": "The form", "url": "javascript:alert(1)"}), "Link 1: address must be"),
        (rows("resources", {"title": "The form", "url": "ftp://example.org/"}), "Link 1: address must be"),
        (rows("problems", {"title": "a\x00b"}), "Problem 1"),
        ({"notes": "a\x00b"}, "Notes contains a character that cannot be stored"),
        ({"head_count": "-1"}, "There is a problem"),
        ({"head_count": "9" * 40}, "There is a problem"),
        ({"guests-TOTAL_FORMS": "many", "guests-INITIAL_FORMS": "0"}, "A part of this page did not arrive."),
        (rows("learning_points", *({"text": str(n)} for n in range(4))), "Keep to 3 learning points at most."),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_what_was_typed_stays(
    signed_in: Client, session: Session, typed: dict[str, str], words: str
) -> None:
    response = signed_in.post(record_url(session), record_form(session, focus="Typed <b>once</b>") | typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert 'value="Typed &lt;b&gt;once&lt;/b&gt;"' in html
    session.refresh_from_db()
    assert (session.state, SessionVersion.objects.count()) == ("planned", 0)


def test_the_page_opens_with_promises_still_open_and_decisions_due_and_takes_one_answer_for_each(
    signed_in: Client, community: Community, session: Session, facilitator: User, mina: Membership
) -> None:
    before = SessionFactory.create(community=community, starts_at=NOW - 2 * WEEK)
    record(
        before,
        facilitator,
        commitments=[NewCommitment("ask each patient", mina.person)],
        decisions=[NewDecision("One form", TODAY), NewDecision("Not due yet", TODAY + WEEK)],
        actions=[NewAction("Send the form", mina.person, TODAY)],
    )
    action, commitment = Action.objects.get(), Commitment.objects.get()
    due = Decision.objects.get(text="One form")
    form = signed_in.get(record_url(session)).context["form"]
    assert [str(what) for what, _ in form.earlier_fields] == ["Send the form", "ask each patient", "One form"]
    typed = record_form(session) | {
        f"action_{action.pk}": "done", f"commitment_{commitment.pk}": "kept", f"decision_{due.pk}": "reversed",
    }  # fmt: skip
    assert signed_in.post(record_url(session), typed).status_code == 302
    for row in (action, commitment, due):
        row.refresh_from_db()
    assert (action.state, commitment.state, due.verdict) == ("done", "kept", "reversed")


def test_a_promise_answered_otherwise_meanwhile_is_said_by_its_name_and_the_rest_can_then_be_saved(
    signed_in: Client, community: Community, session: Session, facilitator: User
) -> None:
    action = ActionFactory.create(community=community, text="Audit form")
    answer_action(action=action, state="dropped", by=facilitator, now=NOW)
    typed = record_form(session, focus="Screening") | {f"action_{action.pk}": "done"}
    response = signed_in.post(record_url(session), typed)
    assert response.status_code == 409
    assert "“Audit form”: This action has already been answered: dropped." in response.content.decode()
    assert response.context["form"].earlier_fields == []
    assert signed_in.post(record_url(session), record_form(session, focus="Screening")).status_code == 302


def test_without_scripts_one_answer_marks_everyone_who_has_none(
    signed_in: Client, session: Session, mina: Membership, facilitator: User
) -> None:
    typed = record_form(session, rest="room") | {f"member_{mina.pk}": "apologies"}
    signed_in.post(record_url(session), typed)
    marks = dict(session.attendances.values_list("membership__person__user__name", "status"))
    assert marks == {"Mina Member": "apologies", "Fadia Facilitator": "room"}


def test_a_record_saved_again_as_it_was_shown_changes_nothing(
    signed_in: Client, session: Session, facilitator: User, mina: Membership
) -> None:
    record(
        session,
        facilitator,
        focus="Screening",
        attendance={mina.pk: "online"},
        learning_points=["Ask early", "Write it down"],
        decisions=[NewDecision("One form", TODAY + WEEK)],
        actions=[NewAction("Send the form", mina.person, TODAY + WEEK, is_private=True)],
        commitments=[NewCommitment("ask", mina.person)],
        problems=[NewProblem("No form")],
        guests=[NewGuest("Ada")],
        resources=[NewLink("The form", "https://example.org/")],
        head_count=3,
    )
    sent = as_shown(signed_in, session)
    assert signed_in.post(record_url(session), sent).status_code == 302
    session.refresh_from_db()
    assert (session.version, SessionVersion.objects.count()) == (2, 1)
    assert [m.objects.count() for m in (LearningPoint, Decision, Action, Commitment, Problem, Guest, Resource)] == [
        2, 1, 1, 1, 1, 1, 1,
    ]  # fmt: skip


def test_a_row_that_is_emptied_is_taken_out_of_the_record(
    signed_in: Client, session: Session, facilitator: User
) -> None:
    record(session, facilitator, learning_points=["Ask early", "Write it down"])
    sent = as_shown(signed_in, session) | {"learning_points-0-text": ""}
    signed_in.post(record_url(session), sent)
    assert list(LearningPoint.objects.values_list("text", "position")) == [("Write it down", 0)]


# Two people at once


def test_what_two_people_write_in_different_places_is_merged_and_the_second_is_told(
    signed_in: Client, session: Session, people: dict[str, User], mina: Membership
) -> None:
    sent = as_shown(signed_in, session)
    record(session, people["staff"], focus="Theirs", attendance={mina.pk: "room"})
    typed = sent | {"notes": "Mine", "learning_points-0-text": "Ask early"}
    response = signed_in.post(record_url(session), typed, follow=True)
    assert "Someone else saved this record while you were writing. It holds both." in response.content.decode()
    session.refresh_from_db()
    assert (session.focus, session.notes, session.version, session.present_count) == ("Theirs", "Mine", 3, 1)


def test_a_clash_shows_both_texts_asks_without_a_default_and_saves_what_is_chosen(
    signed_in: Client, session: Session, people: dict[str, User], mina: Membership
) -> None:
    sent = as_shown(signed_in, session)
    record(session, people["staff"], focus="Theirs", notes="Also theirs", attendance={mina.pk: "room"})
    typed = sent | {"focus": "Mine <i>", "learning_points-0-text": "Kept", f"member_{mina.pk}": "apologies"}
    asked = signed_in.post(record_url(session), typed)
    html = asked.content.decode()
    assert asked.status_code == 409
    assert "Someone else has changed the record of this session while you were writing." in html
    form = asked.context["form"]
    clashes = form.rows["clashes"].forms
    assert [(row["what"].value(), row["theirs"].value(), row["mine"].value()) for row in clashes] == [
        ("What it was about", "Theirs", "Mine <i>"),
        ("Mina Member", "In the room", "Apologies"),
    ]
    assert [row["keep"].value() for row in clashes] == [None, None]
    assert "Mine &lt;i&gt;" in html
    # What only one of them changed is merged already.
    assert (form["notes"].value(), form.rows["learning_points"].forms[0]["text"].value()) == ("Also theirs", "Kept")
    session.refresh_from_db()
    assert (session.focus, session.version) == ("Theirs", 2)

    again = as_sent(form)
    refused = signed_in.post(record_url(session), again)
    assert refused.status_code == 422
    assert "What it was about: which should stand?" in refused.content.decode()
    session.refresh_from_db()
    assert session.version == 2

    chosen = again | {"clashes-0-keep": "mine", "clashes-1-keep": "theirs"}
    assert signed_in.post(record_url(session), chosen).status_code == 302
    session.refresh_from_db()
    assert (session.focus, session.notes, session.present_count) == ("Mine <i>", "Also theirs", 1)
    assert session.learning_points.get().text == "Kept"


def test_a_place_that_is_none_of_the_record_is_no_choice(signed_in: Client, session: Session) -> None:
    forged = {"clashes-0-path": "../../etc", "clashes-0-what": "x", "clashes-0-keep": "theirs"}
    typed = record_form(session) | {"clashes-TOTAL_FORMS": "1", "clashes-INITIAL_FORMS": "1"} | forged
    assert signed_in.post(record_url(session), typed).status_code == 422
    typed["clashes-0-path"] = "nothing:here"
    assert signed_in.post(record_url(session), typed).status_code == 302
    session.refresh_from_db()
    assert session.focus == ""


# Versions


def test_every_version_can_be_read_with_what_was_changed_and_brought_back(
    signed_in: Client, community: Community, session: Session, facilitator: User, mina: Membership
) -> None:
    record(session, facilitator, focus="Screening", attendance={mina.pk: "room"}, private_note=SECRET)
    record(session, facilitator, focus="Handover", learning_points=[NewPoint("Ask early")])
    listed = signed_in.get(page("session-versions", community, session.pk)).content.decode()
    assert listed.index("Version 3") < listed.index("Version 2")
    second = signed_in.get(page("session-version", community, session.pk, 3))
    assert [(c.what, c.before, c.after) for c in second.context["changes"]] == [
        ("What it was about", "Screening", "Handover"),
        ("Learning point", "", "Ask early"),
    ]
    first = signed_in.get(page("session-version", community, session.pk, 2)).content.decode()
    assert "Mina Member: In the room" in first
    assert SECRET in first
    restore = page("restore-version", community, session.pk, 2)
    assert "It stays among the versions" in signed_in.get(restore).content.decode().replace("it stays", "It stays")
    assert signed_in.post(restore, {"version": "2"}).status_code == 409
    assert signed_in.post(restore, {"version": "3"}).status_code == 302
    session.refresh_from_db()
    assert (session.focus, session.version, session.learning_points.count()) == ("Screening", 4, 0)


@pytest.mark.parametrize("role", ["member", "sponsor"])
@pytest.mark.parametrize("name", ["session-versions", "session-version", "restore-version", "record-session"])
def test_versions_and_record_are_for_those_who_run_the_community(
    *, client: Client, at_noon: None, session: Session, people: dict[str, User], role: str, name: str
) -> None:
    record(session, people["facilitator"], focus="Screening")
    number = [2] if name in {"session-version", "restore-version"} else []
    sign_in(client, people[role])
    assert client.get(page(name, session.community, session.pk, *number)).status_code == 403
    sign_in(client, people["stranger"])
    assert client.get(page(name, session.community, session.pk, *number)).status_code == 404


def test_a_version_that_never_was_is_not_there(signed_in: Client, community: Community, session: Session) -> None:
    assert signed_in.get(page("session-version", community, session.pk, 1)).status_code == 404
    html = signed_in.get(page("session-versions", community, session.pk)).content.decode()
    assert "Nothing has been saved yet." in html


def test_many_versions_are_listed_with_as_few_queries_as_one(
    signed_in: Client, community: Community, session: Session, facilitator: User, django_assert_num_queries: Any
) -> None:
    record(session, facilitator, focus="0")
    address = page("session-versions", community, session.pk)
    signed_in.get(address)
    with django_assert_num_queries(LIST_QUERIES):
        signed_in.get(address)
    for number in range(1, 31):
        record(session, facilitator, focus=str(number))
    with django_assert_num_queries(LIST_QUERIES):
        signed_in.get(address)


LIST_QUERIES = 7


# Private


def all_private(session: Session, by: User, owner: Any) -> None:
    record(
        session,
        by,
        private_note=SECRET,
        learning_points=[NewPoint(SECRET, is_private=True)],
        decisions=[NewDecision(SECRET, TODAY, is_private=True)],
        actions=[NewAction(SECRET, owner, TODAY, is_private=True)],
        commitments=[NewCommitment(SECRET, owner, is_private=True)],
        problems=[NewProblem(SECRET, is_private=True)],
        resources=[NewLink(SECRET, "https://example.org/", is_private=True)],
    )


@pytest.mark.parametrize("role", ["member", "sponsor", "facilitator"])
def test_what_is_private_is_on_no_page_and_in_no_answer_that_a_member_or_sponsor_gets(
    *, client: Client, at_noon: None, session: Session, people: dict[str, User], role: str
) -> None:
    all_private(session, people["facilitator"], people["member"].person)
    sign_in(client, people[role])
    slug = session.community.slug
    pages = [
        "/", "/communities/", f"/communities/{slug}/", f"/communities/{slug}/sessions/", session.get_absolute_url(),
        f"/communities/{slug}/actions/", f"/communities/{slug}/problems/", f"/communities/{slug}/decisions/",
        f"/communities/{slug}/commitments/", "/search/?q=nobody", reverse("api:session", args=[session.pk]),
        reverse("api:action-list"), reverse("api:session-list"), f"/communities/{slug}/sessions/{session.pk}/minutes/",
    ]  # fmt: skip
    told = [address for address in pages if SECRET in client.get(address).content.decode()]
    if role == "facilitator":
        assert session.get_absolute_url() in told
    else:
        assert told == []


def test_the_session_page_marks_what_is_private_for_those_who_see_it(
    signed_in: Client, session: Session, people: dict[str, User]
) -> None:
    all_private(session, people["facilitator"], people["member"].person)
    html = signed_in.get(session.get_absolute_url()).content.decode()
    assert html.count("app-private") == 7


def test_a_sponsor_reads_what_was_decided_and_learned_and_no_name(
    client: Client, at_noon: None, session: Session, people: dict[str, User]
) -> None:
    hers = people["member"].person
    record(
        session,
        people["facilitator"],
        learning_points=["Ask early"],
        decisions=[NewDecision("One form")],
        commitments=[NewCommitment("ask each patient", hers)],
        guests=[NewGuest("Ada Lovelace", "Analytical Engines")],
        notes="Mina said so",
    )
    sign_in(client, people["sponsor"])
    html = client.get(session.get_absolute_url()).content.decode()
    assert ("Ask early" in html, "One form" in html, "ask each patient" in html) == (True, True, True)
    assert [words for words in ("Mina", "Ada Lovelace", "Mina said so") if words in html] == []


def test_someone_of_the_same_name_as_a_place_in_the_record_is_only_a_name(
    signed_in: Client, community: Community, session: Session
) -> None:
    MembershipFactory.create(community=community, person=PersonFactory.create(name="focus"))
    assert signed_in.get(record_url(session)).status_code == 200
