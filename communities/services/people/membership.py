"""People joining and leaving a community."""

from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.emails.welcome import welcome
from communities.models import (
    Affiliation,
    Attendance,
    Community,
    Membership,
    Organisation,
    Person,
    ProfessionalGroup,
    Session,
)
from communities.models.session import SessionQuerySet
from communities.services.communities import locked
from communities.services.sessions.counts import mend_counts
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class AlreadyMember(Conflict):
    """A person is in a community once at a time."""


class NameNotSaid(Refusal):
    """People are known by their name."""


class ProfessionNotSaid(Refusal):
    """Everyone has a professional group, one of the portal's own if no other."""


class StartsInTheFuture(Refusal):
    """Members are counted by the day, so nobody is one before they are."""


class EpisodesOverlap(Refusal):
    """Two episodes of the same person in the same community do not overlap."""


class MembershipAlreadyEnded(Conflict):
    """A membership ends once."""


class EndsOutOfOrder(Refusal):
    """A membership ends after it began, and not in the future."""


class PresentAfterwards(Refusal):
    """Nobody left before a session at which they were present."""


@transaction.atomic
def add_member(
    *,
    community: Community,
    name: str,
    email: str,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup | None,
    starts_on: date,
    came_by: str = Membership.CameBy.ADDED,
    brought_by: Session | None = None,
    by: User,
    now: datetime,
) -> Membership:
    """Adds a person to a community and writes to tell them so. `came_by` says how they came to be added, and
    `brought_by` at which session they asked.

    Whoever is known by this address already is the same person and keeps the name and affiliation they have.
    """
    community = locked(community)
    if starts_on > timezone.localdate(now):
        raise StartsInTheFuture(
            "Choose today or an earlier date: people are added on the day they join.", code="starts_in_the_future"
        )
    person = known_or_new_person(
        name=name, email=email, organisation=organisation, professional_group=professional_group, since=starts_on
    )
    _refuse_second_episode(person, community, starts_on)
    membership = Membership.objects.create(
        person=person,
        community=community,
        starts_on=starts_on,
        added_on=timezone.localdate(now),
        came_by=came_by,
        brought_by=brought_by,
    )
    mend_counts(sessions=_since(community, starts_on), by=by, now=now)
    audit.record(event="member.added", by=by, target=membership, at=now)
    outbox.enqueue(welcome(membership, to=email_of(person), added_by=by, now=now))
    return membership


def known_or_new_person(
    *,
    name: str,
    email: str,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup | None,
    since: date,
) -> Person:
    """Whoever is known by this address, as they are; or a new person. Within the caller's transaction."""
    user = user_known_by(email)
    if not is_described(user):
        if professional_group is None:
            raise ProfessionNotSaid("Choose the professional group.", code="profession_not_said")
        if user is None and not name.strip():
            raise NameNotSaid("Enter the full name.", code="name_not_said")
    user = user or _new_user(name, email)
    person, _ = Person.objects.get_or_create(user=user)
    if professional_group is not None:
        Affiliation.objects.get_or_create(
            person=person,
            ends_on=None,
            defaults={"organisation": organisation, "professional_group": professional_group, "starts_on": since},
        )
    return person


def is_described(user: User | None) -> bool:
    """Whether the portal knows where this person works and as what, so that nobody needs to say it again."""
    return user is not None and Affiliation.objects.current().filter(person__user=user).exists()


def user_known_by(email: str) -> User | None:
    """The one person who has this address, primary or further."""
    address = EmailAddress.objects.filter(email__iexact=email.strip()).select_related("user").first()
    return address.user if address else None


def _new_user(name: str, email: str) -> User:
    """A User with this address, verified because a facilitator vouches for it; or the one made meanwhile by another."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(name=name.strip())
            EmailAddress.objects.create(user=user, email=email.strip().lower(), verified=True, primary=True)
    except IntegrityError:
        made_meanwhile = user_known_by(email)
        if made_meanwhile is None:
            raise
        return made_meanwhile
    return user


def _refuse_second_episode(person: Person, community: Community, starts_on: date) -> None:
    earlier = Membership.objects.filter(person=person, community=community)
    if earlier.current().exists():
        raise AlreadyMember(
            f"{person.name} is already a member of {community.name}. There is no need to add them again.",
            code="already_member",
        )
    if overlap := earlier.filter(ends_on__gt=starts_on).order_by("-ends_on").first():
        raise EpisodesOverlap(
            f"{person.name} was a member until {_on(overlap.ends_on)}. Choose that date or a later one.",
            code="episodes_overlap",
        )


@transaction.atomic
def end_membership(*, membership: Membership, ends_on: date, by: User, now: datetime) -> Membership:
    """Ends a membership. `ends_on` is the first day on which it no longer holds. What was recorded stays."""
    community = locked(membership.community)
    if not membership.starts_on <= ends_on <= timezone.localdate(now):
        raise EndsOutOfOrder(
            f"Choose a date from {_on(membership.starts_on)}, when they joined, to today.", code="ends_out_of_order"
        )
    _refuse_if_present_since(membership, ends_on)
    if not Membership.objects.current().filter(pk=membership.pk).update(ends_on=ends_on):
        raise MembershipAlreadyEnded("This membership has already been ended.", code="membership_already_ended")
    mend_counts(sessions=_since(community, ends_on), by=by, now=now)
    audit.record(event="membership.ended", by=by, target=membership, at=now)
    membership.refresh_from_db()
    return membership


def _refuse_if_present_since(membership: Membership, day: date) -> None:
    seen = Attendance.objects.present().filter(membership=membership, session__starts_at__gte=_midnight(day))
    if attendance := seen.select_related("session").order_by("-session__starts_at").first():
        raise PresentAfterwards(
            f"{membership.person.name} was present on {_on(attendance.session.day)}. "
            "Choose a later date, or correct who came to that session first.",
            code="present_afterwards",
        )


def email_of(person: Person) -> str:
    """The address that mail to this person goes to: their primary one."""
    address = EmailAddress.objects.filter(user=person.user_id, primary=True).values_list("email", flat=True).get()
    return str(address)


def _since(community: Community, day: date) -> SessionQuerySet:
    return Session.objects.filter(community=community, starts_at__gte=_midnight(day))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _on(day: date | None) -> str:
    return date_format(day) if day else "now"
