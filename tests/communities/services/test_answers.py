"""What the person who can act answers: once, put right for a fortnight, recorded for them, or not theirs at all."""

from datetime import date, timedelta
from typing import Any

import pytest

from communities import links
from communities.emails.problems import BRIEF, COPY, FRESH_LINK, NEWS, REMINDER
from communities.models import Community, Escalation, Problem
from communities.services.communities import CommunityClosed
from communities.services.problems.answers import (
    AlreadyAnswered,
    AnswerChanged,
    AnsweredOutOfTime,
    LinkNotKnown,
    NotAVerdict,
    NothingToDispute,
    SomeoneElseNotNamed,
    TakenBack,
    TooLateToCorrect,
    answer_escalation,
    dispute_answer,
    escalation_behind,
    record_answer,
)
from communities.services.problems.briefs import BriefText, write_brief
from communities.services.problems.escalations import WhoCanAct, escalate_problem, send_brief, withdraw_escalation
from communities.services.problems.register import declare_beyond_reach, settle_problem
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    LeverHolderFactory,
    OrganisationFactory,
    ProblemFactory,
    facilitator_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


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


@pytest.fixture
def asked(problem: Problem, facilitator: User) -> Escalation:
    """Put to Lena Lever by mail, at NOW."""
    text = BriefText(in_the_way="Two forms", ask="One form, please")
    brief = write_brief(problem=problem, version=0, text=text, by=facilitator, now=NOW)
    riverside = OrganisationFactory.create(name="Riverside Trust")
    to = WhoCanAct(name="Lena Lever", post="Medical director", email="lena@example.org", organisation=riverside)
    return send_brief(problem=problem, version=brief.version, to=to, is_mailed=True, by=facilitator, now=NOW)


def answered(
    asked: Escalation, verdict: str = "will_act", answer: str = "Yes", *, version: int, days: int
) -> Escalation:
    return answer_escalation(escalation=asked, version=version, verdict=verdict, answer=answer, now=NOW + days * DAY)


def mails(*kinds: str) -> list[tuple[str, str]]:
    found = OutboxMessage.objects.filter(kind__in=kinds or (COPY, FRESH_LINK, NEWS))
    return sorted(found.values_list("kind", "recipient"))


def state_of(problem: Problem) -> str:
    problem.refresh_from_db()
    return problem.state


def test_an_answer_through_the_link_moves_the_problem_and_says_how_it_came(asked: Escalation, problem: Problem) -> None:
    given = answered(asked, answer=" Yes, from May ", version=1, days=3)
    assert (given.verdict, given.answer, given.answered_at) == ("will_act", "Yes, from May", NOW + 3 * DAY)
    assert given.came_by == "through the link sent to Medical director, Riverside Trust"
    assert (given.correctable_until, state_of(problem)) == (NOW + 17 * DAY, "answered")
    assert mails() == [(COPY, "lena@example.org"), (NEWS, "fadia@example.org")]
    assert AuditEntry.objects.filter(event="escalation.answered", by=None).count() == 1


def test_after_the_answer_nothing_is_asked_again(asked: Escalation) -> None:
    answered(asked, version=1, days=3)
    for message in OutboxMessage.objects.filter(kind__in=[BRIEF, REMINDER]):
        assert not kind_named(message.kind).is_still_due(message.params)


def test_the_same_answer_sent_twice_is_one_answer(asked: Escalation) -> None:
    answered(asked, version=1, days=3)
    again = answered(asked, version=1, days=3)
    assert (again.version, again.answers.count(), len(mails())) == (2, 1, 2)


def test_an_answer_can_be_put_right_for_a_fortnight_and_every_one_is_kept(asked: Escalation) -> None:
    answered(asked, version=1, days=3)
    corrected = answered(asked, "declined", "No, sorry", version=2, days=16)
    assert (corrected.verdict, corrected.answered_at) == ("declined", NOW + 3 * DAY)
    with pytest.raises(TooLateToCorrect):
        answered(asked, "will_act", "Yes after all", version=3, days=17)
    assert list(asked.answers.in_order().values_list("verdict", "answer")) == [
        ("will_act", "Yes"),
        ("declined", "No, sorry"),
    ]
    assert mails(COPY) == [(COPY, "lena@example.org")] * 2
    copies = OutboxMessage.objects.filter(kind=COPY).order_by("due_at")
    due = [kind_named(COPY).is_still_due(copy.params) for copy in copies]
    assert due == [False, True]


def test_of_two_who_answer_from_the_same_page_the_second_is_told(asked: Escalation) -> None:
    answered(asked, version=1, days=1)
    with pytest.raises(AnswerChanged):
        answered(asked, "declined", "No", version=1, days=1)
    asked.refresh_from_db()
    assert asked.verdict == "will_act"


