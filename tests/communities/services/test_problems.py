"""A problem's way from raised to settled, and what it may not skip."""

from datetime import timedelta
from typing import Any

import pytest

from communities.models import Community, Escalation, LeverHolder, Problem, TestOfChange
from communities.services.communities import CommunityClosed
from communities.services.problems.answers import record_answer
from communities.services.problems.escalations import AskNotSaid, escalate_problem
from communities.services.problems.register import (
    LinkedElsewhere,
    NotAnOutcome,
    OutcomeNotSaid,
    ProblemChanged,
    ProblemInTheFuture,
    ProblemMovedOn,
    ProblemSaysNothing,
    ProblemSettled,
    SessionOfAnotherCommunity,
    declare_beyond_reach,
    edit_problem,
    link_problem,
    locate_problem,
    raise_problem,
    settle_problem,
    start_work,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
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


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def problem(community: Community) -> Problem:
    return ProblemFactory.create(community=community)


@pytest.fixture
def holder() -> LeverHolder:
    return LeverHolderFactory.create()


def trail(problem: Problem) -> list[tuple[str, str]]:
    return list(problem.steps.order_by("at", "pk").values_list("from_state", "to_state"))


def test_a_raised_problem_begins_its_trail(community: Community, facilitator: User) -> None:
    problem = raise_problem(community=community, title=" No beds ", since_on=TODAY, by=facilitator, now=NOW)
    assert (problem.title, problem.state, problem.state_since) == ("No beds", "raised", NOW)
    assert (problem.knowledge, problem.lever) == ("not_known", "not_known")
    assert trail(problem) == [("", "raised")]
    assert AuditEntry.objects.get().event == "problem.raised"


def test_a_problem_is_not_raised_in_the_future_or_at_anothers_session(community: Community, facilitator: User) -> None:
    with pytest.raises(ProblemInTheFuture):
        raise_problem(community=community, title="No beds", since_on=TODAY + DAY, by=facilitator, now=NOW)
    with pytest.raises(SessionOfAnotherCommunity):
        raise_problem(
            community=community,
            title="No beds",
            since_on=TODAY,
            session=SessionFactory.create(),
            by=facilitator,
            now=NOW,
        )
    assert not Problem.objects.exists()


def test_locating_a_problem_keeps_its_state(problem: Problem, facilitator: User) -> None:
    located = locate_problem(
        problem=problem, version=1, knowledge="reachable", lever="commissioner", by=facilitator, now=NOW
    )
    assert (located.knowledge, located.lever, located.state) == ("reachable", "commissioner", "raised")
    assert (located.version, trail(problem)) == (2, [("", "raised")])


def test_a_refusal_and_a_second_try_end_in_a_change_that_members_can_follow(
    problem: Problem, facilitator: User, holder: LeverHolder
) -> None:
    def at(days: int) -> Any:
        return {"by": facilitator, "now": NOW + days * DAY}

    start_work(problem=problem, **at(0))
    declare_beyond_reach(problem=problem, note="The form is the trust's", **at(1))
    first = escalate_problem(problem=problem, to=holder, ask="Shorten the form", **at(2))
    record_answer(escalation=first, version=1, verdict="declined", answer="Not now", came_by="by mail", **at(3))
    problem.refresh_from_db()
    second = escalate_problem(problem=problem, to=holder, ask="Try it on one ward", **at(4))
    record_answer(escalation=second, version=1, verdict="will_act", answer="Yes", came_by="in person", **at(5))
    problem.refresh_from_db()
    settled = settle_problem(problem=problem, state="changed", came_of_it="The form is one page now", **at(6))
    assert (settled.state, settled.came_of_it, settled.state_since) == (
        "changed",
        "The form is one page now",
        NOW + 6 * DAY,
    )
    assert [to for _, to in trail(problem)] == [
        "raised", "being_worked_on", "beyond_reach", "escalated", "answered", "escalated", "answered", "changed",
    ]  # fmt: skip
    assert list(Escalation.objects.order_by("pk").values_list("verdict", flat=True)) == ["declined", "will_act"]


def test_silence_is_closed_may_be_followed_by_another_try_and_by_a_late_answer(
    problem: Problem, facilitator: User, holder: LeverHolder
) -> None:
    declare_beyond_reach(problem=problem, by=facilitator, now=NOW)
    first = escalate_problem(problem=problem, to=holder, ask="Please act", by=facilitator, now=NOW)
    settle_problem(problem=problem, state="no_reply", came_of_it="No answer in 60 days", by=facilitator, now=NOW)
    first.refresh_from_db()
    assert (first.given_up_at, first.answered_at) == (NOW, None)
    late = record_answer(
        escalation=first, version=1, verdict="declined", answer="", came_by="by post", by=facilitator, now=NOW
    )
    assert (late.given_up_at, late.answered_at) == (None, NOW)
    problem.refresh_from_db()
    assert (problem.state, problem.came_of_it) == ("answered", "")


def test_a_problem_moves_only_along_its_ways(problem: Problem, facilitator: User, holder: LeverHolder) -> None:
    with pytest.raises(ProblemMovedOn) as refused:
        escalate_problem(problem=problem, to=holder, ask="Please act", by=facilitator, now=NOW)
    assert refused.value.messages == [
        "This problem is now “raised”, and cannot become “put to someone who can act” from there."
    ]
    assert (Escalation.objects.count(), len(trail(problem))) == (0, 1)


def test_of_two_people_moving_a_problem_the_second_is_told(problem: Problem, facilitator: User) -> None:
    as_seen_by_the_second = Problem.objects.get(pk=problem.pk)
    settle_problem(problem=problem, state="solved", came_of_it="We asked", by=facilitator, now=NOW)
    with pytest.raises(ProblemMovedOn):
        start_work(problem=as_seen_by_the_second, by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert (problem.state, problem.came_of_it) == ("solved", "We asked")


@pytest.mark.parametrize(
    ("state", "came_of_it", "refusal"),
    [("solved", " ", OutcomeNotSaid), ("escalated", "Asked", NotAnOutcome), ("changed", "Moved", ProblemMovedOn)],
)
def test_a_problem_is_not_settled_without_a_sentence_or_out_of_order(
    problem: Problem, facilitator: User, state: str, came_of_it: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        settle_problem(problem=problem, state=state, came_of_it=came_of_it, by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert (problem.state, problem.came_of_it) == ("raised", "")


def test_a_settled_problem_is_not_located_again(problem: Problem, facilitator: User) -> None:
    settle_problem(problem=problem, state="solved", came_of_it="We asked", by=facilitator, now=NOW)
    with pytest.raises(ProblemSettled):
        locate_problem(problem=problem, version=1, knowledge="reachable", lever="members", by=facilitator, now=NOW)


def test_an_escalation_says_what_is_asked(problem: Problem, facilitator: User, holder: LeverHolder) -> None:
    declare_beyond_reach(problem=problem, by=facilitator, now=NOW)
    with pytest.raises(AskNotSaid):
        escalate_problem(problem=problem, to=holder, ask=" ", by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert (problem.state, Escalation.objects.count()) == ("beyond_reach", 0)


def test_what_was_settled_can_be_taken_up_again_and_the_trail_keeps_what_was_believed(
    problem: Problem, facilitator: User
) -> None:
    settle_problem(problem=problem, state="solved", came_of_it="We asked", by=facilitator, now=NOW)
    again = start_work(problem=problem, note="It came back", by=facilitator, now=NOW + DAY)
    assert (again.state, again.came_of_it) == ("being_worked_on", "")
    assert list(problem.steps.order_by("at", "pk").values_list("to_state", "note")) == [
        ("raised", ""),
        ("solved", "We asked"),
        ("being_worked_on", "It came back"),
    ]


def edited(problem: Problem, by: User, version: int = 1, **changes: Any) -> Problem:
    said = {"title": "Two forms", "detail": "One too many.", "since_on": TODAY, "is_private": False}
    return edit_problem(problem=problem, version=version, by=by, now=NOW, **{**said, **changes})


def test_putting_right_what_is_said_of_a_problem_changes_neither_its_state_nor_its_trail(
    problem: Problem, facilitator: User
) -> None:
    changed = edited(problem, facilitator, title=" Two forms ", is_private=True)
    assert (changed.title, changed.detail, changed.since_on, changed.is_private, changed.version) == (
        "Two forms", "One too many.", TODAY, True, 2,
    )  # fmt: skip
    assert trail(problem) == [("", "raised")]
    assert list(AuditEntry.objects.values_list("event", flat=True)) == ["problem.edited"]


def test_of_two_people_writing_about_a_problem_the_second_is_told(problem: Problem, facilitator: User) -> None:
    edited(problem, facilitator, title="Theirs")
    with pytest.raises(ProblemChanged):
        edited(problem, facilitator, title="Mine")
    with pytest.raises(ProblemChanged):
        locate_problem(problem=problem, version=1, knowledge="reachable", lever="members", by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert (problem.title, problem.lever) == ("Theirs", "not_known")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"title": " "}, ProblemSaysNothing), ({"since_on": TODAY + DAY}, ProblemInTheFuture)],
)
def test_a_problem_is_not_edited_into_nonsense(
    problem: Problem, facilitator: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    before = Problem.objects.values().get()
    with pytest.raises(refusal):
        edited(problem, facilitator, **changes)
    assert Problem.objects.values().get() == before


def test_a_problem_is_linked_to_what_was_said_done_and_tried_about_it(
    community: Community, problem: Problem, facilitator: User
) -> None:
    session, action = SessionFactory.create(community=community), ActionFactory.create(community=community)
    test = TestOfChange.objects.create(community=community, title="One form", started_on=TODAY, logged_at=NOW)
    links: dict[str, Any] = {"sessions": [session], "actions": [action], "tests_of_change": [test]}
    linked = link_problem(problem=problem, version=1, **links, by=facilitator, now=NOW)
    assert (linked.sessions.get(), linked.actions.get(), linked.tests_of_change.get()) == (session, action, test)
    unlinked = link_problem(problem=problem, version=2, **dict.fromkeys(links, ()), by=facilitator, now=NOW)
    assert (unlinked.sessions.count(), unlinked.actions.count(), unlinked.tests_of_change.count()) == (0, 0, 0)


def test_a_problem_is_not_linked_to_anything_of_another_community(problem: Problem, facilitator: User) -> None:
    for name, elsewhere in (("sessions", SessionFactory.create()), ("actions", ActionFactory.create())):
        links: dict[str, Any] = {**dict.fromkeys(["sessions", "actions", "tests_of_change"], ()), name: [elsewhere]}
        with pytest.raises(LinkedElsewhere):
            link_problem(problem=problem, version=1, **links, by=facilitator, now=NOW)
    problem.refresh_from_db()
    assert (problem.version, problem.sessions.count(), problem.actions.count()) == (1, 0, 0)


def test_a_problem_raised_in_the_way_of_an_action_is_linked_to_it_even_when_nobody_is_known(
    community: Community,
) -> None:
    action = ActionFactory.create(community=community)
    problem = raise_problem(community=community, title="No form", since_on=TODAY, action=action, by=None, now=NOW)
    assert (problem.actions.get(), problem.steps.get().by) == (action, None)


def test_the_register_of_a_closed_community_stays_as_it_is(problem: Problem, facilitator: User) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    with pytest.raises(CommunityClosed):
        start_work(problem=problem, by=facilitator, now=NOW)
    with pytest.raises(CommunityClosed):
        raise_problem(community=problem.community, title="Another", since_on=TODAY, by=facilitator, now=NOW)
    assert trail(problem) == [("", "raised")]
