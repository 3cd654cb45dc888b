"""Sorting a file's rows and keeping the result, so that it can be looked at before anything is written."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from communities.models import Community, ImportBatch, ImportRow, ProfessionalGroup
from communities.services.imports.batches import checked_mapping, take_turn
from communities.services.imports.fields import values_of
from communities.services.imports.known import load_known
from communities.services.imports.organisations import OrganisationSorter
from communities.services.imports.people import Sorter
from communities.services.imports.questions import checked_decisions
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

ROWS_AT_ONCE = 2_500
State = ImportBatch.State


class StartsInTheFuture(Refusal):
    """Members are counted by the day, so nobody is one before they are."""


@transaction.atomic
def preview_import(
    *,
    batch: ImportBatch,
    version: int,
    has_headings: bool,
    mapping: Mapping[str, int],
    default_group: ProfessionalGroup | None,
    default_starts_on: date | None,
    by: User,
    now: datetime,
) -> ImportBatch:
    """Sorts every row by the columns given. Decisions made before are forgotten: they were about other columns."""
    today = timezone.localdate(now)
    if default_starts_on is not None and default_starts_on > today:
        raise StartsInTheFuture(
            "Choose today or an earlier date: people are added on the day they join.", code="starts_in_the_future"
        )
    batch.has_headings = has_headings
    columns = checked_mapping(batch, mapping)
    defaults = {
        "professional_group": default_group.pk if default_group else None,
        "starts_on": default_starts_on.isoformat() if default_starts_on else None,
    }
    take_turn(
        batch,
        version,
        become=State.PREVIEWED,
        has_headings=has_headings,
        mapping=columns,
        defaults=defaults,
        decisions={},
        message="",
    )
    keep_rows(batch, sort_rows(batch, today=today))
    audit.record(event="import.previewed", by=by, target=batch, at=now)
    return batch


@transaction.atomic
def decide_rows(
    *, batch: ImportBatch, version: int, decisions: Mapping[str, str], by: User, now: datetime
) -> ImportBatch:
    """Answers open questions about rows and sorts again."""
    together = checked_decisions(batch, decisions)
    take_turn(batch, version, become=State.PREVIEWED, decisions=together, message="")
    keep_rows(batch, sort_rows(batch, today=timezone.localdate(now)))
    audit.record(event="import.decided", by=by, target=batch, at=now)
    return batch


@transaction.atomic
def forget_decisions(*, batch: ImportBatch, version: int, by: User, now: datetime) -> ImportBatch:
    """Takes every decision back, so that its question is asked again."""
    take_turn(batch, version, become=State.PREVIEWED, decisions={}, message="")
    keep_rows(batch, sort_rows(batch, today=timezone.localdate(now)))
    audit.record(event="import.decisions_forgotten", by=by, target=batch, at=now)
    return batch


def sort_rows(batch: ImportBatch, *, today: date) -> list[ImportRow]:
    """Every row in its class, not saved. As the person who uploaded the file may see the network's people."""
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        organisations = OrganisationSorter(today=today, mapping=batch.mapping, decisions=batch.decisions)
        organisations.load()
        return organisations.sort(batch.body)
    communities = [batch.community] if batch.community else list(Community.objects.order_by("pk"))
    body = batch.body
    emails = (values_of(cells, {"email": batch.mapping["email"]})["email"].lower() for _, cells in body)
    known = load_known(emails=(email for email in emails if email), communities=communities, by=batch.by, today=today)
    starts_on = batch.defaults.get("starts_on")
    return Sorter(
        known=known,
        mapping=batch.mapping,
        decisions=batch.decisions,
        community=batch.community,
        default_group=batch.defaults.get("professional_group"),
        default_starts_on=date.fromisoformat(starts_on) if starts_on else today,
    ).sort(body)


def keep_rows(batch: ImportBatch, rows: Iterable[ImportRow]) -> None:
    """Keeps the rows as they are sorted now, in the place of how they were."""
    ImportRow.objects.filter(batch=batch).delete()
    rows = list(rows)
    for row in rows:
        row.batch, row.pk = batch, None
    ImportRow.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def counts_of(batch: ImportBatch) -> dict[str, int]:
    """How many rows are in each class; every class is named."""
    found = ImportRow.objects.filter(batch=batch).order_by().values("kind").annotate(n=Count("pk"))
    return dict.fromkeys(ImportRow.Kind.values, 0) | {row["kind"]: row["n"] for row in found}


def essence(row: ImportRow) -> tuple[Any, ...]:
    """What a row would do. A preview holds for as long as this is the same."""
    told = (
        "community", "user", "organisation", "new_organisation", "group", "affiliation", "starts_on", "name", "code",
        "before",
    )  # fmt: skip
    return (row.number, row.kind, *(row.facts.get(key) for key in told))
