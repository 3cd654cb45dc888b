"""Taking an erased person out of what was typed about them before they were a member: invitations, requests, files."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from communities.models import Person
from communities.models.imports import ImportBatch, ImportRow
from communities.models.joining import JoinRequest, MemberInvitation


def forget_joining(person: Person, addresses: Sequence[str], *, now: datetime) -> None:
    """Takes back invitations and requests that wait, and empties those that are over of what was typed."""
    invitations = MemberInvitation.objects.filter(email__in=addresses)
    invitations.waiting().update(state=MemberInvitation.State.WITHDRAWN, answered_at=now, email="")
    invitations.update(email="")
    requests = JoinRequest.objects.filter(Q(user=person.user_id) | Q(email__in=addresses))
    requests.waiting().update(state=JoinRequest.State.WITHDRAWN, decided_at=now)
    requests.update(name="", email="", words="", organisation=None, professional_group=None)


def forget_rows_of_files(person: Person, addresses: Sequence[str]) -> None:
    """Empties the rows of imported files that hold someone, and the same lines in the files as they were read."""
    if not addresses:
        return
    rows = ImportRow.objects.annotate(written=Cast("cells", TextField())).filter(
        Q(person=person) | _any_of("written", addresses)
    )
    numbers: dict[int, set[int]] = {}
    for batch, number in rows.values_list("batch", "number"):
        numbers.setdefault(batch, set()).add(number)
    ImportRow.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        cells=[], facts={}, reason="", person=None, membership=None, affiliation=None, ended_affiliation=None,
        is_new_person=False,
    )  # fmt: skip
    files = ImportBatch.objects.annotate(written=Cast("table", TextField())).filter(
        _any_of("written", addresses) | Q(pk__in=numbers)
    )
    for file in files:
        erased = numbers.get(file.pk, set())
        file.table = [
            [number, [] if number in erased or _holds(cells, addresses) else cells] for number, cells in file.table
        ]
        file.save(update_fields=["table"])


def _any_of(field: str, addresses: Iterable[str]) -> Q:
    return Q(*((f"{field}__icontains", address) for address in addresses), _connector=Q.OR)


def _holds(cells: Sequence[Any], addresses: Iterable[str]) -> bool:
    line = " ".join(str(cell) for cell in cells).lower()
    return any(address.lower() in line for address in addresses)
