"""Asking for erasure, deciding on it, and what makes it wait."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from communities.emails.erasure import TOLD_WITHIN, done_key, erasure_answered, erasure_asked
from communities.models import ErasureRequest, LegalHold, Person
from communities.services.people.affiliations import refuse_remains
from communities.services.people.remains import remove_traces
from communities.services.telling import addresses_of
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

# A worker that was down for weeks still finds what it missed.
TRIED_FOR = timedelta(days=120)


class ErasureAlreadyAsked(Conflict):
    """One request at a time."""


class RequestAlreadyDecided(Conflict):
    """A request is decided once."""


class OnLegalHold(Conflict):
    """What an inquiry needs is not deleted meanwhile."""


class RoleStillHeld(Refusal):
    """An account that runs the portal is given up before it is erased."""


class NoReasonSaid(Refusal):
    """Who is refused, or made to wait, is told why."""


class AlreadyOnHold(Conflict):
    """One hold at a time."""


class HoldAlreadyLifted(Conflict):
    """A hold is lifted once."""


@transaction.atomic
def ask_for_erasure(*, person: Person, by: User, now: datetime) -> ErasureRequest:
    """Asks for what is held about a person to be erased: they themselves, or staff to whom they said so."""
    refuse_remains(person)
    try:
        with transaction.atomic():
            request = ErasureRequest.objects.create(person=person, asked_at=now, asked_by=by)
    except IntegrityError:
        raise ErasureAlreadyAsked("This has been asked for already, and is waiting.", code="already_asked") from None
    audit.record(event="erasure.asked", by=by, target=request, at=now)
    if to := addresses_of([person.user_id]).get(person.user_id):
        outbox.enqueue(erasure_asked(request, to=to, now=now))
    return request


@transaction.atomic
def withdraw_erasure(*, request: ErasureRequest, by: User, now: datetime) -> ErasureRequest:
    """Takes one's request back."""
    return _decide(request, ErasureRequest.State.WITHDRAWN, by=by, now=now)


@transaction.atomic
def decline_erasure(*, request: ErasureRequest, because: str, by: User, now: datetime) -> ErasureRequest:
    """Declines a request, and writes to say why and where to complain."""
    if not because.strip():
        raise NoReasonSaid("Say why. The person reads this, and may complain.", code="no_reason_said")
    request = _decide(request, ErasureRequest.State.DECLINED, answer=because.strip(), by=by, now=now)
    if to := addresses_of([request.person.user_id]).get(request.person.user_id):
        outbox.enqueue(erasure_answered(request, to=to, now=now))
    return request


@transaction.atomic
def carry_out_erasure(*, request: ErasureRequest, by: User, now: datetime) -> ErasureRequest:
    """Erases what the preview says goes. What stays is a former member without a name, so that counts stay right."""
    person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=request.person_id)
    if LegalHold.objects.live().filter(person=person).exists():
        raise OnLegalHold(
            "A legal hold is in place, so nothing can be deleted. Lift it first, once its reason is over.",
            code="on_legal_hold",
        )
    if person.user.role:
        raise RoleStillHeld(
            f"{person.name} is {person.user.get_role_display()}. Take that role away first.", code="role_still_held"
        )
    request = _decide(request, ErasureRequest.State.CARRIED_OUT, by=by, now=now)
    remove_traces(person, by=by, now=now)
    return request


def _decide(request: ErasureRequest, state: str, *, answer: str = "", by: User, now: datetime) -> ErasureRequest:
    decided = ErasureRequest.objects.waiting().filter(pk=request.pk)
    if not decided.update(state=state, answer=answer, decided_at=now, decided_by=by):
        request.refresh_from_db()
        raise RequestAlreadyDecided(
            f"This request has been decided meanwhile: {request.get_state_display().lower()}.", code="already_decided"
        )
    request.refresh_from_db()
    audit.record(event=f"erasure.{state}", by=by, target=request, at=now)
    return request


@transaction.atomic
def place_hold(*, person: Person, reason: str, by: User, now: datetime) -> LegalHold:
    """Stops every deletion about a person until the hold is lifted."""
    refuse_remains(person)
    if not reason.strip():
        raise NoReasonSaid("Say why. The person can read this.", code="no_reason_said")
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(person=person, reason=reason.strip(), placed_at=now, placed_by=by)
    except IntegrityError:
        raise AlreadyOnHold("A legal hold is in place already.", code="already_on_hold") from None
    audit.record(event="legal_hold.placed", by=by, target=hold, at=now)
    return hold


@transaction.atomic
def lift_hold(*, hold: LegalHold, by: User, now: datetime) -> LegalHold:
    """Lets deletion go on."""
    if not LegalHold.objects.live().filter(pk=hold.pk).update(lifted_at=now, lifted_by=by):
        raise HoldAlreadyLifted("This hold has already been lifted.", code="hold_already_lifted")
    hold.refresh_from_db()
    audit.record(event="legal_hold.lifted", by=by, target=hold, at=now)
    return hold


def forget_last_mails(*, now: datetime) -> int:
    """Forgets the rows of the mails that said it was done: nothing else holds these addresses. Returns how many."""
    decided = ErasureRequest.objects.filter(state=ErasureRequest.State.CARRIED_OUT, decided_at__lte=now - TOLD_WITHIN)
    since = decided.filter(decided_at__gt=now - TRIED_FOR)
    return sum(outbox.forget(done_key(person)) for person in since.values_list("person", flat=True).order_by("pk"))
