"""Joining, leaving and being appointed."""

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from communities.models import Affiliation, Attendance, Community, Membership, Person, RoleTerm
from communities.services.communities import CommunityClosed
from communities.services.people.membership import (
    AlreadyMember,
    EndsOutOfOrder,
    EpisodesOverlap,
    MembershipAlreadyEnded,
    PresentAfterwards,
    StartsInTheFuture,
    add_member,
    end_membership,
)
from communities.services.people.roles import AlreadyAppointed, appoint
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


def add(community: Community, by: User, **changes: Any) -> Membership:
    asked: dict[str, Any] = {
        "name": "Amara Okafor",
        "email": "amara@example.org",
        "organisation": None,
        "professional_group": ProfessionalGroupFactory.create(),
        "starts_on": TODAY,
        **changes,
    }
    return add_member(community=community, by=by, now=NOW, **asked)


def test_adding_someone_new_makes_one_of_everything(community: Community, facilitator: User) -> None:
    trust, nurses = OrganisationFactory.create(), ProfessionalGroupFactory.create()
    membership = add(community, facilitator, email=" Amara@Example.org ", organisation=trust, professional_group=nurses)
    person = membership.person
    assert (person.name, membership.starts_on, membership.ends_on) == ("Amara Okafor", TODAY, None)
    address = EmailAddress.objects.get(user=person.user)
    assert (address.email, address.verified, address.primary) == ("amara@example.org", True, True)
    assert not person.user.has_usable_password()
    affiliation = Affiliation.objects.get(person=person)
    assert (affiliation.organisation, affiliation.professional_group, affiliation.starts_on) == (trust, nurses, TODAY)
    assert AuditEntry.objects.values_list("event", flat=True).get() == "member.added"


def test_the_first_mail_is_a_row_that_names_its_occasion_and_holds_no_words(
    community: Community, facilitator: User
) -> None:
    membership = add(community, facilitator)
    mail = OutboxMessage.objects.get()
    assert (mail.dedupe_key, mail.kind, mail.due_at) == (
        f"membership:{membership.pk}:welcome",
        "communities.welcome",
        NOW,
    )
    assert mail.params == {"membership": membership.pk, "added_by": facilitator.pk}


def test_a_known_address_is_the_same_person_whatever_name_was_typed(community: Community, facilitator: User) -> None:
    known = PersonFactory.create(name="Amara Okafor", email="amara@example.org")
    before = Affiliation.objects.get(person=known)
    membership = add(community, facilitator, name="A. Okafor", email="AMARA@example.org")
    assert membership.person == known
    assert membership.person.name == "Amara Okafor"
    assert Affiliation.objects.get(person=known) == before
    assert EmailAddress.objects.filter(email="amara@example.org").count() == 1


def test_someone_with_an_account_only_becomes_a_person_with_an_affiliation(
    community: Community, facilitator: User
) -> None:
    colleague = staff(email="colleague@example.org")
    Affiliation.objects.all().delete()
    Person.objects.filter(user=colleague).delete()
    membership = add(community, facilitator, email="colleague@example.org")
    assert membership.person.user == colleague
    assert Affiliation.objects.filter(person=membership.person).count() == 1


def test_a_person_is_not_added_twice(community: Community, facilitator: User) -> None:
    add(community, facilitator)
    with pytest.raises(AlreadyMember) as refused:
        add(community, facilitator, email="Amara@example.org")
    assert refused.value.status == 409
    assert refused.value.messages == ["Amara Okafor is already a member of Sepsis. There is no need to add them again."]
    assert Membership.objects.filter(community=community).count() == 2
    assert OutboxMessage.objects.count() == 1


def test_nobody_joins_in_the_future_and_nothing_is_left_of_the_attempt(community: Community, facilitator: User) -> None:
    people = Person.objects.count()
    with pytest.raises(StartsInTheFuture):
        add(community, facilitator, starts_on=TODAY + timedelta(days=1))
    assert (Person.objects.count(), OutboxMessage.objects.count()) == (people, 0)


def test_coming_back_starts_another_episode_but_not_inside_an_earlier_one(
    community: Community, facilitator: User
) -> None:
    earlier = MembershipFactory.create(community=community, ends_on=date(2026, 6, 1))
    address = EmailAddress.objects.get(user=earlier.person.user).email
    with pytest.raises(EpisodesOverlap) as refused:
        add(community, facilitator, email=address, starts_on=date(2026, 5, 31))
    (words,) = refused.value.messages
    assert words == f"{earlier.person.name} was a member until 1 June 2026. Choose that date or a later one."
    again = add(community, facilitator, email=address, starts_on=date(2026, 6, 1))
    assert Membership.objects.filter(person=earlier.person).count() == 2
    assert again.person == earlier.person


