"""A test's run chart and its lineage, as its page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.safestring import SafeString

from communities.models import Adoption, Measure, TestOfChange
from communities.run_charts import Point, RunChart, read
from cop_portal.design.charts import RunLine, RunPoint, run_chart, run_range


@dataclass(frozen=True)
class Measured:
    """The values with their words, the chart made of them, and what it says."""

    rows: list[tuple[Measure, str]]
    reading: RunChart
    chart: SafeString


def measured(test: TestOfChange) -> Measured:
    """One query."""
    values = list(test.measures.oldest_first())
    reading = read([Point(measure.on, measure.value) for measure in values], began_on=test.started_on)
    return Measured(
        rows=[(measure, test.in_units(measure.value)) for measure in values],
        reading=reading,
        chart=_drawn(test, reading),
    )


def _drawn(test: TestOfChange, reading: RunChart) -> SafeString:
    lines = []
    if reading.median is not None:
        words = f"Median: {test.in_units(reading.median)}"
        lines.append(RunLine("median", float(reading.median), words))
    if test.aim_value is not None:
        by = f" by {date_format(test.aim_on)}" if test.aim_on else ""
        lines.append(RunLine("aim", float(test.aim_value), f"Aim: {test.aim_value_words}{by}"))
    points = [RunPoint(point.on, float(point.value)) for point in reading.points]
    levels = [*(point.value for point in points), *(line.value for line in lines)]
    if not points:
        return SafeString("")
    low, high = (test.in_units(round(Decimal(level), 3)) for level in run_range(levels))
    return run_chart(
        points, ends=(low, high), lines=lines, began_on=test.started_on, title=test.measure or "What was measured"
    )


@dataclass(frozen=True)
class Branch:
    """Where a change was adopted, and to whom it was passed on from there."""

    adoption: Adoption
    passed_on: list["Branch"]


def lineage_of(test: TestOfChange) -> list[Branch]:
    """The places that had it straight from the test, each with those after it; one query."""
    adoptions = list(test.adoptions.select_related("organisation", "community").oldest_first())
    after: dict[int | None, list[Adoption]] = {}
    for adoption in adoptions:
        after.setdefault(adoption.came_from_id, []).append(adoption)

    def branches(came_from: int | None) -> Iterator[Branch]:
        # An adoption names only one that was there before it, so this ends.
        for adoption in after.get(came_from, []):
            yield Branch(adoption, list(branches(adoption.pk)))

    return list(branches(None))
