"""Taking back what an import wrote, many rows at a time, within the caller's transaction.

Django's own deletion takes a hundred rows at a time and asks for each hundred what refers to them. What refers to an
import is known by then (`hindrances`), so the rows go in one statement for thousands; whatever was written in the very
same moment is caught by the database, which keeps its keys whole, and then nothing is undone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.db.models import SET_NULL, F, ForeignObjectRel, Model, QuerySet

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
from communities.services.imports.hindrances import referring
from communities.services.imports.known import in_parts
from communities.services.imports.progress import Tell
from communities.services.sessions.counts import mend_counts
from cop_portal.accounts.models import User

Kind = ImportRow.Kind


def take_members_back(batch: ImportBatch, *, by: User, now: datetime, tell: Tell) -> None:
    """Memberships, workplaces, organisations, and people who are nothing but what the import made of them."""
    rows = ImportRow.objects.filter(batch=batch)
    made = list(rows.filter(membership__isnull=False).values_list("membership", flat=True))
    begun = Membership.objects.filter(pk__in=rows.values("membership"))
    communities = list(begun.order_by().values_list("community", flat=True).distinct())
    alone = _nothing_else(rows)
    given = rows.exclude(kind=Kind.CHANGES).filter(affiliation__isnull=False, person__in=rows.values("person"))
    workplaces = [pk for pk, person in given.values_list("affiliation", "person") if person in alone]
    tell(30, "Taking memberships back")
    for part in in_parts(made):
        for silent in (Attendance, Reply):
            silent.objects.filter(membership__in=part).delete()
    _delete(Membership, made)
    tell(50, "Restoring where people work")
    _restore_workplaces(rows.of_kind(Kind.CHANGES))
    _delete(Affiliation, workplaces)
    tell(60, "Forgetting those nobody knew before")
    _forget(alone)
    _take_added_organisations_back(rows)
    tell(90, "Counting who was a member when")
    mend_counts(sessions=Session.objects.filter(community__in=communities), by=by, now=now)


def _restore_workplaces(rows: ImportRowQuerySet) -> None:
    before = list(rows.filter(ended_affiliation__isnull=False).values_list("ended_affiliation", flat=True))
    _delete(Affiliation, rows.filter(affiliation__isnull=False).values_list("affiliation", flat=True))
    for part in in_parts(before):
        Affiliation.objects.filter(pk__in=part).update(ends_on=None)


def _nothing_else(rows: ImportRowQuerySet) -> dict[int, int]:
    """Who is nothing but what the import made of them, with a workplace and an account: by person, the account."""
    new = rows.filter(is_new_person=True, person__isnull=False)
    people, users = (
        Person.objects.filter(pk__in=new.values("person")),
        User.objects.filter(person__in=new.values("person")),
    )
    given = rows.exclude(kind=Kind.CHANGES).filter(affiliation__isnull=False)
    works_elsewhere = Affiliation.objects.filter(person__in=new.values("person")).exclude(
        pk__in=given.values("affiliation")
    )
    known = {
        *referring(Person, people.values("pk"), but=(ImportRow, Affiliation, Membership)),
        *_members_otherwise(rows, people),
        *works_elsewhere.values_list("person", flat=True),
        *users.filter(emailaddress__primary=False).values_list("person", flat=True),
    }
    used = referring(User, users.values("pk"), but=(Person, EmailAddress))
    return {pk: user for pk, user in people.values_list("pk", "user") if pk not in known and user not in used}


def _members_otherwise(rows: ImportRowQuerySet, people: QuerySet[Person]) -> Any:
    """Those who belong to a community by another way than this import."""
    made = rows.filter(membership__isnull=False).values("membership")
    others = Membership.objects.filter(person__in=people.values("pk")).exclude(pk__in=made)
    return others.order_by().values_list("person", flat=True).distinct()


def _forget(people: dict[int, int]) -> None:
    for part in in_parts(people.values()):
        EmailConfirmation.objects.filter(email_address__user__in=part).delete()
        EmailAddress.objects.filter(user__in=part)._raw_delete(EmailAddress.objects.db)  # noqa: SLF001 - see above
    _delete(Person, people)
    _delete(User, people.values())


def _take_added_organisations_back(rows: ImportRowQuerySet) -> None:
    """Organisations that nobody knew before, unless somebody works there still or has put them right."""
    added = list(rows.filter(organisation__isnull=False).values_list("organisation", flat=True))
    if not added:
        return
    used = referring(Organisation, added, but=(ImportRow,))
    alone = Organisation.objects.filter(pk__in=added, version=1).exclude(pk__in=used)
    _delete(Organisation, list(alone.order_by("pk").values_list("pk", flat=True)))


def take_organisations_back(batch: ImportBatch) -> None:
    """Organisations that the import added, and the names and codes that it changed."""
    rows = ImportRow.objects.filter(batch=batch)
    before = {row.organisation_id: row.facts["before"] for row in rows.of_kind(Kind.CHANGES)}
    for part in in_parts(before, 500):
        known = Organisation.objects.in_bulk([pk for pk in part if pk is not None])
        for pk, organisation in known.items():
            organisation.name, organisation.ods_code = before[pk]["name"], before[pk]["code"] or None
        Organisation.objects.bulk_update(known.values(), ["name", "ods_code"])
        Organisation.objects.filter(pk__in=known).update(version=F("version") + 1)
    _delete(
        Organisation, rows.of_kind(Kind.NEW).filter(organisation__isnull=False).values_list("organisation", flat=True)
    )


def _delete(model: type[Model], keys: Iterable[int]) -> None:
    """Deletes rows to which nothing refers but what forgets them."""
    relations = [each for each in model._meta.get_fields(include_hidden=True) if isinstance(each, ForeignObjectRel)]
    forgetting = [each for each in relations if getattr(each, "on_delete", None) is SET_NULL]
    for part in in_parts(keys):
        for relation in forgetting:
            name = relation.field.name
            relation.related_model._default_manager.filter(**{f"{name}__in": part}).update(**{name: None})
        rows = model._default_manager.filter(pk__in=part)
        rows._raw_delete(rows.db)  # noqa: SLF001 - see above
