"""Putting a problem to the person who can act: what is sent, sent again, taken back, and waited for no longer."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from communities import links
from communities.emails.problems import BRIEF, NEWS, REMINDER
from communities.models import Brief, Community, Escalation, LeverHolder, Problem
from communities.services.communities import CommunityClosed
from communities.services.problems.answers import answer_escalation
from communities.services.problems.briefs import BriefChanged, BriefText, BriefTooEarly, write_brief
from communities.services.problems.escalations import (
    NoAddressToSendTo,
    NoLongerWaiting,
    ReasonNotSaid,
    WhoCanAct,
    end_waiting,
    send_brief,
    send_link_again,
    withdraw_escalation,
)
from communities.services.problems.register import declare_beyond_reach
from cop_portal.accounts.models import User
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import NOW, CommunityFactory, ProblemFactory, facilitator_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LENA = WhoCanAct(name="Lena Lever", post="Medical director", email="Lena@Example.org")


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, email="fadia@example.org")


@pytest.fixture
def problem(community: Community, facilitator: User) -> Problem:
    raised = ProblemFactory.create(community=community, title="Two forms")
    return declare_beyond_reach(problem=raised, by=facilitator, now=NOW - 10 * DAY)


def sent(problem: Problem, by: User, to: WhoCanAct = LENA, **changes: Any) -> Escalation:
    text = BriefText(in_the_way="Two forms", ask="One form, please")
    brief = write_brief(problem=problem, version=0, text=text, by=by, now=NOW)
    how = {"version": brief.version, "is_mailed": True, **changes}
    return send_brief(problem=problem, to=to, by=by, now=NOW, **how)


def mails() -> list[tuple[str, str]]:
    return sorted(OutboxMessage.objects.values_list("kind", "recipient"))


def test_sending_a_brief_fixes_it_moves_the_problem_and_plans_one_mail_and_one_reminder(
    problem: Problem, facilitator: User
) -> None:
    escalation = sent(problem, facilitator)
    problem.refresh_from_db()
    assert (problem.state, escalation.ask, escalation.by) == ("escalated", "One form, please", facilitator)
    assert escalation.brief == Brief.objects.get(sent_at=NOW)
    assert mails() == [(BRIEF, "lena@example.org"), (REMINDER, "lena@example.org")]
    brief, reminder = OutboxMessage.objects.order_by("due_at")
    # 14 days later, at ten in the morning.
    assert (brief.due_at, reminder.due_at) == (NOW, NOW.replace(month=12, day=8, hour=10))


def test_the_database_holds_no_working_link(problem: Problem, facilitator: User) -> None:
    escalation = sent(problem, facilitator)
    token = links.token_for(links.ESCALATION, escalation.pk)
    assert escalation.link_hash == links.hash_of(token)
    assert token not in str(list(Escalation.objects.values())) + str(list(OutboxMessage.objects.values()))


def test_a_brief_that_was_handed_over_is_noted_and_mails_nobody(problem: Problem, facilitator: User) -> None:
    escalation = sent(problem, facilitator, WhoCanAct(name="Lena Lever", post="Medical director"), is_mailed=False)
    assert (escalation.has_link, escalation.lever_holder.email, mails()) == (False, "", [])


def test_a_brief_is_not_sent_without_an_address_a_draft_or_twice(problem: Problem, facilitator: User) -> None:
    with pytest.raises(NoAddressToSendTo):
        sent(problem, facilitator, WhoCanAct(name="Lena Lever", post="Medical director"))
    with pytest.raises(BriefChanged):
        send_brief(problem=problem, version=7, to=LENA, is_mailed=True, by=facilitator, now=NOW)
    send_brief(problem=problem, version=1, to=LENA, is_mailed=True, by=facilitator, now=NOW)
    with pytest.raises(BriefTooEarly):
        send_brief(problem=problem, version=1, to=LENA, is_mailed=True, by=facilitator, now=NOW)
    assert (Escalation.objects.count(), len(mails())) == (1, 2)


def test_the_same_person_in_the_same_post_is_one_row_and_in_another_post_another(
    community: Community, problem: Problem, facilitator: User
) -> None:
    sent(problem, facilitator)
    for post in ("Medical director", "Chief executive"):
        another = ProblemFactory.create(community=community)
        declare_beyond_reach(problem=another, by=facilitator, now=NOW)
        sent(another, facilitator, WhoCanAct(name=" Lena Lever", post=post, email="lena@example.org"))
    assert sorted(LeverHolder.objects.values_list("post", flat=True)) == ["Chief executive", "Medical director"]


def test_a_link_sent_again_replaces_the_one_before_and_may_go_to_another_address(
    problem: Problem, facilitator: User
) -> None:
    first = sent(problem, facilitator)
    before = OutboxMessage.objects.get(kind=BRIEF)
    again = send_link_again(escalation=first, email="l.lever@example.org", by=facilitator, now=NOW + DAY)
    assert (again.generation, again.lever_holder.email) == (2, "l.lever@example.org")
    assert again.link_hash == links.hash_of(links.token_for(links.ESCALATION, first.pk, 2)) != first.link_hash
    assert not kind_named(BRIEF).is_still_due(before.params)
    latest = OutboxMessage.objects.filter(kind=BRIEF).latest("due_at")
    assert (latest.recipient, kind_named(BRIEF).is_still_due(latest.params)) == ("l.lever@example.org", True)


def test_what_is_taken_back_is_beyond_reach_again_asks_nobody_and_says_why(problem: Problem, facilitator: User) -> None:
    escalation = sent(problem, facilitator)
    with pytest.raises(ReasonNotSaid):
        withdraw_escalation(escalation=escalation, because=" ", by=facilitator, now=NOW)
    taken = withdraw_escalation(escalation=escalation, because="Wrong person", by=facilitator, now=NOW + DAY)
    problem.refresh_from_db()
    assert (problem.state, taken.withdrawn_at, taken.is_waiting) == ("beyond_reach", NOW + DAY, False)
    assert problem.steps.latest("pk").note == "Wrong person"
    for message in OutboxMessage.objects.all():
        assert not kind_named(message.kind).is_still_due(message.params)
    assert sent(problem, facilitator).pk != escalation.pk


def test_what_has_been_answered_is_neither_taken_back_nor_sent_again(problem: Problem, facilitator: User) -> None:
    escalation = sent(problem, facilitator)
    answer_escalation(escalation=escalation, version=1, verdict="will_act", answer="", now=NOW)
    with pytest.raises(NoLongerWaiting):
        withdraw_escalation(escalation=escalation, because="Too late", by=facilitator, now=NOW)
    with pytest.raises(NoLongerWaiting):
        send_link_again(escalation=escalation, email="lena@example.org", by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert problem.state == "answered"


def test_silence_for_longer_than_the_setting_reads_no_reply_and_facilitators_are_told_once(
    problem: Problem, facilitator: User, settings: LazySettings
) -> None:
    settings.NO_REPLY_AFTER_DAYS = 90
    sent(problem, facilitator)
    assert end_waiting(now=NOW + 89 * DAY) == 0
    assert end_waiting(now=NOW + 90 * DAY) == 1
    assert end_waiting(now=NOW + 91 * DAY) == 0
    problem.refresh_from_db()
    assert (problem.state, problem.came_of_it) == (
        "no_reply",
        "No reply from the person who can act within 90 days.",
    )
    assert problem.steps.latest("pk").by is None
    assert Escalation.objects.get().given_up_at == NOW + 90 * DAY
    assert [mail for mail in mails() if mail[0] == NEWS] == [(NEWS, "fadia@example.org")]


def test_a_closed_community_sends_nothing_and_its_questions_rest(
    community: Community, problem: Problem, facilitator: User
) -> None:
    escalation = sent(problem, facilitator)
    Community.objects.update(state=Community.State.CLOSED)
    assert end_waiting(now=NOW + 365 * DAY) == 0
    for message in OutboxMessage.objects.all():
        assert not kind_named(message.kind).is_still_due(message.params)
    with pytest.raises(CommunityClosed):
        withdraw_escalation(escalation=escalation, because="Closed", by=facilitator, now=NOW)
