"""What erasing someone takes away, what becomes a former member's, and what stays: shown first, then done.

The account and what belongs to it alone goes. The community's record stays, without a name, so that every count that
was right stays right. Higher rooms say what they hold by `register`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.apps import apps
from django.db import models
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from communities.emails.erasure import erasure_done
from communities.models import Action, Affiliation, Membership, Person, RoleTerm
from communities.services.imports.about import forget_rows_of_files
from communities.services.people.forgetting import forget_joining, requests_of
from communities.services.people.leaving import end_from_now_on
from communities.services.telling import addresses_of
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import pointing_to

FORMER_MEMBER = "Former member"


class Fate(StrEnum):
    """What becomes of something when someone is erased."""

    GOES = "goes"
    BECOMES = "becomes"
    STAYS = "stays"


@dataclass(frozen=True)
class Line:
    """One thing held about someone and what becomes of it, in a sentence."""

    fate: Fate
    words: str


@dataclass
class Preview:
    """What erasing someone would do, in words."""

    lines: list[Line] = field(default_factory=list)

    def _of(self, fate: Fate) -> list[str]:
        return [line.words for line in self.lines if line.fate == fate]

    @property
    def goes(self) -> list[str]:
        return self._of(Fate.GOES)

    @property
    def becomes(self) -> list[str]:
        return self._of(Fate.BECOMES)

    @property
    def stays(self) -> list[str]:
        return self._of(Fate.STAYS)


_parts: list[Callable[[Person], Iterable[Line]]] = []


def register(part: Callable[[Person], Iterable[Line]]) -> None:
    """Adds what a higher room holds to every preview. Called in `AppConfig.ready()`."""
    if part not in _parts:
        _parts.append(part)


_removals: list[Callable[[Person], None]] = []


def register_removal(removal: Callable[[Person], None]) -> None:
    """Adds what a higher room takes away, for each record of someone, in the transaction that erases them.

    Called in `AppConfig.ready()`. It may refuse.
    """
    if removal not in _removals:
        _removals.append(removal)


def preview_erasure(person: Person) -> Preview:
    """What would go, what would become a former member's, and what would stay and why. Stores nothing."""
    return Preview([*_own_lines(person), *(line for part in _parts for line in part(person))])


def _own_lines(person: Person) -> Iterable[Line]:
    emails = EmailAddress.objects.filter(user=person.user_id).order_by("email")
    addresses = list(emails.values_list("email", flat=True))
    yield Line(Fate.GOES, f"The name {person.name}, and the mail addresses: {', '.join(addresses) or 'none'}.")
    yield Line(
        Fate.GOES,
        "The account: password, authenticator app, tokens, drafts, calendar address and the log of signing in.",
    )
    yield Line(
        Fate.GOES,
        "The list of mail that was sent or was still to be sent, what was typed when joining, and what stands about "
        "them in files of members that were brought in. Undoing such an import leaves them out.",
    )
    asked = (
        requests_of(_with_merged(person), addresses).waiting().select_related("community").order_by("asked_at", "pk")
    )
    for request in asked:
        yield Line(Fate.GOES, f"{request.community.name}: the request to join, which waits, is taken back.")
    for community in _communities(person):
        yield Line(
            Fate.BECOMES,
            f"{community['community__name']}: the membership, which ends, with "
            f"{_number(community['marks'], 'entry', 'entries')} of attendance.",
        )
    if terms := RoleTerm.objects.current().filter(person=person).count():
        yield Line(Fate.BECOMES, f"{_number(terms, 'role', 'roles')} in communities, which ends today.")
    if actions := Action.objects.filter(owner=person).count():
        still = Action.objects.open().filter(owner=person).count()
        words = f"{_number(actions, 'action', 'actions')}, of which {still} open. A facilitator can hand those over."
        yield Line(Fate.BECOMES, words)
    yield Line(
        Fate.STAYS,
        "Organisation and professional group, for the time they held, without a name: so that the number of "
        "organisations and professions in the room stays right.",
    )
    yield Line(
        Fate.STAYS,
        "What other people wrote, such as minutes, even where a name stands in it. Where that should be put right, "
        "facilitators do it by hand.",
    )
    yield Line(
        Fate.STAYS,
        "The trail of who changed what, by number and without names, because it must not be possible to change it; "
        "and back-up copies, until they are overwritten.",
    )


