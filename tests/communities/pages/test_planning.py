"""Planning a series, moving, editing and cancelling, as a facilitator uses the pages."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from communities.models import Community, Membership, Series, Session
from communities.services.sessions.moving import edit_session
from cop_portal.accounts.models import User
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import NOW, MembershipFactory, PersonFactory, SessionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def page(name: str, community: Community, *more: Any) -> str:
    return reverse(f"communities:{name}", args=[community.slug, *more])


def series(**changes: str) -> dict[str, str]:
    return {
        "how_often": "weeks", "weeks": "2", "first_on": "2026-12-11", "count": "3", "starts": "12:30", "ends": "14:00",
        "kind": "convening", "place": "Room 4", "tells_members": "on", **changes,
    }  # fmt: skip


def looked_at(client: Client, community: Community, typed: dict[str, str]) -> dict[str, Any]:
    """The form as the preview sends it back, filled in."""
    form = client.post(page("plan-series", community), typed).context["form"]
    return {**typed, "looked_at": form["looked_at"].value(), "days": form["days"].value()}


def test_a_series_is_shown_before_it_is_planned_and_a_bank_holiday_is_not_ticked(
    signed_in: Client, community: Community
) -> None:
    response = signed_in.post(page("plan-series", community), series())
    html = response.content.decode()
    assert response.status_code == 200
    assert "Nothing is planned yet." in html
    assert "Friday 25 December 2026" in html
    assert "Bank holiday" in html
    assert response.context["form"]["days"].value() == ["2026-12-11", "2027-01-08"]
    assert response.context["submit_label"] == "Plan these sessions"
    assert (Series.objects.count(), Session.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)


def test_the_days_that_stay_ticked_are_planned(signed_in: Client, community: Community) -> None:
    typed = looked_at(signed_in, community, series())
    response = signed_in.post(page("plan-series", community), typed, follow=True)
    assert "2 sessions are planned, the first on 11 December 2026." in response.content.decode()
    assert [s.day for s in Session.objects.order_by("starts_at")] == [date(2026, 12, 11), date(2027, 1, 8)]
    assert OutboxMessage.objects.filter(kind="communities.session_invitation").count() == 2


def test_a_plan_changed_after_it_was_looked_at_is_shown_anew(signed_in: Client, community: Community) -> None:
    typed = looked_at(signed_in, community, series()) | {"weeks": "3"}
    response = signed_in.post(page("plan-series", community), typed)
    assert response.status_code == 200
    assert response.context["form"]["days"].value() == ["2026-12-11", "2027-01-22"]
    assert not Session.objects.exists()


def test_a_series_begins_in_the_communitys_own_rhythm(signed_in: Client, community: Community) -> None:
    form = signed_in.get(page("plan-series", community)).context["form"]
    assert (form.initial["how_often"], form.initial["weeks"]) == ("weeks", 6)
    Community.objects.update(rhythm_weeks=None, rhythm_nth=2, rhythm_weekday=1)
    form = signed_in.get(page("plan-series", community)).context["form"]
    assert [form.initial[name] for name in ("how_often", "nth", "weekday")] == ["month", 2, 1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"count": "10000"}, "A series has at most 60 sessions, and you asked for 10,000."),
        ({"count": "9" * 30}, "How many sessions must be"),
        ({"count": "0"}, "How many sessions must be"),
        ({"count": "-3"}, "How many sessions must be"),
        ({"count": ""}, "Give either the last day or the number of sessions."),
        ({"until": "2027-06-01"}, "Give either the last day or the number of sessions."),
        ({"count": "", "until": "9999-12-31"}, "more than 60 sessions"),
        ({"count": "", "until": "2026-12-10"}, "There is no day in this rhythm"),
        ({"weeks": ""}, "Enter the weeks between sessions"),
        ({"weeks": "53"}, "Weeks between sessions must be"),
        ({"how_often": "month"}, "Choose which of the month"),
        ({"how_often": "daily"}, "Choose"),
        ({"first_on": "2026-11-23"}, "The first day has passed"),
        ({"first_on": "2026-13-45"}, "First day must be a real date"),
        ({"ends": "12:30"}, "The sessions must end after they start, on the same day."),
        ({"place": "a\x00b"}, "Place contains a character that cannot be stored"),
        ({"led_by": "999999"}, "from the list"),
    ],
)
def test_a_series_that_cannot_be_is_refused_in_words_and_keeps_what_was_typed(
    signed_in: Client, community: Community, changes: dict[str, str], words: str
) -> None:
    response = signed_in.post(page("plan-series", community), series(joining_link="https://x.example.org/4", **changes))
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert "There is a problem" in html
    assert 'value="https://x.example.org/4"' in html
    assert not Session.objects.exists()


def test_a_clash_that_comes_up_meanwhile_keeps_the_days_as_they_were_ticked(
    signed_in: Client, community: Community
) -> None:
    typed = looked_at(signed_in, community, series())
    SessionFactory.create(community=community, starts_at=NOW.replace(month=12, day=11, hour=13))
    response = signed_in.post(page("plan-series", community), typed)
    assert response.status_code == 409
    assert "Sepsis already has a session on 11 December 2026" in response.content.decode()
    assert response.context["form"]["days"].value() == ["2026-12-11", "2027-01-08"]
    assert "There is a session at this time already" in response.content.decode()
    assert Session.objects.count() == 1


def test_every_day_left_out_is_no_series(signed_in: Client, community: Community) -> None:
    typed = looked_at(signed_in, community, series()) | {"days": []}
    response = signed_in.post(page("plan-series", community), typed)
    assert response.status_code == 422
    assert "Every day is left out. Keep at least one." in response.content.decode()


@pytest.fixture
def weekly(signed_in: Client, community: Community) -> list[Session]:
    typed = looked_at(signed_in, community, series(weeks="1", first_on="2026-12-01"))
    signed_in.post(page("plan-series", community), typed)
    return list(Session.objects.order_by("starts_at"))


def move(session: Session, **changes: str) -> dict[str, str]:
    return {
        "version": str(session.plan_version), "day": "2026-12-09", "starts": "09:00", "ends": "10:00", **changes
    }  # fmt: skip


def test_a_session_alone_is_moved_without_a_question_about_others(signed_in: Client, community: Community) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    form = signed_in.get(page("move-session", community, session.pk)).context["form"]
    assert "scope" not in form.fields
    assert (form.initial["day"], f"{form.initial['starts']:%H:%M}") == (session.day, "12:00")
    response = signed_in.post(page("move-session", community, session.pk), move(session), follow=True)
    assert "The session is moved." in response.content.decode()
    assert "Wednesday 9 December 2026" in response.content.decode()


def test_one_of_a_series_asks_which_and_takes_no_answer_for_granted(
    signed_in: Client, community: Community, weekly: list[Session]
) -> None:
    url = page("move-session", community, weekly[1].pk)
    shown = signed_in.get(url)
    assert "This session and the one after it in its series" in shown.content.decode()
    assert " checked" not in shown.content.decode()
    assert signed_in.post(url, move(weekly[1])).status_code == 422
    assert signed_in.post(url, move(weekly[1], scope="one")).status_code == 302
    assert [s.day.day for s in Session.objects.order_by("starts_at")] == [1, 9, 15]


def test_the_rest_of_a_series_is_shown_where_it_would_go_before_it_goes(
    signed_in: Client, community: Community, weekly: list[Session]
) -> None:
    url = page("move-session", community, weekly[1].pk)
    response = signed_in.post(url, move(weekly[1], scope="rest"))
    assert response.status_code == 200
    assert "Nothing is moved yet." in response.content.decode()
    assert [(s.pk, day.day) for s, day in response.context["moves"]] == [(weekly[1].pk, 9), (weekly[2].pk, 16)]
    assert [s.day.day for s in Session.objects.order_by("starts_at")] == [1, 8, 15]
    looked = response.context["form"]["looked_at"].value()
    assert signed_in.post(url, move(weekly[1], scope="rest", looked_at=looked, starts="09:30")).status_code == 200
    again = signed_in.post(url, move(weekly[1], scope="rest", looked_at=looked), follow=True)
    assert "2 sessions are moved." in again.content.decode()
    assert [s.day.day for s in Session.objects.order_by("starts_at")] == [1, 9, 16]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"day": "2026-11-23"}, 422, "This date has passed."),
        ({"day": "2036-12-01"}, 422, "more than three years away. Check the year."),
        ({"day": "2027-03-28", "starts": "01:30"}, 422, "There is no 01:30 on 28 March 2027"),
        ({"ends": "09:00"}, 422, "The session must end after it starts."),
        ({"version": "7"}, 409, "Someone else has changed the plan of this session meanwhile"),
        ({"version": "x"}, 422, "There is a problem"),
        ({"version": "9" * 30}, 422, "There is a problem"),
    ],
)
def test_a_move_that_cannot_be_is_refused_at_its_place(
    *, signed_in: Client, community: Community, changes: dict[str, str], status: int, words: str
) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    response = signed_in.post(page("move-session", community, session.pk), move(session, **changes))
    assert (response.status_code, words in response.content.decode()) == (status, True)
    session.refresh_from_db()
    assert session.sequence == 0


def test_details_open_as_they_are_and_a_leader_who_has_left_stays_to_be_chosen(
    signed_in: Client, community: Community
) -> None:
    session = SessionFactory.create(community=community, led_by=PersonFactory.create(name="Ann Other"))
    url = page("edit-session", community, session.pk)
    form = signed_in.get(url).context["form"]
    assert (form.initial["led_by"], form.initial["place"]) == ("as_it_is", "Room 4")
    typed = {"version": "1", "kind": "visit", "place": "Room <5>", "joining_link": "", "led_by": "as_it_is"}
    response = signed_in.post(url, typed, follow=True)
    assert "Room &lt;5&gt;" in response.content.decode()
    session.refresh_from_db()
    assert (session.kind, session.led_by.name if session.led_by else "") == ("visit", "Ann Other")


def test_an_edit_on_an_old_version_overwrites_nothing_and_keeps_what_was_typed(
    signed_in: Client, community: Community, people: dict[str, User]
) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW + timedelta(days=7))
    edit_session(
        session=session, version=1, kind="visit", place="Theirs", joining_link="", led_by=None,
        by=people["staff"], now=NOW,
    )  # fmt: skip
    typed = {"version": "1", "kind": "visit", "place": "Mine", "joining_link": "javascript:1", "led_by": ""}
    assert signed_in.post(page("edit-session", community, session.pk), typed).status_code == 422
    response = signed_in.post(page("edit-session", community, session.pk), typed | {"joining_link": ""})
    assert response.status_code == 409
    assert 'value="Mine"' in response.content.decode()
    session.refresh_from_db()
    assert session.place == "Theirs"


def test_the_rest_of_a_series_is_cancelled_when_that_is_chosen(
    signed_in: Client, community: Community, weekly: list[Session]
) -> None:
    url = page("cancel-session", community, weekly[1].pk)
    assert signed_in.post(url, {"because": "Flood"}).status_code == 422
    response = signed_in.post(url, {"because": "Flood", "scope": "rest"}, follow=True)
    assert "2 sessions are cancelled. They stay in the list, with the reason." in response.content.decode()
    assert list(Session.objects.order_by("starts_at").values_list("state", flat=True)) == [
        "planned", "cancelled", "cancelled",
    ]  # fmt: skip


def test_a_cancelled_session_can_be_planned_again_on_another_day(
    signed_in: Client, community: Community, people: dict[str, User]
) -> None:
    mina = Membership.objects.get(person=people["member"].person)
    session = SessionFactory.create(
        community=community, state="cancelled", cancelled_because="Flood", kind="visit", led_by=mina.person
    )
    shown = signed_in.get(session.get_absolute_url()).content.decode()
    url = f"{page('plan-session', community)}?like={session.pk}"
    assert f'href="{url}"' in shown
    form = signed_in.get(url).context["form"]
    assert (form.initial["kind"], form.initial["led_by"], form.initial.get("day")) == ("visit", str(mina.pk), None)
    for like in ("x", "9" * 30, "-1", "²", str(SessionFactory.create().pk)):
        form = signed_in.get(page("plan-session", community), {"like": like}).context["form"]
        assert form.initial == {"kind": "convening"}


def test_planning_without_a_mail_writes_to_nobody(signed_in: Client, community: Community) -> None:
    typed = {"kind": "convening", "day": "2026-12-01", "starts": "12:30", "ends": "14:00"}
    signed_in.post(page("plan-session", community), typed)
    assert not OutboxMessage.objects.exists()
    signed_in.post(page("plan-session", community), typed | {"day": "2026-12-02", "tells_members": "on"})
    assert OutboxMessage.objects.count() == Membership.objects.filter(community=community).count() == 2


def test_a_form_that_is_sent_twice_plans_once(signed_in: Client, community: Community) -> None:
    typed = {"kind": "convening", "day": "2026-12-01", "starts": "12:30", "ends": "14:00", "idempotency_key": "k" * 22}
    first = signed_in.post(page("plan-session", community), typed)
    second = signed_in.post(page("plan-session", community), typed)
    assert (first["Location"], Session.objects.count()) == (second["Location"], 1)


PAYLOAD = '"><script>alert(1)</script>'


def test_a_script_in_every_field_comes_back_as_text(signed_in: Client, community: Community) -> None:
    session = SessionFactory.create(community=community, place=PAYLOAD)
    MembershipFactory.create(community=community, person=PersonFactory.create(name=PAYLOAD))
    for name, typed in (
        ("plan-series", dict.fromkeys(series(), PAYLOAD) | {"looked_at": PAYLOAD}),
        ("move-session", dict.fromkeys(move(session), PAYLOAD) | {"looked_at": PAYLOAD}),
        ("edit-session", dict.fromkeys(("version", "kind", "place", "joining_link", "led_by"), PAYLOAD)),
        ("cancel-session", {"because": PAYLOAD + "x" * 300}),
    ):
        more = () if name == "plan-series" else (session.pk,)
        for response in (
            signed_in.get(page(name, community, *more)),
            signed_in.post(page(name, community, *more), typed),
        ):
            html = response.content.decode()
            assert "<script>alert" not in html, name
        assert response.status_code == 422, name
        assert escape(PAYLOAD) in html, name
