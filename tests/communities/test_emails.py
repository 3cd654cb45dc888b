"""The first mail to someone added by another person."""

import pytest

from communities.emails.welcome import WELCOME, welcome
from communities.models import Community, Membership
from cop_portal.outbox.kinds import Rendered, kind_named
from tests.factories.communities import NOW, TODAY, CommunityFactory, MembershipFactory, PersonFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    community = CommunityFactory.create(name="Sepsis & shock", purpose="To spot sepsis early.")
    return MembershipFactory.create(community=community, person=PersonFactory.create(name="Amara O'Kafor"))


def written(membership: Membership) -> Rendered:
    mail = welcome(membership, to="amara@example.org", added_by=staff(name="Fadia Haddad"), now=NOW)
    return kind_named(WELCOME).render(dict(mail.params), mail.to)


def test_it_says_who_added_whom_to_what_what_is_held_and_which_rights_there_are(membership: Membership) -> None:
    mail = written(membership)
    affiliation = membership.person.affiliations.get()
    assert mail.subject == "You have been added to the Sepsis & shock community"
    for words in (
        "Hello Amara O'Kafor,",
        "Fadia Haddad has added you to the Sepsis & shock community of practice. To spot sepsis early.",
        "sign in with this address, amara@example.org",
        f"- where you work and as what: {affiliation.organisation}, {affiliation.professional_group}",
        "Fadia Haddad gave us your name, address, workplace and professional group.",
        "Article 6(1)(e) of the UK GDPR",
        "You can ask to see what we hold, to have it put right, to object, to leave, or to have it erased.",
        "/privacy/",
        "Information Commissioner's Office",
    ):
        assert words in mail.text


def test_it_holds_no_link_that_signs_anyone_in(membership: Membership) -> None:
    addresses = {word.rstrip(".,;") for word in written(membership).text.split() if word.startswith("http")}
    assert {address.split("/", 3)[3] if address.count("/") > 2 else "" for address in addresses} == {
        "",
        "privacy/",
        "complaints/",
    }


def test_it_is_no_longer_due_once_they_have_left(membership: Membership) -> None:
    is_due = kind_named(WELCOME).is_still_due
    assert is_due({"membership": membership.pk})
    Membership.objects.update(ends_on=TODAY)
    assert not is_due({"membership": membership.pk})


def test_a_name_with_a_line_break_does_not_reach_the_subject() -> None:
    community = Community(name="Sepsis\nBcc: everyone@example.org")
    community.slug = "sepsis"
    community.save()
    membership = MembershipFactory.create(community=community)
    assert "\n" not in written(membership).subject
