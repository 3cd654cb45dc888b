"""Many phones in one room, and two facilitators, at the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluations.models import Invitation, PulseRoom, RoomPlace, Survey
from evaluations.models.inbox import InboxBox
from evaluations.services.answers.answering import submit_answers
from evaluations.services.pulses.by_mail import send_pulse
from evaluations.services.pulses.rooms import new_pass, start_room_pulse, take_place
from tests.evaluations.pulsing import USEFUL, asked_in_the_room, recorded, session_of
from tests.evaluations.services.test_at_the_same_time import at_once
from tests.factories.communities import NOW, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


def the_room(heads: int) -> PulseRoom:
    room = asked_in_the_room(session_of(), heads=heads)
    return PulseRoom.objects.select_related("survey__session").get(pk=room.pk)


def test_twelve_phones_at_once_take_the_eight_places_there_are_and_answer_them() -> None:
    room = the_room(8)

    def take_and_answer() -> None:
        submit_answers(token=take_place(held=new_pass(room, NOW), now=NOW), answers=USEFUL, now=NOW)

    assert at_once([take_and_answer] * 12) == {"done": 8, "NoPlaceLeft": 4}
    assert (RoomPlace.objects.filter(is_answered=True).count(), InboxBox.objects.count()) == (8, 8)
    room.refresh_from_db()
    assert room.taken == 8


def test_a_button_pressed_five_times_at_once_takes_one_place() -> None:
    room = the_room(8)
    held = new_pass(room, NOW)
    assert at_once([lambda: take_place(held=held, now=NOW)] * 5) == {"done": 5}
    assert (RoomPlace.objects.count(), PulseRoom.objects.get().taken) == (1, 1)


def test_a_pulse_sent_by_three_at_once_is_sent_once_and_leaves_one_pair_of_keys(key_dir: Path) -> None:
    session, by = recorded(session_of(), room=6), staff()
    assert at_once([lambda: send_pulse(session=session, by=by, now=NOW)] * 3) == {"done": 1, "PulseAlreadySent": 2}
    assert (Survey.objects.count(), Invitation.objects.count(), len(list(key_dir.iterdir()))) == (1, 6, 2)


def test_a_room_and_mail_started_at_once_are_one_of_the_two(key_dir: Path) -> None:
    session, by = recorded(session_of(), room=6, now=NOW), staff()
    ends = at_once(
        [
            lambda: send_pulse(session=session, by=by, now=NOW),
            lambda: start_room_pulse(session=session, heads=6, by=by, now=NOW),
        ]
    )
    assert ends["done"] == 1
    assert (Survey.objects.count(), len(list(key_dir.iterdir()))) == (1, 2)
    assert (Invitation.objects.exists(), RoomPlace.objects.exists(), PulseRoom.objects.exists()) in [
        (True, False, False),
        (False, False, True),
    ]
