"""Asking to join a community, and what those who run it decide."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.emails.joining import request_declined, requests_waiting
from communities.models import (
    Community,
    JoinRequest,
    Membership,
    Organisation,
    Person,
    ProfessionalGroup,
    RoleTerm,
)
from communities.services.communities import locked
from communities.services.people.membership import AlreadyMember, ProfessionNotSaid, add_member, email_of, is_described
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class NotOpenToAsk(Refusal):
    """A community says itself whether people may ask to join it."""


class AlreadyAsked(Conflict):
    """One asks once at a time."""


class RequestDecided(Conflict):
    """A request is decided once."""


class NoReasonToDecline(Refusal):
    """Who is turned down learns why."""


class NotYourRequest(Refusal):
    """Only those who asked take their own request back."""


class TooManyAsk(Refusal):
    """No room holds so many people."""


@transaction.atomic
def ask_to_join(
    *,
    community: Community,
    words: str = "",
    organisation: Organisation | None = None,
    professional_group: ProfessionalGroup | None = None,
    by: User,
    now: datetime,
) -> JoinRequest:
    """Notes that someone who is signed in asks to join. Where they work is asked only of those who never said it."""
    community = locked(community)
    if Membership.objects.current().filter(person__user=by, community=community).exists():
        raise AlreadyMember(f"You are a member of {community.name} already.", code="already_member")
    if community.is_paused or not community.is_open_to_ask:
        raise NotOpenToAsk(
            f"{community.name} does not take requests at the moment. Ask one of its members to invite you.",
            code="not_open_to_ask",
        )
    if not is_described(by) and professional_group is None:
        raise ProfessionNotSaid("Choose your professional group.", code="profession_not_said")
    try:
        with transaction.atomic():
            request = JoinRequest.objects.create(
                community=community,
                user=by,
                organisation=organisation,
                professional_group=professional_group,
                words=words.strip(),
                asked_at=now,
            )
    except IntegrityError:
        raise AlreadyAsked(
            f"You have asked to join {community.name} already. A facilitator will look at it.", code="already_asked"
        ) from None
    audit.record(event="joining.asked", by=by, target=request, at=now)
    tell_facilitators(community, now)
    return request


def tell_facilitators(community: Community, now: datetime) -> None:
    """One mail a day to each facilitator, within the caller's transaction."""
    terms = RoleTerm.objects.current().facilitators().filter(community=community)
    people = [term.person for term in terms.select_related("person__user").order_by("pk")]
    outbox.enqueue(*(requests_waiting(community, person.user, to=email_of(person), now=now) for person in people))


@transaction.atomic
def withdraw_request(*, request: JoinRequest, by: User, now: datetime) -> JoinRequest:
    """Takes back what one asked oneself."""
    if request.user_id != by.pk:
        raise NotYourRequest("Only whoever asked can take this back.", code="not_your_request")
    _decide(request, JoinRequest.State.WITHDRAWN, by, now)
    audit.record(event="joining.withdrawn", by=by, target=request, at=now)
    return request


@transaction.atomic
def accept_request(*, request: JoinRequest, by: User, now: datetime) -> Membership:
    """Makes whoever asked a member, and writes to tell them so. Who brought them is kept with the membership."""
    community = locked(request.community)
    email = request.email
    if request.user is not None:
        person, _ = Person.objects.get_or_create(user=request.user)
        email = email_of(person)
    _decide(request, JoinRequest.State.ACCEPTED, by, now)
    membership = add_member(
        community=community,
        name=request.asked_by,
        email=email,
        organisation=request.organisation,
        professional_group=request.professional_group,
        starts_on=timezone.localdate(now),
        came_by=request.came_by,
        brought_by=request.brought_by,
        by=by,
        now=now,
    )
    JoinRequest.objects.filter(pk=request.pk).update(membership=membership, name="", words="")
    audit.record(event="joining.accepted", by=by, target=request, at=now)
    return membership


@transaction.atomic
def decline_request(*, request: JoinRequest, because: str, by: User, now: datetime) -> JoinRequest:
    """Turns a request down, with a reason. Those who asked while signed in are told; an address typed in a room is not
    written to, for nobody has confirmed it."""
    locked(request.community)
    if not (because := because.strip()):
        raise NoReasonToDecline("Say why, in a sentence.", code="no_reason_to_decline")
    _decide(request, JoinRequest.State.DECLINED, by, now, because=because)
    audit.record(event="joining.declined", by=by, target=request, at=now)
    if request.user is not None and (person := Person.objects.filter(user=request.user).first()):
        outbox.enqueue(request_declined(request, to=email_of(person), now=now))
    return request


def _decide(request: JoinRequest, state: JoinRequest.State, by: User, now: datetime, because: str = "") -> None:
    waiting = JoinRequest.objects.waiting().filter(pk=request.pk)
    if not waiting.update(state=state, decided_at=now, decided_by=by, because=because, email=""):
        raise RequestDecided("Someone else has already dealt with this request.", code="request_decided")
    request.refresh_from_db()
