"""Around an anonymous answer: what changes in the whole database, and where a word of it could be found."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from evaluations.services.answers.answering import save_draft, submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.mailing import plan_due_mail
from tests.evaluations.secrecy.snapshots import differences, dump, snapshot
from tests.factories.communities import NOW
from tests.factories.evaluations import PULSE, core_answers, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

LATER = NOW + timedelta(days=1)
MARKER = "Zanzibar-4711-whistle"


def test_an_answer_changes_one_invitation_and_adds_one_sealed_box_and_nothing_else() -> None:
    survey = open_survey_for(members=12)
    plan_due_mail(now=NOW)
    give_answers(survey, count=3)
    for token in tokens_of(survey)[3:7]:
        before = snapshot()
        submit_answers(token=token, answers=core_answers(), now=LATER)
        after = snapshot()
        assert differences(before, after) == {
            "evaluations_inboxbox": ["+"],
            "evaluations_invitation": ["is_answered"],
        }


def test_an_answer_with_a_draft_takes_the_draft_along_and_that_is_all() -> None:
    survey = open_survey_for(members=3)
    token = tokens_of(survey)[0]
    before = snapshot()
    save_draft(token=token, answers=core_answers())
    with_draft = snapshot()
    assert differences(before, with_draft) == {"evaluations_draft": ["+"]}
    save_draft(token=token, answers=core_answers("1"))
    assert differences(with_draft, snapshot()) == {"evaluations_draft": ["body"]}
    submit_answers(token=token, answers=core_answers(), now=LATER)
    assert differences(with_draft, snapshot()) == {
        "evaluations_draft": ["-"],
        "evaluations_inboxbox": ["+"],
        "evaluations_invitation": ["is_answered"],
    }


def test_a_box_says_nothing_but_which_survey_it_is_for() -> None:
    survey = open_survey_for(members=3)
    give_answers(survey, count=1)
    box = next(iter(snapshot()["evaluations_inboxbox"].values()))
    assert set(box) == {"id", "survey_id", "format", "body"}
    assert len(box["body"]) == survey.box_size + 48


def spellings(word: str) -> list[bytes]:
    """A word as it could lie in a file: plain, in hex, in base64 at each of three offsets, in UTF-16."""
    plain = word.encode()
    found = [plain, plain.hex().encode(), word.encode("utf-16-le")]
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain + b"\0\0")
        found.append(encoded[4:-4])
    return found


def files_of_the_database() -> bytes:
    """The database's own files, where we can reach them: SQLite's, its write-ahead log included."""
    if connection.vendor != "sqlite":
        return b""
    name = Path(connection.settings_dict["NAME"])
    return b"".join(path.read_bytes() for path in name.parent.glob(f"{name.name}*") if path.is_file())


def test_no_word_of_an_answer_or_a_draft_is_anywhere_before_the_close(caplog: pytest.LogCaptureFixture) -> None:
    survey = open_survey_for(members=12, code=PULSE)
    plan_due_mail(now=NOW)
    tokens = tokens_of(survey)
    with caplog.at_level(logging.DEBUG):
        save_draft(token=tokens[0], answers={"P3": "1", "P4": MARKER})
        for token in tokens[1:9]:
            submit_answers(token=token, answers={"P1": "4", "P3": "1", "P4": MARKER}, now=LATER)
        plan_due_mail(now=LATER + timedelta(days=6))
    everything = dump() + files_of_the_database() + caplog.text.encode()
    assert [word for word in spellings(MARKER) if word in everything] == []
    assert survey.version.title.encode() in everything, "the search itself must be able to find a word"


def test_no_link_is_anywhere_in_the_database_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    survey = open_survey_for(members=6)
    with caplog.at_level(logging.DEBUG):
        plan_due_mail(now=NOW)
        tokens = tokens_of(survey)
        save_draft(token=tokens[0], answers=core_answers())
        give_answers(survey, count=5)
        close_survey(survey=survey, now=LATER)
    everything = dump() + files_of_the_database() + caplog.text.encode()
    assert [token for token in tokens for word in spellings(token) if word in everything] == []


def test_after_the_close_no_sealed_box_or_draft_is_left_in_the_files() -> None:
    survey = open_survey_for(members=12, code=PULSE)
    tokens = tokens_of(survey)
    for token in tokens[:6]:
        submit_answers(token=token, answers={"P1": "4", "P4": MARKER, "P3": "1"}, now=LATER)
    save_draft(token=tokens[7], answers={"P1": "2"})
    inbox, drafts = snapshot()["evaluations_inboxbox"].values(), snapshot()["evaluations_draft"].values()
    bodies = [bytes(row["body"]) for row in [*inbox, *drafts]]
    assert len(bodies) == 7
    survey = close_survey(survey=survey, now=LATER)
    assert survey.is_wiped
    files = files_of_the_database()
    assert [body for body in bodies if body[-40:] in files] == []
    assert snapshot()["evaluations_inboxbox"] == snapshot()["evaluations_draft"] == {}
