"""The network page in words: one row per community, and whom to call this week, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from communities.models import Community, Problem
from communities.models.community import is_drifting
from evaluations import results
from evaluations.models import Survey

ALIVE, DRIFTING = "Alive", "Drifting"
UNANSWERED_RULE = (
    "To call: drifting, or a problem put to the person who can act {days} days ago or longer and not answered."
)
ANSWERED_RULE = (
    "Answered: of those asked in the survey that closed last, the share who answered. Fewer than {minimum} answers are "
    "hidden. For a survey that is still open, answers are counted once a night."
)
MEMBERS_RULE = "Members: people with a membership today; people who are only sponsors are not counted."
BEYOND_RULE = (
    "Beyond reach: problems beyond the community’s reach and not settled, with the longest wait in that state."
)


@dataclass(frozen=True)
class NetworkRow:
    """One community on the network page, every figure in words."""

    community: Community
    state: str
    last_session_on: date | None
    next_session_on: date | None
    members: int
    beyond_reach: str
    answered: str
    results_url: str
    open_now: tuple[str, ...]


@dataclass(frozen=True)
class ToCall:
    community: Community
    reasons: str


def call_rule() -> str:
    return UNANSWERED_RULE.format(days=settings.UNANSWERED_AFTER_DAYS)


def column_rules() -> tuple[str, ...]:
    """How the page's figures are worked out, beside the rule for drifting."""
    return MEMBERS_RULE, BEYOND_RULE, ANSWERED_RULE.format(minimum=settings.MINIMUM_BASE)


def to_call_heading(number: int) -> str:
    return f"This week: {number or 'nobody'} to call"


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def days_words(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _drifts(community: Any, today: date) -> bool:
    return community.state == Community.State.ACTIVE and is_drifting(
        last_session_on=_day(community.last_session_at), next_session_on=_day(community.next_session_at), today=today
    )


def _state(community: Any, today: date) -> str:
    if community.state != Community.State.ACTIVE:
        return str(community.get_state_display())
    return DRIFTING if _drifts(community, today) else ALIVE


def _beyond(community: Any, today: date) -> str:
    if not community.beyond_reach_count:
        return "None"
    waited = (today - timezone.localdate(community.beyond_reach_since)).days
    since = f"longest {days_words(waited)}" if waited else "since today"
    return f"{community.beyond_reach_count} ({since})"


def network_rows(
    communities: Iterable[Any], *, closed: dict[int, Survey], open_now: dict[int, list[Survey]], today: date
) -> list[NetworkRow]:
    """Rows in the order of `communities`, which carry the annotations of queries.network()."""
    return [
        NetworkRow(
            community=community,
            state=_state(community, today),
            last_session_on=_day(community.last_session_at),
            next_session_on=_day(community.next_session_at),
            members=community.member_count,
            beyond_reach=_beyond(community, today),
            answered=results.response_rate_words(survey)
            if (survey := closed.get(community.pk))
            else "No survey closed yet",
            results_url=community_results_url(community, survey) if survey else "",
            open_now=tuple(f"Open now: {survey.count_words}" for survey in open_now.get(community.pk, [])),
        )
        for community in communities
    ]


def community_results_url(community: Community, survey: Survey) -> str:
    return reverse("evaluations:results", args=[community.slug, survey.pk])


def _reasons(community: Any, today: date) -> str:
    reasons = []
    if _drifts(community, today):
        last = _day(community.last_session_at)
        since = f"no session for {days_words((today - last).days)}" if last else "no session held yet"
        reasons.append(f"{since}, none planned")
    asked_on = _day(community.unanswered_since)
    if asked_on and (today - asked_on).days >= settings.UNANSWERED_AFTER_DAYS:
        lever = Problem.Lever(community.unanswered_lever)
        whom = "" if lever == Problem.Lever.NOT_KNOWN else f" ({lever.label.lower()})"
        waited = days_words((today - asked_on).days)
        reasons.append(f"a problem put to the person who can act{whom}, unanswered for {waited}")
    return "; ".join(reasons)


def to_call(communities: Iterable[Any], today: date) -> list[ToCall]:
    return [ToCall(community, _reasons(community, today)) for community in communities]
