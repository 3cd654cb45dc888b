"""Who facilitates and who sponsors a community, each for a time."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.emails.appointed import appointed
from communities.models import Community, Organisation, Person, ProfessionalGroup, RoleTerm
from communities.services.communities import locked
from communities.services.people.membership import email_of, known_or_new_person
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class AlreadyAppointed(Conflict):
    """A person holds a role in a community once at a time."""


class TermStartsInTheFuture(Refusal):
    """Who may do what is decided by the day, so nobody holds a role before they do."""


class TermsOverlap(Refusal):
    """Two terms of one person in one role do not overlap."""


class TermAlreadyEnded(Conflict):
    """A term ends once."""


class TermEndsOutOfOrder(Refusal):
    """A term ends after it began, and not in the future."""


class LastFacilitator(Refusal):
    """A community that goes on is not left without anyone to run it, save by staff."""


@transaction.atomic
def appoint(
    *, person: Person, community: Community, role: str, starts_on: date, by: User | None, now: datetime
) -> RoleTerm:
    """Makes a person facilitator or sponsor of a community, and tells them. It does not make them a member."""
    community = locked(community)
    label = RoleTerm.Role(role).label.lower()
    if starts_on > timezone.localdate(now):
        raise TermStartsInTheFuture(
            "Choose today or an earlier date: people are appointed on the day they begin.", code="term_in_the_future"
        )
    earlier = RoleTerm.objects.filter(person=person, community=community, role=role, ends_on__gt=starts_on)
    if overlap := earlier.order_by("-ends_on").first():
        raise TermsOverlap(
            f"{person.name} was {label} until {_on(overlap.ends_on)}. Choose that date or a later one.",
            code="terms_overlap",
        )
    try:
        with transaction.atomic():
            term = RoleTerm.objects.create(person=person, community=community, role=role, starts_on=starts_on)
    except IntegrityError:
        raise AlreadyAppointed(
            f"{person.name} is already {label} of {community.name}.", code="already_appointed"
        ) from None
    audit.record(event=f"{role}.appointed", by=by, target=term, at=now)
    if by is not None and by.pk != person.user_id:
        outbox.enqueue(appointed(term, to=email_of(person), by=by, now=now))
    return term


@transaction.atomic
def appoint_by_address(
    *,
    community: Community,
    role: str,
    name: str,
    email: str,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup,
    starts_on: date,
    by: User,
    now: datetime,
) -> RoleTerm:
    """The same for someone who need not be a member. Who is known by this address keeps their name and workplace."""
    locked(community)
    person = known_or_new_person(
        name=name,
        email=email,
        organisation=organisation,
        professional_group=professional_group,
        since=min(starts_on, timezone.localdate(now)),
    )
    return appoint(person=person, community=community, role=role, starts_on=starts_on, by=by, now=now)


@transaction.atomic
def end_term(*, term: RoleTerm, ends_on: date, by: User, now: datetime) -> RoleTerm:
    """Ends a term. `ends_on` is the first day on which it no longer holds. A membership goes on."""
    community = locked(term.community)
    if not term.starts_on <= ends_on <= timezone.localdate(now):
        raise TermEndsOutOfOrder(
            f"Choose a date from {_on(term.starts_on)}, when it began, to today.", code="term_ends_out_of_order"
        )
    others = RoleTerm.objects.current().facilitators().filter(community=community).exclude(pk=term.pk)
    if term.role == RoleTerm.Role.FACILITATOR and not by.is_hin_staff and not others.exists():
        raise LastFacilitator(
            f"{community.name} would be left without a facilitator. Appoint another one first, or ask HIN staff.",
            code="last_facilitator",
        )
    if not RoleTerm.objects.current().filter(pk=term.pk).update(ends_on=ends_on):
        raise TermAlreadyEnded("This term has already been ended.", code="term_already_ended")
    audit.record(event=f"{term.role}.ended", by=by, target=term, at=now)
    term.refresh_from_db()
    return term


def _on(day: date | None) -> str:
    return date_format(day) if day else "now"
