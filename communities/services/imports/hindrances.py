"""Why an import cannot be undone as a whole: what has been built on it since, in whatever room."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import ForeignObjectRel, Model

from communities.models import Attendance, ImportBatch, ImportRow, Membership, Organisation, Reply
from communities.models.imports import ImportRowQuerySet
from cop_portal.accounts.models import User

Kind = ImportRow.Kind
MOST_NAMED = 5
# A row that these leave behind stays and forgets the one that is deleted; any other is something built on it.
HARMLESS = (models.SET_NULL, models.SET_DEFAULT, models.DO_NOTHING)


def hindrances(batch: ImportBatch) -> list[str]:
    """Why the import cannot be undone: a sentence for each of the first few, or nothing."""
    rows = ImportRow.objects.filter(batch=batch)
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        return _in_short([*_used_organisations(rows), *_renamed_organisations(rows)])
    return _in_short([*_used_memberships(rows), *_moved_on(rows)])


def _in_short(found: Iterable[str]) -> list[str]:
    all_of_them = list(dict.fromkeys(found))
    more = len(all_of_them) - MOST_NAMED
    return all_of_them[:MOST_NAMED] + ([f"And {more} more."] if more > 0 else [])


def _used_memberships(rows: ImportRowQuerySet) -> list[str]:
    made = rows.filter(membership__isnull=False).values("membership")
    # That nobody said anything about someone, or that they said nothing themselves, is no record of them.
    marked = Attendance.objects.filter(membership__in=made).exclude(status=Attendance.Status.UNKNOWN)
    answered = Reply.objects.filter(membership__in=made).exclude(answer="")
    used = {
        *marked.values_list("membership", flat=True),
        *answered.values_list("membership", flat=True),
        *referring(Membership, made, but=(ImportRow, Attendance, Reply)),
    }
    people = User.objects.filter(person__memberships__in=used).order_by("name", "pk").distinct()
    names = people.values_list("name", flat=True)
    return [f"{name} is part of what has been recorded since." for name in names]


def _moved_on(rows: ImportRowQuerySet) -> list[str]:
    """Those whose workplace the import changed, and who have changed it again."""
    gone = rows.of_kind(Kind.CHANGES).exclude(affiliation__isnull=False, affiliation__ends_on=None)
    names = gone.order_by("person__user__name").values_list("person__user__name", flat=True)
    return [f"{name or 'Someone'} has changed where they work since." for name in names]


def _used_organisations(rows: ImportRowQuerySet) -> list[str]:
    made = rows.of_kind(Kind.NEW).filter(organisation__isnull=False).values("organisation")
    used = referring(Organisation, made, but=(ImportRow,))
    names = Organisation.objects.filter(pk__in=used).order_by("name").values_list("name", flat=True)
    return [f"{name} is in use." for name in names]


def _renamed_organisations(rows: ImportRowQuerySet) -> list[str]:
    """Those that the import changed, and somebody has changed again."""
    changed = rows.of_kind(Kind.CHANGES).select_related("organisation").in_order()
    return [
        f"{row.facts['name']} has been changed since."
        for row in changed
        if row.organisation is None
        or (row.organisation.name, row.organisation.ods_code or "") != (row.facts["name"], row.facts["code"])
    ]


def referring(model: type[Model], keys: Any, *, but: tuple[type[Model], ...]) -> set[int]:
    """Which of the rows with these keys something else refers to, in whatever room: one query for each relation."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in but:
            continue
        if not relation.one_to_many and not relation.one_to_one:
            continue
        if getattr(relation, "on_delete", None) in HARMLESS:
            continue
        name = relation.field.name
        others = relation.related_model._default_manager.filter(**{f"{name}__in": keys})
        found.update(others.order_by().values_list(name, flat=True).distinct())
    return found
