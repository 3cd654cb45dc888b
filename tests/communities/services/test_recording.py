"""The whole record of a session: what is kept, what two people's changes come to, and every version of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from communities.models import (
    Action,
    Commitment,
    Community,
    Decision,
    Guest,
    LearningPoint,
    Membership,
    Problem,
    Resource,
    Session,
    SessionVersion,
)
from communities.services.promises.actions import ActionAlreadyAnswered, NewAction, OwnerNotAMember, answer_action
from communities.services.promises.commitments import answer_commitment
from communities.services.promises.decisions import judge_decision
from communities.services.records.answering import NotAnActionHere
from communities.services.records.said import (
    NewCommitment,
    NewDecision,
    NewGuest,
    NewPoint,
    NewProblem,
    Said,
)
from communities.services.records.writing import MovedOn, NotOfThisSession, ReviewedBeforeDecided
from communities.services.sessions.recording import (
    TooManyLearningPoints,
    record_session,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.refusals import Refusal
from tests.communities.services.saying import everything, record
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
PRIVATE = (LearningPoint, Decision, Action, Commitment, Problem, Resource)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community)


@pytest.fixture
def session(community: Community) -> Session:
    """One that began an hour ago and has not been recorded."""
    return SessionFactory.create(community=community, starts_at=NOW - HOUR)


def test_everything_said_of_a_session_is_kept(community: Community, facilitator: User, session: Session) -> None:
    mina = MembershipFactory.create(community=community)
    held = record(session, facilitator, **(everything(mina.person) | {"attendance": {mina.pk: "online"}}))
    assert (held.focus, held.head_count, held.notes, held.private_note) == (
        "Screening", 14, "Line one\nline two", "A hard talk",
    )  # fmt: skip
    assert (held.version, held.recorded_at, held.present_count, held.member_count) == (2, NOW, 1, 2)
    assert held.learning_points.get().text == "Ask early"
    decision = Decision.objects.get()
    assert (decision.text, decision.decided_on, decision.review_on) == ("One form for all", TODAY, TODAY + WEEK)
    action = Action.objects.get()
    assert (action.text, action.owner, action.session) == ("Send the form", mina.person, session)
    commitment = Commitment.objects.get()
    assert (commitment.text, commitment.person, commitment.made_on) == ("ask each patient", mina.person, TODAY)
    problem = Problem.objects.get()
    assert (problem.title, problem.session, problem.state, problem.since_on) == (
        "No form in the other trust", session, "raised", TODAY,
    )  # fmt: skip
    assert str(Guest.objects.get()) == "Ada Lovelace, Analytical Engines"
    link = Resource.objects.get()
    assert (link.title, link.url, link.by) == ("The form", "https://example.org/form", facilitator)
    assert sorted(AuditEntry.objects.values_list("event", flat=True)) == [
        "action.agreed", "commitment.noted", "decision.noted", "problem.raised", "resource.noted", "session.recorded",
    ]  # fmt: skip


def test_what_a_writer_says_nothing_about_stays_as_it_was(
    community: Community, facilitator: User, session: Session
) -> None:
    record(session, facilitator, **everything(facilitator.person))
    held = record(session, facilitator, focus="Handover")
    assert (held.focus, held.head_count, held.notes, held.version) == ("Handover", 14, "Line one\nline two", 3)
    assert [model.objects.count() for model in (*PRIVATE, Guest)] == [1] * 7


def test_a_line_that_is_emptied_and_an_item_that_is_left_out_of_its_list_are_gone_from_the_record_but_not_its_versions(
    facilitator: User, session: Session
) -> None:
    record(session, facilitator, **everything(facilitator.person))
    emptied: Said = {
        "focus": "", "head_count": None, "learning_points": [], "decisions": [], "commitments": [], "guests": [],
        "resources": [], "actions": [], "problems": [],
    }  # fmt: skip
    held = record(session, facilitator, **emptied)
    assert (held.focus, held.head_count, held.notes) == ("", None, "Line one\nline two")
    assert [m.objects.count() for m in (LearningPoint, Decision, Commitment, Guest, Resource)] == [0] * 5
    # Once agreed or raised, these have a life of their own.
    assert (Action.objects.count(), Problem.objects.count()) == (1, 1)
    first = SessionVersion.objects.get(session=session, number=2).content
    assert (first["focus"], first["decisions"][0]["text"]) == ("Screening", "One form for all")


def test_an_item_keeps_its_identity_when_it_is_reworded(facilitator: User, session: Session) -> None:
    record(session, facilitator, **everything(facilitator.person))
    point, decision, action = LearningPoint.objects.get(), Decision.objects.get(), Action.objects.get()
    record(
        session,
        facilitator,
        learning_points=[NewPoint("Ask sooner", key=point.key), NewPoint("Write it down")],
        decisions=[NewDecision("Two forms", key=decision.key)],
        actions=[NewAction("Send both forms", facilitator.person, TODAY, key=action.key)],
    )
    point.refresh_from_db()
    assert point.text == "Ask sooner"
    assert list(LearningPoint.objects.in_order().values_list("text", "position")) == [
        ("Ask sooner", 0), ("Write it down", 1),
    ]  # fmt: skip
    assert list(Decision.objects.values_list("pk", "text", "review_on", "version")) == [
        (decision.pk, "Two forms", None, 2)
    ]
    assert list(Action.objects.values_list("pk", "text", "due_on")) == [(action.pk, "Send both forms", TODAY)]


def test_a_record_sent_twice_is_written_once(facilitator: User, session: Session) -> None:
    said = everything(facilitator.person)
    record(session, facilitator, version=1, **said)
    trail = AuditEntry.objects.count()
    held = record(session, facilitator, version=1, **said)
    assert (held.version, AuditEntry.objects.count(), SessionVersion.objects.count()) == (2, trail, 1)
    assert [model.objects.count() for model in (*PRIVATE, Guest)] == [1] * 7


def test_the_first_record_keeps_its_time_and_corrections_have_theirs_in_the_versions(
    facilitator: User, session: Session
) -> None:
    record(session, facilitator, focus="One")
    held = record_session(session=session, version=2, focus="Two", by=facilitator, now=NOW + WEEK)
    assert held.recorded_at == NOW
    assert list(SessionVersion.objects.order_by("number").values_list("number", "at")) == [(2, NOW), (3, NOW + WEEK)]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"decisions": [NewDecision("One form", TODAY - WEEK)]}, ReviewedBeforeDecided),
        ({"learning_points": ["1", "2", "3", "4"]}, TooManyLearningPoints),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    facilitator: User, session: Session, said: Said, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        record(session, facilitator, **(said | {"focus": "Screening"}))
    session.refresh_from_db()
    assert (session.state, session.focus, SessionVersion.objects.count()) == ("planned", "", 0)


def test_nobody_from_elsewhere_commits_to_anything_here(facilitator: User, session: Session) -> None:
    elsewhere = MembershipFactory.create().person
    with pytest.raises(OwnerNotAMember) as refused:
        record(session, facilitator, commitments=[NewCommitment("ask", elsewhere)])
    assert refused.value.messages == ["Whoever will try “ask” is not a member of Sepsis. Choose a member."]


def test_an_item_of_another_session_is_not_taken_over(
    community: Community, facilitator: User, session: Session
) -> None:
    other = SessionFactory.create(community=community, starts_at=NOW - WEEK)
    record(other, facilitator, **everything(facilitator.person))
    foreign = Decision.objects.get()
    with pytest.raises(NotOfThisSession):
        record(session, facilitator, decisions=[NewDecision("Mine now", key=foreign.key)])
    foreign.refresh_from_db()
    assert (foreign.text, foreign.session) == ("One form for all", other)


# What something has come of


def test_what_has_been_answered_or_looked_at_again_stays_in_the_record(facilitator: User, session: Session) -> None:
    record(session, facilitator, **everything(facilitator.person))
    decision, commitment, action = Decision.objects.get(), Commitment.objects.get(), Action.objects.get()
    judge_decision(decision=decision, verdict="held", by=facilitator, now=NOW)
    answer_commitment(commitment=commitment, state="kept", by=facilitator, now=NOW)
    answer_action(action=action, state="done", by=facilitator, now=NOW)
    record(session, facilitator, decisions=[], commitments=[], actions=[])
    assert (Decision.objects.count(), Commitment.objects.count(), Action.objects.count()) == (1, 1, 1)
    reworded: list[Said] = [
        {"decisions": [NewDecision("Another", key=decision.key)]},
        {"commitments": [NewCommitment("another", facilitator.person, key=commitment.key)]},
        {"actions": [NewAction("Another", facilitator.person, TODAY, key=action.key)]},
        {"problems": [NewProblem("Another", key=Problem.objects.get().key)]},
    ]
    for said in reworded:
        with pytest.raises((MovedOn, ActionAlreadyAnswered)):
            record(session, facilitator, **said)
    decision.refresh_from_db()
    assert decision.text == "One form for all"


def test_earlier_promises_are_answered_in_the_record(community: Community, facilitator: User, session: Session) -> None:
    before = SessionFactory.create(community=community, starts_at=NOW - 2 * WEEK)
    record(before, facilitator, commitments=[NewCommitment("ask", facilitator.person)], decisions=[NewDecision("One")])
    action, commitment, decision = (
        ActionFactory.create(community=community), Commitment.objects.get(), Decision.objects.get(),
    )  # fmt: skip
    given: dict[str, Any] = {
        "answers": {action.pk: "done"}, "tried": {commitment.pk: "kept"}, "verdicts": {decision.pk: "changed"},
    }  # fmt: skip
    for _ in range(2):  # to say it again changes nothing
        record_session(session=session, version=session.version, by=facilitator, now=NOW, **given)
    for row, (name, said) in zip(
        (action, commitment, decision), (("state", "done"), ("state", "kept"), ("verdict", "changed")), strict=True
    ):
        row.refresh_from_db()
        assert getattr(row, name) == said
    with pytest.raises(Refusal) as refused:
        record_session(session=session, version=2, answers={action.pk: "dropped"}, by=facilitator, now=NOW)
    assert refused.value.status == 409
    assert refused.value.messages == [f"“{action.text}”: This action has already been answered: done."]


@pytest.mark.parametrize("kind", ["answers", "tried", "verdicts"])
def test_a_promise_of_another_community_is_not_answered_here(facilitator: User, session: Session, kind: str) -> None:
    elsewhere = ActionFactory.create()
    given: dict[str, Any] = {kind: {elsewhere.pk: "done"}}
    with pytest.raises(NotAnActionHere):
        record_session(session=session, version=1, by=facilitator, now=NOW, **given)
    elsewhere.refresh_from_db()
    assert elsewhere.state == "open"


def test_an_unknown_key_is_simply_a_new_item(facilitator: User, session: Session) -> None:
    key = uuid4()
    record(session, facilitator, guests=[NewGuest("Ada", key=key)])
    assert Guest.objects.get().key == key
    assert Membership.objects.count() == 1
