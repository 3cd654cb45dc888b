"""What a whole database tells of confidential answers without the keys; what changes around one, and a named one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from json import loads
from uuid import UUID

import pytest

from communities.models import Person
from evaluations.models import Invitation, PrivacyMode
from evaluations.models.confidential import ConfidentialResponse
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.keys.pseudonym_keys import end_due_keys
from evaluations.services.surveys.mailing import plan_due_mail
from tests.evaluations.secrecy.attacker import (
    MARKED_IN,
    answer_one_after_another,
    column,
    person_behind,
    physical_orders,
    right,
)
from tests.evaluations.secrecy.snapshots import differences, dump, snapshot
from tests.factories.communities import NOW
from tests.factories.evaluations import FULL, PULSE, core_answers, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

LATER = NOW + timedelta(days=1)
PEOPLE, BY_LUCK = 40, 10


def test_a_confidential_answer_changes_one_invitation_and_adds_one_sealed_box_and_nothing_else() -> None:
    survey = open_survey_for(members=6, mode=PrivacyMode.CONFIDENTIAL)
    plan_due_mail(now=NOW)
    give_answers(survey, count=2)
    before = snapshot()
    submit_answers(token=tokens_of(survey)[3], answers=core_answers(), now=LATER)
    assert differences(before, snapshot()) == {
        "evaluations_inboxbox": ["+"],
        "evaluations_invitation": ["is_answered"],
    }


def test_a_named_answer_is_one_row_and_no_time_is_noted() -> None:
    survey = open_survey_for(members=6, mode=PrivacyMode.NAMED)
    token = tokens_of(survey)[3]
    before = snapshot()
    submit_answers(token=token, answers=core_answers(), now=LATER)
    sent = snapshot()
    counted = {"(counters)"}
    assert {table: rows for table, rows in differences(before, sent).items() if table not in counted} == {
        "evaluations_namedresponse": ["+"],
        "evaluations_invitation": ["is_answered"],
    }
    submit_answers(token=token, answers=core_answers("2"), now=LATER, sent_version=1)
    changes = differences(sent, snapshot())
    assert [sorted(row.split(", ")) for row in changes.pop("evaluations_namedresponse")] == [["answers", "version"]]
    assert set(changes) <= counted


def test_every_confidential_box_has_one_size_whoever_answers() -> None:
    survey = open_survey_for(members=12, mode=PrivacyMode.CONFIDENTIAL)
    give_answers(survey, count=11)
    sizes = {len(row["body"]) for row in snapshot()["evaluations_inboxbox"].values()}
    assert sizes == {survey.box_size + 48}


def test_without_the_key_no_order_of_rows_and_no_pseudonym_gives_away_whose_answers_are_whose() -> None:
    survey = open_survey_for(members=PEOPLE, code=FULL, mode=PrivacyMode.CONFIDENTIAL)
    answered = answer_one_after_another(survey)
    close_survey(survey=survey, now=LATER)
    people, found_out = list(range(PEOPLE)), {}
    for order in [*physical_orders(), "pseudonym"]:
        rows = column(survey, "evaluations_confidentialresponse", "answers", order)
        found = [person_behind(_read(answers)) for answers in rows]
        assert sorted(found) == people, "every answer is there, so every guess could be right"
        for name, truth in (("as answered", people), ("backwards", people[::-1]), ("by number", _by_number(answered))):
            if (number := right(truth, found)) >= BY_LUCK:
                found_out[f"{order}, {name}"] = number
    assert found_out == {}


def _read(answers: object) -> dict[str, str]:
    read = loads(answers) if isinstance(answers, str) else answers
    assert isinstance(read, dict)
    assert set(MARKED_IN) <= set(read)
    return read


def _by_number(answered: Sequence[UUID]) -> list[int]:
    """Everyone, in the order of the numbers of their records."""
    people = dict(Invitation.objects.values_list("pk", "person"))
    return sorted(range(len(answered)), key=lambda place: people[answered[place]])


def test_pseudonyms_are_none_of_the_hashes_that_could_be_made_of_what_the_database_holds() -> None:
    survey = open_survey_for(members=6, code=PULSE, mode=PrivacyMode.CONFIDENTIAL)
    give_answers(survey, answers=[{"P1": "4"}] * 6)
    close_survey(survey=survey, now=survey.closes_at)
    pseudonyms = set(ConfidentialResponse.objects.values_list("pseudonym", flat=True))
    key = survey.pseudonym_key
    assert key is not None
    secrets = [str(key.key_id), key.key_id.bytes.hex(), key.proof, str(survey.key_id), bytes(survey.public_key).hex()]
    guesses = set()
    for pk in Person.objects.values_list("pk", flat=True):
        message = f"pseudonym|{pk}".encode()
        guesses |= {hashlib.sha256(text).hexdigest() for text in (message, str(pk).encode())}
        guesses |= {hmac.digest(secret.encode(), message, "sha256").hex() for secret in secrets}
        guesses |= {hmac.digest(bytes.fromhex(key.proof), message, "sha256").hex()}
    assert len(pseudonyms) == 6
    assert pseudonyms.isdisjoint(guesses)


def test_the_key_is_in_no_table_before_or_after_its_end(key_dir: object) -> None:
    survey = open_survey_for(members=6, code=PULSE, mode=PrivacyMode.CONFIDENTIAL)
    key = survey.pseudonym_key
    assert key is not None
    secret = (key_dir / f"{key.key_id}.pseudonym").read_bytes()  # type: ignore[operator]
    give_answers(survey, answers=[{"P1": "4"}] * 6)
    close_survey(survey=survey, now=survey.closes_at)
    end_due_keys(now=survey.closes_at + timedelta(days=500))
    held = dump()
    assert [form for form in (repr(secret).encode()[2:-1], secret.hex().encode()) if form in held] == []
    assert str(key.key_id).encode() in held or key.key_id.hex.encode() in held, "the search itself must find a word"
