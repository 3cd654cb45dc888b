"""Ten thousand rows: how long sorting, importing and undoing take, and how many queries. Printed beside their bars."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import Community, ImportBatch, Membership
from communities.services.imports.undoing import ask_for_undo, run_undo
from cop_portal.accounts.models import User
from tests.factories.communities import CommunityFactory, OrganisationFactory, ProfessionalGroupFactory, facilitator_of
from tests.factories.imports import as_csv, do_import, previewed

ROWS = 10_000
MOST_SECONDS, MOST_QUERIES = 20.0, 200


def file_of(rows: int) -> bytes:
    """So many people of ten organisations and three professional groups."""
    return as_csv(
        *(
            (f"Person Number{at}", f"person.{at}@example.org", f"Bench Trust {at % 10}", f"Bench group {at % 3}", "")
            for at in range(rows)
        )
    )


def run() -> list[str]:
    """Measures, prints, and returns the names of what missed its bar. (Undoing has none.)"""
    community: Community = CommunityFactory.create(name="Bench imports")
    by: User = facilitator_of(community)
    for at in range(10):
        OrganisationFactory.create(name=f"Bench Trust {at}")
    for at in range(3):
        ProfessionalGroupFactory.create(name=f"Bench group {at}")
    content, now = file_of(ROWS), datetime.now(UTC)
    missed: list[str] = []

    def measured(name: str, work: Callable[[], ImportBatch], *, has_bar: bool = True) -> ImportBatch:
        started, begun = time.perf_counter(), time.process_time()
        with CaptureQueriesContext(connection) as queries:
            batch = work()
        seconds, cpu = time.perf_counter() - started, time.process_time() - begun
        is_kept = not has_bar or (seconds < MOST_SECONDS and len(queries) < MOST_QUERIES)
        bars = f"(bars {MOST_SECONDS:g} s, {MOST_QUERIES}){'' if is_kept else '  MISSED'}" if has_bar else ""
        print(
            f"{name:<48}{seconds:8.2f} s {cpu:8.2f} s CPU {len(queries):6} queries  {bars}",
            flush=True,
        )
        if not is_kept:
            missed.append(name)
        return batch

    batch = measured(f"preview of {ROWS:,} rows", lambda: previewed(content, community=community, by=by, now=now))
    batch = measured(f"import of {ROWS:,} rows", lambda: do_import(batch, by=by, now=now))
    if Membership.objects.filter(community=community, came_by="import").count() != ROWS:
        missed.append("every row became a membership")
    measured("undoing it", lambda: undone(batch, by, now), has_bar=False)
    return missed


def undone(batch: ImportBatch, by: Any, now: datetime) -> ImportBatch:
    ask_for_undo(batch=batch, version=batch.version, by=by, now=now)
    run_undo(batch=batch, now=now)
    batch.refresh_from_db()
    return batch
