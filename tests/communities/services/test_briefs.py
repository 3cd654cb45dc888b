"""The one page about a problem: what the records put in it, and who may overwrite whom."""

from datetime import timedelta

import pytest

from communities.models import Brief, Community, LearningPoint, Problem, TestOfChange
from communities.services.problems.briefs import (
    LONGEST,
    BriefChanged,
    BriefText,
    BriefTooEarly,
    BriefTooLong,
    discard_brief,
    suggest_brief,
    write_brief,
)
from communities.services.problems.escalations import WhoCanAct, escalate_problem, send_brief
from communities.services.problems.register import declare_beyond_reach, start_work
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    LeverHolderFactory,
    ProblemFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TEXT = BriefText(in_the_way="Two forms", ask="One form, please")


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def problem(community: Community, facilitator: User) -> Problem:
    """Beyond reach for ten days."""
    raised = ProblemFactory.create(
        community=community,
        title="Two forms for one screening",
        detail="Both are asked for.",
        since_on=TODAY - 60 * DAY,
    )
    return declare_beyond_reach(problem=raised, note="The form is the trust's", by=facilitator, now=NOW - 10 * DAY)


def test_the_first_draft_says_what_the_records_say(problem: Problem, community: Community) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW - 20 * DAY)
    LearningPoint.objects.create(session=session, text="Nine boxes find the same patients")
    problem.sessions.add(session)
    problem.actions.add(
        ActionFactory.create(community=community, text="Time both forms", state="done"),
        ActionFactory.create(community=community, text="Ask the ward"),
        ActionFactory.create(community=community, text="Let it be", state="dropped"),
    )
    problem.tests_of_change.add(
        TestOfChange.objects.create(
            community=community, title="One form on one ward", outcome="adapted", what_happened="Eleven minutes saved.",
            started_on=TODAY, ended_on=TODAY, logged_at=NOW,
        )
    )  # fmt: skip
    assert suggest_brief(problem, NOW) == BriefText(
        in_the_way="Two forms for one screening\nBoth are asked for.",
        tried=(
            "Time both forms (done)\nAsk the ward (not finished)\n"
            "One form on one ward: adapted. Eleven minutes saved.\nThe form is the trust's"
        ),
        evidence="Nine boxes find the same patients (4 November 2026)",
        ask="",
        waiting_costs=(
            "This has been in the way for 60 days, since 25 September 2026.\n"
            "For 10 days of these we have known that we cannot change it alone."
        ),
    )


def test_what_is_marked_private_is_in_no_draft(problem: Problem, community: Community) -> None:
    session = SessionFactory.create(community=community)
    LearningPoint.objects.create(session=session, text="Learned behind a door", is_private=True)
    problem.sessions.add(session)
    problem.actions.add(
        ActionFactory.create(community=community, text="Done behind a door", is_private=True, state="done")
    )
    assert "behind a door" not in str(suggest_brief(problem, NOW))


def test_the_first_draft_fits_on_the_page_in_whole_lines(problem: Problem, community: Community) -> None:
    problem.actions.add(*ActionFactory.create_batch(20, community=community, text="x" * 90, state="done"))
    tried = suggest_brief(problem, NOW).tried
    assert len(tried) <= LONGEST["tried"]
    assert tried.splitlines() == ["x" * 90 + " (done)"] * 9


def test_a_second_brief_tells_of_the_first(problem: Problem, facilitator: User) -> None:
    holder = LeverHolderFactory.create(name="Lena Lever", post="Medical director")
    first = escalate_problem(problem=problem, to=holder, ask="Act", by=facilitator, now=NOW)
    first.given_up_at = NOW
    first.save()
    tried = suggest_brief(problem, NOW).tried
    assert "We asked Medical director on 24 November 2026: no reply." in tried
    assert "Lena" not in tried


def test_a_draft_is_written_over_by_whoever_has_read_it_and_by_nobody_else(problem: Problem, facilitator: User) -> None:
    first = write_brief(problem=problem, version=0, text=TEXT, by=facilitator, now=NOW)
    with pytest.raises(BriefChanged):
        write_brief(problem=problem, version=0, text=BriefText(ask="Mine"), by=facilitator, now=NOW)
    second = write_brief(problem=problem, version=1, text=BriefText(ask=" Theirs "), by=facilitator, now=NOW)
    with pytest.raises(BriefChanged):
        write_brief(problem=problem, version=1, text=BriefText(ask="Mine"), by=facilitator, now=NOW)
    assert (first.pk, second.version, second.ask, Brief.objects.count()) == (second.pk, 2, "Theirs", 1)


def test_a_brief_is_for_what_the_community_cannot_solve_alone(problem: Problem, facilitator: User) -> None:
    start_work(problem=problem, by=facilitator, now=NOW)
    with pytest.raises(BriefTooEarly) as refused:
        write_brief(problem=problem, version=0, text=TEXT, by=facilitator, now=NOW)
    assert "This problem is now “being worked on”." in refused.value.messages[0]
    assert not Brief.objects.exists()


def test_a_brief_fits_on_a_page(problem: Problem, facilitator: User) -> None:
    with pytest.raises(BriefTooLong, match="“What we tried” must be 900 characters or fewer"):
        write_brief(problem=problem, version=0, text=BriefText(tried="x" * 901), by=facilitator, now=NOW)


def test_a_draft_can_be_thrown_away_and_what_was_sent_cannot(problem: Problem, facilitator: User) -> None:
    write_brief(problem=problem, version=0, text=TEXT, by=facilitator, now=NOW)
    with pytest.raises(BriefChanged):
        discard_brief(problem=problem, version=2, by=facilitator, now=NOW)
    discard_brief(problem=problem, version=1, by=facilitator, now=NOW)
    assert not Brief.objects.exists()
    again = write_brief(problem=problem, version=0, text=TEXT, by=facilitator, now=NOW)
    to = WhoCanAct(name="Lena Lever", post="Medical director", email="lena@example.org")
    send_brief(problem=problem, version=again.version, to=to, is_mailed=True, by=facilitator, now=NOW)
    with pytest.raises(BriefChanged):
        discard_brief(problem=problem, version=1, by=facilitator, now=NOW)
    assert Brief.objects.get().sent_at == NOW
