"""Tests of change: logging one in a line, correcting it, its repeated measure, and where it was adopted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Adoption, Community, Measure, Organisation, TestOfChange
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

MOST_MEASURES = 500


class NothingTried(Refusal):
    """A test of change says what is tried."""


class TestEndsBeforeItStarts(Refusal):
    """A test of change ends on the day it starts or later, and not in the future."""

    __test__ = False


class CycleOfAnotherCommunity(Refusal):
    """The cycle before a test is one of the same community."""


class TestChangedMeanwhile(Stale):
    """Two people correcting the same test of change never overwrite each other."""

    __test__ = False


class NothingMeasured(Refusal):
    """A value has a day and a number."""


class MeasureInTheFuture(Refusal):
    """What has not been measured yet is a prediction."""


class MeasuredTwice(Conflict):
    """A test of change has one value a day."""


class TooManyMeasures(Refusal):
    """A run chart is for weeks and months of values, not for a data feed."""


class AdoptionNeedsAPlace(Refusal):
    """“Adopted elsewhere” says where."""


class AdoptedOutOfOrder(Refusal):
    """A change is taken up after it was first tried, and not in the future."""


class NotElsewhere(Refusal):
    """A community's own use of its change is the test's outcome, not its spread."""


class NotAnAdoptionOfThis(Refusal):
    """What was passed on is the same change."""


class PassedOnFromThere(Conflict):
    """A lineage has no gaps."""


@dataclass(frozen=True)
class Cycle:
    """A test of change as it is told: one line is enough."""

    title: str
    started_on: date
    outcome: str = TestOfChange.Outcome.RUNNING
    ended_on: date | None = None
    aim: str = ""
    aim_value: Decimal | None = None
    aim_on: date | None = None
    prediction: str = ""
    scale: str = ""
    measure: str = ""
    unit: str = ""
    better: str = ""
    what_happened: str = ""


@dataclass(frozen=True)
class NewMeasure:
    """One value of the repeated measure."""

    on: date
    value: Decimal
    note: str = ""


@transaction.atomic
def log_test_of_change(
    *, community: Community, cycle: Cycle, cycle_before: TestOfChange | None = None, by: User, now: datetime
) -> TestOfChange:
    """Logs a test of change, begun, finished or only planned; as the next cycle of another one, if it is."""
    community = locked(community)
    if cycle_before is not None and cycle_before.community_id != community.pk:
        raise CycleOfAnotherCommunity(
            f"The cycle before this one was not one of {community.name}.", code="cycle_of_another_community"
        )
    test = TestOfChange.objects.create(
        community=community, cycle_before=cycle_before, by=by, logged_at=now, **_settled(cycle, now)
    )
    audit.record(event="test_of_change.logged", by=by, target=test, at=now)
    return test


@transaction.atomic
def edit_test_of_change(*, test: TestOfChange, version: int, cycle: Cycle, by: User, now: datetime) -> TestOfChange:
    """Corrects a test of change or says how it went. `version` is the one that the writer had read."""
    locked(test.community)
    mine = TestOfChange.objects.filter(pk=test.pk, version=version)
    if not mine.update(version=F("version") + 1, **_settled(cycle, now)):
        raise TestChangedMeanwhile(
            "Someone else has changed this test of change while you were writing. Nothing of theirs has been "
            "overwritten, and what you typed is still here. Compare the two, then save again.",
            code="test_changed_meanwhile",
        )
    test.refresh_from_db()
    audit.record(event="test_of_change.edited", by=by, target=test, at=now)
    return test


def _settled(cycle: Cycle, now: datetime) -> dict[str, object]:
    """The fields of a test: words trimmed, and a day for the outcome, which is today unless another was said."""
    if not cycle.title.strip():
        raise NothingTried("Say in a line what is tried.", code="nothing_tried")
    today = timezone.localdate(now)
    ended_on = None if cycle.outcome == TestOfChange.Outcome.RUNNING else cycle.ended_on or today
    if ended_on is not None and not cycle.started_on <= ended_on <= today:
        raise TestEndsBeforeItStarts(
            f"A test that began on {date_format(cycle.started_on)} has an outcome on that day or later, and today at "
            "the latest. Put one of the two days right, or choose “Still running”.",
            code="test_ends_out_of_order",
        )
    facts = asdict(replace(cycle, ended_on=ended_on))
    return {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}


@transaction.atomic
def note_measures(*, test: TestOfChange, measures: Sequence[NewMeasure], by: User, now: datetime) -> list[Measure]:
    """Adds values to the repeated measure: all of them, or, if one is refused, none."""
    locked(test.community)
    if not measures:
        raise NothingMeasured("Enter a day and what was measured on it.", code="nothing_measured")
    today = timezone.localdate(now)
    late = next((new for new in measures if new.on > today), None)
    if late is not None:
        raise MeasureInTheFuture(
            f"{date_format(late.on)} has not come yet. Enter values once they have been measured.",
            code="measure_in_the_future",
        )
    taken = set(test.measures.values_list("on", flat=True))
    if len(taken) + len(measures) > MOST_MEASURES:
        raise TooManyMeasures(f"A test of change holds up to {MOST_MEASURES} values.", code="too_many_measures")
    for new in measures:
        if new.on in taken:
            raise MeasuredTwice(
                f"There are two values for {date_format(new.on)}. Keep one a day; to correct the one that is there, "
                "remove it first.",
                code="measured_twice",
            )
        taken.add(new.on)
    noted = [Measure.objects.create(test=test, on=new.on, value=new.value, note=new.note.strip()) for new in measures]
    audit.record(event="test_of_change.measured", by=by, target=test, at=now)
    return noted


@transaction.atomic
def remove_measure(*, measure: Measure, by: User, now: datetime) -> None:
    """Takes a value out, so that the right one can be entered."""
    locked(measure.test.community)
    if Measure.objects.filter(pk=measure.pk).delete()[0]:
        audit.record(event="test_of_change.measure_removed", by=by, target=measure.test, at=now)


@transaction.atomic
def note_adoption(
    *,
    test: TestOfChange,
    place: str = "",
    organisation: Organisation | None = None,
    community: Community | None = None,
    adopted_on: date,
    note: str = "",
    came_from: Adoption | None = None,
    by: User,
    now: datetime,
) -> Adoption:
    """Records that a change was adopted elsewhere, and from whom it came there."""
    locked(test.community)
    if not (place.strip() or organisation or community):
        raise AdoptionNeedsAPlace(
            "Say where it was adopted: an organisation, a community, or a ward, team or site.",
            code="adoption_needs_a_place",
        )
    if community is not None and community.pk == test.community_id:
        raise NotElsewhere(
            f"{community.name} is where this was tried. Choose another community, or none.", code="not_elsewhere"
        )
    _refuse_out_of_order(test, adopted_on, came_from, now)
    adoption = Adoption.objects.create(
        test=test,
        place=place.strip(),
        organisation=organisation,
        community=community,
        adopted_on=adopted_on,
        note=note.strip(),
        came_from=came_from,
    )
    audit.record(event="test_of_change.adopted_elsewhere", by=by, target=test, at=now)
    return adoption


def _refuse_out_of_order(test: TestOfChange, adopted_on: date, came_from: Adoption | None, now: datetime) -> None:
    if came_from is not None and came_from.test_id != test.pk:
        raise NotAnAdoptionOfThis("They did not have this change. Choose one of the list.", code="not_an_adoption")
    first = came_from.adopted_on if came_from else test.started_on
    if not first <= adopted_on <= timezone.localdate(now):
        whom = f"{came_from.where} took it up" if came_from else "it was first tried here"
        raise AdoptedOutOfOrder(
            f"Choose a day from {date_format(first)}, when {whom}, to today.", code="adopted_out_of_order"
        )


@transaction.atomic
def remove_adoption(*, adoption: Adoption, by: User, now: datetime) -> None:
    """Takes an adoption back that was recorded by mistake."""
    locked(adoption.test.community)
    if adoption.passed_on_to.exists():
        raise PassedOnFromThere(
            "Others are recorded as having had it from there. Remove those first.", code="passed_on_from_there"
        )
    if Adoption.objects.filter(pk=adoption.pk).delete()[0]:
        audit.record(event="test_of_change.adoption_removed", by=by, target=adoption.test, at=now)
