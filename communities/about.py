"""What a community says of itself: the facts on its overview, beside what its records say."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format

from communities.models import Community, Pause, Programme, RoleTerm


@dataclass(frozen=True)
class Fact:
    """A line: what it is called, and what it says."""

    label: str
    value: str


@dataclass(frozen=True)
class About:
    rows: list[Fact]
    programmes: list[Programme]
    pause: Pause | None


def about(community: Community) -> About:
    """Two queries, and a third for a community that pauses. Sponsors are named: their role is no secret."""
    terms = RoleTerm.objects.current().sponsors().filter(community=community).select_related("person__user")
    sponsors = [term.person.name for term in terms.order_by("person__user__name", "pk")]
    rhythm = community.rhythm.words
    said = {
        "What it is about": community.domain,
        "Host": community.host,
        "Launched": date_format(community.launched_on) if community.launched_on else community.founded,
        "Planned rhythm": rhythm[:1].upper() + rhythm[1:],
        "Sponsor" if len(sponsors) == 1 else "Sponsors": ", ".join(sponsors),
    }
    pauses = Pause.objects.running().filter(community=community)
    return About(
        rows=[Fact(label, value or "Not said yet") for label, value in said.items()],
        programmes=list(community.programmes.order_by("position", "pk")),
        pause=pauses.first() if community.is_paused else None,
    )
