"""A community with a row in every one of its lists, made by the product's own verbs: for tests that look at pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from communities.models import (
    AgendaItem,
    Community,
    Escalation,
    JoinLink,
    JoinRequest,
    MemberInvitation,
    Membership,
    Problem,
    Reply,
    Session,
    TestOfChange,
)
from communities.services.joining.invitations import invite_members
from communities.services.joining.join_links import make_join_link
from communities.services.joining.join_requests import ask_to_join
from communities.services.problems.answers import answer_escalation
from communities.services.problems.briefs import BriefText, write_brief
from communities.services.problems.escalations import WhoCanAct, send_brief
from communities.services.problems.register import declare_beyond_reach
from communities.services.promises.tests_of_change import NewMeasure, note_adoption, note_measures
from communities.services.records.said import NewCommitment, NewDecision, NewGuest, NewLink, NewPoint
from communities.services.sessions.agenda import propose_agenda_item, put_on_agenda
from communities.services.sessions.check_ins import open_check_in
from communities.services.sessions.minutes import share_minutes
from communities.services.sessions.recording import record_session
from communities.services.sessions.session_mail import invite
from cop_portal.accounts.models import User
from tests.factories.communities import (
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    ProblemFactory,
    SessionFactory,
    facilitator_of,
    member_of,
    sponsor_of,
)
from tests.factories.doing import ChangeFactory, DecisionFactory

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Whole:
    """A community, the people who come to it, and one record of each kind."""

    community: Community
    facilitator: User
    member: User
    sponsor: User
    held: Session
    running: Session
    ahead: Session
    item: AgendaItem
    test: TestOfChange
    problem: Problem
    beyond_reach: Problem
    asked: Escalation
    invitation: MemberInvitation
    request: JoinRequest
    join_link: JoinLink
    reply: Reply


def whole_community(now: datetime) -> Whole:
    """The community of Sepsis on an ordinary day: a session behind it, one that is on, and one ahead."""
    community = CommunityFactory.create(name="Sepsis", slug="sepsis", founded="2015")
    facilitator, member = facilitator_of(community, name="Nomsa Dube"), member_of(community, name="Amara Okafor")
    sponsor = sponsor_of(community, name="Hilary Quennell")
    for name in ("Bronwen Pugh", "Chidi Eze", "Deepa Raman", "Elif Kaya"):
        MembershipFactory.create(community=community, person=PersonFactory.create(name=name))
    held = _held(community, member, facilitator, now)
    running = SessionFactory.create(community=community, starts_at=now - HOUR / 2, ends_at=now + HOUR)
    ahead = SessionFactory.create(
        community=community, starts_at=now + 40 * DAY, joining_link="https://example.org/room"
    )
    invite(session=ahead, now=now)
    first, second = (
        propose_agenda_item(community=community, text=text, is_named=True, by=member, now=now)
        for text in ("Who checks the stock of bottles?", "What families are told")
    )
    put_on_agenda(item=first, version=first.version, session=ahead, by=facilitator, now=now)
    problem, beyond_reach, asked = _problems(community, facilitator, now)
    (invitation,) = invite_members(community=community, emails=["ines@example.org"], by=facilitator, now=now)
    newcomer = PersonFactory.create(name="Rabia Nadimoglu").user
    open_check_in(session=running, by=facilitator, now=now)
    return Whole(
        community=community,
        facilitator=facilitator,
        member=member,
        sponsor=sponsor,
        held=held,
        running=running,
        ahead=ahead,
        item=second,
        test=_tried(community, facilitator, now),
        problem=problem,
        beyond_reach=beyond_reach,
        asked=asked,
        invitation=invitation,
        request=ask_to_join(community=community, words="We begin next month.", by=newcomer, now=now),
        join_link=make_join_link(session=running, by=facilitator, now=now),
        reply=Reply.objects.get(session=ahead, membership__person__user=member),
    )


def _held(community: Community, member: User, facilitator: User, now: datetime) -> Session:
    session: Session = SessionFactory.create(community=community, starts_at=now - 42 * DAY, led_by=facilitator.person)
    record_session(
        session=session, version=1, focus="The screening form", notes="We met in the library.", head_count=8,
        attendance={row.pk: "room" for row in Membership.objects.filter(community=community)},
        guests=[NewGuest(name="Gwen Guest", organisation="Elsewhere Trust")],
        learning_points=[NewPoint("Ask early"), NewPoint("Who was slow", is_private=True)],
        decisions=[NewDecision("One form for all", review_on=now.date() - DAY)],
        commitments=[NewCommitment("Bring the first story", person=member.person)],
        resources=[NewLink("The form", url="https://example.org/form")], actions=[], by=facilitator, now=now - 41 * DAY,
    )  # fmt: skip
    share_minutes(session=session, by=facilitator, now=now - 40 * DAY)
    for days in (-1, 20):
        ActionFactory.create(
            community=community, session=session, owner=member.person, agreed_on=session.day,
            due_on=now.date() + days * DAY,
        )  # fmt: skip
    DecisionFactory.create(community=community, session=session, verdict="held", verdict_at=now)
    return session


def _tried(community: Community, facilitator: User, now: datetime) -> TestOfChange:
    test: TestOfChange = ChangeFactory.create(
        community=community, measure="Median time", unit="minutes", better="lower", started_on=now.date() - 30 * DAY
    )
    measures = [NewMeasure(on=now.date() - n * DAY, value=Decimal(n)) for n in range(1, 11)]
    note_measures(test=test, measures=measures, by=facilitator, now=now)
    note_adoption(test=test, place="Ward 4, Elsewhere", adopted_on=now.date() - 3 * DAY, by=facilitator, now=now)
    return test


def _problems(community: Community, facilitator: User, now: datetime) -> tuple[Problem, Problem, Escalation]:
    """One that was put to someone, one whose brief waits to be sent, and one that someone will do something about."""
    asked_about, drafted, promised = (
        ProblemFactory.create(community=community, title=title, state_since=now - 9 * DAY)
        for title in ("Two forms for one screening", "No outreach at weekends", "A door code nobody knows")
    )
    text = BriefText(in_the_way="Nobody answers after five.", ask="One number to call.")
    to = WhoCanAct(name="Anselm Whitcroft", post="Chief pharmacist", email="anselm@leaders.example.org")
    for problem in (asked_about, drafted, promised):
        declare_beyond_reach(problem=problem, by=facilitator, now=now - 5 * DAY)
        write_brief(problem=problem, version=0, text=text, by=facilitator, now=now - 4 * DAY)
    asked, answered = (
        send_brief(problem=problem, version=1, to=to, is_mailed=True, by=facilitator, now=now - 3 * DAY)
        for problem in (asked_about, promised)
    )
    answer_escalation(escalation=answered, version=answered.version, verdict="will_act", answer="Yes.", now=now - DAY)
    return asked_about, drafted, asked
