"""What can be said and changed about a community, as one value: compared, merged, and kept in its history as JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.utils.formats import date_format

from communities.models.community import Community
from communities.models.rhythm import PlannedRhythm

LABELS = {
    "name": "Name",
    "purpose": "Purpose",
    "domain": "What it is about",
    "host": "Host",
    "launched_on": "Launch date",
    "rhythm": "Planned rhythm",
    "programmes": "Improvement programmes",
    "is_open_to_ask": "People may ask to join",
}


@dataclass(frozen=True)
class ProgrammeFact:
    """An improvement programme and, where there is one, its page."""

    name: str
    url: str = ""


NO_RHYTHM = PlannedRhythm()


@dataclass(frozen=True)
class CommunityFacts:
    """All that a community's edit page holds."""

    name: str
    purpose: str = ""
    domain: str = ""
    host: str = ""
    launched_on: date | None = None
    rhythm: PlannedRhythm = NO_RHYTHM
    programmes: tuple[ProgrammeFact, ...] = ()
    is_open_to_ask: bool = True

    def as_json(self) -> dict[str, Any]:
        """The facts by name, as the history keeps them."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "launched_on": self.launched_on.isoformat() if self.launched_on else None,
            "rhythm": self.rhythm.as_json(),
            "programmes": [{"name": programme.name, "url": programme.url} for programme in self.programmes],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> CommunityFacts:
        launched_on = kept["launched_on"]
        return cls(
            **{
                **kept,
                "launched_on": date.fromisoformat(launched_on) if launched_on else None,
                "rhythm": PlannedRhythm.from_json(kept["rhythm"]),
                "programmes": tuple(ProgrammeFact(**programme) for programme in kept["programmes"]),
            }
        )


def facts_of(community: Community) -> CommunityFacts:
    """A community as it is now; one query for its programmes."""
    programmes = community.programmes.order_by("position", "pk")
    return CommunityFacts(
        name=community.name,
        purpose=community.purpose,
        domain=community.domain,
        host=community.host,
        launched_on=community.launched_on,
        rhythm=community.rhythm,
        programmes=tuple(ProgrammeFact(programme.name, programme.url) for programme in programmes),
        is_open_to_ask=community.is_open_to_ask,
    )


def fact_words(name: str, kept: Any) -> str:
    """A fact as kept in the history, in words; “–” where there was nothing."""
    if isinstance(kept, bool):
        return "Yes" if kept else "No"
    if name == "rhythm":
        kept = PlannedRhythm.from_json(kept).words
    elif name == "programmes":
        kept = ", ".join(programme["name"] for programme in kept)
    elif name.endswith("_on") and kept:
        kept = date_format(date.fromisoformat(kept))
    return str(kept or "–")
