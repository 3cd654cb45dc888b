"""Being invited by mail, and answering behind the personal link."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from communities import links
from communities.emails.joining import INVITATION
from communities.models import Affiliation, Community, MemberInvitation, Membership
from communities.services.communities import CommunityClosed
from communities.services.joining.invitations import (
    MOST_MAILS,
    AlreadyInvited,
    InvitationNotKnown,
    InvitationNotWaiting,
    InvitationOver,
    InvitedOften,
    NobodyToInvite,
    TooManyAtOnce,
    accept_invitation,
    decline_invitation,
    invitation_behind,
    invite_members,
    send_invitation_again,
    withdraw_invitation,
)
from communities.services.joining.join_endings import forget_joining
from communities.services.people.membership import AlreadyMember, NameNotSaid, ProfessionNotSaid, add_member
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

LAST_DAY = NOW + timedelta(days=30)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def by(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture
def invitation(community: Community, by: User) -> MemberInvitation:
    (invited,) = invite(community, by, "amara@example.org")
    return invited


def invite(community: Community, by: User, *emails: str) -> list[MemberInvitation]:
    return invite_members(community=community, emails=emails, by=by, now=NOW)


def token_of(invitation: MemberInvitation) -> str:
    return links.token_for(links.INVITE, invitation.pk, invitation.generation)


def accept(invitation: MemberInvitation, **said: Any) -> Membership:
    details = {"name": "Amara Okafor", "professional_group": ProfessionalGroupFactory.create(), **said}
    return accept_invitation(token=token_of(invitation), now=NOW, **details)


def test_an_invitation_is_a_row_and_a_mail_with_a_link_that_is_nowhere_stored(
    invitation: MemberInvitation, by: User
) -> None:
    assert (invitation.email, invitation.state, invitation.invited_by) == ("amara@example.org", "waiting", by)
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.recipient, mail.due_at) == (INVITATION, "amara@example.org", NOW)
    token = token_of(invitation)
    written = kind_named(INVITATION).render(dict(mail.params), mail.recipient)
    assert written.subject == "Fadia Haddad invites you to the Sepsis community"
    assert f"/j/{token}/" in written.text
    stored = [*MemberInvitation.objects.values_list(), *OutboxMessage.objects.values_list()]
    assert token not in str(stored)


def test_addresses_are_invited_once_each_however_they_are_written(community: Community, by: User) -> None:
    invited = invite(community, by, "A@example.org", " a@example.org ", "", "b@example.org")
    assert [one.email for one in invited] == ["a@example.org", "b@example.org"]
    assert OutboxMessage.objects.count() == 2


def test_one_who_cannot_be_invited_keeps_the_others_from_being_invited_too(
    community: Community, by: User, invitation: MemberInvitation
) -> None:
    MembershipFactory.create(community=community, person=PersonFactory.create(email="in@example.org"))
    with pytest.raises(AlreadyMember) as refused:
        invite(community, by, "new@example.org", "IN@example.org")
    assert "Already in Sepsis: in@example.org." in refused.value.messages[0]
    with pytest.raises(AlreadyInvited) as waiting:
        invite(community, by, "new@example.org", "Amara@example.org")
    assert "amara@example.org" in waiting.value.messages[0]
    assert MemberInvitation.objects.count() == 1


@pytest.mark.parametrize(
    ("emails", "refusal"), [([" "], NobodyToInvite), ([f"p{n}@example.org" for n in range(51)], TooManyAtOnce)]
)
def test_nobody_and_everybody_are_not_invited(
    community: Community, by: User, emails: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        invite(community, by, *emails)


def test_who_accepts_becomes_a_member_and_says_who_they_are(invitation: MemberInvitation, community: Community) -> None:
    trust, nurses = OrganisationFactory.create(), ProfessionalGroupFactory.create()
    membership = accept(invitation, organisation=trust, professional_group=nurses)
    assert (membership.person.name, membership.community, membership.starts_on) == ("Amara Okafor", community, TODAY)
    assert (membership.came_by, membership.brought_by) == ("invited", None)
    affiliation = Affiliation.objects.get(person=membership.person)
    assert (affiliation.organisation, affiliation.professional_group) == (trust, nurses)
    address = EmailAddress.objects.get(user=membership.person.user)
    assert (address.email, address.verified) == ("amara@example.org", True)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.email, invitation.membership) == ("accepted", "", membership)
    accepted = AuditEntry.objects.get(event="member.invitation_accepted")
    assert accepted.by_id == membership.person.user_id


def test_accepting_twice_is_being_a_member_once(invitation: MemberInvitation) -> None:
    assert accept(invitation) == accept(invitation)
    assert OutboxMessage.objects.filter(kind="communities.welcome").count() == 1


def test_someone_known_keeps_their_name_and_need_not_say_it(community: Community, by: User) -> None:
    person = PersonFactory.create(name="Amara Okafor", email="known@example.org")
    (invitation,) = invite(community, by, "known@example.org")
    assert invitation_behind(token_of(invitation), NOW).is_known
    membership = accept_invitation(token=token_of(invitation), name="Somebody Else", now=NOW)
    assert (membership.person, membership.person.name) == (person, "Amara Okafor")
    assert Affiliation.objects.filter(person=person).count() == 1


@pytest.mark.parametrize(
    ("said", "refusal"), [({"name": " "}, NameNotSaid), ({"professional_group": None}, ProfessionNotSaid)]
)
def test_someone_new_says_their_name_and_profession(
    invitation: MemberInvitation, said: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        accept(invitation, **said)
    invitation.refresh_from_db()
    assert (invitation.state, Membership.objects.filter(person__user__name="Amara Okafor").count()) == ("waiting", 0)


def test_who_was_added_meanwhile_is_told_so_by_being_a_member(invitation: MemberInvitation, by: User) -> None:
    added = add_member(
        community=invitation.community,
        name="Amara Okafor",
        email="amara@example.org",
        organisation=None,
        professional_group=ProfessionalGroupFactory.create(),
        starts_on=TODAY,
        by=by,
        now=NOW,
    )
    assert accept(invitation) == added


def test_a_no_can_become_a_yes_until_the_last_day_and_a_yes_is_no_no(invitation: MemberInvitation) -> None:
    assert decline_invitation(token=token_of(invitation), now=NOW).state == "declined"
    accept(invitation)
    with pytest.raises(InvitationNotWaiting):
        decline_invitation(token=token_of(invitation), now=NOW)


def test_a_link_opens_until_its_last_day(invitation: MemberInvitation) -> None:
    token = token_of(invitation)
    assert invitation_behind(token, LAST_DAY).invitation == invitation
    with pytest.raises(InvitationOver):
        invitation_behind(token, LAST_DAY + timedelta(days=1))
    with pytest.raises(InvitationOver):
        accept_invitation(token=token, name="A", now=LAST_DAY + timedelta(days=1))


@pytest.mark.parametrize("token", ["", "x", "a\x00b", "é" * 43, "\ud800"])
def test_a_link_that_was_never_given_leads_nowhere(token: str) -> None:
    with pytest.raises(InvitationNotKnown):
        invitation_behind(token, NOW)


def test_sent_again_it_is_another_link_and_the_first_leads_nowhere(invitation: MemberInvitation, by: User) -> None:
    first, is_due = token_of(invitation), kind_named(INVITATION).is_still_due
    params = dict(OutboxMessage.objects.get().params)
    assert is_due(params)
    send_invitation_again(invitation=invitation, by=by, now=NOW)
    assert not is_due(params)
    assert OutboxMessage.objects.count() == 2
    with pytest.raises(InvitationNotKnown):
        invitation_behind(first, NOW)
    assert invitation_behind(token_of(invitation), NOW).invitation == invitation


def test_nobody_is_written_to_more_than_three_times(invitation: MemberInvitation, by: User) -> None:
    for _ in range(MOST_MAILS - 1):
        send_invitation_again(invitation=invitation, by=by, now=NOW)
    with pytest.raises(InvitedOften):
        send_invitation_again(invitation=invitation, by=by, now=NOW)


def test_taken_back_it_opens_no_more_and_its_mail_is_not_sent(invitation: MemberInvitation, by: User) -> None:
    withdraw_invitation(invitation=invitation, by=by, now=NOW)
    with pytest.raises(InvitationOver):
        invitation_behind(token_of(invitation), NOW)
    assert not kind_named(INVITATION).is_still_due(dict(OutboxMessage.objects.get().params))
    with pytest.raises(InvitationNotWaiting):
        withdraw_invitation(invitation=invitation, by=by, now=NOW)
    with pytest.raises(InvitationNotWaiting):
        send_invitation_again(invitation=invitation, by=by, now=NOW)


def test_a_closed_community_invites_nobody(community: Community, by: User, invitation: MemberInvitation) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        invite(community, by, "late@example.org")
    with pytest.raises(InvitationOver):
        accept(invitation)


def test_the_address_of_someone_who_did_not_join_is_deleted_after_thirty_days(
    community: Community, by: User, invitation: MemberInvitation
) -> None:
    (joined,) = invite(community, by, "joined@example.org")
    accept(joined)
    assert forget_joining(now=LAST_DAY) == 0
    assert forget_joining(now=LAST_DAY + timedelta(days=1)) == 1
    assert list(MemberInvitation.objects.all()) == [joined]
    assert forget_joining(now=LAST_DAY + timedelta(days=1)) == 0


def test_someone_who_left_can_be_invited_back_and_has_a_second_episode(community: Community, by: User) -> None:
    person = PersonFactory.create(email="back@example.org")
    MembershipFactory.create(person=person, community=community, ends_on=TODAY - timedelta(days=30))
    (invitation,) = invite(community, by, "back@example.org")
    accept(invitation)
    assert Membership.objects.filter(person=person, community=community).count() == 2