def test_a_closed_community_takes_nobody(community: Community, facilitator: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        add(community, facilitator)
    assert not EmailAddress.objects.filter(email="amara@example.org").exists()


def held_session(community: Community, facilitator: User, *, days_ago: int, present: Membership | None = None) -> Any:
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=days_ago))
    return record_session(
        session=session,
        version=session.version,
        focus="",
        attendance={present.pk: "room"} if present else {},
        learning_points=[],
        actions=[],
        by=facilitator,
        now=NOW,
    )


def test_joining_and_leaving_in_the_past_mends_the_counts_of_the_sessions_since(
    community: Community, facilitator: User
) -> None:
    before = held_session(community, facilitator, days_ago=20)
    after = held_session(community, facilitator, days_ago=10)
    membership = add(community, facilitator, starts_on=TODAY - timedelta(days=15))
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.member_count, after.member_count) == (1, 2)
    end_membership(membership=membership, ends_on=TODAY - timedelta(days=12), by=facilitator, now=NOW)
    after.refresh_from_db()
    assert after.member_count == 1


def test_leaving_ends_the_episode_and_keeps_what_was_recorded(community: Community, facilitator: User) -> None:
    membership = MembershipFactory.create(community=community)
    held_session(community, facilitator, days_ago=3, present=membership)
    ended = end_membership(membership=membership, ends_on=TODAY, by=facilitator, now=NOW)
    assert ended.ends_on == TODAY
    assert Attendance.objects.get(membership=membership).status == "room"
    assert AuditEntry.objects.filter(event="membership.ended", target_id=str(membership.pk)).count() == 1


def test_a_membership_ends_once(community: Community, facilitator: User) -> None:
    membership = MembershipFactory.create(community=community)
    end_membership(membership=membership, ends_on=TODAY, by=facilitator, now=NOW)
    with pytest.raises(MembershipAlreadyEnded):
        end_membership(membership=membership, ends_on=TODAY - timedelta(days=1), by=facilitator, now=NOW)
    membership.refresh_from_db()
    assert membership.ends_on == TODAY


@pytest.mark.parametrize("days", [-800, 1])
def test_a_membership_ends_between_its_start_and_today(community: Community, facilitator: User, days: int) -> None:
    membership = MembershipFactory.create(community=community, starts_on=date(2025, 1, 1))
    with pytest.raises(EndsOutOfOrder):
        end_membership(membership=membership, ends_on=TODAY + timedelta(days=days), by=facilitator, now=NOW)


def test_nobody_left_before_a_session_they_were_at(community: Community, facilitator: User) -> None:
    membership = MembershipFactory.create(community=community)
    held_session(community, facilitator, days_ago=3, present=membership)
    with pytest.raises(PresentAfterwards) as refused:
        end_membership(membership=membership, ends_on=TODAY - timedelta(days=3), by=facilitator, now=NOW)
    (words,) = refused.value.messages
    assert words == (
        f"{membership.person.name} was present on 21 November 2026. "
        "Choose a later date, or correct who came to that session first."
    )


def test_a_facilitator_is_appointed_once_and_does_not_become_a_member(community: Community, facilitator: User) -> None:
    person = PersonFactory.create(name="Bela Kiss")
    term = appoint(person=person, community=community, role="facilitator", starts_on=TODAY, by=facilitator, now=NOW)
    assert (term.role, term.starts_on, term.ends_on) == ("facilitator", TODAY, None)
    assert not Membership.objects.filter(person=person).exists()
    with pytest.raises(AlreadyAppointed) as refused:
        appoint(person=person, community=community, role="facilitator", starts_on=TODAY, by=facilitator, now=NOW)
    assert refused.value.messages == ["Bela Kiss is already facilitator of Sepsis."]
    appoint(person=person, community=community, role="sponsor", starts_on=TODAY, by=facilitator, now=NOW)
    assert RoleTerm.objects.filter(person=person).count() == 2


def test_an_affiliation_that_ended_is_followed_by_the_one_typed(community: Community, facilitator: User) -> None:
    known = PersonFactory.create(email="amara@example.org")
    Affiliation.objects.filter(person=known).update(ends_on=TODAY)
    new_trust = OrganisationFactory.create()
    add(community, facilitator, organisation=new_trust)
    assert Affiliation.objects.current().get(person=known).organisation == new_trust
    assert Affiliation.objects.filter(person=known).count() == 2
