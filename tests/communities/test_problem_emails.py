"""What the person who can act and those who asked read in their mail, and when it is no longer due."""

import pytest

from communities import links
from communities.emails import problems as emails
from communities.models import Community, Escalation
from communities.services.problems.answers import answer_escalation, dispute_answer
from cop_portal.accounts.models import User
from cop_portal.outbox.kinds import Mail, Rendered, kind_named
from tests.communities.putting import beyond_reach, put_to_lena, token_of
from tests.factories.communities import NOW, CommunityFactory, facilitator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def facilitator() -> User:
    return facilitator_of(CommunityFactory.create(name="Sepsis & shock"), name="Fadia O'Haddad")


@pytest.fixture
def asked(facilitator: User) -> Escalation:
    community = Community.objects.get()
    return put_to_lena(beyond_reach(community, facilitator, title="Two forms"), facilitator)


def written(mail: Mail) -> Rendered:
    return kind_named(mail.kind).render(dict(mail.params), mail.to)


def holds(mail: Rendered, *words: str) -> None:
    for one in words:
        assert one in mail.text
    assert "&amp;" not in mail.text + mail.subject
    assert "&#x27;" not in mail.text


def test_the_brief_says_who_asks_what_and_why_them_with_the_rights_and_the_link(asked: Escalation) -> None:
    mail = written(emails.brief(asked, now=NOW))
    assert mail.subject == "Sepsis & shock: a problem that you can help with"
    link = links.address(links.ESCALATION, token_of(asked))
    holds(
        mail, "Dear Lena Lever,", "The Sepsis & shock community of practice", "One form, please", link,
        "Fadia O'Haddad asks on behalf of the community, and named you as Medical director, Riverside Trust.",
        "Opening the page changes nothing.", "Article 6(1)(e) of the UK GDPR", "erased, or object", "/privacy/",
    )  # fmt: skip


def test_the_reminder_says_that_it_is_the_last(asked: Escalation) -> None:
    holds(written(emails.reminder(asked, now=NOW)), "On 24 November 2026", "We will not remind you again.")


def test_a_copy_of_the_answer_leads_to_changing_it_and_to_this_was_not_me(asked: Escalation) -> None:
    given = answer_escalation(escalation=asked, version=1, verdict="will_act", answer="From May", now=NOW)
    link = links.address(links.ESCALATION, token_of(asked))
    copy = emails.copy_of_answer(given, now=NOW)
    holds(written(copy), "Will act", "From May", "You can change it for 14 days", f"\n{link}\n", f"\n{link}not-me/\n")
    assert kind_named(copy.kind).is_still_due(dict(copy.params))
    disputed = dispute_answer(escalation=given, version=2, now=NOW)
    assert not kind_named(copy.kind).is_still_due(dict(copy.params))
    fresh = emails.fresh_link(disputed, now=NOW)
    holds(written(fresh), links.address(links.ESCALATION, token_of(asked)), "no longer leads anywhere")
    assert link not in written(fresh).text
    answer_escalation(escalation=disputed, version=3, verdict="declined", answer="", now=NOW)
    assert not kind_named(fresh.kind).is_still_due(dict(fresh.params))


@pytest.mark.parametrize(
    ("about", "subject", "said"),
    [
        (emails.News.ANSWERED, "Sepsis & shock: an answer from the person who can act", "Their answer: will act."),
        (emails.News.CORRECTED, "Sepsis & shock: an answer has been changed", "has changed their answer"),
        (emails.News.DISPUTED, "Sepsis & shock: an answer was not theirs", "You may want to ring them."),
        (emails.News.NO_REPLY, "Sepsis & shock: no reply from the person who can act", "within 90 days"),
    ],
)
def test_those_who_asked_are_told_what_has_happened_without_a_name_or_a_working_link(
    asked: Escalation, about: emails.News, subject: str, said: str
) -> None:
    given = answer_escalation(escalation=asked, version=1, verdict="will_act", answer="From May", now=NOW)
    mail = written(emails.news(given, about, user_id=1, to="fadia@example.org", now=NOW))
    assert mail.subject == subject
    holds(mail, said, "Two forms", asked.problem.get_absolute_url())
    assert "Lena" not in mail.text
    assert token_of(asked) not in mail.text
