"""Saying things of a session, for the tests of its record."""

from datetime import timedelta
from typing import Any, Unpack

from communities.models import (
    Session,
)
from communities.services.promises.actions import NewAction
from communities.services.records.said import (
    NewCommitment,
    NewDecision,
    NewGuest,
    NewLink,
    NewPoint,
    NewProblem,
    Said,
)
from communities.services.sessions.recording import (
    record_session,
)
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    TODAY,
)

WEEK = timedelta(days=7)


def record(session: Session, by: User, *, version: int | None = None, **said: Unpack[Said]) -> Session:
    stands = Session.objects.get(pk=session.pk).version if version is None else version
    return record_session(session=session, version=stands, by=by, now=NOW, **said)


def everything(owner: Any, *, is_private: bool = False) -> Said:
    return {
        "focus": "Screening",
        "head_count": 14,
        "notes": "Line one\r\nline two",
        "private_note": "A hard talk",
        "learning_points": [NewPoint("Ask early", is_private)],
        "decisions": [NewDecision("One form for all", TODAY + WEEK, is_private)],
        "actions": [NewAction("Send the form", owner, TODAY + WEEK, is_private)],
        "commitments": [NewCommitment("ask each patient", owner, is_private)],
        "problems": [NewProblem("No form in the other trust", is_private)],
        "guests": [NewGuest("Ada Lovelace", "Analytical Engines")],
        "resources": [NewLink("The form", "https://example.org/form", is_private)],
    }
