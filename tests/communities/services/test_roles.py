"""Facilitating and sponsoring a community, for a time."""

from datetime import date, timedelta
from typing import Any

import pytest

from communities.emails.appointed import APPOINTED
from communities.models import Affiliation, Community, Membership, RoleTerm
from communities.permissions import Permission
from communities.services.communities import CommunityClosed
from communities.services.people.membership import ProfessionNotSaid
from communities.services.people.roles import (
    LastFacilitator,
    TermAlreadyEnded,
    TermEndsOutOfOrder,
    TermsOverlap,
    TermStartsInTheFuture,
    appoint,
    appoint_by_address,
    end_term,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    LONG_AGO,
    NOW,
    TODAY,
    CommunityFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
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


def new_term(community: Community, by: User, **changes: Any) -> RoleTerm:
    asked = {"person": PersonFactory.create(), "role": "sponsor", "starts_on": TODAY, **changes}
    return appoint(community=community, by=by, now=NOW, **asked)


def test_who_is_appointed_is_told_what_they_can_do_and_see(community: Community, facilitator: User) -> None:
    new_term(community, facilitator)
    mail = OutboxMessage.objects.get(kind=APPOINTED)
    written = kind_named(APPOINTED).render(dict(mail.params), mail.recipient)
    assert written.subject == "You are now sponsor of the Sepsis community"
    assert "Fadia Haddad has appointed you sponsor" in written.text
    assert "and never who" in written.text
    assert kind_named(APPOINTED).is_still_due(dict(mail.params))
    RoleTerm.objects.update(ends_on=TODAY)
    assert not kind_named(APPOINTED).is_still_due(dict(mail.params))


def test_who_appoints_themselves_is_not_written_to(community: Community) -> None:
    someone = staff()
    new_term(community, someone, person=someone.person)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("starts_on", "refusal"),
    [(TODAY + timedelta(days=1), TermStartsInTheFuture), (date(2026, 5, 31), TermsOverlap)],
)
def test_terms_begin_today_or_earlier_and_do_not_overlap(
    community: Community, facilitator: User, starts_on: date, refusal: type[Exception]
) -> None:
    term = new_term(community, facilitator, starts_on=LONG_AGO)
    end_term(term=term, ends_on=date(2026, 6, 1), by=facilitator, now=NOW)
    with pytest.raises(refusal):
        new_term(community, facilitator, person=term.person, starts_on=starts_on)
    assert new_term(community, facilitator, person=term.person, starts_on=date(2026, 6, 1)).ends_on is None


def test_a_sponsor_need_be_no_member_and_becomes_known_by_being_appointed(
    community: Community, facilitator: User
) -> None:
    trust, managers = OrganisationFactory.create(), ProfessionalGroupFactory.create()
    details: dict[str, Any] = {
        "community": community,
        "role": "sponsor",
        "name": "Sonia Sponsor",
        "email": "sonia@example.org",
        "organisation": trust,
        "starts_on": LONG_AGO,
        "by": facilitator,
        "now": NOW,
    }
    with pytest.raises(ProfessionNotSaid):
        appoint_by_address(professional_group=None, **details)  # type: ignore[arg-type]
    term = appoint_by_address(professional_group=managers, **details)
    assert (term.person.name, term.role, term.starts_on) == ("Sonia Sponsor", "sponsor", LONG_AGO)
    assert Affiliation.objects.get(person=term.person).organisation == trust
    assert not Membership.objects.filter(person=term.person).exists()
    assert OutboxMessage.objects.get(kind=APPOINTED).recipient == "sonia@example.org"


def test_a_term_ends_on_a_day_of_its_own_and_once(community: Community, facilitator: User) -> None:
    term = new_term(community, facilitator, starts_on=date(2026, 6, 1))
    for wrong in (date(2026, 5, 31), TODAY + timedelta(days=1)):
        with pytest.raises(TermEndsOutOfOrder):
            end_term(term=term, ends_on=wrong, by=facilitator, now=NOW)
    assert end_term(term=term, ends_on=TODAY, by=facilitator, now=NOW).ends_on == TODAY
    with pytest.raises(TermAlreadyEnded):
        end_term(term=term, ends_on=TODAY, by=facilitator, now=NOW)
    assert AuditEntry.objects.filter(event="sponsor.ended").count() == 1


def test_the_last_facilitator_goes_by_decision_of_staff_only(community: Community, facilitator: User) -> None:
    term = RoleTerm.objects.get(person__user=facilitator)
    with pytest.raises(LastFacilitator):
        end_term(term=term, ends_on=TODAY, by=facilitator, now=NOW)
    other = new_term(community, facilitator, role="facilitator")
    end_term(term=other, ends_on=TODAY, by=facilitator, now=NOW)
    end_term(term=term, ends_on=TODAY, by=staff(), now=NOW)
    former = User.objects.get(pk=facilitator.pk)
    assert not former.has_perm(Permission.ADD_MEMBER, community)
    assert former.has_perm(Permission.SEE_NAMES, community), "the membership goes on"


def test_in_a_closed_community_roles_stay_as_they_are(community: Community, facilitator: User) -> None:
    term = RoleTerm.objects.get(person__user=facilitator)
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        new_term(community, facilitator)
    with pytest.raises(CommunityClosed):
        end_term(term=term, ends_on=TODAY, by=staff(), now=NOW)