@pytest.mark.parametrize(
    ("verdict", "answer", "refusal"),
    [("", "Yes", NotAVerdict), ("perhaps", "Yes", NotAVerdict), ("elsewhere", " ", SomeoneElseNotNamed)],
)
def test_an_answer_without_a_choice_is_none(
    asked: Escalation, problem: Problem, verdict: str, answer: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        answered(asked, verdict, answer, version=1, days=1)
    assert (state_of(problem), asked.answers.count(), mails()) == ("escalated", 0, [])


def recorded(asked: Escalation, by: User, *, version: int = 1, **changes: Any) -> Escalation:
    said = {"verdict": "declined", "answer": "Not now", "came_by": "at the board", "said_by": "Her deputy", **changes}
    return record_answer(escalation=asked, version=version, by=by, now=NOW + 5 * DAY, **said)


def test_an_answer_that_came_otherwise_is_recorded_with_who_when_and_how(
    asked: Escalation, problem: Problem, facilitator: User
) -> None:
    given = recorded(asked, facilitator, answered_on=TODAY + 2 * DAY)
    assert (given.verdict, given.came_by, given.answered_at) == ("declined", "at the board", NOW + 2 * DAY)
    kept = given.answers.get()
    assert (kept.said_by, kept.by, kept.at, state_of(problem)) == ("Her deputy", facilitator, NOW + 5 * DAY, "answered")
    assert mails() == []


@pytest.mark.parametrize("day", [TODAY - DAY, TODAY + 6 * DAY])
def test_nobody_answered_before_they_were_asked_or_tomorrow(asked: Escalation, facilitator: User, day: date) -> None:
    with pytest.raises(AnsweredOutOfTime):
        recorded(asked, facilitator, answered_on=day)


def test_what_was_recorded_is_put_right_by_whoever_recorded_it_or_by_the_person_who_can_act(
    asked: Escalation, facilitator: User
) -> None:
    recorded(asked, facilitator)
    assert recorded(asked, facilitator, version=2, answer="Not this year").answer == "Not this year"
    answered(asked, "will_act", "I will, in May", version=3, days=6)
    with pytest.raises(AlreadyAnswered):
        recorded(asked, facilitator, version=4)
    asked.refresh_from_db()
    assert (asked.verdict, asked.answers.count()) == ("will_act", 3)


def test_an_answer_that_was_not_theirs_no_longer_counts_and_the_link_of_whoever_gave_it_leads_nowhere(
    asked: Escalation, problem: Problem
) -> None:
    token = links.token_for(links.ESCALATION, asked.pk)
    answered(asked, version=1, days=1)
    disputed = dispute_answer(escalation=asked, version=2, now=NOW + 2 * DAY)
    assert (disputed.verdict, disputed.answered_at, disputed.disputed_at) == ("", None, NOW + 2 * DAY)
    assert (disputed.is_waiting, state_of(problem)) == (True, "escalated")
    assert disputed.answers.get().disputed_at == NOW + 2 * DAY
    with pytest.raises(LinkNotKnown):
        escalation_behind(token)
    assert escalation_behind(links.token_for(links.ESCALATION, asked.pk, 2)) == asked
    assert mails(FRESH_LINK) == [(FRESH_LINK, "lena@example.org")]
    # One about the answer, one about the dispute.
    assert mails(NEWS) == [(NEWS, "fadia@example.org")] * 2
    theirs = answered(disputed, "declined", "No", version=3, days=4)
    assert (theirs.disputed_at, theirs.answered_at, state_of(problem)) == (None, NOW + 4 * DAY, "answered")


def test_an_answer_disputed_after_the_problem_went_on_leaves_it_where_it_is(
    asked: Escalation, problem: Problem, facilitator: User
) -> None:
    answered(asked, version=1, days=1)
    problem.refresh_from_db()
    second = escalate_problem(problem=problem, to=LeverHolderFactory.create(), ask="Act", by=facilitator, now=NOW + DAY)
    disputed = dispute_answer(escalation=asked, version=2, now=NOW + 2 * DAY)
    assert (disputed.is_waiting, second.is_waiting, state_of(problem)) == (False, True, "escalated")
    late = answered(disputed, "declined", "No", version=3, days=3)
    # The second question still waits for its answer.
    assert (late.verdict, state_of(problem)) == ("declined", "escalated")


def test_an_answer_changed_after_the_end_is_kept_and_told_and_the_end_stays(
    asked: Escalation, problem: Problem, facilitator: User
) -> None:
    answered(asked, version=1, days=1)
    problem.refresh_from_db()
    settle_problem(problem=problem, state="changed", came_of_it="One form", by=facilitator, now=NOW + 2 * DAY)
    answered(asked, "declined", "No, sorry", version=2, days=3)
    assert state_of(problem) == "changed"
    assert len(mails(NEWS)) == 2


def test_there_is_nothing_to_dispute_before_an_answer_or_after_it_has_changed(asked: Escalation) -> None:
    with pytest.raises(NothingToDispute):
        dispute_answer(escalation=asked, version=1, now=NOW)
    answered(asked, version=1, days=1)
    with pytest.raises(AnswerChanged):
        dispute_answer(escalation=asked, version=1, now=NOW)


def test_a_link_is_known_until_it_is_replaced_or_the_question_taken_back(asked: Escalation, facilitator: User) -> None:
    token = links.token_for(links.ESCALATION, asked.pk)
    assert escalation_behind(token) == asked
    for wrong in (token[:-1], "", "x" * 43, "ä\ud800"):
        with pytest.raises(LinkNotKnown):
            escalation_behind(wrong)
    withdraw_escalation(escalation=asked, because="Wrong person", by=facilitator, now=NOW)
    with pytest.raises(TakenBack):
        escalation_behind(token)
    with pytest.raises(TakenBack):
        answered(asked, version=2, days=1)


def test_a_closed_community_takes_no_answers(asked: Escalation) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        answered(asked, version=1, days=1)
    assert asked.answers.count() == 0
