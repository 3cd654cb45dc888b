"""The network page: whom to call, and every community in words, by name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community, Escalation, LeverHolder, Problem, Session
from communities.models.community import is_drifting
from evaluations.models import Survey
from tests.evaluations.asking import (
    AGREES,
    ask,
    ask_and_close,
    community_of,
    person_in,
    questionnaire,
    staff_user,
)
from tests.evaluations.pages.test_surveys import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, CommunityFactory, ProblemFactory, SessionFactory

pytestmark = pytest.mark.django_db

NETWORK = reverse("network")


def staff() -> Client:
    return sign_in(Client(), staff_user())


def held(community: Community, days_ago: int) -> Session:
    at = NOW - timedelta(days=days_ago)
    session: Session = SessionFactory.create(
        community=community, starts_at=at, ends_at=at + timedelta(hours=1), state=Session.State.HELD, recorded_at=at
    )
    return session


def escalated(community: Community, days_ago: int) -> Problem:
    problem: Problem = ProblemFactory.create(
        community=community,
        lever=Problem.Lever.SENIOR_LEADERSHIP,
        state=Problem.State.ESCALATED,
        state_since=NOW - timedelta(days=days_ago),
    )
    holder = LeverHolder.objects.create(name="A. N. Other", post="Chief nurse", email="chief@example.org")
    Escalation.objects.create(problem=problem, lever_holder=holder, ask="Please act.", asked_at=problem.state_since)
    return problem


def lines(response: Any) -> dict[str, list[str]]:
    """The cells of each row, by the name of the community."""
    found = {}
    for row in re.findall(r"(?s)<tr.*?</tr>", response.content.decode())[1:]:
        cells = re.findall(r"(?s)</span><span>(.*?)</span></t[hd]>", row)
        plain = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in cells]
        found[plain[0]] = plain[1:]
    return found


def test_each_community_is_told_in_words() -> None:
    alive = community_of(12, name="Acute deterioration")
    held(alive, 12)
    SessionFactory.create(community=alive, starts_at=NOW + timedelta(days=44))
    version = questionnaire()
    ask_and_close(alive, [AGREES] * 10, version=version)
    small = community_of(6, name="Delirium")
    held(small, 112)
    escalated(small, 60)
    ask_and_close(small, [AGREES] * 4, version=version)
    ask(small, version=version)
    Survey.objects.filter(state="open").update(answered_words="fewer than 5", counted_on=TODAY)
    Community.objects.filter(pk=community_of(0, name="Sepsis").pk).update(state="paused")

    assert lines(staff().get(NETWORK)) == {
        "Acute deterioration": ["Alive", "12 Nov 2026", "7 Jan 2027", "12", "None", "83% of 12 , Acute deterioration"],
        "Delirium": [
            "Drifting", "4 Aug 2026", "None", "6", "1 (longest 60 days)",
            "Hidden: fewer than 5 answers , Delirium Open now: fewer than 5 of 6 had answered on 24 November 2026",
        ],
        "Sepsis": ["Paused", "None", "None", "0", "None", "No survey closed yet"],
    }  # fmt: skip


@pytest.mark.parametrize(("days", "said"), [(0, "1 (since today)"), (1, "1 (longest 1 day)")])
def test_what_is_beyond_reach_since_today_is_not_said_in_days(days: int, said: str) -> None:
    escalated(community_of(6, name="Delirium"), days)

    assert lines(staff().get(NETWORK))["Delirium"][4] == said


def test_this_week_names_whom_to_call_and_why() -> None:
    held(CommunityFactory.create(name="Delirium"), 112)
    waiting = CommunityFactory.create(name="Maternity")
    held(waiting, 5)
    escalated(waiting, 60)
    patient = CommunityFactory.create(name="Sepsis")
    held(patient, 90)
    escalated(patient, 59)

    said = words(staff().get(NETWORK))

    assert said.startswith(
        "Network This week: 2 to call Call Delirium : no session for 112 days, none planned "
        "Call Maternity : a problem put to the person who can act (senior leadership of an organisation), "
        "unanswered for 60 days Who is on this list"
    )
    assert "Drifting: active, no session held in the last 90 days, and none planned." in said


def test_with_nobody_to_call_it_says_so() -> None:
    assert "This week: nobody to call" in words(staff().get(NETWORK))


@pytest.mark.parametrize(
    ("last", "ahead", "drifts"), [(90, None, False), (91, None, True), (None, None, True), (400, 1, False)]
)
def test_drifting_means_no_session_for_ninety_days_and_none_planned(
    last: int | None, ahead: int | None, drifts: bool
) -> None:
    last_on = TODAY - timedelta(days=last) if last is not None else None
    next_on = TODAY + timedelta(days=ahead) if ahead is not None else None

    assert is_drifting(last_session_on=last_on, next_session_on=next_on, today=TODAY) is drifts


def full_community(number: int) -> None:
    version = questionnaire()
    for _ in range(number):
        community = community_of(6)
        held(community, 100)
        SessionFactory.create(community=community)
        escalated(community, 70)
        ask_and_close(community, [AGREES] * 5, version=version)
        ask(community, version=version)


@pytest.mark.parametrize("number", [1, 10, 30])
def test_it_takes_seven_queries_for_one_ten_and_thirty_communities(number: int, django_assert_num_queries: Any) -> None:
    full_community(number)
    client = staff()

    with django_assert_num_queries(7):
        client.get(NETWORK)


def test_fifty_communities_come_on_a_page() -> None:
    CommunityFactory.create_batch(51)

    assert len(lines(staff().get(NETWORK))) == 50
    assert len(lines(staff().get(f"{NETWORK}?page=2"))) == 1


def test_staff_without_their_second_factor_are_led_to_it_and_others_are_refused() -> None:
    unproven = sign_in(Client(), staff_user(), second_factor=False)
    facilitator = sign_in(Client(), person_in(community_of(1), "facilitator").user)

    for address in (NETWORK, reverse("evaluations:instrument-list"), reverse("evaluations:framework")):
        assert unproven.get(address).status_code == 302
        assert unproven.post(address).status_code == 403
    for address in (NETWORK, reverse("evaluations:framework")):
        assert facilitator.get(address).status_code == 403
        assert "Only HIN staff and administrators can do this." in words(facilitator.get(address))


def test_a_script_in_a_community_s_name_stays_text() -> None:
    CommunityFactory.create(name="<script>alert(1)</script>")

    page = staff().get(NETWORK).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
