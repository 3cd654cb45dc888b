"""Writing sorted rows, many at a time: ten thousand people take some dozens of queries. Within the caller's
transaction, and with the marks by which all of it can be undone."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import F, Model, Q
from django.utils import timezone

from communities.emails.welcome import welcome
from communities.models import Affiliation, ImportRow, Membership, Organisation, Person, Session
from communities.services.imports.known import in_parts, is_to_be_added, people_of
from communities.services.imports.progress import Tell
from communities.services.sessions.counts import mend_counts
from cop_portal import outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict

AT_ONCE = 2_500
Kind = ImportRow.Kind
M = TypeVar("M", bound=Model)


class ChangedMeanwhile(Conflict):
    """What an import changes is still as it was when the rows were sorted."""


def write_members(rows: Sequence[ImportRow], *, by: User, now: datetime, tell: Tell) -> None:
    """People, where they work, their memberships; and a mail to each who was added."""
    today = timezone.localdate(now)
    joining = [row for row in rows if row.kind in (Kind.NEW, Kind.RETURNS)]
    changing = [row for row in rows if row.kind == Kind.CHANGES]
    _make_people(joining)
    tell(35, "Adding where they work")
    beginning = _without_workplace(joining)
    _add_organisations([*beginning, *changing])
    _make_affiliations(beginning)
    _change_affiliations(changing, today)
    tell(50, "Adding memberships")
    memberships = _make_memberships(joining, today)
    tell(65, "Counting who was a member when")
    _mend_counts(memberships, by=by, now=now)
    tell(70, "Preparing the mails that tell them")
    _enqueue_welcomes(memberships, by=by, now=now)


def _make_people(rows: list[ImportRow]) -> None:
    """A person for every row: the one who is known, or a new one for each new address."""
    newcomers: dict[str, ImportRow] = {}
    for row in rows:
        if "user" not in row.facts and row.facts["email"] not in newcomers:
            newcomers[row.facts["email"]] = row
            row.is_new_person = True
    users = _create(User, (_user(row.facts["name"]) for row in newcomers.values()))
    by_email = {email: user.pk for email, user in zip(newcomers, users, strict=True)}
    # Vouched for by whoever imports them, as by a facilitator who adds someone.
    _create(
        EmailAddress,
        (EmailAddress(user_id=pk, email=email, verified=True, primary=True) for email, pk in by_email.items()),
    )
    user_of = {row.number: row.facts.get("user") or by_email[row.facts["email"]] for row in rows}
    people = people_of(set(user_of.values()) - set(by_email.values()))
    without = [pk for pk in dict.fromkeys(user_of.values()) if pk not in people]
    people |= {person.user_id: person.pk for person in _create(Person, (Person(user_id=pk) for pk in without))}
    for row in rows:
        row.person_id = people[user_of[row.number]]


def _user(name: str) -> User:
    # As `create_user` makes one: no password until they want one.
    return User(name=name, password=make_password(None))


def _without_workplace(rows: list[ImportRow]) -> list[ImportRow]:
    """For everyone of whom the file is the first to say where they work, the first row that says it."""
    wanted: dict[int, ImportRow] = {}
    for row in rows:
        if row.is_new_person or row.facts.get("needs_affiliation"):
            wanted.setdefault(_person_of(row), row)
    return list(wanted.values())


def _add_organisations(rows: list[ImportRow]) -> None:
    """Those that somebody decided to add: each once, and marked in the first row that names it."""
    first: dict[int, ImportRow] = {}
    for row in rows:
        if is_to_be_added(row.facts["organisation"]):
            first.setdefault(row.facts["organisation"], row)
    made = _create(Organisation, (Organisation(name=row.facts["new_organisation"]) for row in first.values()))
    added = dict(zip(first, made, strict=True))
    for number, row in first.items():
        row.organisation = added[number]
    for row in rows:
        if row.facts["organisation"] in added:
            row.facts["organisation"] = added[row.facts["organisation"]].pk


def _make_affiliations(rows: list[ImportRow]) -> None:
    made = _create(Affiliation, (_affiliation(row, date.fromisoformat(row.facts["starts_on"])) for row in rows))
    for row, affiliation in zip(rows, made, strict=True):
        row.affiliation = affiliation


def _change_affiliations(rows: list[ImportRow], today: date) -> None:
    """Ends where they worked and begins where they work now: the past stays as it was."""
    for row in rows:
        row.person_id, row.ended_affiliation_id = row.facts["person"], row.facts["affiliation"]
    for part in in_parts([row.ended_affiliation_id for row in rows if row.ended_affiliation_id]):
        if Affiliation.objects.current().filter(pk__in=part).update(ends_on=today) < len(part):
            raise ChangedMeanwhile(
                "Someone in this file has been given another workplace at the same moment, so nothing was imported. "
                "Have the rows sorted again, then import.",
                code="changed_meanwhile",
            )
    made = _create(Affiliation, (_affiliation(row, today) for row in rows))
    for row, affiliation in zip(rows, made, strict=True):
        row.affiliation = affiliation


def _person_of(row: ImportRow) -> int:
    assert row.person_id is not None  # noqa: S101 - `_make_people` has seen to it
    return row.person_id


def _affiliation(row: ImportRow, starts_on: date) -> Affiliation:
    return Affiliation(
        person_id=_person_of(row),
        organisation_id=row.facts["organisation"],
        professional_group_id=row.facts["group"],
        starts_on=starts_on,
    )


def _make_memberships(rows: list[ImportRow], today: date) -> list[Membership]:
    made = _create(
        Membership,
        (
            Membership(
                person_id=_person_of(row),
                community_id=row.facts["community"],
                starts_on=date.fromisoformat(row.facts["starts_on"]),
                added_on=today,
                came_by=Membership.CameBy.IMPORT,
            )
            for row in rows
        ),
    )
    for row, membership in zip(rows, made, strict=True):
        row.membership = membership
    return made


def _mend_counts(memberships: list[Membership], *, by: User, now: datetime) -> None:
    """Whoever is a member from an earlier day on was one at the sessions held since."""
    earliest: dict[int, date] = {}
    for membership in memberships:
        known = earliest.get(membership.community_id, membership.starts_on)
        earliest[membership.community_id] = min(known, membership.starts_on)
    since = Q(pk__in=[])
    for community, day in earliest.items():
        since |= Q(community=community, starts_at__gte=timezone.make_aware(datetime.combine(day, time.min)))
    mend_counts(sessions=Session.objects.filter(since), by=by, now=now)


def _enqueue_welcomes(memberships: list[Membership], *, by: User, now: datetime) -> None:
    addresses: dict[int, str] = {}
    for part in in_parts({membership.person_id for membership in memberships}):
        rows = EmailAddress.objects.filter(primary=True, user__person__in=part)
        addresses |= dict(rows.values_list("user__person", "email"))
    outbox.enqueue(
        *(welcome(membership, to=addresses[membership.person_id], added_by=by, now=now) for membership in memberships)
    )


def write_organisations(rows: Sequence[ImportRow], *, tell: Tell) -> None:
    """New organisations, and the names and codes of known ones."""
    new = [row for row in rows if row.kind == Kind.NEW]
    made = _create(
        Organisation, (Organisation(name=row.facts["name"], ods_code=row.facts["code"] or None) for row in new)
    )
    for row, organisation in zip(new, made, strict=True):
        row.organisation = organisation
    tell(60, "Changing names and codes")
    changes = [row for row in rows if row.kind == Kind.CHANGES]
    for row in changes:
        row.organisation_id = row.facts["organisation"]
    wanted = {row.facts["organisation"]: row.facts for row in changes}
    for part in in_parts(wanted, 500):
        known = Organisation.objects.in_bulk(part)
        for pk, organisation in known.items():
            organisation.name, organisation.ods_code = wanted[pk]["name"], wanted[pk]["code"] or None
        Organisation.objects.bulk_update(known.values(), ["name", "ods_code"])
        Organisation.objects.filter(pk__in=part).update(version=F("version") + 1)


def _create(model: type[M], rows: Iterable[M]) -> list[M]:
    return model._default_manager.bulk_create(list(rows), batch_size=AT_ONCE)
