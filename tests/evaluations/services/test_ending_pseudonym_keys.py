"""Keys to pseudonyms end on their day, a legal hold delays it, and those asked are told what was delayed and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from django.utils.timezone import localdate

from communities.working_days import at_wall_time
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from evaluations import emails, keys
from evaluations.emails import pseudonym_keys as key_mail
from evaluations.models import PrivacyMode, PseudonymKey, Survey
from evaluations.services.keys import pseudonym_keys
from evaluations.services.keys.key_care import check_keys, keys_in_use
from evaluations.services.keys.pseudonym_keys import end_due_keys, hold_key, lift_key_hold
from evaluations.services.surveys.mailing import plan_due_mail
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def asked(members: int = 3) -> tuple[Survey, PseudonymKey]:
    survey = open_survey_for(members=members, code=PULSE, mode=PrivacyMode.CONFIDENTIAL)
    assert survey.pseudonym_key is not None
    return survey, survey.pseudonym_key


def on_day(key: PseudonymKey, days: int = 0) -> datetime:
    return at_wall_time(key.ends_on + timedelta(days=days), time(0, 37))


def told(kind: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_a_key_is_destroyed_on_its_day_and_not_before(key_dir: Path) -> None:
    _, key = asked()
    file = key_dir / f"{key.key_id}.pseudonym"
    assert end_due_keys(now=on_day(key, -1)) == 0
    assert file.exists()
    assert end_due_keys(now=on_day(key)) == 1
    assert end_due_keys(now=on_day(key)) == 0
    assert not file.exists()
    assert (key_dir / f"{key.key_id}.destroyed").exists()
    key.refresh_from_db()
    assert key.destroyed_at == on_day(key)
    assert AuditEntry.objects.filter(event="pseudonym_key.destroyed", target_id=str(key.pk)).count() == 1
    assert told(key_mail.DELAYED) == told(key_mail.ENDED) == []


def test_a_key_cut_short_after_its_file_went_is_finished_by_the_next_run() -> None:
    _, key = asked()
    keys.destroy(key.key_id)
    end_due_keys(now=on_day(key))
    key.refresh_from_db()
    assert not key.is_living


def test_a_hold_delays_the_end_and_everyone_asked_is_told_once_on_the_day(key_dir: Path) -> None:
    survey, key = asked()
    give_answers(survey, answers=[{"P1": "4"}])
    hold_key(key=key, because="An inquiry needs it", by=staff(), now=NOW)
    end_due_keys(now=on_day(key, -1))
    assert told(key_mail.DELAYED) == []
    for days in (0, 1, 2):
        end_due_keys(now=on_day(key, days))
    assert len(told(key_mail.DELAYED)) == 3
    assert (key_dir / f"{key.key_id}.pseudonym").exists()
    key.refresh_from_db()
    assert key.end_words == "Was to end on 29 December 2027; a legal hold delays it"
    mail = OutboxMessage.objects.filter(kind=key_mail.DELAYED).order_by("pk")[0]
    text = key_mail.render_key_delayed(mail.params, mail.recipient).text
    assert "would be destroyed on 29 December 2027. It has not been destroyed on that day" in text
    assert "An inquiry needs it" in text
    assert key_mail.is_key_delayed_due(mail.params)


def test_once_the_hold_is_lifted_the_key_ends_and_those_who_were_told_hear_of_it() -> None:
    _, key = asked()
    hold_key(key=key, because="An inquiry needs it", by=staff(), now=NOW)
    end_due_keys(now=on_day(key))
    lift_key_hold(key=key, by=staff(), now=on_day(key, 5))
    assert end_due_keys(now=on_day(key, 5)) == 1
    assert len(told(key_mail.ENDED)) == 3
    mail = OutboxMessage.objects.filter(kind=key_mail.ENDED).order_by("pk")[0]
    assert "was destroyed on 3 January 2028." in key_mail.render_key_ended(mail.params, mail.recipient).text
    delayed = OutboxMessage.objects.filter(kind=key_mail.DELAYED).order_by("pk")[0]
    assert not key_mail.is_key_delayed_due(delayed.params), "a mail of a delay that is over is not sent any more"


def test_a_hold_lifted_before_the_day_delays_nothing_and_nobody_is_told() -> None:
    _, key = asked()
    hold_key(key=key, because="An inquiry needs it", by=staff(), now=NOW)
    lift_key_hold(key=key, by=staff(), now=NOW)
    end_due_keys(now=on_day(key))
    assert told(key_mail.DELAYED) == told(key_mail.ENDED) == []


def test_holds_say_why_are_placed_once_and_lifted_once() -> None:
    _, key = asked()
    with pytest.raises(pseudonym_keys.NoReasonForHold):
        hold_key(key=key, because="  ", by=staff(), now=NOW)
    with pytest.raises(pseudonym_keys.KeyNotHeld):
        lift_key_hold(key=key, by=staff(), now=NOW)
    hold_key(key=key, because="An inquiry", by=staff(), now=NOW)
    with pytest.raises(pseudonym_keys.KeyAlreadyHeld):
        hold_key(key=key, because="Another", by=staff(), now=NOW)
    lift_key_hold(key=key, by=staff(), now=NOW)
    end_due_keys(now=on_day(key))
    with pytest.raises(pseudonym_keys.KeyAlreadyDestroyed):
        hold_key(key=key, because="Too late", by=staff(), now=on_day(key))
    events = AuditEntry.objects.filter(event__startswith="pseudonym_key.").order_by("pk")
    assert [entry.event for entry in events] == [
        "pseudonym_key.held", "pseudonym_key.hold_lifted", "pseudonym_key.destroyed",
    ]  # fmt: skip


def test_a_lost_pseudonym_key_stops_answering_and_with_it_back_answers_are_taken_again(key_dir: Path) -> None:
    survey, key = asked()
    file = key_dir / f"{key.key_id}.pseudonym"
    content = file.read_bytes()
    file.write_bytes(b"x" * 32)
    assert check_keys(now=NOW) == 1
    survey.refresh_from_db()
    assert survey.halted_because.startswith("Answering has stopped")
    file.write_bytes(content)
    assert check_keys(now=NOW) == 0
    survey.refresh_from_db()
    assert survey.halted_because == ""


def test_living_keys_are_among_those_a_restore_cannot_do_without() -> None:
    survey, key = asked()
    assert f"{key.key_id}.pseudonym" in keys_in_use()
    close(survey)
    assert keys_in_use() == [f"{key.key_id}.pseudonym"]
    end_due_keys(now=on_day(key))
    assert keys_in_use() == []


def test_mail_that_asks_prints_the_day_on_which_the_key_ends() -> None:
    survey, key = asked()
    plan_due_mail(now=NOW + timedelta(days=1))
    mail = OutboxMessage.objects.filter(kind=emails.REQUEST).order_by("pk")[0]
    text = emails.render_request(mail.params, mail.recipient).text
    assert "Your answers are confidential." in text
    assert "made with a key that is destroyed on 29 December 2027" in text
    assert "anonymous" not in text
    assert key.ends_on == localdate(survey.opened_at) + timedelta(days=400)


def test_mail_that_asks_in_a_named_survey_says_so_first() -> None:
    open_survey_for(members=3, code=PULSE, mode=PrivacyMode.NAMED)
    plan_due_mail(now=NOW + timedelta(days=1))
    mail = OutboxMessage.objects.filter(kind=emails.REQUEST).order_by("pk")[0]
    text = emails.render_request(mail.params, mail.recipient).text
    said = [line for line in text.splitlines() if line]
    assert said[0].startswith("Hello ")
    assert said[1] == "This is not anonymous: your answers are kept with your name."
    assert "You can change your answers until the close" in text
