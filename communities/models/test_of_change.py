"""Tests of change (PDSA cycles): one line and an outcome, and as much more as there is to say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from communities.models.community import Community, Organisation

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class TestOfChangeQuerySet(models.QuerySet["TestOfChange"]):
    __test__ = False

    def visible_to(self, user: User) -> Self:
        return self.filter(community__in=Community.objects.visible_to(user))

    def running(self) -> Self:
        return self.filter(outcome=TestOfChange.Outcome.RUNNING)

    def adopted_elsewhere(self) -> Self:
        return self.filter(pk__in=Adoption.objects.values("test"))

    def with_adoption_count(self) -> Self:
        """With `adoption_count`: in how many places elsewhere it has been taken up."""
        counted = (
            Adoption.objects.filter(test=OuterRef("pk"))
            .order_by()
            .values("test")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(adoption_count=Coalesce(Subquery(counted), Value(0)))

    def running_first(self) -> Self:
        """Those still running, then the others; in both, the one that began last on top."""
        ended = models.Case(models.When(outcome=TestOfChange.Outcome.RUNNING, then=Value(0)), default=Value(1))
        return self.order_by(ended, "-started_on", "-pk")


class TestOfChange(models.Model):
    """A change tried on a small scale: plan, do, study, act."""

    # Its name begins like a test's, and it is none.
    __test__ = False

    class Outcome(models.TextChoices):
        RUNNING = "running", "Still running"
        ADOPTED = "adopted", "Adopted"
        ADAPTED = "adapted", "Adapted"
        ABANDONED = "abandoned", "Abandoned"

    class Better(models.TextChoices):
        LOWER = "lower", "Lower is better"
        HIGHER = "higher", "Higher is better"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="tests_of_change")
    title = models.CharField("what is tried", max_length=200)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.RUNNING)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    aim = models.CharField(max_length=300, blank=True)
    aim_value = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    aim_on = models.DateField(null=True, blank=True)
    prediction = models.CharField(max_length=500, blank=True)
    scale = models.CharField(max_length=200, blank=True)
    measure = models.CharField("what is measured", max_length=100, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    better = models.CharField("which way is better", max_length=10, choices=Better.choices, blank=True)
    what_happened = models.TextField(blank=True)
    cycle_before = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="cycles_after"
    )
    # Who logged it, and may correct it beside those who run the community.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    # From `with_adoption_count()` only.
    adoption_count: int

    objects = TestOfChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "test of change"
        verbose_name_plural = "tests of change"
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="test_of_change_says_what"),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "adopted", "adapted", "abandoned"]),
                name="test_of_change_outcome_is_known",
            ),
            models.CheckConstraint(condition=Q(better__in=["", "lower", "higher"]), name="test_of_change_better_known"),
            models.CheckConstraint(
                condition=Q(outcome="running", ended_on=None) | (~Q(outcome="running") & Q(ended_on__isnull=False)),
                name="test_of_change_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="test_of_change_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["community", "outcome", "started_on"], name="test_of_change_by_community")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("communities:test-of-change", args=[self.community.slug, self.pk])

    @property
    def is_running(self) -> bool:
        return self.outcome == self.Outcome.RUNNING

    def in_units(self, value: Decimal) -> str:
        """“11 minutes”, “82%”: a value as it is read aloud."""
        number = f"{value.normalize():f}"
        return f"{number}{self.unit}" if self.unit == "%" else f"{number} {self.unit}".rstrip()

    @property
    def aim_value_words(self) -> str:
        """“3 minutes”, or nothing where no number was aimed at."""
        return self.in_units(self.aim_value) if self.aim_value is not None else ""


class MeasureQuerySet(models.QuerySet["Measure"]):
    def oldest_first(self) -> Self:
        return self.order_by("on", "pk")


class Measure(models.Model):
    """The repeated measure of a test of change: one value on one day."""

    test = models.ForeignKey(TestOfChange, on_delete=models.CASCADE, related_name="measures")
    on = models.DateField("day")
    value = models.DecimalField(max_digits=12, decimal_places=3)
    note = models.CharField(max_length=100, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["test", "on"], name="one_measure_a_day")]

    def __str__(self) -> str:
        return f"{self.test_id} on {self.on}"


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def oldest_first(self) -> Self:
        return self.order_by("adopted_on", "pk")


class Adoption(models.Model):
    """A change taken up elsewhere, and from whom it came there: the lineage of what spreads."""

    test = models.ForeignKey(TestOfChange, on_delete=models.CASCADE, related_name="adoptions")
    community = models.ForeignKey(Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    place = models.CharField("ward, team or site", max_length=150, blank=True)
    adopted_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    # Which of the others passed it on; none: it came straight from the test.
    came_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="passed_on_to")

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(community__isnull=False) | Q(organisation__isnull=False) | ~Q(place=""),
                name="adoption_says_where",
            ),
        ]

    def __str__(self) -> str:
        return self.where

    @property
    def where(self) -> str:
        """“Ward 3, Riverside Trust”. Needs community and organisation."""
        named = (self.place, self.organisation.name if self.organisation else "")
        community = f"the {self.community.name} community" if self.community else ""
        return ", ".join(part for part in (*named, community) if part)
