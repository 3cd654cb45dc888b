"""The pages of a community's sessions, as a facilitator uses them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Action, Community, Membership, Session
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    ActionFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def page(name: str, community: Community, *more: Any) -> str:
    return reverse(f"communities:{name}", args=[community.slug, *more])


def planned(**changes: str) -> dict[str, str]:
    return {"kind": "convening", "day": "2026-12-01", "starts": "12:30", "ends": "14:00", "place": "Room 4", **changes}


def test_a_planned_session_is_shown_on_its_page(signed_in: Client, community: Community) -> None:
    response = signed_in.post(page("plan-session", community), planned(), follow=True)
    session = Session.objects.get()
    assert response.redirect_chain == [(session.get_absolute_url(), 302)]
    assert "Tuesday 1 December 2026" in response.content.decode()
    assert (session.starts_at.isoformat(), session.ends_at - session.starts_at) == (
        "2026-12-01T12:30:00+00:00",
        timedelta(minutes=90),
    )


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        (
            {"day": "2026-11-23"},
            422,
            "This date has passed. To record a session that has already happened, choose “Record a past session”",
        ),
        ({"ends": "12:30"}, 422, "The session must end after it starts."),
        ({"day": ""}, 422, "Enter the date"),
        ({"starts": "noon"}, 422, "Start time must be a time, like 12:30"),
        ({"day": "2027-03-28", "starts": "01:30"}, 422, "There is no 01:30 on 28 March 2027"),
        ({"joining_link": "javascript:alert(1)"}, 422, "Link to join online must be a full web address"),
        ({"kind": "party"}, 422, "Choose the kind of session from the list"),
        ({"led_by": "999999"}, 422, "from the list"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words_and_keeps_what_was_typed(
    signed_in: Client, community: Community, changes: dict[str, str], status: int, words: str
) -> None:
    response = signed_in.post(page("plan-session", community), planned(place="Room <4>", **changes))
    html = response.content.decode()
    assert response.status_code == status
    assert words in html
    assert "There is a problem" in html
    assert 'value="Room &lt;4&gt;"' in html
    assert not Session.objects.exists()


def test_a_clash_is_a_409_at_the_time(signed_in: Client, community: Community) -> None:
    SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    response = signed_in.post(page("plan-session", community), planned(starts="12:15"))
    assert response.status_code == 409
    assert "Sepsis already has a session on 1 December 2026, from 12:00 to 13:00." in response.content.decode()
    assert Session.objects.count() == 1


def test_half_past_one_on_the_night_the_clocks_go_back_is_the_first_of_the_two(
    signed_in: Client, community: Community
) -> None:
    signed_in.post(page("plan-session", community), planned(day="2027-10-31", starts="01:30", ends="02:30"))
    session = Session.objects.get()
    # 01:30 in British Summer Time; 02:30 is Greenwich Mean Time already, two hours later.
    assert session.starts_at.isoformat() == "2027-10-31T00:30:00+00:00"
    assert session.ends_at - session.starts_at == timedelta(hours=2)
    assert "01:30 to 02:30" in signed_in.get(session.get_absolute_url()).content.decode()


def test_a_past_session_is_entered_and_leads_to_its_record(signed_in: Client, community: Community) -> None:
    response = signed_in.post(page("enter-past-session", community), planned(day="2026-11-20"))
    session = Session.objects.get()
    assert response["Location"] == page("record-session", community, session.pk)
    refused = signed_in.post(page("enter-past-session", community), planned(day="2026-11-27"))
    assert refused.status_code == 422
    assert "This session has not started yet. Plan it instead." in refused.content.decode()


def test_a_session_is_cancelled_with_a_reason_that_members_read(signed_in: Client, community: Community) -> None:
    session = SessionFactory.create(community=community)
    response = signed_in.post(page("cancel-session", community, session.pk), {"because": "<b>Flood</b>"}, follow=True)
    assert "Cancelled: &lt;b&gt;Flood&lt;/b&gt;" in response.content.decode()
    again = signed_in.post(page("cancel-session", community, session.pk), {"because": "Twice"})
    assert again.status_code == 409
    session.refresh_from_db()
    assert session.cancelled_because == "<b>Flood</b>"


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


def rows(section: str, *typed: dict[str, str]) -> dict[str, str]:
    """Rows of a list of the record, as a browser sends them."""
    sent = {f"{section}-{number}-{box}": text for number, row in enumerate(typed) for box, text in row.items()}
    return {f"{section}-TOTAL_FORMS": str(len(typed)), f"{section}-INITIAL_FORMS": "0", **sent}


def record_form(session: Session, **changes: str) -> dict[str, str]:
    return {"version": str(session.version), "focus": "", **changes}


def test_a_record_saves_who_came_what_was_learned_what_was_promised_and_what_became_of_old_promises(
    signed_in: Client, community: Community, session: Session, people: dict[str, User]
) -> None:
    mina = Membership.objects.get(person=people["member"].person)
    old = ActionFactory.create(community=community, owner=people["member"].person)
    shown = signed_in.get(page("record-session", community, session.pk)).content.decode()
    assert f'name="action_{old.pk}"' in shown
    typed = record_form(session, focus="Screening") | rows("learning_points", {"text": ""}, {"text": "Ask early"})
    typed |= {f"member_{mina.pk}": "online", f"action_{old.pk}": "done"}
    typed |= rows("actions", {"text": "Send the form", "owner": str(mina.pk), "due_on": "2026-12-01"})
    response = signed_in.post(page("record-session", community, session.pk), typed, follow=True)
    html = response.content.decode()
    assert response.redirect_chain == [(session.get_absolute_url(), 302)]
    session.refresh_from_db()
    assert (session.state, session.focus, session.present_count, session.member_count) == ("held", "Screening", 1, 2)
    assert list(session.learning_points.values_list("text", flat=True)) == ["Ask early"]
    new = Action.objects.get(session=session)
    assert (new.text, new.owner, new.due_on) == ("Send the form", people["member"].person, date(2026, 12, 1))
    old.refresh_from_db()
    assert old.state == "done"
    assert "1 of 2 members on that day" in html
    assert "Send the form: Mina Member, by 1 December 2026 (open)" in html


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": "Send the form", "owner": "OWNER", "due_on": "2026-11-23"}, "before the day it was agreed"),
        (
            {"text": "Send the form", "owner": "STRANGER", "due_on": "2026-12-01"},
            "Choose the action 1: who from the list",
        ),
        ({"text": "Send the form"}, "Action 1: choose who will do it"),
        ({"due_on": "2026-12-01"}, "Action 1: enter what will be done"),
        ({"text": "Send the form", "owner": "OWNER", "due_on": "soon"}, "Action 1: by when must be a real date"),
    ],
)
def test_a_promise_that_cannot_be_kept_leaves_the_session_unrecorded_and_the_words_on_the_page(
    *,
    signed_in: Client,
    community: Community,
    session: Session,
    people: dict[str, User],
    row: dict[str, str],
    words: str,
) -> None:
    stand_in = {
        "OWNER": str(Membership.objects.get(person=people["member"].person).pk),
        "STRANGER": str(Membership.objects.get(person=people["stranger"].person).pk),
    }
    typed = record_form(session, focus="Typed on a phone")
    typed |= rows("actions", {name: stand_in.get(value, value) for name, value in row.items()})
    response = signed_in.post(page("record-session", community, session.pk), typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert 'value="Typed on a phone"' in html
    session.refresh_from_db()
    assert (session.state, Action.objects.count()) == ("planned", 0)


@pytest.mark.parametrize("version", ["", "one", "99", "9" * 30])
def test_a_record_without_a_version_that_was_read_stores_nothing(
    signed_in: Client, community: Community, session: Session, version: str
) -> None:
    response = signed_in.post(page("record-session", community, session.pk), record_form(session, version=version))
    assert response.status_code == (409 if version.startswith("9") else 422)
    session.refresh_from_db()
    assert session.state == "planned"


def test_a_session_ahead_is_not_recorded(signed_in: Client, community: Community) -> None:
    ahead = SessionFactory.create(community=community)
    response = signed_in.post(page("record-session", community, ahead.pk), record_form(ahead))
    assert response.status_code == 422
    assert "You can record it from then." in response.content.decode()


def test_two_members_of_the_same_name_can_be_told_apart_on_the_roster(
    signed_in: Client, community: Community, session: Session
) -> None:
    for _ in range(2):
        MembershipFactory.create(community=community, person=PersonFactory.create(name="Ali Khan"))
    form = signed_in.get(page("record-session", community, session.pk)).context["form"]
    labels = [str(field.label) for field in form.roster_fields]
    assert len({label for label in labels if label.startswith("Ali Khan (Trust ")}) == 2
    assert "Mina Member" in labels
