"""A community's own history: who joined, left and came back, who held which role, and what about it was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Community, CommunityChange, Membership, RoleTerm
from communities.models.community_facts import LABELS, fact_words

JOINED, LEFT, TERM_BEGAN, TERM_ENDED, CHANGED = "joined", "left", "term_began", "term_ended", "changed"
# The most recent day first; on one day, in an order that reads well.
ORDER = ("-day", "kind", "-pk")


@dataclass(frozen=True)
class Line:
    """One thing that happened: on which day, what, and what more there is to say of it."""

    day: date
    what: str
    more: tuple[str, ...] = ()


def entries_of(community: Community) -> QuerySet[Any, dict[str, Any]]:
    """All that happened, as {day, kind, pk}, the latest first: one query for a page of it, however long it is."""
    members = Membership.objects.filter(community=community).order_by()
    terms = RoleTerm.objects.filter(community=community).order_by()
    changes = CommunityChange.objects.filter(community=community).order_by()
    at_day = TruncDate("at", tzinfo=timezone.get_default_timezone())
    parts = [
        members.annotate(day=F("starts_on"), kind=Value(JOINED)),
        members.exclude(ends_on=None).annotate(day=F("ends_on"), kind=Value(LEFT)),
        terms.annotate(day=F("starts_on"), kind=Value(TERM_BEGAN)),
        terms.exclude(ends_on=None).annotate(day=F("ends_on"), kind=Value(TERM_ENDED)),
        changes.annotate(day=at_day, kind=Value(CHANGED)),
    ]
    first, *rest = (part.values("day", "kind", "pk") for part in parts)
    return first.union(*rest, all=True).order_by(*ORDER)


def lines_of(entries: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The entries of a page in words: three queries, however many they are."""
    members = _memberships(_keys(entries, JOINED, LEFT))
    terms = RoleTerm.objects.select_related("person__user").in_bulk(_keys(entries, TERM_BEGAN, TERM_ENDED))
    changes = CommunityChange.objects.select_related("by").in_bulk(_keys(entries, CHANGED))
    lines = []
    for entry in entries:
        day, kind, pk = entry["day"], entry["kind"], entry["pk"]
        if kind in (JOINED, LEFT):
            lines.append(Line(day, *_of_member(members[pk], kind)))
        elif kind in (TERM_BEGAN, TERM_ENDED):
            lines.append(Line(day, _of_term(terms[pk], kind)))
        else:
            lines.append(Line(day, *_of_change(changes[pk])))
    return lines


def _keys(entries: Iterable[Mapping[str, Any]], *kinds: str) -> list[int]:
    return [entry["pk"] for entry in entries if entry["kind"] in kinds]


def _memberships(keys: list[int]) -> dict[int, Any]:
    earlier = Membership.objects.filter(
        person=OuterRef("person"), community=OuterRef("community"), starts_on__lt=OuterRef("starts_on")
    )
    found = Membership.objects.select_related("person__user", "brought_by").annotate(is_return=Exists(earlier))
    return found.in_bulk(keys)


def _of_member(membership: Any, kind: str) -> tuple[str, tuple[str, ...]]:
    name = membership.person.name
    if kind == LEFT:
        return f"{name} left", ()
    more = []
    if membership.came_by != Membership.CameBy.ADDED:
        more.append(membership.get_came_by_display())
    if membership.brought_by is not None:
        more.append(f"Brought by the session of {date_format(membership.brought_by.day)}")
    return (f"{name} came back" if membership.is_return else f"{name} joined"), tuple(more)


def _of_term(term: RoleTerm, kind: str) -> str:
    role = term.get_role_display().lower()
    return f"{term.person.name} {'became' if kind == TERM_BEGAN else 'is no longer'} {role}"


def _of_change(change: CommunityChange) -> tuple[str, tuple[str, ...]]:
    by = f" by {change.by.name}" if change.by else ""
    labels = {**LABELS, "look_again_on": "Look again on"}
    more = [
        f"{labels.get(name, name)}: {fact_words(name, before)} → {fact_words(name, after)}"
        for name, (before, after) in change.facts.items()
    ]
    return f"{change.get_what_display()}{by}", (*((change.note,) if change.note else ()), *more)
