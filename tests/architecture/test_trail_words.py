"""Whatever is written into the trail, and every kind of mail, has words for the person who did or got it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from communities import trail_words as of_communities
from communities.models import CheckInClaim, CommunityChange, ErasureRequest, ImportBatch, Problem, RoleTerm
from communities.services.records.writing import NOUNS
from cop_portal.accounts import trail_words as of_accounts
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import event_words, mail_words, target_words
from cop_portal.outbox import kinds
from evaluations import trail_words as of_evaluations
from evaluations.models import SurveyExport

ROOT = Path(__file__).parents[2]
# Under which names an event goes from where it is written down to `audit.record`.
NAMES = {"event", "asked", "EVENT"}
EVENTS = {**of_accounts.EVENTS, **of_communities.EVENTS, **of_evaluations.EVENTS}
MAILS = {**of_accounts.MAILS, **of_communities.MAILS, **of_evaluations.MAILS}
# Events put together as they are recorded, and every one that can come of it.
PUT_TOGETHER = {
    "*.*": {f"{noun}.{deed}" for noun in NOUNS.values() for deed in ("noted", "reworded", "removed")},
    "*.appointed": {f"{role}.appointed" for role in RoleTerm.Role.values},
    "*.ended": {f"{role}.ended" for role in RoleTerm.Role.values},
    "*.exported": {"*.exported"},
    "*.imported": {f"{kind}.imported" for kind in ImportBatch.Kind.values},
    "check_in.*": {f"check_in.{state}" for state in CheckInClaim.State.values if state != "waiting"},
    "community.*": {f"community.{what}" for what in CommunityChange.What.values},
    "erasure.*": {f"erasure.{state}" for state in ErasureRequest.State.values},
    "problem.*": {f"problem.{state}" for state in Problem.State.values},
    "reference_data.*": {"reference_data.added", "reference_data.changed"},
    "role.*_given": {f"role.{role}_given" for role in User.Role.values if role},
    "survey.*_export_asked": {f"survey.{what}_export_asked" for what in SurveyExport.What.values},
    "survey.*_export_failed": {f"survey.{what}_export_failed" for what in SurveyExport.What.values},
    "survey.*_exported": {f"survey.{what}_exported" for what in SurveyExport.What.values},
    "text.*": {"text.released", "text.withheld"},
}


def written(value: ast.expr | None) -> Iterator[str]:
    """The events that an expression stands for; "*" for what is only known when it runs."""
    match value:
        case ast.IfExp():
            yield from written(value.body)
            yield from written(value.orelse)
        case ast.Constant(value=str() as event):
            yield event
        case ast.JoinedStr():
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in value.values)


def events_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.keyword(arg=str() as name) if name in NAMES:
                yield from written(node.value)
            case ast.Assign(targets=[ast.Name(id=name)]) if name in NAMES:
                yield from written(node.value)
            case ast.FunctionDef():
                for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                    if argument.arg in NAMES:
                        yield from written(default)


def recorded() -> set[str]:
    """Every event in the source, but what the demo's loader records of itself."""
    paths = [path for room in ("cop_portal", "communities", "evaluations") for path in (ROOT / room).rglob("*.py")]
    return {event for path in paths if "demo" not in path.parts for event in events_in(path)}


def test_every_event_that_is_recorded_has_words_and_no_words_are_left_over() -> None:
    found = recorded()
    assert {event for event in found if "*" in event} == set(PUT_TOGETHER)
    plain = {event for event in found if "*" not in event}
    assert len(plain) > 100
    assert plain.union(*PUT_TOGETHER.values()) == set(EVENTS)


def test_every_kind_of_mail_has_words_and_no_words_are_left_over() -> None:
    rooms = ("accounts.", "communities.", "evaluations.")
    assert {name for name in kinds._kinds if name.startswith(rooms)} == set(MAILS)


@pytest.mark.parametrize("words", [*EVENTS.values(), *MAILS.values()])
def test_the_words_are_words(words: str) -> None:
    assert words[0].isupper()
    assert not {".", "_"} & set(words)


def test_what_is_not_known_any_more_is_still_readable() -> None:
    assert event_words("survey.opened") == "Opened a survey"
    assert event_words("community-changes.exported") == "Took a list away as a file"
    assert event_words("texts.originals_destroyed") == "Texts originals destroyed"
    assert mail_words("communities.gone_by") == "Gone by"
    assert target_words("evaluations.survey") == "survey"
    assert target_words("evaluations.gone_by") == "Gone by"
