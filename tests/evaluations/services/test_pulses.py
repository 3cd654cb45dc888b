"""A pulse by mail: offered once a session is recorded, to those who were there, planned, reminded once, and closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from communities.models import Attendance, Community, Membership, Session
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from cop_portal.refusals import Refusal
from evaluations import emails, results
from evaluations.models import Invitation, PlannedRequest, Survey
from evaluations.results import Suppressed
from evaluations.services.answers.answering import AskedInTheRoom, door, submit_answers
from evaluations.services.closing.counting import refresh_counts
from evaluations.services.keys.fresh_keys import KeysNotSafe
from evaluations.services.pulses import by_mail
from evaluations.services.pulses.by_mail import preview_pulse, send_pulse
from evaluations.services.surveys.mailing import plan_due_mail
from evaluations.services.surveys.opening import NobodyToAsk
from tests.evaluations.pulsing import (
    USEFUL,
    answer_in,
    asked_by_mail,
    asked_in_the_room,
    closed,
    memberships_of,
    recorded,
    session_of,
)
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import PULSE, give_answers, open_survey_for, published, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

YESTERDAY = NOW - timedelta(days=1)
TOMORROW = NOW + timedelta(days=1)


def asked_people(pulse: Survey) -> set[int]:
    return set(pulse.invitations.values_list("person", flat=True))


def test_those_recorded_as_present_are_asked_and_nobody_else() -> None:
    session = recorded(session_of(at=YESTERDAY), room=3, online=2)
    pulse = asked_by_mail(session)
    members = memberships_of(session)
    assert asked_people(pulse) == {one.person_id for one in members[:5]}
    assert (pulse.session, pulse.mode, pulse.asked_count, pulse.version) == (session, "anonymous", 5, published(PULSE))


def test_a_pulse_is_open_for_seven_days_until_the_end_of_the_day() -> None:
    pulse = asked_by_mail(recorded(session_of(at=YESTERDAY), room=6))
    assert pulse.closes_at == datetime(2026, 12, 1, 23, 59, tzinfo=UTC)


def test_each_is_asked_at_once_and_reminded_once_after_two_working_days() -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    pulse = asked_by_mail(recorded(session_of(at=YESTERDAY), room=6), now=friday)
    due = sorted(set(PlannedRequest.objects.filter(invitation__survey=pulse).values_list("number", "due_at")))
    # Friday afternoon, then Tuesday morning: Saturday and Sunday are no working days.
    assert due == [(0, friday), (1, datetime(2026, 12, 1, 9, 0, tzinfo=UTC))]


def test_a_pulse_keeps_five_working_days_from_what_else_someone_is_asked_and_other_reminders_make_room() -> None:
    session = session_of(at=YESTERDAY)
    open_survey_for(session.community, now=NOW - timedelta(days=4))
    first_of_core = set(PlannedRequest.objects.filter(number=0).values_list("due_at", flat=True))
    pulse = asked_by_mail(recorded(session, room=6))
    mine = PlannedRequest.objects.filter(invitation__survey=pulse, number=0)
    # The core questions went out on Friday the 20th; the pulse closes on Tuesday the 1st, so three working days before.
    assert first_of_core == {datetime(2026, 11, 20, 12, 0, tzinfo=UTC)}
    assert set(mine.values_list("due_at", flat=True)) == {datetime(2026, 11, 26, 8, 0, tzinfo=UTC)}


def test_the_mail_says_which_session_and_never_the_word_for_what_it_is() -> None:
    pulse = asked_by_mail(recorded(session_of(at=YESTERDAY), room=6))
    plan_due_mail(now=NOW)
    row = OutboxMessage.objects.filter(kind=emails.REQUEST)[0]
    mail = emails.render_request(row.params, row.recipient)
    assert mail.subject == f"{pulse.community.name}: how was the session of 23 November 2026?"
    assert "It takes about 2 minutes" in mail.text
    assert "Say how it was, by 1 December 2026, here:" in mail.text
    assert "we will remind you once" in mail.text
    assert "more days, once" not in mail.text, "a pulse is not extended"
    assert "shown only together with those after other sessions of the same quarter" in mail.text
    reminder = emails.render_reminder(row.params, row.recipient)
    assert "“After the session, 23 November 2026”" in reminder.text


def test_whoever_has_left_or_cannot_be_written_to_is_not_asked_and_the_page_can_say_why() -> None:
    session = recorded(session_of(at=YESTERDAY), room=5)
    left, closed_account, no_address = memberships_of(session)[:3]
    Membership.objects.filter(pk=left.pk).update(ends_on=NOW.date())
    closed_account.person.user.is_active = False
    closed_account.person.user.save()
    EmailAddress.objects.filter(user=no_address.person.user).delete()
    preview = preview_pulse(session=session, now=NOW)
    assert {one.person.pk: one.why for one in preview.not_asked} == {
        left.person_id: "No longer a member",
        closed_account.person_id: "Their account has been closed",
        no_address.person_id: "No address that mail can be sent to",
    }
    assert len(preview.asked) == 2
    assert asked_people(asked_by_mail(session)) == {one.person.pk for one in preview.asked}


def test_a_preview_stores_nothing(key_dir: Path) -> None:
    preview_pulse(session=recorded(session_of(at=YESTERDAY), room=5), now=NOW)
    assert (Survey.objects.count(), list(key_dir.iterdir())) == (0, [])


def planned(session: Session) -> None:
    """Not recorded."""


def long_past(session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(starts_at=NOW - timedelta(days=15), ends_at=NOW - timedelta(days=14))
    session.refresh_from_db()
    recorded(session, room=5, now=NOW)


def sent(session: Session) -> None:
    asked_by_mail(recorded(session, room=5))


def over(session: Session) -> None:
    closed(asked_by_mail(recorded(session, room=5)))


def paused(session: Session) -> None:
    recorded(session, room=5)
    Community.objects.filter(pk=session.community_id).update(state=Community.State.PAUSED)
    session.community.refresh_from_db()


def nobody_came(session: Session) -> None:
    recorded(session)


@pytest.mark.parametrize(
    ("so_that", "code", "sentence"),
    [
        (planned, "pulse_not_yet", "Record who came first: they are the ones who are asked."),
        (
            long_past,
            "pulse_too_late",
            "Those who were there could be asked until 23 November 2026, while they remember it.",
        ),
        (sent, "pulse_already_sent", "Those who were at this session have been asked already."),
        (over, "pulse_over", "The pulse of this session has closed. It is not opened again."),
        (paused, "community_not_active", None),
        (
            nobody_came,
            "nobody_to_ask",
            "There is nobody to ask: the record of this session says of no member that they were there.",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_and_leaves_no_keys(
    so_that: Any, code: str, sentence: str | None, key_dir: Path
) -> None:
    session = session_of(at=YESTERDAY)
    so_that(session)
    before = (Survey.objects.count(), Invitation.objects.count(), set(key_dir.iterdir()))
    session.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        send_pulse(session=session, by=staff(), now=NOW)
    assert refused.value.code == code
    assert sentence in (None, *refused.value.messages)
    assert (Survey.objects.count(), Invitation.objects.count(), set(key_dir.iterdir())) == before


def test_the_last_day_to_ask_is_a_fortnight_after_the_session() -> None:
    session = recorded(session_of(at=NOW - timedelta(days=14)), room=5)
    assert asked_by_mail(session).asked_count == 5


def test_without_published_questions_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    session = recorded(session_of(at=YESTERDAY), room=5)
    assert by_mail.pulse_questions() == published(PULSE)
    monkeypatch.setattr(by_mail, "QUESTIONS", "another-pulse")
    with pytest.raises(by_mail.NoPulseQuestions):
        send_pulse(session=session, by=staff(), now=NOW)


def test_with_unsafe_keys_nothing_is_asked(key_dir: Path) -> None:
    session = recorded(session_of(at=YESTERDAY), room=5)
    key_dir.chmod(0o755)
    with pytest.raises(KeysNotSafe):
        send_pulse(session=session, by=staff(), now=NOW)
    assert (Survey.objects.count(), Invitation.objects.count()) == (0, 0)


def test_two_sessions_of_a_community_have_pulses_open_at_the_same_time() -> None:
    first = recorded(session_of(at=YESTERDAY), room=5)
    second = recorded(session_of(first.community, at=YESTERDAY + timedelta(hours=3)), room=5)
    assert {asked_by_mail(first).state, asked_by_mail(second).state} == {"open"}


def test_after_a_room_those_online_are_asked_by_mail_and_those_in_the_room_are_not() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=4)
    recorded(session, room=4, online=3)
    session.refresh_from_db()
    preview = preview_pulse(session=session, now=TOMORROW)
    assert {one.why for one in preview.not_asked} == {by_mail.WAS_IN_THE_ROOM}
    pulse = asked_by_mail(session, now=TOMORROW)
    online = {one.person_id for one in memberships_of(session)[4:7]}
    assert (pulse.pk, asked_people(pulse)) == (room.survey_id, online)
    assert pulse.asked_count == 7
    # A day later than the room was asked: those who are written to have their seven days too.
    assert pulse.closes_at == datetime(2026, 12, 2, 23, 59, tzinfo=UTC)
    assert pulse.reminder_days == [2]


def test_after_a_room_in_which_everyone_was_there_is_nobody_to_write_to() -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    recorded(session, room=4)
    session.refresh_from_db()
    with pytest.raises(NobodyToAsk, match="everyone recorded as present was in the room"):
        send_pulse(session=session, by=staff(), now=TOMORROW)


def test_whoever_is_put_into_the_room_afterwards_gets_no_mail_and_their_link_opens_nothing() -> None:
    session = session_of()
    asked_in_the_room(session, heads=4)
    recorded(session, room=4, online=2)
    session.refresh_from_db()
    pulse = asked_by_mail(session, now=TOMORROW)
    moved = memberships_of(session)[4]
    token = next(t for t in tokens_of(pulse) if door(t, TOMORROW).person_id == moved.person_id)
    invitation = str(pulse.invitations.get(person=moved.person_id).pk)
    assert emails.is_request_due({"invitation": invitation})
    recorded(session, room=5, online=1, now=TOMORROW)
    assert not emails.is_request_due({"invitation": invitation})
    for attempt in (lambda: door(token, TOMORROW), lambda: submit_answers(token=token, answers=USEFUL, now=TOMORROW)):
        with pytest.raises(AskedInTheRoom):
            attempt()
    assert not pulse.invitations.filter(is_answered=True).exists()


def test_without_a_room_being_recorded_there_stands_in_nobodys_way() -> None:
    pulse = asked_by_mail(recorded(session_of(at=YESTERDAY), room=6))
    assert Attendance.objects.filter(status="room").count() == 6
    give_answers(pulse, answers=[USEFUL] * 6, now=TOMORROW)
    assert results.of(closed(pulse)).answered.words == "5 to 9"


def test_a_pulse_with_too_few_answers_is_closed_and_not_extended() -> None:
    pulse = asked_by_mail(recorded(session_of(at=YESTERDAY), room=6))
    give_answers(pulse, answers=[USEFUL] * 4, now=TOMORROW)
    pulse = closed(pulse)
    assert (pulse.state, pulse.was_extended) == ("closed", False)
    shown = results.of(pulse)
    assert {type(question.headline) for question in shown.questions if question.kind == "likert"} == {Suppressed}
    assert shown.next_step == (
        "These answers stay unread. They are shown together with those after other sessions of the quarter that ends "
        "on 31 December 2026, once at least 5 people have answered. If that does not happen, they are never shown."
    )


def test_the_trail_says_that_it_was_opened_sent_and_closed() -> None:
    pulse = closed(asked_by_mail(recorded(session_of(at=YESTERDAY), room=6)))
    events = AuditEntry.objects.filter(target_id=str(pulse.pk), target_type__endswith="survey").order_by("pk")
    assert [entry.event for entry in events] == ["survey.opened", "pulse.sent", "survey.closing", "survey.closed"]


def test_answers_are_counted_nightly_by_link_and_by_place_together() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=4)
    answer_in(room, [USEFUL] * 4)
    recorded(session, room=4, online=3)
    session.refresh_from_db()
    pulse = asked_by_mail(session, now=TOMORROW)
    refresh_counts(now=TOMORROW)
    pulse.refresh_from_db()
    assert pulse.answered_words == "fewer than 5"
    give_answers(pulse, answers=[USEFUL] * 2, now=TOMORROW)
    refresh_counts(now=TOMORROW)
    pulse.refresh_from_db()
    assert pulse.answered_words == "5 to 9"
