"""Two people doing the same thing at the same moment, on real connections: one wins, the other gets a sentence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from communities.models import Action, Attendance, Membership, Person, Problem, Session
from communities.services.people.membership import AlreadyMember, add_member
from communities.services.problems.register import ProblemMovedOn, settle_problem
from communities.services.promises.actions import ActionAlreadyAnswered, NewAction, answer_action
from communities.services.sessions.planning import SessionClash, plan_session
from communities.services.sessions.recording import SessionChangedMeanwhile, record_session
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.communities.services.at_once import at_once, refusals
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    ProblemFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

BOTH = 2


def adding(community: Any, by: User) -> Callable[[], Any]:
    group = ProfessionalGroupFactory.create()
    return lambda: add_member(
        community=community,
        name="Amara Okafor",
        email="amara@example.org",
        organisation=None,
        professional_group=group,
        starts_on=TODAY,
        by=by,
        now=NOW,
    )


def test_a_person_added_twice_at_once_is_a_member_once_and_is_written_to_once() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    outcomes = at_once(adding(community, by), adding(community, by))
    assert refusals(outcomes) == [AlreadyMember]
    assert Membership.objects.filter(person__user__name="Amara Okafor").count() == 1
    assert EmailAddress.objects.filter(email="amara@example.org").count() == 1
    assert OutboxMessage.objects.filter(kind="communities.welcome").count() == 1


def test_a_person_added_to_two_communities_at_once_is_one_person_in_both() -> None:
    first, second = CommunityFactory.create_batch(BOTH)
    outcomes = at_once(adding(first, facilitator_of(first)), adding(second, facilitator_of(second)))
    assert refusals(outcomes) == []
    person = Person.objects.get(user__name="Amara Okafor")
    assert set(person.memberships.values_list("community", flat=True)) == {first.pk, second.pk}
    assert person.affiliations.count() == 1


def test_a_session_recorded_twice_at_once_holds_one_record_whole() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    mine = Membership.objects.get(person=by.person)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1))

    def recording(focus: str, status: str) -> Callable[[], Any]:
        own = Session.objects.select_related("community").get(pk=session.pk)
        action = NewAction(text=focus, owner=by.person, due_on=TODAY)
        return lambda: record_session(
            session=own,
            version=1,
            focus=focus,
            attendance={mine.pk: status},
            learning_points=[focus],
            actions=[action],
            by=by,
            now=NOW,
        )

    outcomes = at_once(recording("One", "room"), recording("Other", "apologies"))
    assert refusals(outcomes) == [SessionChangedMeanwhile]
    session.refresh_from_db()
    assert session.version == BOTH
    assert session.focus == Action.objects.get().text == session.learning_points.get().text
    assert Attendance.objects.get().status == {"One": "room", "Other": "apologies"}[session.focus]
    assert AuditEntry.objects.filter(event="session.recorded").count() == 1


def test_two_sessions_planned_for_the_same_time_at_once_are_one() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)

    def planning(minutes: int) -> Callable[[], Any]:
        start = NOW + timedelta(days=7, minutes=minutes)
        return lambda: plan_session(
            community=community, kind="convening", starts_at=start, ends_at=start + timedelta(hours=1), by=by, now=NOW
        )

    assert refusals(at_once(planning(0), planning(30))) == [SessionClash]
    assert Session.objects.count() == 1


def test_an_action_and_a_problem_answered_twice_at_once_keep_one_answer() -> None:
    community = CommunityFactory.create()
    by = facilitator_of(community)
    action, problem = ActionFactory.create(community=community), ProblemFactory.create(community=community)

    def answering(state: str) -> Callable[[], Any]:
        own = Action.objects.select_related("community").get(pk=action.pk)
        return lambda: answer_action(action=own, state=state, by=by, now=NOW)

    def settling(words: str) -> Callable[[], Any]:
        own = Problem.objects.select_related("community").get(pk=problem.pk)
        return lambda: settle_problem(problem=own, state="solved", came_of_it=words, by=by, now=NOW)

    assert refusals(at_once(answering("done"), answering("dropped"))) == [ActionAlreadyAnswered]
    assert refusals(at_once(settling("Ours"), settling("Theirs"))) == [ProblemMovedOn]
    assert AuditEntry.objects.filter(event__in=["action.answered", "problem.solved"]).count() == BOTH
    assert problem.steps.filter(to_state="solved").count() == 1
