"""Bringing in people, or organisations, from a file: what was uploaded, how each row was sorted, what it made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from communities.models.community import Community, Organisation
from communities.models.membership import Membership
from communities.models.person import Affiliation, Person

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

UNDONE_WITHIN = timedelta(days=30)


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> Self:
        """Staff see all. Facilitators see those of the communities they run, but not what staff have begun: its rows
        may speak of people elsewhere who have the same names."""
        if user.is_hin_staff:
            return self
        from communities.models.membership import RoleTerm

        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return self.filter(community__in=run, by__role="")

    def waiting(self) -> Self:
        return self.filter(state=ImportBatch.State.WAITING)

    def with_worker(self) -> Self:
        """Those that someone has asked to import or to undo, and that the worker has not done yet."""
        return self.filter(state__in=ImportBatch.WITH_WORKER)

    def unfinished(self) -> Self:
        return self.filter(state__in=ImportBatch.UNFINISHED)

    def newest_first(self) -> Self:
        return self.order_by("-uploaded_at", "-pk")

    def with_counts(self) -> Self:
        """With `count_<class>` for each class of rows: one query, however many files and rows."""
        return self.annotate(
            **{f"count_{kind}": Count("rows", filter=Q(rows__kind=kind)) for kind in ImportRow.Kind.values}
        )


class ImportBatch(models.Model):
    """One file on its way in. Nothing but this and its rows is written before someone presses Import."""

    class Kind(models.TextChoices):
        MEMBERS = "members", "Members"
        ORGANISATIONS = "organisations", "Organisations"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        PREVIEWED = "previewed", "Ready to be looked at"
        WAITING = "waiting", "Being imported"
        IMPORTED = "imported", "Imported"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        DISCARDED = "discarded", "Thrown away"

    UNFINISHED = (State.UPLOADED, State.PREVIEWED)
    WITH_WORKER = (State.WAITING, State.UNDOING)

    kind = models.CharField(max_length=15, choices=Kind.choices)
    # None: organisations, or members of several communities, which a column then names.
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.PROTECT, related_name="import_batches"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    read_as = models.CharField(max_length=200)
    has_headings = models.BooleanField(default=True)
    # The file as it was read: a list of [number, cells]. Emptied once it is not needed any more.
    table = models.JSONField(default=list)
    # By field: the position of its column. `defaults` stand in where a row says nothing.
    mapping = models.JSONField(default=dict)
    defaults = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    uploaded_at = models.DateTimeField()
    # Who asked the worker last: to import, or to undo.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    is_forgotten = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["uploaded", "previewed", "waiting", "imported", "undoing", "undone", "discarded"]
                ),
                name="import_state_is_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["members", "organisations"]), name="import_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="members") | Q(community=None), name="organisations_belong_to_no_community"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["imported", "undoing", "undone"]) | Q(imported_at__isnull=False),
                name="imported_batch_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "uploaded_at"], name="import_by_state")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("communities:import", args=[self.pk])

    @property
    def undo_until(self) -> datetime | None:
        """The moment from which what was imported stays."""
        return self.imported_at + UNDONE_WITHIN if self.imported_at else None

    def may_be_undone(self, now: datetime) -> bool:
        return self.state == self.State.IMPORTED and self.undo_until is not None and now < self.undo_until

    @property
    def is_with_worker(self) -> bool:
        return self.state in self.WITH_WORKER

    @property
    def headings(self) -> list[str]:
        """What the columns are called: by the first row, or by their number."""
        width = max((len(cells) for _, cells in self.table), default=0)
        first = self.table[0][1] if self.has_headings and self.table else []
        return [(first[at].strip() if at < len(first) else "") or f"Column {at + 1}" for at in range(width)]

    @property
    def body(self) -> list[tuple[int, list[str]]]:
        """The rows below the headings: the number each has in the file, and its cells."""
        return [(number, cells) for number, cells in self.table[1 if self.has_headings else 0 :]]


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def in_order(self) -> Self:
        return self.order_by("number", "pk")


class ImportRow(models.Model):
    """One row of a file: the class it was sorted into and why, and after the import what it made."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        ALREADY = "already", "Already there"
        RETURNS = "returns", "Returns"
        CHANGES = "changes", "Changes"
        DUPLICATE = "duplicate", "Twice in this file"
        MALFORMED = "malformed", "Cannot be read"
        UNDECIDED = "undecided", "Needs a decision"
        LEFT_OUT = "left_out", "Left out"

    # What an import writes; the others stay outside.
    WRITTEN = (Kind.NEW, Kind.RETURNS, Kind.CHANGES)
    # What the file of rows that were not imported holds.
    STAYING_OUT = (Kind.DUPLICATE, Kind.MALFORMED, Kind.UNDECIDED, Kind.LEFT_OUT)

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=400, blank=True)
    # What must be decided before this row can go in: the key under which `decisions` answers it.
    question = models.CharField(max_length=250, blank=True)
    cells = models.JSONField(default=list)
    facts = models.JSONField(default=dict)

    # Filled by the import, for its undoing.
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_new_person = models.BooleanField(default=False)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    affiliation = models.ForeignKey(Affiliation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_affiliation = models.ForeignKey(
        Affiliation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_import_row_per_line"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "new", "already", "returns", "changes", "duplicate", "malformed", "undecided", "left_out",
                    ]
                ),
                name="import_row_kind_is_known",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["batch", "kind", "number"], name="import_rows_by_kind")]

    def __str__(self) -> str:
        return f"Row {self.number}: {self.get_kind_display()}"