def _communities(person: Person) -> Iterable[Any]:
    memberships = Membership.objects.filter(person=person).order_by("community__name")
    return memberships.values("community__name").annotate(marks=Count("attendances"))


def _number(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def remove_traces(person: Person, *, by: User, now: datetime) -> None:
    """Does what the preview says, within the caller's transaction, and writes once more to say that it is done."""
    addresses = list(EmailAddress.objects.filter(user=person.user_id).values_list("email", flat=True))
    primary = addresses_of([person.user_id]).get(person.user_id)
    # A record that was merged into this one holds the name a second time; so does one merged into that one before.
    records = _with_merged(person)
    # First: an import that runs at this moment is waited for, before anything that it needs is held.
    forget_rows_of_files(records, addresses)
    _end_ties(person, by=by, now=now)
    forget_joining(records, addresses, by=by, now=now)
    for address in addresses:
        outbox.forget_recipient(address)
    AccessAttempt.objects.filter(username__in=addresses).delete()
    for each in records:
        for remove in _removals:
            remove(each)
        _empty(each, now=now)
        audit.record(event="person.erased", by=by, target=each, at=now)
    if primary is not None:
        outbox.enqueue(erasure_done(person, to=primary, now=now))


def _with_merged(person: Person) -> list[Person]:
    found, newest = [person], [person]
    while newest:
        newest = list(Person.objects.filter(merged_into__in=newest).select_related("user").order_by("pk"))
        found += newest
    return found


def _end_ties(person: Person, *, by: User, now: datetime) -> None:
    today = timezone.localdate(now)
    for membership in Membership.objects.current().filter(person=person).select_related("community").order_by("pk"):
        end_from_now_on(membership, by=by, now=now)
    for term in RoleTerm.objects.current().filter(person=person).order_by("pk"):
        RoleTerm.objects.filter(pk=term.pk).update(ends_on=max(today, term.starts_on))
        audit.record(event=f"{term.role}.ended", by=by, target=term, at=now)
    # Not before the memberships: someone present today still counts towards the organisations in the room.
    last = Membership.objects.filter(person=person).aggregate(day=Max("ends_on"))["day"] or today
    for affiliation in Affiliation.objects.current().filter(person=person):
        Affiliation.objects.filter(pk=affiliation.pk).update(ends_on=max(today, last, affiliation.starts_on))


def _empty(person: Person, *, now: datetime) -> None:
    """Leaves of the account what the record points to. What is the account's own, by the models, goes whole."""
    for pointing in pointing_to(User):
        if pointing.remote_field.on_delete is models.CASCADE:
            pointing.model._default_manager.filter(**{pointing.name: person.user_id}).delete()
    user = User.objects.get(pk=person.user_id)
    user.name, user.role, user.is_active, user.last_login = FORMER_MEMBER, "", False, None
    user.set_unusable_password()
    user.save(update_fields=["name", "role", "is_active", "last_login", "password"])
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1, version=F("version") + 1)
    Person.objects.filter(pk=person.pk).update(erased_on=timezone.localdate(now))
    person.refresh_from_db()


def mentions_of(person: Person) -> list[tuple[str, int]]:
    """Where a person's name stands in other people's words: kinds of record, and how many of each."""
    found = []
    for model in _worded_models():
        fields = [each.name for each in model._meta.concrete_fields if isinstance(each, WORDS)]
        anywhere = Q(*((f"{name}__icontains", person.name) for name in fields), _connector=Q.OR)
        if number := model._default_manager.filter(anywhere).count():
            found.append((str(model._meta.verbose_name_plural).capitalize(), number))
    return found


WORDS = (models.CharField, models.TextField)


def _worded_models() -> list[type[models.Model]]:
    candidates = apps.get_app_config(Person._meta.app_label).get_models()
    return [model for model in candidates if any(isinstance(each, WORDS) for each in model._meta.concrete_fields)]
