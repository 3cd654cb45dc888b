"""What some sessions left behind besides learning and actions: decisions, “I will try”, guests, links and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from communities.models import Decision, Session
from communities.services.promises.decisions import judge_decision
from communities.services.records.said import NewCommitment, NewDecision, NewGuest, NewLink, Said
from communities.services.sessions.recording import record_session
from communities.working_days import at_wall_time, next_working_day
from cop_portal.demo.content import CommunityText, Topic, records
from cop_portal.demo.loader.world import World


@dataclass(frozen=True)
class Besides:
    """What one session left behind besides; nothing, for most. Told of by how long before the latest they were."""

    world: World
    text: CommunityText
    topic: Topic

    @property
    def _told(self) -> Mapping[str, Any]:
        ago = len(self.text.topics) - 1 - self.text.topics.index(self.topic)
        return next((more for more in records().get(self.text.slug, ()) if more["ago"] == ago), {})

    def record(self, session: Session, *, came: list[str], dice: Random, now: datetime) -> Session:
        """Corrects the record that has just been made, as somebody does who remembers more on the way home."""
        if not self._told:
            return session
        by = self.world.facilitator_of(self.text.slug)
        said = self._said(session, came, dice)
        return record_session(session=session, version=session.version, by=by, now=now, **said)

    def _said(self, session: Session, came: list[str], dice: Random) -> Said:
        told = self._told
        tried = [NewCommitment(one, self.world.people[dice.choice(came)]) for one in told.get("commitments", ())]
        return Said(
            notes=told.get("notes", ""),
            private_note=told.get("private_note", ""),
            decisions=[_decision(one, session.day) for one in told.get("decisions", ())],
            commitments=tried,
            guests=[NewGuest(**one) for one in told.get("guests", ())],
            resources=[NewLink(**one) for one in told.get("links", ())],
        )

    def verdicts(self, day: date) -> Iterator[tuple[datetime, str, str]]:
        """When a decision of that day was looked at again, which, and what was found."""
        for one in self._told.get("decisions", ()):
            if "verdict" in one:
                again = next_working_day(day + timedelta(days=one["review_in_days"]))
                yield at_wall_time(again, time(13, 30)), one["text"], one["verdict"]

    def judge(self, session: int, said: str, verdict: str, now: datetime) -> None:
        decision = Decision.objects.select_related("community").get(session=session, text=said)
        judge_decision(decision=decision, verdict=verdict, by=self.world.facilitator_of(self.text.slug), now=now)


def _decision(one: Mapping[str, Any], day: date) -> NewDecision:
    days = one.get("review_in_days")
    review_on = next_working_day(day + timedelta(days=days)) if days else None
    return NewDecision(one["text"], review_on, one.get("is_private", False))
