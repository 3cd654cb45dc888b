"""A script in every box that takes text comes out as text, on every page that shows it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from communities.models import Affiliation, Community
from communities.services.problems.answers import record_answer
from communities.services.problems.escalations import escalate_problem
from communities.services.problems.register import declare_beyond_reach, settle_problem
from communities.services.records.said import NewCommitment, NewDecision, NewGuest, NewLink, NewProblem
from communities.services.sessions.moving import cancel_session
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.communities.pages.test_sessions import rows
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    ActionFactory,
    CommunityFactory,
    LeverHolderFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProblemFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><svg onload=alert(1)>",
    "{{ 7|add:7 }}{% now %}",
)


def world_of(payload: str) -> tuple[Community, User, list[str]]:
    """A community in which every text is the payload, and the addresses of its pages."""
    community = CommunityFactory.create(name=f"N{payload}", slug="sepsis", purpose=payload, founded=payload[:10])
    facilitator = facilitator_of(community, name=payload)
    person = PersonFactory.create(name=payload)
    Affiliation.objects.filter(person=person).update(
        organisation=OrganisationFactory.create(name=payload),
        professional_group=ProfessionalGroupFactory.create(name=payload),
    )
    member = MembershipFactory.create(community=community, person=person)
    held = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=2), place=payload, led_by=person)
    record_session(
        session=held,
        version=1,
        focus=payload,
        attendance={member.pk: "room"},
        learning_points=[payload],
        decisions=[NewDecision(payload)],
        commitments=[NewCommitment(payload, person)],
        problems=[NewProblem(payload)],
        guests=[NewGuest(payload, payload)],
        resources=[NewLink(payload, "https://example.org/")],
        notes=payload,
        private_note=payload,
        by=facilitator,
        now=NOW,
    )
    off = cancel_session(session=SessionFactory.create(community=community), because=payload, by=facilitator, now=NOW)
    action = ActionFactory.create(community=community, owner=person, text=payload, session=held)
    ActionFactory.create(community=community, owner=person, text=payload, agreed_on=NOW.date())
    problem = ProblemFactory.create(community=community, title=payload, detail=payload)
    declare_beyond_reach(problem=problem, note=payload, by=facilitator, now=NOW)
    holder = LeverHolderFactory.create(name=payload, post=payload)
    asked = escalate_problem(problem=problem, to=holder, ask=payload, by=facilitator, now=NOW)
    record_answer(
        escalation=asked, version=1, verdict="will_act", answer=payload, came_by=payload, by=facilitator, now=NOW
    )
    problem.refresh_from_db()
    settle_problem(problem=problem, state="changed", came_of_it=payload, by=facilitator, now=NOW)
    below = [
        "", "sessions/", "sessions/plan/", f"sessions/{held.pk}/", f"sessions/{held.pk}/record/",
        f"sessions/{held.pk}/versions/2/",
        f"sessions/{off.pk}/", "actions/", f"actions/{action.pk}/answer/", "problems/", f"problems/{problem.pk}/",
        f"problems/{problem.pk}/locate/", f"problems/{problem.pk}/edit/", f"problems/{problem.pk}/links/",
        f"problems/{problem.pk}/asked/{asked.pk}/", f"problems/{problem.pk}/asked/{asked.pk}/answer/", "came-of-it/",
        "members/", "members/add/", f"members/{member.pk}/end/",
    ]  # fmt: skip
    return community, facilitator, ["/communities/", *(f"/communities/sepsis/{page}" for page in below)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_was_typed_is_shown_as_text(client: Client, payload: str) -> None:
    _, facilitator, pages = world_of(payload)
    sign_in(client, facilitator)
    escaped = escape(payload)
    for page in pages:
        response = client.get(page)
        html = response.content.decode()
        assert (response.status_code, escaped in html) == (200, True), page
        assert payload == escaped or payload not in html, page
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<svg onload" not in html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_refused_is_shown_again_as_text(client: Client, payload: str) -> None:
    community, facilitator, _ = world_of(payload)
    sign_in(client, facilitator)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1), ends_at=NOW)
    forms = {
        "sessions/plan/": {"place": payload, "day": payload, "starts": payload, "joining_link": payload},
        "problems/raise/": {"title": payload, "detail": payload, "since_on": payload},
        "members/add/": {"name": payload, "email": payload, "starts_on": payload},
        f"sessions/{session.pk}/record/": {
            "version": payload, "focus": payload, "notes": payload, "private_note": payload,
            **rows("learning_points", {"text": payload}),
            **rows("actions", {"text": payload, "due_on": payload}),
            **rows("decisions", {"text": payload, "review_on": payload}),
            **rows("guests", {"name": payload, "organisation": payload}),
            **rows("resources", {"title": payload, "url": payload}),
        },
    }  # fmt: skip
    for page, typed in forms.items():
        response = client.post(f"/communities/sepsis/{page}", typed)
        assert response.status_code == 422, page
        assert escape(payload) in response.content.decode(), page
        assert payload == escape(payload) or payload not in response.content.decode(), page
