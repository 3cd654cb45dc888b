"""A pulse in the room: heads are stated, and as many places are each taken by one phone and answered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from communities.models import Community, Session
from communities.services.sessions.check_ins import CodeNotKnown, minute_of
from cop_portal.audit.models import AuditEntry
from cop_portal.refusals import Refusal
from evaluations import keys, results
from evaluations.models import Invitation, PlannedRequest, PulseRoom, RoomPlace, Survey
from evaluations.models.inbox import Draft, InboxBox
from evaluations.services.answers import answering
from evaluations.services.answers.answering import AlreadyAnswered, LinkNotKnown, SurveyClosed, submit_answers
from evaluations.services.pulses import rooms
from evaluations.services.pulses.rooms import (
    NoPlaceLeft,
    RoomPass,
    RoomPassOver,
    close_room,
    code_of,
    new_pass,
    room_behind,
    start_room_pulse,
    take_place,
)
from tests.evaluations.pulsing import (
    USEFUL,
    answer_in,
    asked_by_mail,
    asked_in_the_room,
    closed,
    places_in,
    recorded,
    session_of,
)
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

MINUTE = timedelta(minutes=1)


def test_so_many_places_are_made_as_heads_are_stated_and_nobody_is_invited_or_mailed() -> None:
    room = asked_in_the_room(session_of(), heads=9)
    pulse = Survey.objects.get()
    assert (pulse.room, room.heads, pulse.asked_count, pulse.mode) == (room, 9, 9, "anonymous")
    assert (Invitation.objects.count(), PlannedRequest.objects.count(), RoomPlace.objects.count()) == (0, 0, 0)


def test_a_place_is_taken_once_and_there_is_none_beyond_the_heads() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    assert len(set(places_in(room, 3))) == 3
    with pytest.raises(NoPlaceLeft):
        places_in(room, 1)
    assert RoomPlace.objects.count() == 3


def test_the_same_pass_sent_twice_is_one_place() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    held = new_pass(PulseRoom.objects.select_related("survey__session").get(pk=room.pk), NOW)
    assert take_place(held=held, now=NOW) == take_place(held=held, now=NOW)
    assert RoomPlace.objects.count() == 1
    room.refresh_from_db()
    assert room.taken == 1


def test_a_place_is_answered_once_through_the_same_services_as_a_link() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    token = places_in(room, 1)[0]
    assert answering.door(token, NOW).person_id is None
    answering.save_draft(token=token, answers={"P1": "4"})
    assert answering.load_draft(token) == {"P1": "4"}
    submit_answers(token=token, answers=USEFUL, now=NOW)
    assert (RoomPlace.objects.get().is_answered, InboxBox.objects.count(), Draft.objects.count()) == (True, 1, 0)
    with pytest.raises(AlreadyAnswered):
        submit_answers(token=token, answers=USEFUL, now=NOW)
    assert InboxBox.objects.count() == 1


def test_a_token_that_nobody_gave_out_opens_nothing() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    token = places_in(room, 1)[0]
    for forged in (token[:-1], token + "x", "A" * 43, "\x00"):
        with pytest.raises(LinkNotKnown):
            answering.door(forged, NOW)


def test_a_pass_that_was_tampered_with_is_none() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    held = new_pass(PulseRoom.objects.select_related("survey__session").get(pk=room.pk), NOW)
    assert RoomPass.read(held.written()) == held
    for written in (held.written()[:-1], held.written().replace(":", ":x", 1), "", "x", "\x00", "é"):
        with pytest.raises(RoomPassOver):
            RoomPass.read(written)


def test_a_pass_lasts_ten_minutes_and_no_longer_than_the_room() -> None:
    session = session_of()
    room = PulseRoom.objects.select_related("survey__session").get(pk=asked_in_the_room(session, heads=3).pk)
    held = new_pass(room, NOW)
    take_place(held=held, now=NOW + 9 * MINUTE)
    with pytest.raises(RoomPassOver):
        take_place(held=new_pass(room, NOW), now=NOW + 10 * MINUTE)
    late = session.ends_at + 29 * MINUTE
    assert new_pass(room, late).until == session.ends_at + 30 * MINUTE
    with pytest.raises(RoomPassOver):
        take_place(held=replace(held, until=late + timedelta(days=1)), now=session.ends_at + 30 * MINUTE)


def test_a_code_opens_in_its_minute_and_the_next_and_no_later() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    code = code_of(room, minute_of(NOW))
    spellings = (code, code.lower(), f"{code[:4]}-{code[4:]}", f" {code} ")
    assert {room_behind(typed, NOW) for typed in spellings} == {room}
    assert room_behind(code, NOW + MINUTE) == room
    for typed, moment in ((code, NOW + 2 * MINUTE), ("A" * 8, NOW), ("", NOW), ("\ud800", NOW)):
        with pytest.raises(CodeNotKnown):
            room_behind(typed, moment)


def closed_by_hand(room: PulseRoom) -> None:
    close_room(room=room, by=staff(), now=NOW)


def cancelled_session(room: PulseRoom) -> None:
    Session.objects.filter(pulses=room.survey).update(state="cancelled", cancelled_because="Snow")


def halted(room: PulseRoom) -> None:
    Survey.objects.filter(pk=room.survey_id).update(halted_because="The key is gone.")


def closed_community(room: PulseRoom) -> None:
    Community.objects.filter(pk=room.survey.community_id).update(state=Community.State.CLOSED)


def closed_pulse(room: PulseRoom) -> None:
    closed(room.survey)


@pytest.mark.parametrize("end", [closed_by_hand, cancelled_session, halted, closed_community, closed_pulse])
def test_a_room_that_is_over_gives_out_no_more_places(end: Any) -> None:
    room = asked_in_the_room(session_of(), heads=3)
    code = code_of(room, minute_of(NOW))
    held = new_pass(PulseRoom.objects.select_related("survey__session").get(pk=room.pk), NOW)
    end(room)
    with pytest.raises(CodeNotKnown):
        room_behind(code, NOW)
    with pytest.raises(RoomPassOver):
        take_place(held=held, now=NOW)
    assert RoomPlace.objects.count() == 0


def test_whoever_has_a_place_can_answer_after_the_room_is_closed_until_the_pulse_is() -> None:
    room = asked_in_the_room(session_of(), heads=2)
    now, later = places_in(room, 2)
    close_room(room=room, by=staff(), now=NOW)
    submit_answers(token=now, answers=USEFUL, now=NOW + timedelta(days=2))
    pulse = closed(room.survey)
    with pytest.raises(SurveyClosed):
        submit_answers(token=later, answers=USEFUL, now=pulse.closes_at)


def test_heads_can_grow_and_not_shrink_and_a_closed_room_opens_again() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=3)
    places_in(room, 3)
    close_room(room=room, by=staff(), now=NOW)
    again = asked_in_the_room(session, heads=5)
    assert (again.pk, again.heads, again.closed_at) == (room.pk, 5, None)
    assert Survey.objects.get().asked_count == 5
    places_in(room, 2)
    with pytest.raises(rooms.FewerHeads, match="There are 5 places"):
        asked_in_the_room(session, heads=4)
    assert PulseRoom.objects.get().heads == 5


def before(session: Session) -> Any:
    return {"now": session.starts_at - 31 * MINUTE}


def after(session: Session) -> Any:
    return {"now": session.ends_at + 30 * MINUTE}


def cancelled(session: Session) -> Any:
    Session.objects.filter(pk=session.pk).update(state="cancelled", cancelled_because="Snow")
    session.refresh_from_db()
    return {}


def nobody(_: Session) -> Any:
    return {"heads": 0}


def a_stadium(_: Session) -> Any:
    return {"heads": 301}


def mailed(session: Session) -> Any:
    asked_by_mail(recorded(session, room=5, now=NOW))
    return {}


def over(session: Session) -> Any:
    asked_in_the_room(session, heads=3)
    closed(Survey.objects.get())
    return {}


@pytest.mark.parametrize(
    ("so_that", "code"),
    [
        (before, "room_not_now"),
        (after, "room_not_now"),
        (cancelled, "session_cancelled"),
        (nobody, "heads_not_possible"),
        (a_stadium, "heads_not_possible"),
        (mailed, "pulse_already_sent"),
        (over, "pulse_over"),
    ],
)
def test_what_cannot_be_started_is_refused_and_leaves_nothing(so_that: Any, code: str, key_dir: Path) -> None:
    session = session_of()
    changed = so_that(session)
    before = (Survey.objects.count(), PulseRoom.objects.count(), set(key_dir.iterdir()))
    with pytest.raises(Refusal) as refused:
        start_room_pulse(**{"session": session, "heads": 5, "by": staff(), "now": NOW, **changed})
    assert refused.value.code == code
    assert (Survey.objects.count(), PulseRoom.objects.count(), set(key_dir.iterdir())) == before


def test_a_room_is_open_from_half_an_hour_before_the_session() -> None:
    session = session_of()
    assert asked_in_the_room(session, heads=3, now=session.starts_at - 30 * MINUTE).heads == 3


def test_a_room_is_no_request_to_anyone_so_the_cap_knows_nothing_of_it() -> None:
    session = session_of()
    asked_in_the_room(session, heads=12)
    recorded(session, room=12)
    core = open_survey_for(session.community)
    first = PlannedRequest.objects.filter(invitation__survey=core, number=0)
    assert set(first.values_list("due_at", flat=True)) == {NOW}


def test_answers_of_a_room_count_once_members_are_recorded_as_having_been_in_it() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=12)
    answer_in(room, [USEFUL] * 8 + [{**USEFUL, "P1": "2"}] * 4)
    recorded(session, room=12)
    shown = results.of(closed(room.survey))
    assert (shown.asked, shown.answered.value, shown.hidden) == (12, 12, None)
    useful = shown.questions[0].headline
    assert isinstance(useful, results.Share)
    assert (useful.count, useful.base) == (8, 12)


@pytest.mark.parametrize("in_the_room", [0, 4])
def test_answers_of_a_room_in_which_too_few_are_recorded_stay_hidden_whoever_sent_them(in_the_room: int) -> None:
    """Otherwise one phone with four browsers could bring the fifth's answer to light."""
    session = session_of()
    room = asked_in_the_room(session, heads=9)
    answer_in(room, [USEFUL] * 9)
    recorded(session, room=in_the_room, online=3)
    shown = results.of(closed(room.survey))
    assert shown.hidden is not None


