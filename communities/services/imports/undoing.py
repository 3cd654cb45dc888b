"""Taking an import back as a whole, within 30 days; or not at all, where something has been built on it since."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import F, ForeignObjectRel, Model, QuerySet
from django.utils.formats import date_format

from communities.models import (
    Affiliation,
    Attendance,
    ImportBatch,
    ImportRow,
    Membership,
    Organisation,
    Person,
    Reply,
    Session,
)
from communities.models.imports import ImportRowQuerySet
from communities.services.counts import mend_counts
from communities.services.imports.batches import moved_on
from communities.services.imports.known import in_parts
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

State, Kind = ImportBatch.State, ImportRow.Kind
MOST_NAMED = 5
# A row that these leave behind stays and forgets the one that is deleted; any other is something built on it.
HARMLESS = (models.SET_NULL, models.SET_DEFAULT, models.DO_NOTHING)


class TooLateToUndo(Refusal):
    """An import can be undone for 30 days."""


class ImportBuiltOn(Refusal):
    """An import is undone as a whole, so not once some of it is part of the record."""


@transaction.atomic
def undo_import(*, batch: ImportBatch, version: int, by: User, now: datetime) -> ImportBatch:
    """Takes back everything the import made and changed. People who have meanwhile become more than this import made
    of them, by signing in or by another community, stay known."""
    if not batch.may_be_undone(now):
        raise TooLateToUndo(_too_late(batch), code="too_late_to_undo")
    mine = ImportBatch.objects.filter(pk=batch.pk, version=version, state=State.IMPORTED)
    if not mine.update(state=State.UNDONE, undone_at=now, version=F("version") + 1):
        raise moved_on(batch)
    if found := hindrances(batch):
        raise ImportBuiltOn(
            f"This import can no longer be undone as a whole. {' '.join(found)} "
            "End memberships one by one instead; what was recorded stays.",
            code="import_built_on",
        )
    if batch.kind == ImportBatch.Kind.ORGANISATIONS:
        _undo_organisations(batch)
    else:
        _undo_members(batch, by=by, now=now)
    audit.record(event="import.undone", by=by, target=batch, at=now)
    batch.refresh_from_db()
    return batch


def _too_late(batch: ImportBatch) -> str:
    if batch.state == State.UNDONE:
        return "This import has been undone already."
    if batch.undo_until is None:
        return "This file has not been imported, so there is nothing to undo."
    return f"This import could be undone until {date_format(batch.undo_until)}. What it brought stays."


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
        *_referring(Membership, made, but=(ImportRow, Attendance, Reply)),
    }
    people = User.objects.filter(person__memberships__in=used).order_by("name", "pk").distinct()
    names = people.values_list("name", flat=True)
    return [f"{name} is part of what has been recorded since." for name in names]


def _moved_on(rows: ImportRowQuerySet) -> list[str]:
    """Those whose workplace the import changed, and who have changed it again."""
    gone = rows.of_kind(Kind.CHANGES).exclude(affiliation__isnull=False, affiliation__ends_on=None)
    names = gone.order_by("person__user__name").values_list("person__user__name", flat=True)
    return [f"{name or 'Someone'} has changed where they work since." for name in names]


def _undo_members(batch: ImportBatch, *, by: User, now: datetime) -> None:
    rows = ImportRow.objects.filter(batch=batch)
    made = Membership.objects.filter(pk__in=rows.values("membership"))
    communities = list(made.order_by().values_list("community", flat=True).distinct())
    newcomers = list(rows.filter(is_new_person=True).values_list("person", flat=True))
    for silent in (Attendance, Reply):
        silent.objects.filter(membership__in=made).delete()
    made.delete()
    _restore_workplaces(rows.of_kind(Kind.CHANGES))
    _forget_people(newcomers, given=rows.exclude(kind=Kind.CHANGES).values("affiliation"))
    mend_counts(sessions=Session.objects.filter(community__in=communities), by=by, now=now)


def _restore_workplaces(rows: ImportRowQuerySet) -> None:
    before = list(rows.filter(ended_affiliation__isnull=False).values_list("ended_affiliation", flat=True))
    Affiliation.objects.filter(pk__in=rows.values("affiliation")).delete()
    for part in in_parts(before):
        Affiliation.objects.filter(pk__in=part).update(ends_on=None)


def _forget_people(newcomers: list[int], *, given: QuerySet[ImportRow, Any]) -> None:
    """Deletes those who are nothing but what the import made of them, with their workplace and their account."""
    affiliations = list(Affiliation.objects.filter(pk__in=given).values_list("pk", "person"))
    for part in in_parts(newcomers):
        people = Person.objects.filter(pk__in=part)
        others = Affiliation.objects.filter(person__in=part).exclude(pk__in=[pk for pk, _ in affiliations])
        users = User.objects.filter(person__in=part)
        known = {
            *_referring(Person, people.values("pk"), but=(ImportRow, Affiliation)),
            *others.values_list("person", flat=True),
            *users.filter(pk__in=_referring(User, users.values("pk"), but=(Person, EmailAddress))).values_list(
                "person", flat=True
            ),
            *users.filter(emailaddress__primary=False).values_list("person", flat=True),
        }
        gone = set(part) - known
        accounts = list(people.filter(pk__in=gone).values_list("user", flat=True))
        Affiliation.objects.filter(person__in=gone).delete()
        people.filter(pk__in=gone).delete()
        User.objects.filter(pk__in=accounts).delete()


def _used_organisations(rows: ImportRowQuerySet) -> list[str]:
    made = rows.of_kind(Kind.NEW).filter(organisation__isnull=False).values("organisation")
    used = _referring(Organisation, made, but=(ImportRow,))
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


def _undo_organisations(batch: ImportBatch) -> None:
    rows = ImportRow.objects.filter(batch=batch)
    before = {row.organisation_id: row.facts["before"] for row in rows.of_kind(Kind.CHANGES)}
    for part in in_parts(before, 500):
        known = Organisation.objects.in_bulk([pk for pk in part if pk is not None])
        for pk, organisation in known.items():
            organisation.name, organisation.ods_code = before[pk]["name"], before[pk]["code"] or None
        Organisation.objects.bulk_update(known.values(), ["name", "ods_code"])
        Organisation.objects.filter(pk__in=known).update(version=F("version") + 1)
    Organisation.objects.filter(pk__in=rows.of_kind(Kind.NEW).values("organisation")).delete()


def _referring(model: type[Model], keys: Any, *, but: tuple[type[Model], ...]) -> set[int]:
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
