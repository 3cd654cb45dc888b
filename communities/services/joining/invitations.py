"""Inviting people by mail to become members, and what they answer behind their personal link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities import links
from communities.emails.joining import invitation as invitation_mail
from communities.models import (
    Community,
    MemberInvitation,
    Membership,
    Organisation,
    ProfessionalGroup,
)
from communities.services.communities import locked
from communities.services.people.membership import AlreadyMember, add_member, is_described, user_known_by
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

INVITED_FOR = timedelta(days=30)
MOST_AT_ONCE = 50
MOST_MAILS = 3


class NobodyToInvite(Refusal):
    """An invitation goes to someone."""


class TooManyAtOnce(Refusal):
    """Longer lists are brought in as a file."""


class AlreadyInvited(Conflict):
    """Who has been invited to a community and has not answered is not invited again; the mail is sent again."""


class InvitationNotWaiting(Conflict):
    """What has been answered or taken back waits no more."""


class InvitedOften(Refusal):
    """Who does not answer three mails does not want a fourth."""


class InvitationNotKnown(Refusal):
    """A link that leads nowhere."""


class InvitationOver(Refusal):
    """An invitation opens until its last day, unless it is taken back."""


@dataclass(frozen=True)
class Invited:
    """What is behind a personal link. `is_known`: the portal knows this address, and asks only for the answer."""

    invitation: MemberInvitation
    is_known: bool


@transaction.atomic
def invite_members(*, community: Community, emails: Iterable[str], by: User, now: datetime) -> list[MemberInvitation]:
    """Invites people by their mail addresses: all of them, or, with a sentence about those that cannot be, none."""
    community = locked(community)
    wanted = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if not wanted:
        raise NobodyToInvite("Enter at least one mail address.", code="nobody_to_invite")
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyAtOnce(
            f"Invite up to {MOST_AT_ONCE} people at once. Longer lists can be imported as a file.",
            code="too_many_at_once",
        )
    _refuse_members(community, wanted)
    _refuse_invited(community, wanted, now)
    expires_on = timezone.localdate(now) + INVITED_FOR
    invited = [
        MemberInvitation.objects.create(
            community=community, email=email, invited_by=by, invited_at=now, expires_on=expires_on
        )
        for email in wanted
    ]
    for one in invited:
        _give_link(one)
        audit.record(event="member.invited", by=by, target=one, at=now)
    outbox.enqueue(*(invitation_mail(one, now=now) for one in invited))
    return invited


def _give_link(invited: MemberInvitation) -> None:
    token = links.token_for(links.INVITE, invited.pk, invited.generation)
    invited.link_hash = links.hash_of(token)
    invited.save(update_fields=["link_hash"])


def _refuse_members(community: Community, wanted: list[str]) -> None:
    of_members = EmailAddress.objects.filter(
        user__person__memberships__community=community, user__person__memberships__ends_on=None
    )
    members = {email.lower() for email in of_members.values_list("email", flat=True)}
    if found := [email for email in wanted if email in members]:
        raise AlreadyMember(
            f"Already in {community.name}: {', '.join(found)}. Leave them out, and nobody has been invited yet.",
            code="already_member",
        )


def _refuse_invited(community: Community, wanted: list[str], now: datetime) -> None:
    waiting = MemberInvitation.objects.waiting().filter(community=community, email__in=wanted)
    # Those whose time is over make room for a new one.
    waiting.filter(expires_on__lt=timezone.localdate(now)).update(
        state=MemberInvitation.State.WITHDRAWN, answered_at=now
    )
    if found := sorted(waiting.values_list("email", flat=True)):
        raise AlreadyInvited(
            f"Already invited, and no answer yet: {', '.join(found)}. Leave them out; their mail can be sent again "
            "from the list of invitations. Nobody has been invited yet.",
            code="already_invited",
        )


@transaction.atomic
def send_invitation_again(*, invitation: MemberInvitation, by: User, now: datetime) -> MemberInvitation:
    """Sends another mail with another link, and makes the earlier link useless."""
    locked(invitation.community)
    if invitation.generation >= MOST_MAILS:
        raise InvitedOften(
            f"{invitation.email} has been written to {MOST_MAILS} times. Speak to them instead.", code="invited_often"
        )
    unchanged = MemberInvitation.objects.waiting().filter(pk=invitation.pk, generation=invitation.generation)
    expires_on = timezone.localdate(now) + INVITED_FOR
    if not unchanged.update(generation=invitation.generation + 1, expires_on=expires_on):
        raise _not_waiting()
    invitation.refresh_from_db()
    _give_link(invitation)
    audit.record(event="member.invited_again", by=by, target=invitation, at=now)
    outbox.enqueue(invitation_mail(invitation, now=now))
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: MemberInvitation, by: User, now: datetime) -> MemberInvitation:
    """Takes an invitation back: its link opens no more."""
    locked(invitation.community)
    waiting = MemberInvitation.objects.waiting().filter(pk=invitation.pk)
    if not waiting.update(state=MemberInvitation.State.WITHDRAWN, answered_at=now):
        raise _not_waiting()
    invitation.refresh_from_db()
    audit.record(event="member.invitation_withdrawn", by=by, target=invitation, at=now)
    return invitation


def _not_waiting() -> InvitationNotWaiting:
    return InvitationNotWaiting(
        "This invitation has been answered, or someone else has dealt with it.", code="invitation_not_waiting"
    )


def invitation_behind(token: str, now: datetime) -> Invited:
    """What stands behind a link. Refuses one that is not known, is over, or whose community has closed."""
    found = (
        MemberInvitation.objects.filter(link_hash=links.hash_of(token))
        .select_related("community", "invited_by")
        .first()
    )
    if found is None:
        raise InvitationNotKnown(
            "This link is not one of ours, or no longer. A later mail may hold a newer one.", code="link_not_known"
        )
    if found.state == MemberInvitation.State.ACCEPTED:
        return Invited(found, is_known=True)
    if found.community.is_closed or found.state == MemberInvitation.State.WITHDRAWN:
        raise InvitationOver(
            "This invitation has been taken back, or the community has closed.", code="invitation_over"
        )
    if found.expires_on < timezone.localdate(now):
        raise InvitationOver(
            f"This invitation could be answered until {date_format(found.expires_on)}. "
            "Ask whoever invited you to do it again.",
            code="invitation_over",
        )
    return Invited(found, is_known=is_described(user_known_by(found.email)))


def _held(token: str, now: datetime) -> MemberInvitation:
    """The invitation as it stands while nobody else answers it, until the transaction ends."""
    locked(invitation_behind(token, now).invitation.community)
    return invitation_behind(token, now).invitation


@transaction.atomic
def accept_invitation(
    *,
    token: str,
    name: str = "",
    organisation: Organisation | None = None,
    professional_group: ProfessionalGroup | None = None,
    now: datetime,
) -> Membership:
    """Makes whoever holds the link a member. Someone the portal knows keeps the name and workplace they have."""
    found = _held(token, now)
    if found.state == MemberInvitation.State.ACCEPTED and found.membership is not None:
        return found.membership
    membership = _membership_of(found.email, found.community)
    if membership is None:
        membership = add_member(
            community=found.community,
            name=name,
            email=found.email,
            organisation=organisation,
            professional_group=professional_group,
            starts_on=timezone.localdate(now),
            came_by=Membership.CameBy.INVITED,
            by=found.invited_by,
            now=now,
        )
    _answer(found, MemberInvitation.State.ACCEPTED, now, membership=membership, email="")
    audit.record(event="member.invitation_accepted", by=membership.person.user, target=found, at=now)
    return membership


def _membership_of(email: str, community: Community) -> Membership | None:
    """Someone else may have added them meanwhile."""
    user = user_known_by(email)
    return Membership.objects.current().filter(person__user=user, community=community).first() if user else None


@transaction.atomic
def decline_invitation(*, token: str, now: datetime) -> MemberInvitation:
    """Says no. Until the last day they can still change their mind."""
    found = _held(token, now)
    if found.state == MemberInvitation.State.ACCEPTED:
        raise InvitationNotWaiting(
            f"You are a member of {found.community.name} already. To leave, sign in or write to us.",
            code="invitation_not_waiting",
        )
    _answer(found, MemberInvitation.State.DECLINED, now)
    audit.record(event="member.invitation_declined", by=None, target=found, at=now)
    return found


def _answer(found: MemberInvitation, state: MemberInvitation.State, now: datetime, **more: object) -> None:
    open_states = [MemberInvitation.State.WAITING, MemberInvitation.State.DECLINED]
    still = MemberInvitation.objects.filter(pk=found.pk, state__in=open_states)
    if not still.update(state=state, answered_at=now, **more):
        raise _not_waiting()
    found.refresh_from_db()
