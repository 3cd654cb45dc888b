"""One person under two records: which answers are theirs, and that they count as one.

A merge moves invitations. Where both records were asked the same, each invitation stays with its record; sealed answers
name the record whose invitation it was at that moment, and nobody can change that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from communities.models import Person, PersonMerge

INVITATION = "evaluations.invitation"
Place = TypeVar("Place")


def records_of(person: Person) -> list[int]:
    """Whom sealed answers of this person can name: them, and every record that was merged into theirs."""
    found, newest = [person.pk], [person.pk]
    while newest:
        newest = list(Person.objects.filter(merged_into__in=newest).order_by("pk").values_list("pk", flat=True))
        found += newest
    return found


def kept_records() -> dict[int, int]:
    """For every record that was merged into another one: the record that holds everything now. One query."""
    merged = Person.objects.exclude(merged_into=None).order_by().values_list("pk", "merged_into")
    into = {record: kept for record, kept in merged if kept is not None}
    return {record: _last(into, record) for record in into}


def _last(into: Mapping[int, int], record: int) -> int:
    while record in into:
        record = into[record]
    return record


def counted(places: Mapping[Place, int]) -> set[Place]:
    """Of answers and the records that gave them, those that count: one for each person.

    Of two records of one person that are one now, the answers of the record that was kept count; where that one sent
    none, those of the record that was entered first.
    """
    into = kept_records()
    chosen: dict[int, Place] = {}
    for place, record in sorted(places.items(), key=lambda one: (one[1] in into, one[1])):
        chosen.setdefault(into.get(record, record), place)
    return set(chosen.values())


def stand_ins(records: Iterable[int]) -> dict[str, set[int]]:
    """Records that held an invitation of one of these for a while, by invitation: until a merge was undone.

    What was sealed meanwhile names the other record.
    """
    found: dict[str, set[int]] = {}
    seen, newest = set(records), set(records)
    while newest:
        merges = PersonMerge.objects.exclude(undone_at=None).filter(merged__in=newest).order_by("pk")
        steps = [step for journal in merges.values_list("journal", flat=True) for step in journal]
        for step in steps:
            if step["model"] == INVITATION and "person_id" in step.get("to", {}):
                found.setdefault(step["pk"], set()).add(step["to"]["person_id"])
        newest = {record for held in found.values() for record in held} - seen
        seen |= newest
    return found