def test_links_and_places_are_shown_together() -> None:
    session = session_of()
    room = asked_in_the_room(session, heads=4)
    answer_in(room, [USEFUL] * 4)
    recorded(session, room=4, online=3)
    session.refresh_from_db()
    pulse = asked_by_mail(session, now=NOW + timedelta(days=1))
    give_answers(pulse, answers=[USEFUL] * 2, now=NOW + timedelta(days=1))
    shown = results.of(closed(pulse))
    assert (shown.asked, shown.answered.words, shown.hidden) == (7, "5 to 9", None)


def test_a_close_halts_when_a_place_says_it_was_answered_and_no_box_is_there() -> None:
    room = asked_in_the_room(session_of(), heads=3)
    answer_in(room, [USEFUL] * 2)
    InboxBox.objects.all()[:1].get().delete()
    pulse = closed(room.survey)
    assert pulse.state == "closing"
    assert "there are fewer sealed answers than people who answered" in pulse.halted_because


def test_while_a_key_is_missing_no_place_is_given_out(key_dir: Path) -> None:
    room = asked_in_the_room(session_of(), heads=3)
    next(key_dir.glob("*.link")).unlink()
    with pytest.raises(keys.KeyTrouble):
        places_in(room, 1)
    assert (RoomPlace.objects.count(), PulseRoom.objects.get().taken) == (0, 0)


def test_the_trail_says_who_opened_and_closed_a_room_and_nothing_of_those_in_it() -> None:
    by = staff()
    room = start_room_pulse(session=session_of(), heads=4, by=by, now=NOW)
    before = AuditEntry.objects.count()
    answer_in(room, [USEFUL] * 3)
    assert AuditEntry.objects.count() == before
    close_room(room=room, by=by, now=NOW)
    with pytest.raises(rooms.RoomClosed):
        close_room(room=room, by=by, now=NOW)
    events = AuditEntry.objects.filter(event__startswith="room.").order_by("pk")
    assert [(entry.event, entry.by_id) for entry in events] == [("room.opened", by.pk), ("room.closed", by.pk)]
