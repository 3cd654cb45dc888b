"""What a facilitator reads when ten, seven or four have answered, in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, expect

from communities.models import RoleTerm
from cop_portal.accounts.models import User
from evaluations.models import Survey
from tests.factories.accounts import UserFactory
from tests.factories.communities import NOW, RoleTermFactory
from tests.factories.evaluations import close, core_answers, give_answers, open_survey_for
from tests.journeys.conftest import PHONE, WIDE, Screen, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def closed_survey(agreement: Sequence[str]) -> Survey:
    survey = open_survey_for(members=14, by=UserFactory.create(role="staff"))
    give_answers(survey, answers=[core_answers(agree) for agree in agreement])
    return close(survey)


def facilitator_of(survey: Survey) -> User:
    term: RoleTerm = RoleTermFactory.create(community=survey.community)
    return term.person.user


def come_in(visitor: Visitor, user: User, client: Client) -> None:
    """The session of a test client, put into the browser: signing in has a journey of its own."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.base_url}])


@dataclass(frozen=True)
class Case:
    """Who agreed how much, and the words that must stand on the page."""

    name: str
    agreement: Sequence[str]
    answered: str
    figure: str
    explained: str
    # Hidden as a whole, a survey says so once, above its questions.
    place: str = "[data-question=M1] .app-figure"


CASES = [
    Case(
        "ten answers",
        agreement=["2", "3", "4", "4", "5", "4", "2", "4", "5", "4"],
        answered="Answered: 71% of 14",
        figure="Agreeing: 70% (7 of 10; 95% interval 40% to 89%)",
        explained="Base: 10",
    ),
    Case(
        "seven answers",
        agreement=["1", "2", "2", "4", "5", "4", "4"],
        answered="Answered: 5 to 9 of 14",
        figure="Agreeing: about half",
        explained="Base: 5 to 9",
    ),
    Case(
        "four answers",
        agreement=["4", "4", "5", "2"],
        answered="Asked of 14 members of the",
        figure="Hidden: fewer than 5 answers",
        explained="They will be shown together with those of the next survey with the same questions",
        place="[aria-labelledby=in-brief] .app-figure",
    ),
]


def lowest(parts: Locator) -> float:
    """Where the last of these ends on the page, from its top."""
    return max(box["y"] + box["height"] for part in parts.all() if (box := part.bounding_box()))


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=lambda screen: screen.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_facilitator_reads_results(
    case: Case, screen: Screen, visitor_at: Callable[[Screen], Visitor], client: Client
) -> None:
    survey = closed_survey(case.agreement)
    with time_machine.travel(survey.closed_at or NOW, tick=True):
        visitor = visitor_at(screen)
        come_in(visitor, facilitator_of(survey), client)
        visitor.go(survey.get_results_url())
        visitor.reads(case.answered)
        visitor.reads(case.explained)
        expect(visitor.page.locator(case.place).first).to_contain_text(case.figure)
        assert lowest(visitor.page.locator("#in-brief ~ *:visible")) < screen.height
        visitor.look()
