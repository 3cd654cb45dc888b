"""Where people work and as what: moving on, and putting right what was entered wrongly."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Affiliation, Organisation, Person, ProfessionalGroup
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.accounts.services.users import take_turn
from cop_portal.refusals import Conflict, Refusal


class MoveOutOfOrder(Refusal):
    """People move after they began where they are, and not in the future."""


class NothingMoved(Refusal):
    """Moving means another organisation or another professional group."""


class NoAffiliationToCorrect(Conflict):
    """What is put right must be there."""


class NotAPersonAnyMore(Refusal):
    """What is left of an erased or merged record stays as it is."""


@transaction.atomic
def move_person(
    *,
    person: Person,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup,
    starts_on: date,
    version: int,
    by: User,
    now: datetime,
) -> Affiliation:
    """Ends where a person works on `starts_on` and begins what follows. What was before stays as it was.

    `version` is that of the person's user as the writer had read it.
    """
    refuse_remains(person)
    take_turn(person.user, version)
    present = Affiliation.objects.select_for_update(of=("self",)).current().filter(person=person).first()
    if starts_on > timezone.localdate(now):
        raise MoveOutOfOrder("Choose today or an earlier date: enter the move once it has happened.", code="in_future")
    _refuse_overlap(person, present, starts_on)
    if present is not None:
        if (present.organisation, present.professional_group) == (organisation, professional_group):
            raise NothingMoved(
                "This is where they work already. Choose another organisation or professional group.",
                code="nothing_moved",
            )
        Affiliation.objects.filter(pk=present.pk).update(ends_on=starts_on)
    affiliation = Affiliation.objects.create(
        person=person, organisation=organisation, professional_group=professional_group, starts_on=starts_on
    )
    audit.record(event="affiliation.started", by=by, target=affiliation, at=now)
    return affiliation


def _refuse_overlap(person: Person, present: Affiliation | None, starts_on: date) -> None:
    if present is not None and starts_on <= present.starts_on:
        raise MoveOutOfOrder(
            f"They work where they are since {date_format(present.starts_on)}. Choose a later date, "
            "or correct what was entered instead.",
            code="before_the_present_one",
        )
    earlier = Affiliation.objects.filter(person=person, ends_on__gt=starts_on).order_by("-ends_on").first()
    if earlier is not None and earlier.ends_on is not None:
        raise MoveOutOfOrder(
            f"Something else was entered until {date_format(earlier.ends_on)}. Choose that date or a later one.",
            code="before_an_earlier_one_ended",
        )


@transaction.atomic
def correct_affiliation(
    *,
    person: Person,
    organisation: Organisation | None,
    professional_group: ProfessionalGroup,
    version: int,
    by: User,
    now: datetime,
) -> Affiliation:
    """Puts right where a person works, as if it had been entered so from the start."""
    refuse_remains(person)
    take_turn(person.user, version)
    present = Affiliation.objects.current().filter(person=person)
    if not present.update(organisation=organisation, professional_group=professional_group):
        raise NoAffiliationToCorrect(
            "Nothing is entered yet, so there is nothing to correct. Enter it as a move.", code="no_affiliation"
        )
    affiliation = present.get()
    audit.record(event="affiliation.corrected", by=by, target=affiliation, at=now)
    return affiliation


def refuse_remains(person: Person) -> None:
    """Refuses to change what is left of a record that was erased or merged into another. Holds the record."""
    refuse_if_remains(Person.objects.select_for_update().get(pk=person.pk))


def refuse_if_remains(current: Person) -> None:
    """The same for a record as it was read, without holding it: for what is only shown."""
    if current.erased_on is not None or current.merged_into_id is not None:
        raise NotAPersonAnyMore(
            "This record was erased, or merged into another. It can no longer be changed.", code="not_a_person_any_more"
        )
