"""What files on their way in hold about someone: for them to read, and to be emptied when they are erased.

A row is about whom it became, whom it was recognised as, and whose address stands in it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from communities.models import ImportBatch, ImportRow, Person

State, Kind = ImportBatch.State, ImportRow.Kind
# As long as nothing has been written from a file, what is taken out of it has never been there.
NOT_WRITTEN = (*ImportBatch.UNFINISHED, State.WAITING)
ERASED = {"erased": True}
ERASED_WORDS = "The person this row was about has been erased."


def rows_about(people: Sequence[Person], addresses: Sequence[str]) -> list[ImportRow]:
    """The sorted rows about someone, who may have several records and addresses."""
    known = _recognised(people)
    worded = _any_of("written", addresses)
    found = _written(ImportRow.objects.select_related("batch__community"), "cells").filter(known | worded)
    certain = set(ImportRow.objects.filter(known).values_list("pk", flat=True))
    ordered = found.order_by("batch__uploaded_at", "number", "pk")
    return [row for row in ordered if row.pk in certain or _holds(row.cells, addresses)]


def lines_about(addresses: Sequence[str]) -> list[tuple[ImportBatch, list[str]]]:
    """The lines with one of these addresses in files whose rows have not been sorted yet."""
    files = _written(ImportBatch.objects.select_related("community"), "table").filter(state=State.UPLOADED)
    return [
        (file, cells)
        for file in files.filter(_any_of("written", addresses)).order_by("uploaded_at", "pk")
        for _, cells in file.table
        if _holds(cells, addresses)
    ]


def erased_words(batch: ImportBatch) -> str:
    """That undoing leaves out those who were erased since, in a sentence; or nothing."""
    match ImportRow.objects.filter(batch=batch, facts__erased=True).count():
        case 0:
            return ""
        case 1:
            who = "One person in it has"
        case number:
            who = f"{number} people in it have"
    return f"{who} been erased since. Undoing leaves them out: what remains of them has no name."


def forget_rows_of_files(people: Sequence[Person], addresses: Sequence[str]) -> None:
    """Empties what files hold about someone who is erased, and what a row says of them that is about somebody else.

    Undoing such an import then leaves them out. Within the caller's transaction.
    """
    # Held, so that no import runs meanwhile and puts back what it has read.
    held = ImportBatch.objects.select_for_update().filter(is_forgotten=False).order_by("pk")
    states = dict(held.values_list("pk", "state"))
    numbers: dict[int, set[int]] = defaultdict(set)
    rows = [*rows_about(people, addresses), *_speaking_of(people)]
    rows += _repeating(rows)
    for row in rows:
        numbers[row.batch_id].add(row.number)
    gone = [row.pk for row in rows if states.get(row.batch_id) in NOT_WRITTEN]
    ImportRow.objects.filter(pk__in=gone).delete()
    ImportRow.objects.filter(pk__in={row.pk for row in rows}).update(
        kind=Kind.LEFT_OUT, cells=[], facts=ERASED, reason=ERASED_WORDS, question="", person=None, membership=None,
        affiliation=None, ended_affiliation=None, is_new_person=False,
    )  # fmt: skip
    files = _written(ImportBatch.objects.filter(pk__in=states), "table")
    for file in files.filter(_any_of("written", addresses) | Q(pk__in=numbers)):
        file.table = _without(file, numbers[file.pk], addresses)
        file.save(update_fields=["table"])


def _without(file: ImportBatch, numbers: set[int], addresses: Sequence[str]) -> list[Any]:
    lines = []
    for at, (number, cells) in enumerate(file.table):
        if number not in numbers and not _holds(cells, addresses):
            lines.append([number, cells])
        elif at == 0 and file.has_headings:
            # Else the line below would be taken for the headings.
            lines.append([number, []])
    return lines


def _recognised(people: Sequence[Person]) -> Q:
    """Rows that became one of these, or were recognised as one."""
    found = Q(person__in=people)
    for each in people:
        found |= Q(facts__person=each.pk) | Q(facts__user=each.user_id)
    return found


def _speaking_of(people: Sequence[Person]) -> list[ImportRow]:
    """Rows that offer one of these as an answer to who someone is, or name them in saying why they are not taken."""
    found: list[ImportRow] = []
    for each in people:
        offered = Q(choices__contains=f'"user:{each.user_id}"')
        rows = ImportRow.objects.annotate(choices=Cast("facts", TextField()))
        speaking = rows.filter(offered | Q(reason__contains=each.name))
        found += [row for row in speaking if _offers(row, each) or _says(row.reason, each.name)]
    return found


def _offers(row: ImportRow, person: Person) -> bool:
    return any(answer == f"user:{person.user_id}" for answer, _ in row.facts.get("choices", []))


def _repeating(rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Rows that say in the same file once more what one of these says: they have its address."""
    addresses = {(row.batch_id, row.facts["email"]) for row in rows if row.facts.get("email")}
    repeated = ImportRow.objects.of_kind(Kind.DUPLICATE).filter(batch__in={batch for batch, _ in addresses})
    return [row for row in repeated if (row.batch_id, row.facts.get("email")) in addresses]


def _written(rows: Any, field: str) -> Any:
    return rows.annotate(written=Cast(field, TextField()))


def _any_of(field: str, addresses: Iterable[str]) -> Q:
    """Candidates: databases write what is not ASCII in two ways, and an address may be part of a longer one."""
    spellings = {spelling for address in addresses for spelling in (address, json.dumps(address)[1:-1])}
    return Q(*((f"{field}__icontains", each) for each in sorted(spellings)), _connector=Q.OR) if spellings else NOTHING


NOTHING = Q(pk__in=[])


def _holds(cells: Sequence[Any], addresses: Iterable[str]) -> bool:
    """Whether one of the addresses stands there whole: “ann@example.org” is not in “joann@example.org”."""
    line = "\n".join(str(cell) for cell in cells).lower()
    return any(re.search(rf"(?<![\w.+-]){re.escape(each.lower())}(?![\w-]|\.\w)", line) for each in addresses)


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
